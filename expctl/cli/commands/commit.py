"""``expctl commit``: one commit of the records that no commit holds yet."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import OptionalRunRefs
from expctl.core.text import clean

app = typer.Typer()


@app.command("commit", epilog="Example: expctl commit")
def commit(
    runs: OptionalRunRefs = None,
    everything: Annotated[
        bool,
        typer.Option("--all", "-a", help="Failed runs without metrics too, which are left out otherwise"),
    ] = False,
) -> None:
    """Commit the records of runs to the current branch, leaving all else that is staged or edited as it is.

    Without arguments all pending records; hooks and commit signing do not apply.
    """
    from expctl.actions import pending

    report = pending.commit_pending(context.current(), runs or (), everything=everything)
    for run, reason in report.unreadable:
        console.warn(clean(f"Not committed, since it cannot be read: {run}: {reason}"))
    console.say(report.sentence())
    for remark in report.remarks():
        console.note(clean(remark))

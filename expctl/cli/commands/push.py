"""``expctl push``: send runs to where colleagues find them."""

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, OptionalRunRefs

app = typer.Typer()


@app.command("push", epilog="Example: expctl push k3f9qa")
def push(runs: OptionalRunRefs = None, as_json: AsJson = False) -> None:
    """Send the bytes and the source trees of runs; without RUN, of all not sent before.

    Bytes go to the DVC remote of this project, source trees to its git remote. The records themselves
    travel with your own commits.
    """
    from expctl.actions import sharing
    from expctl.cli import transfers

    project = context.current()
    plan = sharing.plan_push(project, runs or ())
    if plan.untracked and not transfers.may_publish(plan.untracked):
        console.say("Nothing was sent.")
        raise typer.Exit(1)
    transfers.say_sending(plan)
    sent = sharing.push(project, plan)
    if as_json:
        console.json({"schema": "expctl/push/v1", **sent._asdict(), "runs": plan.runs})
    else:
        transfers.show_sent(plan, sent)

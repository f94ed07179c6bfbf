"""``expctl pull``: bring what colleagues sent."""

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, OptionalRunRefs

app = typer.Typer()


@app.command("pull", epilog="Example: expctl pull best:f1_score")
def pull(runs: OptionalRunRefs = None, as_json: AsJson = False) -> None:
    """Bring the bytes of runs, and the source trees that were sent.

    What others registered and promoted comes along.
    A run that is named is also laid out as a folder beside its record. Without RUN the bytes of all runs
    come into the cache only.
    """
    from expctl.actions import sharing
    from expctl.cli import transfers

    brought = sharing.pull(context.current(), runs or ())
    if as_json:
        console.json({"schema": "expctl/pull/v1", **brought._asdict()})
    else:
        transfers.show_brought(brought)

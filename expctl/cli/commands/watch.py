"""``expctl watch``: follow a run in progress."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import AsJson, OptionalRunRef

app = typer.Typer()


@app.command("watch", epilog="Example: expctl watch @")
def watch(
    run: OptionalRunRef = "",
    *,
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=0.1, help="Seconds between two looks")
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and do not wait for the end")] = False,
    as_json: AsJson = False,
) -> None:
    """Follow a run in progress: its last metrics, and the end of its output.

    Without RUN it is the newest one. It ends when the run ends; q or Ctrl-C leave the run alone.
    Where there is no terminal, new values are printed as lines.
    """
    from expctl.cli import watched

    watched.watch(context.current(), run, every_s=every, once=once, as_json=as_json)

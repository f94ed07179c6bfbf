"""``expctl rename``: give a run another name."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import RunRef

app = typer.Typer()


@app.command("rename", epilog="Example: expctl rename @ transformer_baseline")
def rename(
    run: RunRef, name: Annotated[str, typer.Argument(metavar="NAME", help='The new name; "" takes it away')]
) -> None:
    """Give a run another name."""
    from expctl.actions import editing
    from expctl.cli import listing

    done = editing.rename(context.current(), run, name)
    listing.say_edited(done, "renamed" if name else "its name is gone")

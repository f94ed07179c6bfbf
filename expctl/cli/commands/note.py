"""``expctl note``: write down what a person knows of a run."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import RunRef

app = typer.Typer()


@app.command("note", epilog="Example: expctl note @ 'Converged early; try a lower learning rate'")
def note(
    run: RunRef, text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What to write down")]
) -> None:
    """Add a note to a run."""
    from expctl.actions import editing
    from expctl.cli import listing

    listing.say_edited(editing.note(context.current(), run, " ".join(text)), "noted")

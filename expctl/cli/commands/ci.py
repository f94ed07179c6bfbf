"""``expctl ci``: files for continuous integration, ready to copy."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from expctl.cli import console
from expctl.version import VERSION

app = typer.Typer()

_FOLDER = Path(__file__).parents[2] / "ci"


@app.command("ci", epilog="Example: expctl ci github")
def ci(
    host: Annotated[Literal["github", "gitlab"], typer.Argument(metavar="HOST", help="github or gitlab")],
) -> None:
    """Print the workflow file that judges promotions and applies them once merged.

    What it takes besides, such as the protection of branches and tags, says the page on pull requests.
    """
    text = (_FOLDER / f"{host}.yml").read_text(encoding="utf-8")
    console.out(text.replace("@vVERSION", f"@v{VERSION}").rstrip("\n"))

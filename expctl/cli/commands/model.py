"""``expctl model``: look at registered models."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import AsJson

app = typer.Typer(
    help="Look at registered models.",
    no_args_is_help=True,
    add_completion=False,
    epilog="Example: expctl model list",
    rich_markup_mode=None,
)


@app.command("list", epilog="Example: expctl model list --json")
def list_models(as_json: AsJson = False) -> None:
    """List models: the latest version of each, and which stands in which stage."""
    from expctl.actions import models
    from expctl.cli import registry

    registry.show_models(models.all_models(context.current()), as_json=as_json)


@app.command("show", epilog="Example: expctl model show fraud_detector")
def show(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Its name")], as_json: AsJson = False
) -> None:
    """Show the versions of a model, highest first."""
    from expctl.actions import models
    from expctl.cli import registry

    registry.show_model(models.one_model(context.current(), model), as_json=as_json)

"""``expctl config``: show or change settings."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson
from expctl.core.text import clean

app = typer.Typer(
    help="Show or change settings.",
    no_args_is_help=True,
    add_completion=False,
    epilog="Example: expctl config list --show-origin",
    rich_markup_mode=None,
)

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="A setting, such as experiment or directions.val_loss")
]


@app.command("list", epilog="Example: expctl config list --show-origin")
def list_settings(
    show_origin: Annotated[bool, typer.Option("--show-origin", help="Say where each value was set")] = False,
    as_json: AsJson = False,
) -> None:
    """List all settings and their values."""
    from expctl.actions import settings
    from expctl.render import settings as drawn

    listed = settings.list_all(context.current())
    for warning in listed.warnings:
        console.warn(clean(warning))
    if as_json:
        values = {item.key: {"value": item.value, "origin": item.origin} for item in listed.settings}
        console.json({"schema": "expctl/config/v1", "settings": values})
    else:
        rows = [(item.key, item.text, item.origin) for item in listed.settings]
        console.out(drawn.page(rows, console.columns(), show_origin=show_origin))


@app.command("get", epilog="Example: expctl config get experiment")
def get(key: Key, as_json: AsJson = False) -> None:
    """Print one setting."""
    from expctl.actions import settings

    found = settings.get(context.current(), key)
    if as_json:
        console.json(
            {
                "schema": "expctl/config/v1",
                "settings": {found.key: {"value": found.value, "origin": found.origin}},
            }
        )
    else:
        console.out(found.text)


@app.command(
    "set",
    # A value may begin with a dash.
    context_settings={"ignore_unknown_options": True},
    epilog="Example: expctl config set keep_models '2 GiB'",
)
def change(
    key: Key,
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="As it would stand in the file: true, 2 GiB, [a, b]")
    ],
) -> None:
    """Set a value in .experiments/config.yaml; its comments stay."""
    from expctl.actions import settings

    console.say(f"Set {key} in {settings.change(context.current(), key, value)}")


@app.command("unset", epilog="Example: expctl config unset keep_models")
def remove(key: Key) -> None:
    """Take a setting out of .experiments/config.yaml."""
    from expctl.actions import settings

    console.say(f"Removed {key} from {settings.remove(context.current(), key)}")

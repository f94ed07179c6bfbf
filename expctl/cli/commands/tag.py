"""``expctl tag``: set or remove tags."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import RunRef
from expctl.errors import UsageError

app = typer.Typer()


@app.command("tag", epilog="Example: expctl tag @ dataset=v3 interpretability=4")
def tag(
    run: RunRef,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Tags to set")] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", "-d", metavar="NAME", help="Tag to remove (can be repeated)"),
    ] = None,
) -> None:
    """Set or remove tags of a run, or list them if none are given."""
    from expctl.actions import editing, runs
    from expctl.cli import listing

    if not tags and not remove:
        listing.show_tags(runs.find(context.current(), run).manifest)
        return
    unequal = next((word for word in tags or () if "=" not in word), None)
    if unequal is not None:
        raise UsageError(
            f'"{unequal}" is no NAME=VALUE.',
            hint=f"Set it with {unequal}=yes, or remove it with: expctl tag {run} --remove {unequal}",
        )
    given = dict(word.split("=", 1) for word in tags or ())
    done = editing.tag(context.current(), run, given=given, removed=remove or ())
    written = [f"{name}={done.manifest.tags.get(name, '')}" for name in given]
    listing.say_edited(done, ", ".join([*written, *(f"{name} removed" for name in remove or ())]))

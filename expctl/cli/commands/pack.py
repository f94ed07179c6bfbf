"""``expctl pack``: few files instead of two a run."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson

app = typer.Typer()


@app.command("pack", epilog="Example: expctl pack --dry-run")
def pack(
    older_than: Annotated[
        int,
        typer.Option(
            "--older-than",
            metavar="DAYS",
            min=0,
            help="Only runs of days that are so many days past",
        ),
    ] = 7,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Runs of all days")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done")] = False,
    as_json: AsJson = False,
) -> None:
    """Fold the records of old runs into a few files, which keeps git quick.

    Only runs that are committed; all commands see them as before. The next commit holds the change.
    """
    from expctl.actions import packing
    from expctl.cli import packed

    done = packing.pack(context.current(), older_than=older_than, everything=everything, dry=dry_run)
    if as_json:
        console.json({"schema": "expctl/pack/v1", "dry_run": dry_run, **packed.as_json(done)})
    else:
        packed.say(done, dry=dry_run)

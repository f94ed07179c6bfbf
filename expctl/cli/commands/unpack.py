"""``expctl unpack``: two files a run again."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, OptionalRunRefs

app = typer.Typer()


@app.command("unpack", epilog="Example: expctl unpack --all")
def unpack(
    runs: OptionalRunRefs = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help="All packed runs")] = False,
    as_json: AsJson = False,
) -> None:
    """Make files of packed runs again, byte for byte what they were.

    The next commit holds the change.
    """
    from expctl.actions import unpacking
    from expctl.cli import packed
    from expctl.errors import UsageError

    if not runs and not everything:
        raise UsageError("Which runs?", hint="Name some, or take out all with: expctl unpack --all")
    done = unpacking.unpack(context.current(), runs or (), everything=everything)
    if as_json:
        console.json({"schema": "expctl/unpack/v1", **done._asdict()})
    else:
        packed.say_unpacked(done)

"""``expctl artifacts``: what a run produced, and its bytes."""

import os
from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, OptionalRunRef
from expctl.errors import UsageError

app = typer.Typer()


@app.command("artifacts", epilog="Example: expctl artifacts best:f1_score --get model.joblib -o best.joblib")
def artifacts(
    run: OptionalRunRef = "@",
    get: Annotated[str, typer.Option("--get", "-g", metavar="PATH", help="Bring this one out")] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="PLACE", help="Where to write it; - prints the bytes")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there")] = False,
    as_json: AsJson = False,
) -> None:
    """List what a run produced, or bring one of its files out, checked by its hash.

    Bytes that are not in this clone are fetched from the DVC remote first.
    """
    from expctl.actions import artifacts as action
    from expctl.cli import transfers

    project = context.current()
    if not get:
        if output or force:
            raise UsageError("-o and --force go with --get.", hint=f"expctl artifacts {run} --get PATH")
        transfers.show_items(action.list_items(project, run), as_json=as_json)
    elif output == "-":
        console.write_file(action.path_of(project, run, get))
    else:
        target = os.path.normpath(os.path.join(context.directory(), output))
        got = action.get(project, run, get, target, force=force)
        if as_json:
            console.json({"schema": "expctl/artifact/v1", **got._asdict()})
        else:
            console.out(str(got.target))

"""``expctl show``: everything about one run."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, OptionalRunRef
from expctl.errors import UsageError

app = typer.Typer()


@app.command("show", epilog="Example: expctl show best:f1_score")
def show(
    run: OptionalRunRef = "@",
    as_json: AsJson = False,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print the manifest as it stands in its file")
    ] = False,
    log: Annotated[bool, typer.Option("--log", help="Print what the run printed, byte for byte")] = False,
) -> None:
    """Show everything that is known of a run; the latest one if none is named."""
    from expctl.actions import reading, runs
    from expctl.core import runid, schema
    from expctl.render import detail

    if as_json + as_yaml + log > 1:
        raise UsageError("Choose one of --json, --yaml and --log.")
    project = context.current()
    if log:
        console.write_file(reading.log_path(project, run))
    elif as_yaml:
        console.out(reading.manifest_text(project, run), end="")
    elif as_json:
        console.json(schema.to_dict(runs.find(project, run).manifest))
    else:
        from expctl.actions.reproducing import kin

        found = runs.find(project, run).manifest
        repeats = kin.tally(project, found.id).verdicts
        console.out(detail.page(found, console.columns(), repeats=repeats))
        if found.status in ("failed", "killed", "interrupted") and "log" in found.outputs:
            console.note(f"What it printed: expctl show {runid.suffix(found.id)} --log")

"""``expctl validate``: check records and settings."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson
from expctl.core.text import clean

app = typer.Typer()


@app.command("validate", epilog="Example: expctl validate")
def validate(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Files to check; all of .experiments if none is named"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check manifests, package lists, pointers and settings, and name every fault."""
    from expctl.actions import validating

    verdict = validating.validate(context.current(), files or ())
    if as_json:
        console.json({"schema": "expctl/validate/v1", **verdict._asdict()})
    else:
        for finding in verdict.findings:
            console.out(clean(str(finding)))
        for warning in verdict.warnings:
            console.warn(clean(warning))
        console.say(verdict.sentence())
    if verdict.findings:
        raise typer.Exit(1)

"""``expctl doctor``."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson

app = typer.Typer()


@app.command("doctor", epilog="Example: expctl doctor")
def doctor(
    seal: Annotated[
        list[str] | None,
        typer.Option("--seal", metavar="RUN", help="A run of another host that is lost (can be repeated)"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look for trouble in this clone, mend what is safe to mend and say how to mend the rest."""
    from expctl.actions import doctor as action
    from expctl.actions import runs

    project = context.current()
    lost = [found.manifest.id for found in runs.find_many(project, seal)] if seal else []
    checks = action.examine(project, seal=tuple(lost))
    if as_json:
        console.json({"schema": "expctl/doctor/v1", "checks": [check._asdict() for check in checks]})
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            lead = f"{'ok  ' if check.fine else 'MEND'}  {check.name:<{width}}  "
            console.out(lead + console.beneath(check.said, len(lead)))
            if check.hint:
                console.out(" " * len(lead) + console.beneath(check.hint, len(lead)))
    raise typer.Exit(0 if all(check.fine for check in checks) else 1)

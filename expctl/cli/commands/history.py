"""``expctl history``: what happened in the registry."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import AsJson
from expctl.errors import UsageError

app = typer.Typer()


@app.command("history", epilog="Example: expctl history fraud_detector --stage production --at 2026-11-22")
def history(
    model: Annotated[str, typer.Argument(metavar="[MODEL]", help="Only this one")] = "",
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="Say which version stood there, now or at --at")
    ] = "",
    at: Annotated[str, typer.Option("--at", metavar="DATE", help="A day, or a moment in ISO form")] = "",
    as_json: AsJson = False,
) -> None:
    """Say which version stood in which stage when, latest first."""
    from expctl.actions import models
    from expctl.cli import registry

    project = context.current()
    if stage:
        if not model:
            raise UsageError("--stage asks about one model.", hint=f"expctl history MODEL --stage {stage}")
        moment = registry.seconds_of(at) if at else None
        registry.show_held(models.held(project, model, stage, moment), as_json=as_json)
        return
    if at:
        raise UsageError(
            "--at asks about one stage.", hint=f"expctl history MODEL --stage production --at {at}"
        )
    registry.show_history(*models.history(project, model or None), as_json=as_json)

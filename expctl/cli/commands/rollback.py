"""``expctl rollback``: the version before comes back."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import AsJson, Reason
from expctl.errors import UsageError

app = typer.Typer()


@app.command("rollback", epilog="Example: expctl rollback fraud_detector --reason 'latency doubled'")
def rollback(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Its name")],
    stage: Annotated[str, typer.Option("--stage", metavar="STAGE", help="The stage to mend")] = "production",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Bring back the version that stood in a stage before.

    Each time leads further back: what was left by a rollback is not brought again.
    """
    from expctl.actions import models, promoting
    from expctl.cli import registry

    name, version = models.parse_reference(model)
    if version is not None:
        raise UsageError(
            "rollback finds the version itself.", hint=f"Choose one with: expctl promote {model} --to {stage}"
        )
    registry.say_moved(promoting.rollback(context.current(), name, stage, reason=reason), as_json=as_json)

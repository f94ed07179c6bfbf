"""``expctl archive``: a version goes out of service."""

import typer

from expctl.cli import context
from expctl.cli.options import AsJson, ModelRef, Reason

app = typer.Typer()


@app.command("archive", epilog="Example: expctl archive fraud_detector@v1.2.0 --reason 'drift in November'")
def archive(model: ModelRef, reason: Reason = "", as_json: AsJson = False) -> None:
    """Take a version of a model out of service.

    The version may be left out where only one stands in a stage.
    """
    from expctl.actions import models, promoting
    from expctl.cli import registry

    name, version = models.parse_reference(model)
    registry.say_moved(promoting.archive(context.current(), name, version, reason=reason), as_json=as_json)

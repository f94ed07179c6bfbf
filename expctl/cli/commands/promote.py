"""``expctl promote``: a version moves to a stage."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import AsJson, ModelRef, Reason
from expctl.errors import AnswerIsNoError

app = typer.Typer()


@app.command(
    "promote", epilog="Example: expctl promote fraud_detector@v1.2.0 --to production --reason 'F1 0.87'"
)
def promote(
    model: ModelRef,
    to: Annotated[
        str, typer.Option("--to", metavar="STAGE", help="staging, production, archived, or your own")
    ],
    reason: Reason = "",
    check: Annotated[
        bool,
        typer.Option("--check", help="Only say what the gates of the stage say; exit 3 if one does not hold"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Move a version of a model to a stage; the version that stood there is archived.

    Without a version, the one is meant that stands where the stage is reached from, else the latest.
    """
    from expctl.actions import models, moving, promoting
    from expctl.cli import registry

    name, version = models.parse_reference(model)
    if check:
        chosen, results = promoting.check(context.current(), name, version, to)
        if not registry.show_check(name, chosen, to, results, as_json=as_json):
            raise typer.Exit(AnswerIsNoError.exit_code)
        return
    try:
        done = promoting.promote(context.current(), name, version, to, reason=reason)
    except moving.GateFailedError as fault:
        if not as_json:
            registry.show_gates(fault.results)
        raise
    registry.say_moved(done, as_json=as_json)

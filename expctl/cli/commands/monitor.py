"""``expctl monitor``: live metrics against what a version promised."""

import os
from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, ModelRef
from expctl.errors import AnswerIsNoError, ExpctlError, UsageError

app = typer.Typer()


@app.command("monitor", epilog="Example: expctl monitor fraud_detector --observed metrics.json")
def monitor(
    model: ModelRef,
    *,
    observed: Annotated[
        str,
        typer.Option("--observed", metavar="FILE", help="Live metrics: JSON, YAML or CSV; - reads the input"),
    ] = "",
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="Where it serves, and whose limits count")
    ] = "production",
    archive: Annotated[
        bool, typer.Option("--archive", help="Take it out of service if it is degraded")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Bring back the version before if it is degraded")
    ] = False,
    no_keep: Annotated[bool, typer.Option("--no-keep", help="Write nothing into the ledger")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Show what was seen before, and do nothing")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hold live metrics of a model against its limits; exit 3 if it is degraded.

    Limits stand in the policy, under monitor: STAGE. Without any, each metric that got worse by more than 5 %
    is a warning. A value that is missing or not finite is never good, and never a reason to act.
    """
    from expctl.actions import models, monitoring
    from expctl.cli import monitored

    name, version = models.parse_reference(model)
    if history:
        monitored.show_kept(name, monitoring.kept(context.current(), name), as_json=as_json)
        return
    if not observed:
        raise UsageError("Name the live metrics.", hint=f"expctl monitor {model} --observed metrics.json")
    if archive and rollback:
        raise UsageError("--archive and --rollback are two different ends.", hint="Choose one")
    path = observed if observed == monitoring.STDIN else os.path.join(context.directory(), observed)
    report = monitoring.look(context.current(), name, version, stage, monitoring.read(path))
    if not as_json:
        monitored.show(report)
    wanted = monitoring.ARCHIVE if archive else monitoring.ROLLBACK if rollback else None
    done = monitoring.act(context.current(), report, wanted) if wanted else None
    kept = False
    if done is None and not no_keep:
        try:
            kept = monitoring.keep(context.current(), report)
        except ExpctlError as err:
            console.warn(f"not kept in the ledger: {err}")
    monitored.say_done(report, done, kept=kept, as_json=as_json)
    if not report.is_good:
        raise typer.Exit(AnswerIsNoError.exit_code)

"""``expctl select``: walk runs through a declared flow."""

from typing import Annotated

import typer

from expctl.cli import console, context, glance
from expctl.cli.options import AsJson, Everything, Experiment, Here, Limit, NewSince, Ref, Sort, Where

app = typer.Typer()


@app.command("select", epilog="Example: expctl select production-candidate --where 'metrics.f1 > 0.8'")
def select(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FLOW] [RUN]...",
            help="A flow of the settings (needless where there is only one), then runs; all if none is named",
        ),
    ] = None,
    *,
    where: Where = "",
    sort: Sort = "",
    limit: Limit = None,
    experiment: Experiment = None,
    everything: Everything = False,
    here: Here = False,
    ref: Ref = "",
    new_since: NewSince = "",
    as_json: AsJson = False,
) -> None:
    """Say by a declared flow what to do with each run.

    The first requirement of the flow that a run does not meet decides; flows are declared in the settings.

    Exits 3 if no run passes.
    """
    from expctl.actions import selecting
    from expctl.actions.seeing import Scope
    from expctl.cli import selected

    found = selecting.select(
        context.current(),
        words or (),
        where=where,
        sort=sort,
        limit=glance.Asked(limit=limit, form="json" if as_json else "table").most,
        experiment=experiment,
        everything=everything,
        scope=Scope(here, ref, new_since),
    )
    if as_json:
        console.json(selected.as_json(found))
    else:
        selected.show(found)
    if not found.passed:
        raise typer.Exit(3)

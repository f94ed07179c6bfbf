"""``expctl ls``: list runs."""

from typing import Annotated

import typer

from expctl.cli import glance
from expctl.cli.options import AsJson, Everything, Experiment, Here, Limit, NewSince, Ref, Sort, Where

app = typer.Typer()


@app.command("ls", epilog="Example: expctl ls --where 'metrics.f1 > 0.8' --limit 10")
def ls(
    *,
    where: Where = "",
    sort: Sort = "",
    limit: Limit = None,
    experiment: Experiment = None,
    everything: Everything = False,
    running: Annotated[
        bool, typer.Option("--running", help="Runs in progress instead, with their last metrics")
    ] = False,
    here: Here = False,
    ref: Ref = "",
    new_since: NewSince = "",
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    asked = glance.Asked(
        where=where,
        sort=sort,
        limit=limit,
        experiment=experiment,
        everything=everything,
        running=running,
        form="json" if as_json else "table",
        here=here,
        ref=ref,
        new_since=new_since,
    )
    glance.ls(asked)

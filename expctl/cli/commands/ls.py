"""``expctl ls``: list runs."""

import typer

from expctl.cli import glance
from expctl.cli.options import AsJson, Everything, Experiment, Limit, Sort, Where

app = typer.Typer()


@app.command("ls", epilog="Example: expctl ls --where 'metrics.f1 > 0.8' --limit 10")
def ls(
    where: Where = "",
    sort: Sort = "",
    limit: Limit = None,
    experiment: Experiment = None,
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    form = "json" if as_json else "table"
    glance.ls(glance.Asked(where, sort, limit, experiment, everything, form=form))

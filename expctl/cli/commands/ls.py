"""``expctl ls``: list runs."""

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, Everything, Experiment, Limit, Sort, Where

app = typer.Typer()


@app.command("ls", epilog="Example: expctl ls --where 'metrics.f1 > 0.8' --limit 10")
def ls(
    where: Where = "",
    sort: Sort = "",
    limit: Limit = 20,
    experiment: Experiment = None,
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    from expctl.actions import runs
    from expctl.cli import listing

    found = runs.select(
        context.current(),
        where=where,
        sort=sort,
        limit=limit or None,
        experiment=experiment,
        everything=everything,
    )
    if as_json:
        console.json(listing.as_json(found))
    else:
        listing.show_runs(found)

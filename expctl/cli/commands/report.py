"""``expctl report``: all runs as one HTML file."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import (
    Everything,
    Experiment,
    Here,
    Limit,
    NewSince,
    OptionalRunRefs,
    Ref,
    Sort,
    Where,
)

app = typer.Typer()


@app.command("report", epilog="Example: expctl report -o report.html --sort 'metrics.f1 DESC'")
def report(
    runs: OptionalRunRefs = None,
    *,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write it; - for standard output")
    ] = "report.html",
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Title of the page")] = "",
    where: Where = "",
    sort: Sort = "",
    limit: Limit = None,
    experiment: Experiment = None,
    everything: Everything = False,
    here: Here = False,
    ref: Ref = "",
    new_since: NewSince = "",
    pareto: Annotated[
        str,
        typer.Option(
            "--pareto", metavar="GOALS", help="Goals of the front, such as f1:max,inference_time_ms:min"
        ),
    ] = "",
    curves: Annotated[
        int, typer.Option("--curves", metavar="N", min=0, help="Put the curves of the first N runs in")
    ] = 300,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Bring curves that are only on the DVC remote")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is no report")] = False,
) -> None:
    """Write runs into one HTML file that needs no network.

    It holds a table to sort and filter, parallel coordinates, learning curves, front and differences.

    Runs that are named stand first and are selected when the page opens.
    """
    from expctl.actions import reporting
    from expctl.actions.seeing import Scope
    from expctl.cli import reported

    found = reporting.gather(
        context.current(),
        runs or (),
        where=where,
        sort=sort,
        limit=limit or None,
        experiment=experiment,
        everything=everything,
        scope=Scope(here, ref, new_since),
        pareto=pareto,
        curves_of=curves,
        fetch=fetch,
    )
    tab = "front" if pareto else "parallel"
    reported.write(context.current(), found, output, title=title, tab=tab, force=force)

"""``expctl compare``: runs side by side."""

from typing import Annotated

import typer

from expctl.cli import glance
from expctl.cli.options import (
    AsJson,
    Columns,
    Everything,
    Experiment,
    Format,
    Here,
    Limit,
    NewSince,
    OptionalRunRefs,
    Ref,
    Sort,
    Where,
)

app = typer.Typer()


@app.command(
    "compare",
    epilog="Example: expctl compare --where 'metrics.f1 > 0.8' --pareto f1:max,inference_time_ms:min",
)
def compare(
    runs: OptionalRunRefs = None,
    *,
    where: Where = "",
    sort: Sort = "",
    limit: Limit = None,
    columns: Columns = "",
    experiment: Experiment = None,
    everything: Everything = False,
    pareto: Annotated[
        str,
        typer.Option(
            "--pareto", metavar="GOALS", help="Mark the front, such as f1:max,inference_time_ms:min"
        ),
    ] = "",
    ranked: Annotated[
        bool, typer.Option("--ranks", help="With --pareto: the rank of every run, 1 for the front")
    ] = False,
    group_by: Annotated[
        str,
        typer.Option("--group-by", "-g", metavar="KEYS", help="Average runs that share these"),
    ] = "",
    baseline: Annotated[
        str,
        typer.Option("--baseline", metavar="RUN", help="Show by how much metrics differ from its"),
    ] = "",
    curves: Annotated[
        str,
        typer.Option("--spark", metavar="METRICS", help="Show curves; in --columns write loss~"),
    ] = "",
    effects: Annotated[
        str,
        typer.Option(
            "--effects", metavar="METRIC", help="Say which parameters go with a metric, and how much"
        ),
    ] = "",
    watched: Annotated[
        bool, typer.Option("--watch", help="Draw the table again whenever something changes, until q")
    ] = False,
    here: Here = False,
    ref: Ref = "",
    new_since: NewSince = "",
    form: Format = "table",
    as_json: AsJson = False,
) -> None:
    """Compare runs side by side, with the best of each metric marked."""
    asked = glance.Asked(
        where=where,
        sort=sort,
        limit=limit,
        experiment=experiment,
        everything=everything,
        columns=columns,
        pareto=pareto,
        ranked=ranked,
        form="json" if as_json else form,
        here=here,
        ref=ref,
        new_since=new_since,
        group_by=group_by,
        baseline=baseline,
        curves=curves,
        effects=effects,
        watched=watched,
    )
    glance.compare(runs or (), asked)

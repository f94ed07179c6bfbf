"""``expctl plot``: curves and scatters in the terminal."""

from typing import Annotated, Literal

import typer

from expctl.cli import context
from expctl.cli.options import Everything, Experiment, Here, NewSince, OptionalRunRefs, Ref, Where
from expctl.errors import UsageError

app = typer.Typer()


@app.command("plot", epilog="Example: expctl plot @ -m loss --smooth 0.6")
def plot(
    runs: OptionalRunRefs = None,
    *,
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics", "-m", metavar="NAMES", help="Metrics to draw, with commas; * stands for any text"
        ),
    ] = "",
    smoothing: Annotated[
        float, typer.Option("--smooth", metavar="WEIGHT", help="Smooth curves: 0 not at all, 0.9 a lot")
    ] = 0.0,
    log: Annotated[bool, typer.Option("--log", help="Logarithmic axes")] = False,
    by: Annotated[
        Literal["step", "time"],
        typer.Option("--x", metavar="AXIS", help="What curves run along: step or time"),
    ] = "step",
    scatter: Annotated[
        str, typer.Option("--scatter", metavar="X,Y", help="Draw all runs between two columns instead")
    ] = "",
    pareto: Annotated[
        str,
        typer.Option("--pareto", metavar="GOALS", help="The same, with the front of some goals in letters"),
    ] = "",
    color: Annotated[
        str, typer.Option("--color", metavar="KEY", help="In a scatter: a third column, shown in signs")
    ] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write a page for a browser instead")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="With -o: replace a file that is no report")] = False,
    where: Where = "",
    experiment: Experiment = None,
    everything: Everything = False,
    here: Here = False,
    ref: Ref = "",
    new_since: NewSince = "",
) -> None:
    """Draw learning curves, or runs between two columns.

    It draws in the terminal, or with -o a page for a browser.
    Without runs the curves are those of the latest one that has any; a scatter shows all.
    """
    from expctl.actions.seeing import EVERYWHERE, Scope
    from expctl.cli import plotted

    if not 0 <= smoothing < 1:
        raise UsageError(f"--smooth takes a weight from 0 to below 1, not {smoothing:g}.")
    scope = Scope(here, ref, new_since)
    place = plotted.Place(output, force=force)
    if scatter or pareto:
        if metrics or smoothing:
            raise UsageError("A scatter has no curves: --metrics and --smooth do not go with it.")
        asked = {"columns": scatter, "pareto": pareto, "color": color}
        among = {"where": where, "experiment": experiment, "everything": everything, "scope": scope}
        plotted.scatter(context.current(), runs or (), asked, among, log=log, place=place)
        return
    if color or where or scope != EVERYWHERE:
        raise UsageError(
            "--color, --where and branches go with --scatter or --pareto; name runs to see their curves."
        )
    how = plotted.How(metrics, by, smoothing, log)
    plotted.curves(context.current(), runs or (), how, place=place)

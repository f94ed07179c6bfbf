"""``expctl metrics``: which lines of output became metrics, and by which rules."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, OptionalRunRef
from expctl.core.text import clean

app = typer.Typer(
    help="Say which lines of output became metrics, and by which rules.",
    no_args_is_help=True,
    add_completion=False,
    epilog="Example: expctl metrics explain @",
    rich_markup_mode=None,
)


@app.command("explain", epilog="Example: expctl metrics explain @")
def explain(
    run: OptionalRunRef = "@",
    metric: Annotated[
        str, typer.Option("--metric", "-m", metavar="NAME", help="Every line that gave a value of this one")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say which line of output gave which value.

    Of the latest run if none is named. The log that was kept is read once more, by the rules and settings
    of now.
    """
    from expctl.actions import explaining
    from expctl.render import readings

    found = explaining.explain(context.current(), run, metric)
    for note in found.notes:
        console.warn(clean(note))
    if as_json:
        lines = [line._asdict() for line in found.lines]
        console.json({"schema": "expctl/metrics-explain/v1", "run": found.run, "lines": lines})
    elif found.lines:
        console.out(readings.table(found.lines, console.columns(), single=bool(metric)))
    else:
        console.say(f"No line of the output of run {found.run} gave {clean(metric) or 'a metric'}.")
        console.note("What is read: expctl metrics rules")


@app.command("rules", epilog="Example: expctl metrics rules")
def rules(as_json: AsJson = False) -> None:
    """List the rules, in the order in which they are tried."""
    from expctl.actions import explaining
    from expctl.render import readings

    found = explaining.list_rules(context.current())
    if as_json:
        console.json({"schema": "expctl/metrics-rules/v1", "rules": [rule._asdict() for rule in found]})
    else:
        console.out(readings.rules(found))
        console.note("To rename, add or switch off: metrics_from_output in .experiments/config.yaml")

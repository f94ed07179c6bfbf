"""``expctl run`` for Typer, which answers ``--help`` and explains mistakes; ``cli.quick`` does the rest."""

from __future__ import annotations

from typing import Annotated

import typer

from expctl.cli import context, quick

app = typer.Typer()

_MANY = "(can be repeated)"


@app.command(
    "run",
    context_settings={"allow_interspersed_args": False},
    epilog="Example: expctl run -e fraud -n baseline --seed 42 -- python train.py --lr 0.001",
)
def run(
    argv: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND...", help="The command, as you would type it")
    ],
    *,
    experiment: Annotated[
        str | None, typer.Option("-e", "--experiment", metavar="NAME", help="What the run belongs to")
    ] = None,
    name: Annotated[
        str | None, typer.Option("-n", "--name", metavar="NAME", help="A name for this run")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("-t", "--tag", metavar="K=V", help=f"A tag {_MANY}")
    ] = None,
    note: Annotated[
        list[str] | None, typer.Option("--note", metavar="TEXT", help=f"A sentence to remember {_MANY}")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="K=V", help=f"A hyperparameter that nothing shows {_MANY}"),
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option("--data", metavar="PATH", help=f"An input file, folder or URI {_MANY}")
    ] = None,
    artifact: Annotated[
        list[str] | None, typer.Option("--artifact", metavar="GLOB", help=f"Outputs to keep {_MANY}")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="GLOB", help=f"Outputs to keep as models are {_MANY}"),
    ] = None,
    no_keep: Annotated[
        bool, typer.Option("--no-keep", help="Keep no output that --artifact or the program does not name")
    ] = False,
    metrics: Annotated[
        list[str] | None,
        typer.Option("--metrics", metavar="FILE", help=f"A metrics file that it writes {_MANY}"),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed the generators of any Python child")
    ] = None,
    commit: Annotated[
        bool | None,
        typer.Option("--commit/--no-commit", help="Commit the record at once (default: leave it)"),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="S", help="End it and what it started after S seconds"),
    ] = None,
    no_hooks: Annotated[bool, typer.Option("--no-hooks", help="Put nothing into a Python child")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 125 when the record could not be saved")
    ] = False,
) -> None:
    """Run a command and record it: parameters, metrics, artifacts, environment, data, source."""
    options = {
        "experiment": experiment, "name": name, "tag": tag, "note": note, "param": param, "data": data,
        "artifact": artifact, "keep": keep, "no_keep": no_keep, "metrics": metrics,
        "seed": seed, "commit": commit, "timeout": timeout, "strict": strict,
        "hooks": False if no_hooks else None,
    }  # fmt: skip
    given = {
        key: [str(v) for v in value]
        if isinstance(value, list)
        else value
        if isinstance(value, bool)
        else str(value)
        for key, value in options.items()
        if value is not None
    }
    request = quick.to_request(given, argv)
    raise typer.Exit(quick.execute(request, directory=context.directory(), quiet=context.quiet()))

"""``expctl reproduce``: run a recorded run again and judge whether it gave the same."""

from typing import Annotated, Literal

import typer

from expctl.cli import context
from expctl.cli.options import AsJson, RunRef
from expctl.errors import AnswerIsNoError, UsageError

app = typer.Typer()


@app.command("reproduce", epilog="Example: expctl reproduce k3f9qa --tolerance 1e-6")
def reproduce(
    run: RunRef,
    *,
    env: Annotated[
        Literal["current", "recreate"],
        typer.Option(
            "--env", metavar="HOW", help="Run where you are (current), or in a new environment (recreate)"
        ),
    ] = "current",
    wheels: Annotated[
        str | None,
        typer.Option("--wheels", metavar="DIR", help="Install from this folder of wheels, and from no index"),
    ] = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            "--tolerance",
            metavar="[METRIC=]AMOUNT",
            help="How near is the same: 1e-6, 5%, f1_score=0.01 (can be repeated)",
        ),
    ] = None,
    repeat: Annotated[
        int, typer.Option("--repeat", metavar="N", min=1, help="Run it so often, to see its noise")
    ] = 1,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metrics", metavar="FILE", help="A metrics file, as it was named for the run (can be repeated)"
        ),
    ] = None,
    allow_changed: Annotated[
        bool, typer.Option("--allow-changed", help="Go on where data or source are missing or differ")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the copy that it ran in, and say where")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say besides what differs between the run and its repeat")
    ] = False,
    ablate: Annotated[
        bool,
        typer.Option(
            "--ablate", help="If it is not the same, measure what each cause does, in new environments"
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a recorded run again, from its source, data, parameters and seed, and judge the result.

    It runs in a copy of its source tree, beside yours, and is recorded as a run of its own.

    Exits 0 if it gave the same, 3 if not, 8 if it could not be attempted.
    """
    from expctl.actions.reproducing.plan import Asked
    from expctl.cli import reproduced

    if wheels is not None and env != "recreate" and not ablate:
        raise UsageError("Nothing is installed without --env recreate.", hint="Add it, or leave out --wheels")
    asked = Asked(env, wheels, allow_changed, keep, repeat, tuple(tolerance or ()), tuple(metrics or ()))
    extras = reproduced.Extras(explain, ablate)
    if not reproduced.repeat(context.current(), run, asked, extras, as_json=as_json):
        raise typer.Exit(AnswerIsNoError.exit_code)

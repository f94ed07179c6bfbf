"""``expctl diff``: how two runs differ."""

from typing import Annotated, Literal

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, RunRef
from expctl.errors import UsageError

app = typer.Typer()


@app.command("diff", epilog="Example: expctl diff @-2 @ --explain")
def diff(
    before: RunRef,
    after: RunRef,
    *,
    no_code: Annotated[bool, typer.Option("--no-code", help="Leave out the code diff")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print all of the code diff, however long")] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say why: what differs that the runs used, likeliest cause first"),
    ] = False,
    ablate: Annotated[
        bool,
        typer.Option("--ablate", help="Run the first again with each cause put back, and measure its effect"),
    ] = False,
    env: Annotated[
        Literal["current", "recreate"],
        typer.Option(
            "--env",
            metavar="HOW",
            help="For --ablate: the interpreters that are here (current), or new environments (recreate)",
        ),
    ] = "current",
    wheels: Annotated[
        str | None,
        typer.Option(
            "--wheels", metavar="DIR", help="For --env recreate: install from this folder of wheels"
        ),
    ] = None,
    repeat: Annotated[
        int,
        typer.Option(
            "--repeat", metavar="N", min=1, help="For --ablate: run each so often, to see the noise"
        ),
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Say how two runs differ, in all six elements.

    With --explain it says why their results differ: what the runs used that is not the same, with its
    evidence, and what is not to blame. With --ablate it measures that: the first run is run again, in a copy
    beside your work tree, with one of these put back at a time and with all of them.
    """
    if ablate:
        from expctl.actions.reproducing.plan import Asked
        from expctl.cli import ablated

        asked = Asked(environment=env, wheels=wheels, times=repeat)
        answer = ablated.ablate(context.current(), before, after, asked, as_json=as_json)
        if answer is not None:
            console.json(answer)
        return
    if (env, wheels, repeat) != ("current", None, 1):
        raise UsageError("--env, --wheels and --repeat are for --ablate: nothing runs without it.")
    if explain:
        _explain(before, after, as_json=as_json)
        return
    from expctl.actions import differing
    from expctl.render import changes, export

    found = differing.differ(context.current(), before, after, code=not no_code)
    if as_json:
        console.json(export.difference_json(found))
    else:
        whole = full or not console.is_terminal()
        console.out(changes.page(found, console.columns(), whole=whole))


def _explain(before: str, after: str, *, as_json: bool) -> None:
    from expctl.actions import blaming
    from expctl.render import causes, export

    found = blaming.explain(context.current(), before, after)
    if as_json:
        console.json(export.explanation_json(found))
    else:
        console.out(causes.page(found, console.columns()))

"""``expctl check``: how well a run can be done again."""

from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, OptionalRunRefs
from expctl.errors import AnswerIsNoError, UsageError

app = typer.Typer()


@app.command("check", epilog="Example: expctl check @ --require environment,seeds")
def check(
    runs: OptionalRunRefs = None,
    remote: Annotated[
        bool, typer.Option("--remote", help="Ask the remotes what they hold, instead of what is known here")
    ] = False,
    require: Annotated[
        str,
        typer.Option(
            "--require", metavar="ELEMENTS", help="Only these count and are shown, such as code,data,seeds"
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say how well a run can be done again, and what mends it.

    Exits 3 if something fails.
    Looks at the record, code, data, environment, seeds, determinism, artifacts and hardware of the latest run
    if none is named. Grade A: nothing to mend. B: warnings. C, D, F: one, two or more elements fail.
    """
    from expctl.actions import checking
    from expctl.core.checklist import lines
    from expctl.render import checklist as drawn

    wanted = [each.strip() for each in require.split(",") if each.strip()] or list(lines.ELEMENTS)
    strange = [each for each in wanted if each not in lines.ELEMENTS]
    if strange:
        known = f"Elements are {', '.join(lines.ELEMENTS)}"
        raise UsageError(f'--require: there is no element "{strange[0]}".', hint=known)
    found = [one.only(wanted) for one in checking.check(context.current(), runs or ["@"], ask=remote)]
    if as_json:
        console.json(drawn.to_json(found))
    else:
        console.out(drawn.page(found, console.columns()))
    if any(one.failing() for one in found):
        raise typer.Exit(AnswerIsNoError.exit_code)

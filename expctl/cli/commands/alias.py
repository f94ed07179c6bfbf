"""``expctl alias``: a version gets a name of its own."""

from typing import Annotated

import typer

from expctl.cli import context
from expctl.cli.options import AsJson, ModelRef, Reason
from expctl.errors import UsageError

app = typer.Typer()


@app.command("alias", epilog="Example: expctl alias fraud_detector@v1.2.0 champion")
def alias(
    model: ModelRef,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The alias: champion, challenger, or your own")],
    delete: Annotated[bool, typer.Option("--delete", help="Take the alias away")] = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Give a version of a model a name, which then stands for it: fraud_detector@champion.

    An alias points at one version and moves when it is given to another one. Stages are left as they are.
    """
    from expctl.actions import aliasing, models
    from expctl.cli import registry

    known, version = models.parse_reference(model)
    if delete:
        if version not in (None, name):
            raise UsageError("--delete needs no version.", hint=f"expctl alias {known} {name} --delete")
        done = aliasing.take_away(context.current(), known, name, reason=reason)
    else:
        if version is None:
            raise UsageError("Name the version.", hint=f"expctl alias {known}@v1.0.0 {name}")
        done = aliasing.point(context.current(), known, version, name, reason=reason)
    registry.say_aliased(done, as_json=as_json)

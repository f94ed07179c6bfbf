"""``expctl register``: a run's artifact becomes a version of a model."""

from typing import Annotated, Literal

import typer

from expctl.cli import context
from expctl.cli.options import AsJson

app = typer.Typer()


@app.command("register", epilog="Example: expctl register fraud_detector --run best:f1_score")
def register(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Its name; made with its first version")],
    run: Annotated[
        str, typer.Option("--run", "-r", metavar="RUN", help="The run that made it; the latest by default")
    ] = "@",
    artifact: Annotated[
        str | None,
        typer.Option("--artifact", metavar="PATH", help="Which of the artifacts that the run kept"),
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="VERSION", help="Such as v1.2.0; otherwise counted up")
    ] = None,
    bump: Annotated[
        Literal["major", "minor", "patch"] | None,
        typer.Option("--bump", help="Which part is counted up; minor by default"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Register what a run produced as a version of a model.

    No branch moves: the version is a commit that only its tag reaches. With a remote, the tag is sent there.
    """
    from expctl.actions import models, registering
    from expctl.cli import registry
    from expctl.errors import UsageError

    name, at = models.parse_reference(model)
    if (at or version) and bump:
        raise UsageError("--bump counts up what --version names outright: give one of them.")
    done = registering.register(
        context.current(), name, run, artifact=artifact, version=version or at, bump=bump
    )
    registry.say_registered(done, as_json=as_json)

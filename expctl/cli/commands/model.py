"""``expctl model``: look at registered models."""

import contextlib
import os
from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, ModelRef
from expctl.errors import UsageError

app = typer.Typer(
    help="Look at registered models.",
    no_args_is_help=True,
    add_completion=False,
    epilog="Example: expctl model list",
    rich_markup_mode=None,
)


@app.command("list", epilog="Example: expctl model list --json")
def list_models(as_json: AsJson = False) -> None:
    """List models, and what stands in which stage."""
    from expctl.actions import models
    from expctl.cli import modellist, registry

    if as_json:
        registry.show_models(models.all_models(context.current()), as_json=True)
    else:
        modellist.show()


@app.command("show", epilog="Example: expctl model show fraud_detector")
def show(model: ModelRef, as_json: AsJson = False) -> None:
    """Show the versions of a model, highest first, or one of them."""
    from expctl.actions import models
    from expctl.cli import registry

    shown = models.one_version(context.current(), *models.parse_reference(model))
    registry.show_model(shown, as_json=as_json)


@app.command("pull", epilog="Example: expctl model pull fraud_detector --stage production -o model")
def pull(
    model: ModelRef,
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="The version that stands there")
    ] = "",
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="PLACE", help="File or folder to write; a cached copy by default"
        ),
    ] = "",
    repo: Annotated[
        str,
        typer.Option("--repo", metavar="URL", help="The registry of another repository, not cloned whole"),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Bring the bytes of a version, and say where they lie.

    They are checked by the registered hash. Never another version instead: an empty stage is an error.
    Nothing is loaded or unpickled.
    """
    from expctl.actions import modelpull, models

    name, version = models.parse_reference(model)
    if bool(stage) == bool(version):
        raise UsageError(
            "Name a version (or an alias) or a stage, and not both.",
            hint=f"expctl model pull {name} --stage production",
        )
    target = os.path.normpath(os.path.join(context.directory(), output)) if output else None
    with modelpull.borrowed(repo) if repo else contextlib.nullcontext(None) as other:
        done = modelpull.pull(other or context.current(), name, version, stage or None, target)
    if as_json:
        console.json({"schema": "expctl/pulled/v1", **done._asdict()})
        return
    console.note(f"{done.model}@{done.version}, of run {done.run[-6:]}, md5 {done.md5}")
    console.out(done.path)

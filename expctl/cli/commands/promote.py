"""``expctl promote``: a version moves to a stage, at once or by way of a pull request."""

import os
from typing import Annotated

import typer

from expctl.cli import console, context
from expctl.cli.options import AsJson, ModelRef, Reason
from expctl.errors import AnswerIsNoError, UsageError

app = typer.Typer()


@app.command(
    "promote", epilog="Example: expctl promote fraud_detector@v1.2.0 --to production --reason 'F1 0.87'"
)
def promote(
    model: ModelRef = "",
    to: Annotated[
        str,
        typer.Option("--to", "--stage", metavar="STAGE", help="staging, production, archived, or your own"),
    ] = "",
    *,
    reason: Reason = "",
    request: Annotated[
        bool, typer.Option("--request", help="Only ask for it: commit a request on this branch")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Only judge, exit 3 if a gate does not hold; without MODEL the requests of this branch",
        ),
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Apply requests that were merged; goes with --pending")
    ] = False,
    pending: Annotated[
        bool, typer.Option("--pending", help="All requests on HEAD that the ledger does not hold yet")
    ] = False,
    base: Annotated[
        str,
        typer.Option(
            "--base", metavar="REF", help="The branch that counts, by default the remote's main one"
        ),
    ] = "",
    output: Annotated[
        str, typer.Option("--output", metavar="FILE", help="Write what --check finds there too, as Markdown")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Move a version of a model to a stage; the version that stood there is archived.

    Without a version, the one is meant that stands where the stage is reached from, else the latest.

    In a pull request: --request on the branch, --check in its CI, --apply --pending once it is merged.
    """
    if sum((request, check, apply)) > 1:
        raise UsageError("--request, --check and --apply are three steps.", hint="Take one of them.")
    if apply or pending:
        _apply(base, model=model, both=apply and pending, as_json=as_json)
    elif check and not model:
        _check(base, output, as_json=as_json)
    elif base or output:
        raise UsageError("--base and --output are about the requests of a branch.", hint="Leave MODEL out.")
    else:
        _move((model, to, reason), request=request, check=check, as_json=as_json)


def _move(wanted: tuple[str, str, str], *, request: bool, check: bool, as_json: bool) -> None:
    from expctl.actions import models, moving, promoting
    from expctl.cli import registry

    model, to, reason = wanted
    if not model or not to:
        raise UsageError("Which version goes where?", hint="expctl promote MODEL@VERSION --to production")
    name, version = models.parse_reference(model)
    if request:
        from expctl.actions import requesting
        from expctl.cli import requests

        asked = requesting.ask(context.current(), name, version, to, reason=reason)
        requests.say_asked(asked, as_json=as_json)
        return
    if check:
        judged = promoting.check(context.current(), name, version, to)
        registry.say_notes(judged.notes)
        if not registry.show_check(name, judged.version, to, judged.results, as_json=as_json):
            raise typer.Exit(AnswerIsNoError.exit_code)
        return
    try:
        done = promoting.promote(context.current(), name, version, to, reason=reason)
    except moving.GateFailedError as fault:
        if not as_json:
            registry.show_gates(fault.results)
        raise
    registry.say_moved(done, as_json=as_json)


def _check(base: str, output: str, *, as_json: bool) -> None:
    from expctl.actions import vetting
    from expctl.cli import requests

    found = vetting.vet(context.current(), base)
    full = os.path.join(context.directory(), output) if output else ""
    unsaid = vetting.publish(requests.page_of(found), full)
    requests.show_check(found, as_json=as_json)
    for note in unsaid:
        console.warn(note)
    if found.code:
        raise typer.Exit(found.code)


def _apply(base: str, *, model: str, both: bool, as_json: bool) -> None:
    from expctl.actions import applying, vetting
    from expctl.cli import requests

    if model or not both:
        raise UsageError("All merged requests are applied together.", hint="expctl promote --apply --pending")
    done = applying.apply(context.current(), base)
    summary = requests.summary_of(done)
    requests.say_applied(done, as_json=as_json)
    for note in vetting.publish(summary, "") if summary else ():
        console.warn(note)
    if done.code:
        raise typer.Exit(done.code)

"""What ``expctl monitor`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.cli import console, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.actions.monitoring import Report
    from expctl.actions.moving import Moved
    from expctl.core.registry.limits import Check
    from expctl.core.registry.record import Record


def show(report: Report) -> None:
    """Draw what each limit said, and the verdict."""
    from expctl.core.registry import limits
    from expctl.render import monitor as drawn

    console.out(drawn.report(report.checks, console.columns()))
    held = sum(one.verdict == limits.OK for one in report.checks)
    console.out(
        f"{report.model}@{report.version}, {report.stage}: {report.verdict} "
        f"({held} of {len(report.checks)} limits hold)"
    )
    if not report.by_policy:
        console.note(f"The policy names no limits for {report.stage}: a drop above 5 % is a warning")


def say_done(report: Report, done: Moved | None, *, kept: bool, as_json: bool) -> None:
    """Tell what came of it."""
    registry.say_notes(report.notes)
    if as_json:
        console.json(_facts(report, done, kept=kept))
    elif done is not None:
        registry.say_moved(done, as_json=False)
    elif kept:
        console.note("Kept in the ledger: the verdict is a new one")


def show_kept(model: str, done: Sequence[Record], *, as_json: bool) -> None:
    """Show what was seen of a model before."""
    from expctl.render import monitor as drawn

    if as_json:
        console.json(
            {"schema": "expctl/observations/v1", "model": model, "seen": [_kept(one) for one in done]}
        )
    elif done:
        console.out(drawn.kept(done, console.columns()))
    else:
        console.say(f"The ledger of this clone holds no observation of {model}.")


def _facts(report: Report, done: Moved | None, *, kept: bool) -> dict[str, Any]:
    moved = done and {"to": done.to, "version": done.version, "displaced": done.displaced, "tags": done.tags}
    return {
        "schema": "expctl/monitor/v1",
        "model": report.model,
        "version": report.version,
        "stage": report.stage,
        "verdict": report.verdict,
        "by_policy": report.by_policy,
        "observed": {"file": report.live.name, "sha256": report.live.digest},
        "checks": [_check(one) for one in report.checks],
        "done": moved,
        "kept": kept or done is not None,
    }


def _check(one: Check) -> dict[str, Any]:
    return {
        "metric": one.limit.metric,
        "registered": one.registered,
        "observed": one.observed,
        "change": one.change,
        "limit": one.limit.rule,
        "verdict": one.verdict,
        "why": one.why,
        "otherwise": one.limit.otherwise,
    }


def _kept(one: Record) -> dict[str, Any]:
    seen = one.observed._asdict() if one.observed else {}
    checks = seen.pop("seen", ())
    facts = {"at": registry.iso(one.at), "event": one.event, "by": one.by, "reason": one.reason}
    return {**facts, **seen, "checks": checks}

"""What the run measured, and the parameters and seeds that its script told."""

from __future__ import annotations

import os

from expctl.actions.probes import attempt
from expctl.capture.metrics import gather
from expctl.core import params
from expctl.core.manifest import Seeds
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.actions.harvest.ended import Ended
    from expctl.actions.harvest.left import Left

Measured = gather.Measured

_NOTHING = Measured({}, None, {}, {}, (), {}, (), ())


def measure(ended: Ended, left: Left) -> Measured:
    """Read what was logged, the metric files that were written, and what was printed."""
    measured = attempt(
        ended.notes,
        "metrics",
        lambda: gather.gather(
            ended.folder,
            gather.Place(ended.root, ended.cwd, ended.span, left.own, left.tops),
            ended.state["metrics"],
            gather.Asked(
                directions=ended.project.config.directions,
                # What the jobs of a multirun printed is theirs.
                from_output=False if left.jobs else ended.project.config.metrics_from_output,
                params=ended.state["params"],
                printed=ended.printed,
                jobs=frozenset(os.path.realpath(ended.root / job.folder) for job in left.jobs),
            ),
        ),
        _NOTHING,
    )
    ended.notes.extend(measured.notes)
    return measured


def all_params(ended: Ended, measured: Measured, left: Left) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters known at the start, those that the run wrote or told, and where each comes from."""
    given, origin = ended.state["params"], ended.state["params_from"]
    if left.jobs:
        given, origin = params.without(given, origin, ("m", "multirun"))
    if left.own or measured.hparams:
        from expctl.capture.params import written  # many runs write nothing

        add = lambda: written.add(given, origin, left.own, measured.hparams)  # noqa: E731
        found = attempt(ended.notes, "parameters", add, None)
        if found is not None:
            given, origin = found.params, found.params_from
            ended.notes.extend(found.notes)
    if measured.params:
        given, origin = params.overlay(given, origin, params.Source("api", measured.params))
    return given, origin


def seeds(ended: Ended, seen: Mapping[str, int | None]) -> Seeds | None:
    """The seed that was asked for and those that the script set."""
    requested: int | None = ended.state["seed"]
    if requested is None and not seen:
        return None
    known = {name: value for name, value in seen.items() if value is not None}
    return Seeds(requested=requested, set=known, unset=tuple(name for name in seen if name not in known))

"""The files that the run left: found, kept as bytes, and remembered as nobody's source."""

from __future__ import annotations

import os

from expctl.actions import keeping, setup
from expctl.actions.probes import attempt
from expctl.capture.findings import Caps, Collected, Wanted
from expctl.store import cache, outputs
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.actions.harvest.code import SourceTree
    from expctl.actions.harvest.ended import Ended
    from expctl.actions.harvest.left import Left
    from expctl.actions.harvest.metrics import Measured
    from expctl.capture.findings import Found


def collect(ended: Ended, measured: Measured, source: SourceTree, left: Left) -> Collected:
    """Find what was declared, logged, or looks like a model and was written meanwhile.

    Args:
        ended: The run.
        measured: What its script logged.
        source: What is no output, for it was source.
        left: The files that changed.
    """
    return attempt(
        ended.notes, "artifacts", lambda: _collect(ended, measured, source, left), Collected([], [])
    )


def keep(
    ended: Ended,
    pointer: Path,
    measured: Measured,
    found: Collected,
    inputs: Mapping[str, cache.Put],
    source: SourceTree,
) -> keeping.Kept:
    """Store the bytes, and remember which files are written by runs."""
    if ignored := setup.ignored_cache(ended.project):
        ended.notes.append(ignored)
    place = keeping.Place(ended.folder, setup.cache_dir(ended.project), pointer)
    kept = keeping.keep(
        ended.notes, place, found, series=measured.series, inputs=inputs, secrets=ended.secrets
    )
    started_ns: int = ended.state["started_ns"]
    remember = lambda: outputs.add(  # noqa: E731
        ended.project.state,
        {
            *measured.read_files,
            *(path for x in found.found if _is_made(x, source, started_ns) for path, _ in x.files()),
        },
    )
    attempt(ended.notes, "outputs", remember, None)
    return kept


def _collect(ended: Ended, measured: Measured, source: SourceTree, left: Left) -> Collected:
    wanted = _wanted(ended, measured)
    if not (left.walked.files or left.walked.notes or wanted.declared or wanted.logged):
        return Collected([], [])
    from expctl.capture import artifacts  # most short commands leave nothing

    config = ended.project.config
    folder = setup.cache_dir(ended.project)
    found = artifacts.collect(
        ended.root,
        ended.state["cwd"],
        span=ended.span,
        walked=left.walked,
        wanted=wanted,
        caps=Caps(config.keep_models_bytes, config.keep_models_clone_bytes, lambda: cache.used_bytes(folder)),
        tracked=source.holds,
        is_foreign=left.is_foreign,
    )
    ended.notes.extend(found.notes)
    return found


def _wanted(ended: Ended, measured: Measured) -> Wanted:
    state, config = ended.state, ended.project.config
    return Wanted(
        declared=tuple(state["artifacts"]),
        logged=tuple(measured.artifacts),
        models=config.model_patterns,
        alike=tuple(state.get("keep") or ()),
        nothing=bool(state.get("no_keep")),
    )


def _is_made(item: Found, source: SourceTree, started_ns: int) -> bool:
    """Whether this run wrote it and it is nothing that a person writes."""
    written = os.stat(item.full).st_ctime_ns >= started_ns  # else declared, and only read
    return written and (
        item.kind in ("model", "figure") or (item.kind == "table" and not source.holds(item.path))
    )

"""What of a run is kept as bytes: log, series and artifacts as one DVC directory; and the safety copy."""

from __future__ import annotations

import os

from expctl.actions.probes import attempt
from expctl.core import redact
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.adapters.files import StrPath
    from expctl.capture.findings import Collected
    from expctl.core.manifest import Artifact
    from expctl.store.cache import Put

LOG, SERIES = "output.log", "series"


class Place(NamedTuple):
    """The live folder of a run (named by its id), the cache of the DVC subrepo, the run's pointer."""

    run: Path
    cache: Path
    pointer: Path


class Kept(NamedTuple):
    """What a manifest says of the bytes: its ``artifacts`` and ``outputs`` sections."""

    artifacts: tuple[Artifact, ...] = ()
    outputs: dict[str, str] = {}  # noqa: RUF012 never written to


def keep(
    notes: list[str],
    place: Place,
    found: Collected,
    *,
    series: bytes | None,
    inputs: Mapping[str, Put],
    secrets: tuple[str, ...],
) -> Kept:
    """Store the bytes of a run and write its pointer; nothing is written for a run that left none.

    Args:
        notes: Where it is said what could not be kept.
        place: Where the bytes are, and where they go.
        found: Artifacts, those to keep and those only to list.
        series: The ``series`` file, if there is one.
        inputs: What is in the cache already: path inside the run's folder.
        secrets: Values that must not stand in the log.
    """
    wanted: dict[str, StrPath | bytes | Put] = {**inputs}
    log = _clean_log(notes, place.run, secrets)
    if log is not None:
        wanted[LOG] = log
    if series is not None:
        wanted[SERIES] = series
    wanted |= found.to_store()
    md5s, sizes = dict[str, str](), dict[str, int]()
    if wanted:
        from expctl.store import objects  # most short commands leave nothing

        store = lambda: objects.store_run(place.cache, place.pointer, place.run.name, wanted)  # noqa: E731
        stored = attempt(notes, "files", store, None)
        if stored is not None:
            md5s, sizes = stored.md5s, stored.sizes
            notes += stored.notes
    described = _describe(notes, found, md5s, sizes) if found.found else ()
    return Kept(
        described, {key: md5s[name] for key, name in (("log", LOG), ("series", SERIES)) if name in md5s}
    )


def _describe(
    notes: list[str], found: Collected, md5s: Mapping[str, str], sizes: Mapping[str, int]
) -> tuple[Artifact, ...]:
    from expctl.capture import artifacts  # most short commands leave nothing

    described, said = attempt(notes, "artifacts", lambda: artifacts.settle(found, md5s, sizes), ((), ()))
    notes += said
    return described


def keep_copy(finished: Path, manifest: Path, experiments: Path, packages: str | None) -> None:
    """Keep a second name for a record where ``git clean`` and ``git switch`` do not reach."""
    pointer = manifest.with_suffix(".dvc")
    os.makedirs(finished, exist_ok=True)
    for source in (pointer, manifest):
        if source.exists():
            _link(source, finished / source.name)
    if packages is not None and (experiments / packages).exists():
        (finished / "environments").mkdir(exist_ok=True)
        _link(experiments / packages, finished / packages)


def _link(source: Path, copy: Path) -> None:
    if copy.exists():
        return
    try:
        # A second name costs no write. Whatever replaces the first one (git, an editor, expctl) leaves this
        # one be.
        os.link(source, copy)
    except OSError:
        import shutil  # the rare road: another file system

        beside = copy.with_name(f".{copy.name}.tmp")
        shutil.copyfile(source, beside)
        os.replace(beside, copy)


def _clean_log(notes: list[str], run: Path, secrets: tuple[str, ...]) -> Path | None:
    log = run / LOG
    if not log.exists() or log.stat().st_size == 0:
        return None
    clean = run / "output.clean"
    hidden = attempt(notes, "log", lambda: redact.redact_stream(str(log), str(clean), known=secrets), None)
    if hidden is None:
        return None
    if hidden:
        notes.append(f"redacted: {hidden} places of the kept output that look like secrets")
    return clean

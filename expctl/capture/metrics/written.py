"""The files with metrics that a run wrote: declared ones, those found by name, TensorBoard's events."""

from __future__ import annotations

import os

from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from expctl.capture.metrics import discovery
    from expctl.capture.outputwalk import Place
    from expctl.core.series import Points
    from expctl.core.timespan import Span

#: A manifest is read by people; more names than this in one file are data.
_MOST_METRICS = 500
#: In a file that was found by its name alone.
_MOST_UNASKED = 200
#: Of files found by name: each, and all together.
_MOST_BYTES = 8 << 20
_MOST_BYTES_TOGETHER = 128 << 20
#: Up to this rank a file is one of metrics by its name, and not perhaps data.
_SURE = 3
_EVENTS = 5


class Group(NamedTuple):
    """Sources whose word weighs the same.

    Attributes:
        sources: Label and metrics of each.
        files: Those that were read, relative to the top where they lie under it.
        hparams: What TensorBoard's plugin of that name had.
    """

    sources: list[tuple[str, Mapping[str, Points]]]
    files: tuple[str, ...] = ()
    hparams: Mapping[str, Any] = {}


def read(place: Place, files: Sequence[str], notes: list[str]) -> Iterator[Group]:
    """Read the metric files of a run, the ones whose word weighs most first.

    Args:
        place: Where.
        files: Files or patterns that were declared, relative to ``place.cwd`` or ``place.root``.
        notes: Where it is said what could not be read.
    """
    seen: set[str] = set()
    declared: list[tuple[str, Mapping[str, Points]]] = []
    for path in _declared(place, files, notes):
        if (real := os.path.realpath(path)) not in seen:
            seen.add(real)
            declared += _source(_label(path, place.root), path, place.span, notes)
    yield Group(declared, tuple(label for label, _ in declared))
    by_rank: dict[int, list[discovery.Candidate]] = {}
    left = _MOST_BYTES_TOGETHER
    for candidate in _candidates(place):
        if candidate.rank == _EVENTS or (left := left - min(candidate.bytes, _MOST_BYTES)) > 0:
            by_rank.setdefault(candidate.rank, []).append(candidate)
    for rank, candidates in by_rank.items():
        if rank == _EVENTS:
            yield _events(candidates, place.root, notes)
            continue
        sources: list[tuple[str, Mapping[str, Points]]] = []
        for each in candidates:
            if os.path.realpath(each.files[0]) in seen:
                continue
            if each.bytes > _MOST_BYTES and rank <= _SURE:
                notes.append(
                    f"metrics file {each.label}: is larger than {_MOST_BYTES >> 20} MiB; see --metrics"
                )
            else:
                sources += _source(each.label, each.files[0], None, notes)
        yield Group(sources, tuple(label for label, _ in sources))


def _candidates(place: Place) -> list[discovery.Candidate]:
    written = place.written
    if written is None:
        from expctl.capture import outputwalk

        written = outputwalk.changed_files(os.fspath(place.root), place.span).files
    if not written:
        return []
    from expctl.capture.metrics import discovery  # many runs write nothing

    inside = os.path.relpath(place.cwd, place.root)
    tops = dict.fromkeys(("", *place.tops, "" if inside == "." else inside))
    return discovery.candidates(written, tuple(tops))


def _events(candidates: Sequence[discovery.Candidate], root: Path, notes: list[str]) -> Group:
    from expctl.capture.metrics import tensorboard  # only runs that write event files need it

    logged = tensorboard.read([(each.label, each.files) for each in candidates])
    notes += logged.notes
    points = logged.points
    if len(points) > _MOST_METRICS:
        notes.append(f"events: {len(points) - _MOST_METRICS} of {len(points)} tags are left out")
        points = dict(list(points.items())[:_MOST_METRICS])
    labels = [_label(file, root) for each in candidates for file in each.files]
    return Group([("events", points)], tuple(labels), logged.hparams)


def _declared(place: Place, files: Sequence[str], notes: list[str]) -> Iterator[str]:
    for name in files:
        matches = _expand(os.path.join(place.cwd, name)) or _expand(os.path.join(place.root, name))
        if not matches:
            notes.append(f"metrics file {name}: not there")
        yield from matches


def _expand(pattern: str) -> list[str]:
    if os.path.exists(pattern):
        return [os.path.normpath(pattern)]
    if not any(mark in pattern for mark in "*?["):
        return []
    import glob  # only patterns need it

    return sorted(
        os.path.normpath(path) for path in glob.glob(pattern, recursive=True) if os.path.isfile(path)
    )


def _source(
    label: str, path: str, span: Span | None, notes: list[str]
) -> list[tuple[str, Mapping[str, Points]]]:
    """The metrics of one file; what is wrong with one that was found by its name alone is not said."""
    try:
        found = _load(path, span)
    except OSError as err:
        problem = err.strerror or str(err)
    except ValueError as err:
        problem = str(err)
    else:
        times = {name: points.begun_again for name, points in found.items() if points.begun_again}
        if times:
            from expctl.core.output import fits  # rare

            notes.append(f"metrics file {label}: {fits.note(times)}")
        return [(label, found)] if found else []
    if span is not None:
        notes.append(f"metrics file {label}: {problem}")
    return []


def _load(path: str, span: Span | None) -> Mapping[str, Points]:
    from expctl.capture.metrics import readers  # only runs that write metric files need them

    is_declared = span is not None
    real = os.path.realpath(path) if is_declared else path
    facts = os.stat(real)
    # The inode's change time cannot be set back by a program that keeps old modification times.
    if span is not None and not span.holds(max(facts.st_mtime_ns, facts.st_ctime_ns)):
        raise ValueError("was not written by this run, and is not read")
    reader = readers.for_path(path)
    if reader is None:
        raise ValueError("is of a kind that is not read as metrics")
    limit = reader.limit if is_declared else min(reader.limit, _MOST_BYTES)
    if facts.st_size > limit:
        raise ValueError(f"is larger than {limit >> 20} MiB")
    found = reader.read(real, declared=is_declared)
    most = _MOST_METRICS if is_declared else _MOST_UNASKED
    if len(found) > most:
        raise ValueError(f"holds {len(found)} numbers, more than {most}: taken as data")
    if is_declared and not found:
        raise ValueError("holds no numbers")
    return found


def _label(path: str, root: Path) -> str:
    inside = os.path.relpath(path, root)
    return os.path.abspath(path) if inside == ".." or inside.startswith("../") else inside

"""Artifacts that somebody named: with ``--artifact``, in the settings, or from the program through the API.

They are kept whatever they are. What lies outside of the repository gets a name of its own, beside everything
that lies inside: two files of one name are two artifacts.
"""

from __future__ import annotations

import os
import stat

from expctl.capture import outputwalk
from expctl.capture.findings import Found, kind_of
from expctl.core import globs
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from expctl.capture.findings import Wanted
    from expctl.core.timespan import Span


def take(
    top: str, prefix: str, wanted: Wanted, span: Span, notes: list[str]
) -> tuple[dict[str, Found], list[Found]]:
    """Take what was named one by one.

    Args:
        top: Top of the work tree.
        prefix: From there to where the command ran.
        wanted: What was named; patterns are passed over.
        span: When the run was at work; what changed later is another one's.
        notes: Gets what must be said.

    Returns:
        What lies inside of the repository, by path; and what lies outside, by the name of its file.
    """
    is_model = globs.matcher(wanted.models)
    inside, outside = dict[str, Found](), dict[str, Found]()
    declared = _declared_paths(top, prefix, wanted.declared)
    for path, kind in [*wanted.logged, *declared]:
        found = _take(notes, top, path, kind)
        if found is None:
            continue
        if (path, kind) in declared and (path, kind) not in wanted.logged and _is_earlier(found, span):
            notes.append(f"artifact {found.path}: was there before the run, which did not write it")
        if _is_later(found, span):
            notes.append(f"artifact {path}: was written again after the run had ended, and is not kept")
            continue
        if found.kind == "file" and any(is_model(name) for name, _ in found.files()):
            found = found._replace(kind="model")
        if _is_inside(top, path):
            inside[found.path] = found
        else:
            outside[found.full] = found
    return inside, list(outside.values())


def name_apart(outside: Iterable[Found], known: Iterable[str], notes: list[str]) -> list[Found]:
    """Give what lies outside names that nothing else has: ``model.pt``, else ``model-2.pt``.

    Args:
        outside: From ``take``.
        known: All paths that the run produced inside of the repository.
        notes: Gets where each of them came from.
    """
    used = set[str]()
    for path in known:
        # A file may not have the name of a folder either.
        parts = path.split("/")
        used.update("/".join(parts[:n]) for n in range(1, len(parts) + 1))
    result = []
    for each in outside:
        name = _free_name(each.path, used)
        used.add(name)
        notes.append(f"artifact {each.full}: lies outside of the repository, recorded as {name}")
        result.append(each._replace(path=name))
    return result


def is_inside(path: str, taken: dict[str, Found]) -> bool:
    """Whether a path lies in a folder that was taken as a whole."""
    return any(each.inside is not None and path.startswith(f"{name}/") for name, each in taken.items())


def from_top(prefix: str, word: str) -> list[str]:
    """A pattern as typed, seen from the top: from where the user stands, and as it is."""
    if "/" not in word or prefix in ("", "."):
        return [word]
    return [os.path.normpath(f"{prefix}/{word}"), word]


def _free_name(name: str, used: Container[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    first, last = (stem, dot + ending) if stem else (name, "")
    number = 1
    while name in used:
        number += 1
        name = f"{first}-{number}{last}"
    return name


def _take(notes: list[str], top: str, path: str, kind: str) -> Found | None:
    """Take a file or a folder that was named, links resolved; a link must not lead out of the tree."""
    try:
        full = os.path.realpath(path, strict=True)
        facts = os.stat(full)
    except (OSError, ValueError):
        notes.append(f"artifact {path}: there is no such file")
        return None
    if _is_inside(top, path):
        if not full.startswith(os.path.realpath(top) + "/"):
            notes.append(f"artifact {path}: a link that leads out of the repository is not followed")
            return None
        name = os.path.relpath(os.path.normpath(path), top)
    else:
        name = os.path.basename(full)
    if stat.S_ISDIR(facts.st_mode):
        return _take_folder(notes, name, full, kind)
    if stat.S_ISREG(facts.st_mode):
        return Found(name, full, kind or kind_of(name), keep=True, bytes=facts.st_size)
    notes.append(f"artifact {path}: neither a file nor a folder")
    return None


def _is_earlier(found: Found, span: Span) -> bool:
    """Whether the run left all of it as it was: perhaps what an earlier run left."""
    stamps = [outputwalk.changed_ns(os.stat(full)) for _, full in found.files()]
    return bool(stamps) and not any(span._replace(until_ns=None).holds(stamp) for stamp in stamps)


def _is_later(found: Found, span: Span) -> bool:
    if span.until_ns is None:
        return False
    times = (outputwalk.changed_ns(os.stat(full)) for _, full in found.files())
    return any(moment_ns > span.until_ns for moment_ns in times)


def _take_folder(notes: list[str], name: str, full: str, kind: str) -> Found:
    inside = outputwalk.all_files(full)
    notes += inside.notes
    files = tuple((each.path, each.full) for each in inside.files)
    kinds = {kind_of(inner) for inner, _ in files}
    kind = kind or (kinds.pop() if len(kinds) == 1 else "file")
    return Found(name, full, kind, keep=True, bytes=sum(each.bytes for each in inside.files), inside=files)


def _is_inside(top: str, path: str) -> bool:
    return os.path.normpath(path).startswith(top + "/")


def _declared_paths(top: str, prefix: str, declared: Iterable[str]) -> list[tuple[str, str]]:
    return [(_resolve(top, prefix, word), "") for word in declared if not globs.is_glob(word)]


def _resolve(top: str, prefix: str, word: str) -> str:
    here = os.path.normpath(os.path.join(top, prefix, word))
    above = os.path.normpath(os.path.join(top, word))
    return above if not os.path.lexists(here) and os.path.lexists(above) else here

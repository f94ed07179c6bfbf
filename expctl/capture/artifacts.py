"""What a run produced: one bounded walk over the work tree, and what was declared or logged.

Model-shaped files are kept within caps, so that last week's best model still exists when somebody wants it.
What was declared or logged is kept always. All else is listed, with hash and size, and not stored.
"""

from __future__ import annotations

import os

from expctl.adapters import files as door
from expctl.capture import modelfolders, named, outputwalk
from expctl.capture.findings import STORED_UNDER, Caps, Collected, Found, Wanted, kind_of
from expctl.core import dvcfile, globs, relpath
from expctl.core.manifest import Artifact
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from expctl.adapters.files import StrPath
    from expctl.capture.outputwalk import Walked, Written
    from expctl.core.timespan import Span

#: Outputs that are listed without being stored.
LISTED = 200
#: What is hashed only to be listed, all together.
LISTED_BYTES = 1 << 30


def collect(  # noqa: PLR0913 - the settings that it needs, as the action has them
    root: StrPath,
    prefix: str,
    *,
    span: Span,
    walked: Walked,
    wanted: Wanted,
    caps: Caps,
    tracked: Callable[[str], bool],
    is_foreign: Callable[[Written], bool] | None = None,
) -> Collected:
    """Find what a run produced.

    Args:
        root: Top of the work tree.
        prefix: From there to where the command ran.
        span: When it was at work.
        walked: The files that changed meanwhile.
        wanted: What is to be kept.
        caps: How much to keep of what nobody declared or logged.
        tracked: Whether a path was source when the run began: then it is no output, unless a model.
        is_foreign: Whether another run may have written a file; then it is no output either.
    """
    top, notes = os.fspath(root), list[str]()
    notes += walked.notes
    taken, outside = named.take(top, prefix, wanted, span, notes)
    left = [each for each in walked.files if each.path not in taken and not named.is_inside(each.path, taken)]
    sorted_out = _Sorted(wanted, tracked)
    left = _take_fitting(left, prefix, wanted, taken, sorted_out.kind_of, notes)
    foreign = [each for each in left if is_foreign(each)] if is_foreign else []
    if foreign:
        notes.append(_said_of_foreign(foreign))
        left = sorted({*left} - {*foreign})
    sorted_out.add_all(left)
    known = [*taken, *(each.path for each in walked.files)]
    apart = named.name_apart(outside, known, notes)
    kept, over = _within_caps(sorted_out.newest_first(), caps, notes, nothing=wanted.nothing)
    listed = [*over, *sorted_out.others]
    if len(listed) > LISTED:
        notes.append(f"outputs: {len(listed) - LISTED} more files were written and are not listed")
    return Collected(_nameable([*taken.values(), *apart, *kept, *listed[:LISTED]], notes), notes)


class _Sorted:
    """What nobody named one by one, parted into what is kept within caps and what is only listed."""

    def __init__(self, wanted: Wanted, tracked: Callable[[str], bool]) -> None:
        self._tracked = tracked
        self._fits_model = globs.matcher(wanted.models)
        self._fits_alike = globs.matcher(wanted.alike)
        self._to_keep = list[tuple[int, Found]]()
        self.others = list[Found]()

    def add_all(self, files: list[Written]) -> None:
        folders = modelfolders.group(files, self._is_model)
        grouped = {each.path for members in folders.values() for each in members}
        for folder, members in folders.items():
            self._add_folder(folder, members)
        for each in files:
            if each.path not in grouped:
                self._add(each)

    def newest_first(self) -> list[Found]:
        """What is kept within caps: the last checkpoint is worth more than the first."""
        return [found for _, found in sorted(self._to_keep, reverse=True)]

    def kind_of(self, each: Written) -> str:
        return "model" if self._is_model(each) else kind_of(each.path)

    def _is_model(self, each: Written) -> bool:
        return self._fits_model(each.path) or outputwalk.is_booster(each)

    def _add_folder(self, folder: str, members: list[Written]) -> None:
        inside = tuple((each.path[len(folder) + 1 :], each.full) for each in members)
        full = members[0].full[: -len(inside[0][0]) - 1]
        size = sum(each.bytes for each in members)
        found = Found(folder, full, "model", keep=False, bytes=size, inside=inside)
        self._to_keep.append((max(each.changed_ns for each in members), found))

    def _add(self, each: Written) -> None:
        kind = self.kind_of(each)
        found = Found(each.path, each.full, kind, keep=False, bytes=each.bytes)
        if kind == "model" or self._fits_alike(each.path):
            self._to_keep.append((each.changed_ns, found))
        elif not self._tracked(each.path):
            self.others.append(found)


def settle(
    collected: Collected, md5s: Mapping[str, str], sizes: Mapping[str, int] | None = None
) -> tuple[tuple[Artifact, ...], tuple[str, ...]]:
    """Turn what was found into what the manifest says.

    Args:
        collected: From ``collect``.
        md5s: What was stored: path inside the run's folder, and MD5.
        sizes: The same, and the size in bytes of what was stored; what was found may have grown since.

    Returns:
        The artifacts, by path, and what must be said about them.
    """
    settling = _Settling(md5s, sizes or {})
    described = [settling.describe(each) for each in sorted(collected.found)]
    return tuple(each for each in described if each is not None), tuple(settling.notes)


class _Settling:
    """Describes one thing after the other, and hashes what was not stored, up to a limit for all."""

    def __init__(self, md5s: Mapping[str, str], sizes: Mapping[str, int]) -> None:
        self._md5s = md5s
        self._sizes = sizes
        self._left = LISTED_BYTES
        self.notes = list[str]()

    def describe(self, each: Found) -> Artifact | None:
        return self._folder(each) if each.inside is not None else self._file(each)

    def _file(self, each: Found) -> Artifact | None:
        inside = f"{STORED_UNDER}/{each.path}"
        md5 = self._md5s.get(inside) if each.keep else None
        stored, size = md5 is not None, self._sizes.get(inside, each.bytes) if each.keep else each.bytes
        if size != each.bytes:
            self.notes.append(f"output {each.path}: was still being written after the run had ended")
        if md5 is None and each.bytes <= self._left:
            try:
                md5, size = door.md5_of(each.full)
            except OSError as err:
                self.notes.append(f"output {each.path}: {err.strerror}")
                return None
            self._left -= size
        elif md5 is None:
            self.notes.append(
                f"output {each.path}: not hashed, since together they are over {LISTED_BYTES >> 30} GiB"
            )
        return Artifact(path=each.path, md5=md5, bytes=size, kind=each.kind, stored=stored)

    def _folder(self, each: Found) -> Artifact:
        entries = self._stored(each) if each.keep else self._hashed(each)
        md5 = dvcfile.dir_md5(entries) if entries else None
        count = len(entries) if each.keep else len(each.inside or ())
        stored = each.keep and bool(entries)
        return Artifact(
            path=each.path, md5=md5, bytes=each.bytes, nfiles=count, kind=each.kind, stored=stored
        )

    def _stored(self, each: Found) -> list[tuple[str, str]]:
        found = ((name, f"{STORED_UNDER}/{each.path}/{name}") for name, _ in each.inside or ())
        return [(name, self._md5s[place]) for name, place in found if place in self._md5s]

    def _hashed(self, each: Found) -> list[tuple[str, str]]:
        if each.bytes > self._left:
            return []
        self._left -= each.bytes
        try:
            return [(name, door.md5_of(full)[0]) for name, full in each.inside or ()]
        except OSError as err:
            self.notes.append(f"output {each.path}: {err.strerror}")
            return []


def _take_fitting(
    files: list[Written],
    prefix: str,
    wanted: Wanted,
    taken: dict[str, Found],
    kind: Callable[[Written], str],
    notes: list[str],
) -> list[Written]:
    """Take what fits a declared pattern; the rest is given back."""
    words = [word for word in wanted.declared if globs.is_glob(word)]
    if not words:
        return files
    patterns = {word: globs.matcher(named.from_top(prefix, word)) for word in words}
    rest = []
    for each in files:
        if any(fits(each.path) for fits in patterns.values()):
            taken[each.path] = Found(each.path, each.full, kind(each), keep=True, bytes=each.bytes)
        else:
            rest.append(each)
    for word, fits in patterns.items():
        if not any(map(fits, taken)):
            notes.append(f"artifact {word}: nothing that fits was written during the run")
    return rest


def _within_caps(
    models: list[Found], caps: Caps, notes: list[str], *, nothing: bool
) -> tuple[list[Found], list[Found]]:
    """Part what was found into what is kept and what is over the caps; what comes first is kept first."""
    if nothing or not models:
        return [], models
    left = min(caps.run_bytes, max(0, caps.clone_bytes - caps.used()))
    kept, over = list[Found](), list[Found]()
    for each in models:
        if each.bytes <= left:
            left -= each.bytes
            kept.append(each._replace(keep=True))
        else:
            over.append(each)
    if over:
        total = sum(each.bytes for each in over) / (1 << 20)
        count = sum(len(each.files()) for each in over)
        notes.append(
            f"models: {count} files ({total:.0f} MiB) are over the caps and were not kept, "
            f"such as {over[0].path}; raise keep_models or keep_models_clone, or name them with --artifact"
        )
    return kept, over


def _said_of_foreign(files: list[Written]) -> str:
    many = "1 file was" if len(files) == 1 else f"{len(files)} files were"
    return (
        f"outputs: {many} written while another run worked in this tree, such as {files[0].path}, and "
        "nothing says by which; name what is this run's with --artifact"
    )


def _nameable(found: list[Found], notes: list[str]) -> list[Found]:
    """Only what a manifest may name: it will be read on other systems."""
    result = []
    for each in found:
        fault = relpath.check(each.path)
        if fault is None:
            result.append(each)
        else:
            shown = each.path.encode("utf-8", "replace").decode()
            notes.append(f"output {shown}: not recorded: its path is refused ({fault})")
    return result

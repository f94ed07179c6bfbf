"""What a run produced: one bounded walk over the work tree, and what was declared or logged.

Model-shaped files are kept within caps, so that last week's best model still exists when somebody wants it.
What was declared or logged is kept always. All else is listed, with hash and size, and not stored.
"""

from __future__ import annotations

import os
import stat

from expctl.adapters import files as door
from expctl.capture import outputwalk
from expctl.core import dvcfile, globs, relpath
from expctl.core.manifest import Artifact
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from expctl.adapters.files import StrPath

#: Outputs that are listed without being stored.
LISTED = 200
#: What is hashed only to be listed, all together.
LISTED_BYTES = 1 << 30
#: Where the run's DVC directory holds artifacts.
STORED_UNDER = "artifacts"

_KINDS = {
    "figure": (".png", ".jpg", ".jpeg", ".svg", ".pdf", ".gif", ".webp", ".eps", ".html"),
    "table": (".csv", ".tsv", ".parquet", ".feather", ".xlsx", ".arrow"),
}


class Caps(NamedTuple):
    """How much may be kept of what nobody asked to keep.

    Attributes:
        run_bytes: For one run.
        clone_bytes: For all that the cache holds.
        used: How much it holds; asked only when there is something to keep.
    """

    run_bytes: int
    clone_bytes: int
    used: Callable[[], int]


class Found(NamedTuple):
    """One thing that the run produced.

    Attributes:
        path: What it is called in the manifest, relative with ``/``.
        full: Where it lies.
        kind: ``model``, ``figure``, ``table`` or ``file``.
        keep: Whether its bytes are to be stored.
        bytes: Size.
        inside: Of a folder: each file's path inside it, and where that lies.
    """

    path: str
    full: str
    kind: str
    keep: bool
    bytes: int
    inside: tuple[tuple[str, str], ...] | None = None

    def files(self) -> list[tuple[str, str]]:
        """Each file's path in the manifest's terms, and where it lies."""
        if self.inside is None:
            return [(self.path, self.full)]
        return [(f"{self.path}/{name}", full) for name, full in self.inside]


class Collected(NamedTuple):
    """All that the run produced, and what must be said about it."""

    found: list[Found]
    notes: list[str]

    def to_store(self) -> dict[str, StrPath | bytes]:
        """What to hand to the store: path inside the run's folder, and where the bytes are."""
        kept = (each.files() for each in self.found if each.keep)
        return {f"{STORED_UNDER}/{path}": full for files in kept for path, full in files}

    @property
    def kept_bytes(self) -> int:
        """How much is to be stored."""
        return sum(each.bytes for each in self.found if each.keep)


def collect(  # noqa: PLR0913 - the settings that it needs, as the action has them
    root: StrPath,
    prefix: str,
    *,
    started_ns: int,
    declared: Sequence[str],
    logged: Iterable[tuple[str, str]],
    model_patterns: Sequence[str],
    caps: Caps,
    tracked: Callable[[str], bool],
) -> Collected:
    """Find what a run produced.

    Args:
        root: Top of the work tree.
        prefix: From there to where the command ran.
        started_ns: When it started, nanoseconds since 1970.
        declared: Paths and patterns, relative to where it ran or to the top. A pattern takes what changed
            during the run, a path is taken as it is.
        logged: Absolute path and kind (may be empty) of what the program itself named.
        model_patterns: Which outputs are models.
        caps: How much to keep of models that nobody declared.
        tracked: Whether a path was source when the run began: then it is no output, unless a model.
    """
    top, notes = os.fspath(root), list[str]()
    is_model = globs.matcher(model_patterns)
    walked = outputwalk.changed_files(top, started_ns)
    notes += walked.notes
    taken = _take_named(top, [*logged, *_declared_paths(top, prefix, declared)], is_model, notes)
    patterns = {word: globs.matcher(_from_top(prefix, word)) for word in declared if globs.is_glob(word)}
    models, others = list[tuple[int, Found]](), list[Found]()
    for each in walked.files:
        if each.path in taken or _inside_taken(each.path, taken):
            continue
        kind = "model" if is_model(each.path) or outputwalk.is_booster(each) else _kind(each.path)
        found = Found(each.path, each.full, kind, keep=False, bytes=each.bytes)
        if any(fits(each.path) for fits in patterns.values()):
            taken[each.path] = found._replace(keep=True)
        elif kind == "model":
            models.append((each.changed_ns, found))
        elif not tracked(each.path):
            others.append(found)
    for word, fits in patterns.items():
        if not any(map(fits, taken)):
            notes.append(f"artifact {word}: nothing that fits was written during the run")
    kept, over = _within_caps([found for _, found in sorted(models, reverse=True)], caps, notes)
    listed = [*over, *others]
    if len(listed) > LISTED:
        notes.append(f"outputs: {len(listed) - LISTED} more files were written and are not listed")
    return Collected(_nameable([*taken.values(), *kept, *listed[:LISTED]], notes), notes)


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
    result, notes, left = [], [], LISTED_BYTES
    for each in sorted(collected.found):
        if each.inside is not None:
            result.append(_settled_folder(each, md5s))
            continue
        inside = f"{STORED_UNDER}/{each.path}"
        md5 = md5s.get(inside) if each.keep else None
        stored, size = md5 is not None, (sizes or {}).get(inside, each.bytes) if each.keep else each.bytes
        if size != each.bytes:
            notes.append(f"output {each.path}: was still being written after the run had ended")
        if md5 is None and each.bytes <= left:
            try:
                md5, size = door.md5_of(each.full)
            except OSError as err:
                notes.append(f"output {each.path}: {err.strerror}")
                continue
            left -= size
        elif md5 is None:
            notes.append(
                f"output {each.path}: not hashed, since together they are over {LISTED_BYTES >> 30} GiB"
            )
        result.append(Artifact(path=each.path, md5=md5, bytes=size, kind=each.kind, stored=stored))
    return tuple(result), tuple(notes)


def _settled_folder(each: Found, md5s: Mapping[str, str]) -> Artifact:
    entries = [(name, md5s.get(f"{STORED_UNDER}/{each.path}/{name}")) for name, _ in each.inside or ()]
    kept = [(name, md5) for name, md5 in entries if md5 is not None]
    md5 = dvcfile.dir_md5(kept) if kept else None
    return Artifact(
        path=each.path, md5=md5, bytes=each.bytes, nfiles=len(kept), kind=each.kind, stored=bool(kept)
    )


def _take_named(
    top: str, named: Iterable[tuple[str, str]], is_model: Callable[[str], bool], notes: list[str]
) -> dict[str, Found]:
    """Take what was named one by one, as full path and kind; a kind that is not given is found out."""
    taken: dict[str, Found] = {}
    for path, kind in named:
        found = _take(notes, top, path, kind)
        if found is not None and found.kind == "file" and any(is_model(name) for name, _ in found.files()):
            found = found._replace(kind="model")
        if found is not None:
            taken[found.path] = found
    return taken


def _take(notes: list[str], top: str, path: str, kind: str) -> Found | None:
    """Take a file or a folder that was named, links resolved; a link must not lead out of the tree."""
    try:
        full = os.path.realpath(path, strict=True)
        facts = os.stat(full)
    except (OSError, ValueError):
        notes.append(f"artifact {path}: there is no such file")
        return None
    real_top = os.path.realpath(top)
    named_inside = os.path.normpath(path).startswith(top + "/")
    if named_inside and not full.startswith(real_top + "/"):
        notes.append(f"artifact {path}: a link that leads out of the repository is not followed")
        return None
    name = os.path.relpath(os.path.normpath(path), top) if named_inside else os.path.basename(full)
    if not named_inside:
        notes.append(f"artifact {path}: lies outside of the repository, recorded as {name}")
    if stat.S_ISDIR(facts.st_mode):
        inside = outputwalk.all_files(full)
        size = sum(each.bytes for each in inside.files)
        notes += inside.notes
        files = tuple((each.path, each.full) for each in inside.files)
        kinds = {_kind(inner) for inner, _ in files}
        kind = kind or (kinds.pop() if len(kinds) == 1 else "file")
        return Found(name, full, kind, keep=True, bytes=size, inside=files)
    if stat.S_ISREG(facts.st_mode):
        return Found(name, full, kind or _kind(name), keep=True, bytes=facts.st_size)
    notes.append(f"artifact {path}: neither a file nor a folder")
    return None


def _within_caps(models: list[Found], caps: Caps, notes: list[str]) -> tuple[list[Found], list[Found]]:
    """Part models into those to keep and those over the caps; what comes first is kept first.

    They come newest first: the last checkpoint is worth more than the first.
    """
    if not models:
        return [], []
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
        notes.append(
            f"models: {len(over)} files ({total:.0f} MiB) are over the caps and were not kept, "
            f"such as {over[0].path}; raise keep_models or keep_models_clone, or name them with --artifact"
        )
    return kept, over


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


def _declared_paths(top: str, prefix: str, declared: Iterable[str]) -> list[tuple[str, str]]:
    return [(_resolve(top, prefix, word), "") for word in declared if not globs.is_glob(word)]


def _from_top(prefix: str, word: str) -> list[str]:
    """A pattern as typed, seen from the top: from where the user stands, and as it is."""
    if "/" not in word or prefix in ("", "."):
        return [word]
    return [os.path.normpath(f"{prefix}/{word}"), word]


def _resolve(top: str, prefix: str, word: str) -> str:
    here = os.path.normpath(os.path.join(top, prefix, word))
    above = os.path.normpath(os.path.join(top, word))
    return above if not os.path.lexists(here) and os.path.lexists(above) else here


def _inside_taken(path: str, taken: Mapping[str, Found]) -> bool:
    return any(each.inside is not None and path.startswith(f"{name}/") for name, each in taken.items())


def _kind(path: str) -> str:
    lower = path.lower()
    return next((kind for kind, suffixes in _KINDS.items() if lower.endswith(suffixes)), "file")

"""Source files that differ: whether the runs imported or opened them, and what changed in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import datawords, keys
from expctl.core.causes import places
from expctl.core.causes.cause import (
    ARROW,
    CERTAIN,
    HARMLESS,
    POSSIBLE,
    Cause,
    Facts,
    FileDelta,
    Pair,
    both,
    is_among,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What nothing but people, git and installers read.
_PROSE = (".md", ".rst", ".adoc", ".license")
_PROSE_NAMES = frozenset({
    "readme", "readme.txt", "license", "licence", "copying", "notice", "authors", "changelog", "codeowners",
    "changelog.txt", ".gitignore", ".gitattributes", ".gitmodules", ".editorconfig", ".mailmap",
    ".pre-commit-config.yaml", ".dockerignore", ".dvcignore",
})  # fmt: skip
_OF_PACKAGES = frozenset({
    "requirements.txt", "setup.cfg", "setup.py", "pyproject.toml", "uv.lock", "poetry.lock", "pdm.lock",
    "pipfile", "pipfile.lock", "environment.yml", "environment.yaml", "conda-lock.yml",
})  # fmt: skip
_POINTERS = (".dvc", "dvc.lock", "dvc.yaml")
#: Packages that read files past Python, so that the hook does not see it.
_NATIVE_READERS = frozenset({
    "catboost", "cudf", "datasets", "decord", "duckdb", "fastparquet", "gdal", "h5py", "lightgbm", "netcdf4",
    "nvidia-dali", "opencv-contrib-python", "opencv-python", "opencv-python-headless", "polars", "pyarrow",
    "rasterio", "sentencepiece", "soundfile", "tables", "tensorflow", "tokenizers", "torchaudio", "xgboost",
})  # fmt: skip
_PYTHON = ("python", "pypy")
#: Made out of the source, which is compared itself.
_COMPILED = (".pyc", ".pyo")
_PYTHON_FILES = (".py", ".pyw")


class _Used:
    """What both runs imported and opened; None where that is not known."""

    def __init__(self, pair: Pair) -> None:
        states = [run.code for run in pair]
        self.imported = both(*(state.imported if state else None for state in states))
        self.opened = both(*(state.opened if state else None for state in states))
        self.words = [places.place_of(run, word) for run in pair for word in run.command.argv]
        self.packages = both(*(run.environment.imported if run.environment else None for run in pair))
        names = [run.command.argv[0].rpartition("/")[2] for run in pair if run.command.argv]
        self.is_python = all(name.startswith(_PYTHON) or name.endswith(".py") for name in names)
        self.config = {name for run in pair for name, how in run.params_from.items() if how == "file"}
        self.params_differ = keys.flatten(pair.before.params) != keys.flatten(pair.after.params)
        self.data = {name for run in pair for item in run.data for name in (item.path, item.dvc) if name}

    def reads_past_python(self) -> bool:
        """Whether files may have been read that the hook did not see."""
        return not self.is_python or self.packages is None or not _NATIVE_READERS.isdisjoint(self.packages)


def of_files(pair: Pair, facts: Facts) -> Iterator[Cause]:
    """Causes among the files of the source trees; those of data are told with the data."""
    used = _Used(pair)
    trees = [run.code.tree if run.code else None for run in pair]
    if facts.files is None and None not in trees and trees[0] != trees[1]:
        why = "what changed in it cannot be seen in this clone"
        yield Cause("code", "source tree", POSSIBLE, "The source differs", why, weight=45)
    for delta in facts.files or ():
        if not _is_data_of(delta.path, used) and not delta.path.endswith(_COMPILED):
            yield _judged(delta, used)


def of_submodules(pair: Pair) -> Iterator[Cause]:
    """Submodules at another commit."""
    old, new = ({item.path: item for item in run.code.submodules} if run.code else {} for run in pair)
    used = _Used(pair)
    for path in dict.fromkeys([*old, *new]):
        one, other = old.get(path), new.get(path)
        if one and other and one.commit == other.commit and not (one.dirty or other.dirty):
            continue
        known = None if used.imported is None or used.opened is None else [*used.imported, *used.opened]
        inside = known is None or any(each.startswith(f"{path}/") for each in known)
        grade = HARMLESS if not inside else POSSIBLE if known is None else CERTAIN
        commits = ARROW.join(item.commit[:7] if item else "none" for item in (one, other))
        dirty = (
            " with uncommitted edits that are not recorded"
            if any(s and s.dirty for s in (one, other))
            else ""
        )
        why = {HARMLESS: "nothing in it was read", POSSIBLE: "what was read is not recorded"}.get(
            grade, "the run read files in it"
        )
        yield Cause("code", path, grade, f"Submodule {path}: {commits}{dirty}", why, weight=21)


def _is_data_of(path: str, used: _Used) -> bool:
    above = path
    while above:
        if above in used.data:
            return True
        above = above.rpartition("/")[0]
    return False


def _judged(delta: FileDelta, used: _Used) -> Cause:
    path = delta.path
    if path in used.config and not _is_listed(path, used.imported):
        same = "its parameters are the same"
        return _cause(
            delta, HARMLESS, "its parameters are compared themselves" if used.params_differ else same
        )
    if path.endswith(_PYTHON_FILES) and delta.same_program:
        return _cause(delta, HARMLESS, "only comments, docstrings or layout differ")
    for listed, how, weight in (
        (used.imported, "what was run" if path in used.words else "imported", 10),
        (used.opened, "opened by the run", 22),
        (used.words, "named by the command", 10),
    ):
        if _is_listed(path, listed):
            kind = "data" if datawords.looks_like_data(path) else "code"
            return _cause(delta, CERTAIN, how, weight=weight)._replace(kind=kind)
    return _unused(delta, used)


def _unused(delta: FileDelta, used: _Used) -> Cause:
    """Of a file that no run was seen to use."""
    if harmless := _harmless(delta.path, used):
        return _cause(delta, HARMLESS, harmless)
    is_python = delta.path.endswith(_PYTHON_FILES)
    if (used.imported if is_python else used.opened) is None:
        verb = "imported" if is_python else "opened"
        return _cause(delta, POSSIBLE, f"what the runs {verb} is not recorded", weight=60)
    return _cause(delta, POSSIBLE, "not seen to be opened, but not every reader is seen", weight=62)


def _harmless(path: str, used: _Used) -> str:
    """Why a file that no run was seen to use cannot have mattered; empty when it can."""
    name = path.rpartition("/")[2].lower()
    if path.endswith(_PYTHON_FILES):
        return "not imported" if used.imported is not None else ""
    if name in _PROSE_NAMES or name.endswith(_PROSE):
        return "prose" if used.opened is None else "not opened"
    if name in _OF_PACKAGES or (name.startswith("requirements") and name.endswith(".txt")):
        return "the installed packages are compared themselves"
    if path.endswith(_POINTERS):
        return "a pointer: the data itself is compared"
    return "not opened" if used.opened is not None and not used.reads_past_python() else ""


def _is_listed(path: str, listed: list[str] | None) -> bool:
    return listed is not None and is_among(path, listed)


def _cause(delta: FileDelta, grade: str, why: str, *, weight: int = 50) -> Cause:
    counts = "" if delta.added is None else f"{lines(delta)}, "
    return Cause(
        "code", delta.path, grade, f"{delta.path} {_VERB[delta.change]}", counts + why, weight=weight
    )


def lines(delta: FileDelta) -> str:
    """``+2 −1 lines``."""
    return f"+{delta.added} −{delta.removed} lines"


_VERB = {"changed": "changed", "added": "was added", "removed": "was removed"}

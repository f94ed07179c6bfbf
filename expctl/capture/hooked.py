"""What the hook in each Python process of a run left in its live folder: who ran, and what was opened.

Two files a process: ``process-<start>-<pid>.jsonl`` by ``hook/sitecustomize.py``, a line when it starts
and one when it ends, and ``files-<start>-<pid>``, see ``opened``. What a script's processes wrote can be
anything, as they may have written it themselves: it is read within bounds, and what makes no sense is left
out.
"""

from __future__ import annotations

import json
import os
import re
import sys

from expctl.adapters import files
from expctl.capture.opened import Opened
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: Of more processes the first and the last are read, half each.
_MOST_PROCESSES = 1_000
_LIMIT_ALL = 64 << 20
_LONGEST = 4_096
_MOST_LIST = 20_000
_MOST_LINES = 100
_NAME = re.compile(r"(process|files)-([0-9a-f]{1,20})-([0-9]{1,10})(?:\.jsonl)?")
#: Who imports one of these trains or evaluates; one of the others reckons, as some launchers do too.
TRAINING = frozenset({
    "torch", "tensorflow", "keras", "jax", "flax", "sklearn", "xgboost", "lightgbm", "catboost",
    "transformers", "lightning", "pytorch_lightning", "fastai", "paddle", "mxnet", "statsmodels",
})  # fmt: skip
RECKONING = frozenset({"numpy", "pandas", "polars", "scipy"})
_EVERYWHERE = {"sitecustomize", "usercustomize", "expctl", "UserDict", "copy_reg"}
#: Folders of programs that start others, and what starts the code of a notebook from among them.
_LAUNCHERS = ("/bin/", "/site-packages/", "/dist-packages/", "/Scripts/")
_KERNELS = ("ipykernel_launcher.py", "ipykernel/__main__.py")


class Process(NamedTuple):
    """One Python process of the run.

    Attributes:
        pid: Its number.
        started_ns: When the hook in it began, nanoseconds since 1970.
        ended_ns: When it ended; None if it was killed, replaced itself, or lives.
        executable: ``sys.executable``.
        version: Such as ``3.11.7``.
        prefix: Root of its environment.
        base_prefix: Root of the installation behind that.
        path: ``sys.path`` when it started, without the script's own folder.
        argv: ``sys.argv[0]`` alone, or ``-m`` and the module while only that is known; empty when unknown.
        modules: Top-level names that it imported, without those of the standard library, sorted.
        sources: Files inside the repository that were imported or run, absolute, and when (nanoseconds since
            1970), in order; those of processes forked from it included.
        changes: When these files had been changed last by the time they were imported; if they were imported
            more than once, by the last time that differed.
        flags: What it said of its numeric libraries when it ended: see ``Environment.numeric``.
        rank: In a distributed job, from 0; None in none.
        is_worker: Whether ``multiprocessing`` started it.
    """

    pid: int
    started_ns: int
    ended_ns: int | None = None
    executable: str = ""
    version: str = ""
    prefix: str = ""
    base_prefix: str = ""
    path: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    changes: Mapping[str, int] = {}
    flags: Mapping[str, Any] = {}
    rank: int | None = None
    is_worker: bool = False


class Hooked(NamedTuple):
    """All that the hook saw.

    Attributes:
        processes: In the order in which they started.
        reads: Absolute paths of files that were opened to be read, in the order of first mention. Whether
            they are there, and regular files, is not asked. One that ends in ``/`` is a folder, many of whose
            files were read. Source files that were imported are not among them.
        writes: The same for writing; what was renamed into place included.
        notes: What was left out, and why.
    """

    processes: tuple[Process, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def main(self) -> Process | None:
        """The process that is the user's script, and not what started it or works for it."""
        return max(self.processes, key=_weight, default=None)


def read(folder: Path) -> Hooked:
    """Read what the hook left in a live folder. Never raises, whatever lies there."""
    found = Opened(os.fspath(folder))
    told: dict[str, list[dict[str, Any]]] = {}
    for kind, key, name in _names(folder, found):
        data = found.bytes_of(os.path.join(folder, name))
        if kind == "process":
            told[key] = _lines(data)
        else:
            found.take(key, data)
    root = _root(folder)
    processes = [_process(key, lines, found, root) for key, lines in told.items()]
    code = {path for listed in found.sources.values() for path, _ in listed}
    return Hooked(
        processes=tuple(sorted(processes, key=lambda each: each.started_ns)),
        reads=tuple(path for path in found.reads if path not in code),
        writes=tuple(found.writes),
        notes=tuple(found.notes),
    )


def _names(folder: Path, found: Opened) -> Iterator[tuple[str, str, str]]:
    """Kind, key and name of each file of the hook, earliest process first."""
    try:
        listed = os.listdir(folder)
    except OSError:
        return
    by_key: dict[tuple[int, int], list[tuple[str, str, str]]] = {}
    for name in listed:
        if match := _NAME.fullmatch(name):
            kind, start, pid = match.groups()
            by_key.setdefault((int(start, 16), int(pid)), []).append((kind, f"{start}-{pid}", name))
    keys = sorted(by_key)
    if len(keys) > _MOST_PROCESSES:
        found.notes[f"of {len(keys)} Python processes {_MOST_PROCESSES} were looked at"] = None
        keys = keys[: _MOST_PROCESSES // 2] + keys[-(_MOST_PROCESSES // 2) :]
    for each in keys:
        yield from by_key[each]


def _lines(data: bytes) -> list[dict[str, Any]]:
    """The lines that are objects; a torn one, and what a script wrote there, is left out."""
    said = []
    for line in data.split(b"\n")[:_MOST_LINES]:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            said.append(found)
    return said


def _process(key: str, lines: list[dict[str, Any]], found: Opened, root: str) -> Process:
    start, _, pid = key.partition("-")
    begun = next((line for line in lines if line.get("e") == "start"), {})
    ended = next((line for line in lines if line.get("e") == "end"), {})
    at, rank, flags = ended.get("at"), begun.get("rank"), ended.get("flags")
    of_process = [each for each in found.sources if each == key or found.ancestor(each) == key]
    sources = [(path, at) for each in of_process for path, at in found.sources[each] if _is_in(path, root)]
    changes = [(path, at) for each in of_process for path, at in found.changes[each] if _is_in(path, root)]
    return Process(
        pid=int(pid),
        started_ns=int(start, 16),
        ended_ns=at if type(at) is int and 0 < at < 1 << 63 else None,
        **{name: _text(begun.get(name)) for name in ("executable", "version", "prefix", "base_prefix")},
        path=_texts(begun.get("path")),
        argv=_texts(ended.get("argv")) or _texts(begun.get("argv")),
        modules=_outside(_texts(ended.get("modules")) or found.modules.get(key, [])),
        sources=tuple(sorted(sources, key=lambda source: source[1])),
        changes=dict(sorted(changes, key=lambda change: change[1])),
        flags={name: value for name, value in flags.items() if type(value) in (bool, int, str)}
        if isinstance(flags, dict)
        else {},
        rank=int(rank) if isinstance(rank, str) and rank.isascii() and rank.isdigit() else None,
        is_worker=begun.get("worker") is True,
    )


def _weight(process: Process) -> tuple[Any, ...]:
    """What tells the user's script from launchers, wrappers and workers."""
    script = process.argv[0] if process.argv else ""
    is_users = (
        bool(process.sources) or script.endswith(_KERNELS) or not any(part in script for part in _LAUNCHERS)
    )
    modules = process.modules
    signs = 2 * is_users + 2 * (not TRAINING.isdisjoint(modules)) + (not RECKONING.isdisjoint(modules))
    lasted_ns = process.ended_ns - process.started_ns if process.ended_ns else 0
    return (not process.is_worker, signs, -(process.rank or 0), lasted_ns, -process.started_ns)


def _root(folder: Path) -> str:
    try:
        state = json.loads(files.read_plain(os.path.join(folder, "state.json"), limit=_LIMIT_ALL))
        root = state["root"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return os.path.realpath(root) if isinstance(root, str) else ""


def _is_in(path: str, root: str) -> bool:
    return bool(root) and path.startswith(root + "/")


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(text[:_LONGEST] for text in value[:_MOST_LIST] if isinstance(text, str) and text)


def _outside(names: Iterable[str]) -> tuple[str, ...]:
    """Names that are not of the standard library, nor of a script."""
    usual = sys.stdlib_module_names | _EVERYWHERE
    return tuple(sorted(name for name in set(names) if name not in usual and not name.startswith("_")))

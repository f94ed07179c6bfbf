"""The inputs of one run: hashed beside the command, and stored where neither git nor DVC holds them.

What is known lies in the live folder at any time (``data.json``), so that whoever ends the run goes on from
there.
"""

from __future__ import annotations

import os
import time

from expctl.actions import setup
from expctl.adapters import git
from expctl.capture import data, pointers
from expctl.capture import reads as reading
from expctl.core import secretfiles
from expctl.core.manifest import DataInput
from expctl.store import cache, live, outputs
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from expctl.capture.data import Settled, Watched
    from expctl.project import Project
    from expctl.store.live import LiveRun

#: Where the run's DVC directory holds inputs.
STORED_UNDER = "data"
#: While the command runs, hashing takes this part of one core.
_SHARE = 0.25
#: What is still hashed once the command has ended, of what nobody declared: about two seconds.
_LATE_BYTES = 1 << 30
#: So many files of inputs are stored with a run at most.
_MOST_FILES = 10_000
_ASKED_AT_ONCE = 500
_SAVED_EVERY_S = 2.0


class Input(NamedTuple):
    """One input, as far as it is known.

    Attributes:
        watched: As it was noted.
        settled: As it was hashed.
        stored: Its files in the cache: path inside (empty for a file) and MD5; empty when it is not stored.
    """

    watched: Watched
    settled: Settled
    stored: Sequence[Sequence[str]] = ()


class TooLateError(ValueError):
    """Hashing would keep the user waiting after their command has ended."""


class Inputs:
    """The inputs of one run, one after the other."""

    def __init__(self, project: Project, run: LiveRun, *, ended: threading.Event | None = None) -> None:
        self._project = project
        self._run = run
        self._pace = _Pace(ended)
        self._stores = _Stores(project, run)
        self.memory = project.common / "expctl" / "cache"
        facts = live.read_json(run.folder / "data.json")
        self.found = _read(facts) if facts is not None else []
        self._seen: set[str] = set()
        self._saved_s = time.monotonic()

    def settle(self, watched: Iterable[Watched]) -> None:
        """Hash what was noted, and store what nothing else holds."""
        for each in watched:
            self._pace.is_declared = not each.guessed
            settled = data.settle(each, self.memory, root=self._run.root, digest=self._pace.md5_of)
            if self._pace.is_late and settled.input is None:
                settled = settled._replace(input=data.unhashed(each))
            if settled.input is not None and settled.full:
                stored, notes = self._stores.keep(settled, self.found)
                settled = settled._replace(notes=(*settled.notes, *notes))
                self.found.append(Input(each, settled, stored))
            else:
                self.found.append(Input(each, settled))
            self._save_now_and_then()
        self.save()

    def add_reads(self, reads: Iterable[str], written: Collection[str] = ()) -> None:
        """Settle what processes of the command were seen to read, unless it is known or no data.

        Args:
            reads: From the hook.
            written: What the run wrote, relative to the top.
        """
        if not reads:
            return
        known = {each.watched.full for each in self.found}
        skipped = {*self._run.state["params_from"], *written}
        chosen = reading.inputs_among(
            reads,
            os.fspath(self._run.root),
            known=known,
            is_other=lambda path: path in skipped or outputs.looks_like_source(path),
        )
        fresh = [path for path in chosen[: reading.MOST] if not (known & {path}) and path not in self._seen]
        self._seen.update(fresh)
        self.settle(self._not_committed(fresh))

    def _not_committed(self, chosen: list[str]) -> list[Watched]:
        top = os.fspath(self._run.root)
        held = committed(self._run, [path[len(top) + 1 :] for path in chosen])
        since_ns: int = self._run.state["started_ns"]
        return [
            data.Watched(path[len(top) + 1 :], path, (), since_ns, guessed=True)
            for path in chosen
            if path[len(top) + 1 :] not in held or pointers.pointer_beside(top, path) is not None
        ]

    def _save_now_and_then(self) -> None:
        # Each time all of it is written, and it may be thousands of files.
        if time.monotonic() > self._saved_s + _SAVED_EVERY_S:
            self.save()

    def save(self) -> None:
        """Note in the live folder what is known."""
        self._saved_s = time.monotonic()
        live.write_data(self._run.folder, {"inputs": [_plain(each) for each in self.found]})


class _Pace:
    """Hashes at a quarter of one core while the command runs, and no end of bytes once it has ended."""

    def __init__(self, ended: threading.Event | None) -> None:
        self._ended = ended
        self._late_bytes = _LATE_BYTES
        self.is_declared = False

    @property
    def is_late(self) -> bool:
        """Whether nothing more that nobody declared is hashed."""
        return self._late_bytes < 0

    def md5_of(self, path: str) -> str:
        """The MD5 of a file."""
        from expctl.adapters import files  # loads OpenSSL

        digest = files.new_md5()
        with open(path, "rb", buffering=0) as file:
            began = time.monotonic()
            while chunk := file.read(1 << 22):
                digest.update(chunk)
                self._rest(len(chunk), time.monotonic() - began)
                began = time.monotonic()
        return digest.hexdigest()

    def _rest(self, count: int, took_s: float) -> None:
        if self._ended is not None and not self._ended.is_set():
            self._ended.wait(took_s * (1 / _SHARE - 1))
            return
        self._late_bytes -= count
        if self._late_bytes < 0 and not self.is_declared:
            gib = _LATE_BYTES >> 30
            said = (
                f"not hashed, for the command has ended and it is over {gib} GiB; to have it hashed: --data"
            )
            raise TooLateError(said)


class _Stores:
    """Brings inputs into the cache that neither git nor DVC holds, as far as there is room."""

    def __init__(self, project: Project, run: LiveRun) -> None:
        self._project = project
        self._root = run.root
        self._code = live.code_from(run.state)
        self._room: int | None = None

    def keep(self, each: Settled, found: Iterable[Input]) -> tuple[list[tuple[str, str]], list[str]]:
        """Store one input; its files in the cache, and what must be said."""
        known = each.input
        if known is None or known.md5 is None or known.dvc is not None or known.path is None:
            return [], []
        cap = self._project.config.keep_data_bytes
        if not cap or secretfiles.by_name(known.path) is not None or self._is_in_tree(each):
            return [], []
        if self._is_reached_for(each):
            return [], [f"data {known.path}: not stored, for only the repository's settings name it"]
        used = sum(item.settled.input.bytes or 0 for item in found if item.stored and item.settled.input)
        if used + (known.bytes or 0) > cap or len(each.entries) > _MOST_FILES:
            return [], [self._advice(known)]
        return self._put(each, known.path)

    def _put(self, each: Settled, path: str) -> tuple[list[tuple[str, str]], list[str]]:
        folder = setup.cache_dir(self._project)
        for name, md5 in each.entries:
            full = f"{each.full}/{name}" if name else each.full
            if cache.has(folder, md5):
                continue
            if self._is_full(folder, os.stat(full).st_size):
                return [], [
                    f"data {path}: not stored, for it is over keep_models_clone together with all else"
                ]
            if cache.put_file(folder, os.path.realpath(full)).md5 != md5:
                return [], [f"data {path}: not stored, for it changed meanwhile"]
        return [(name, md5) for name, md5 in each.entries], []

    def _is_reached_for(self, each: Settled) -> bool:
        """Whether it lies outside, and a branch asks for it: then its bytes are nobody's to keep and push."""
        top, real = os.path.realpath(self._root), os.path.realpath(each.full)
        config = self._project.config
        if real.startswith(top + "/") or not config.came_with_repository("data"):
            return False
        named = [os.path.realpath(os.path.join(top, os.path.expanduser(name))) for name in config.data]
        return any(real == place or real.startswith(place + "/") for place in named)

    def _is_full(self, folder: Path, size: int) -> bool:
        if self._room is None:
            self._room = self._project.config.keep_models_clone_bytes - cache.used_bytes(folder)
        self._room -= size
        return self._room < 0

    def _is_in_tree(self, each: Settled) -> bool:
        """Whether the source tree that ran holds all of it."""
        top = os.fspath(self._root)
        if self._code is None or self._code.tree is None or not each.full.startswith(top + "/"):
            return False
        path = each.full[len(top) + 1 :]
        held = {entry.path for entry in git.ls_tree(self._root, self._code.tree, path, recursive=True)}
        return all((f"{path}/{name}" if name else path) in held for name, _ in each.entries)

    def _advice(self, known: DataInput) -> str:
        path = known.path or ""
        said = f"data {path}: neither git nor DVC holds it, and it is over keep_data"
        if os.path.isabs(path):
            return said
        first = "" if os.path.isdir(self._root / ".dvc") else "dvc init && "
        return f"{said}; to be able to bring it back: {first}dvc add {path}"


def committed(run: LiveRun, paths: Sequence[str]) -> set[str]:
    """Those of some paths that the commit beneath a run holds."""
    code = live.code_from(run.state)
    if code is None or code.commit is None:
        return set()
    found: set[str] = set()
    for start in range(0, len(paths), _ASKED_AT_ONCE):
        some = paths[start : start + _ASKED_AT_ONCE]
        found.update(entry.path for entry in git.ls_tree(run.root, code.commit, *some, recursive=True))
    return found


def _plain(each: Input) -> dict[str, Any]:
    settled = each.settled
    return {
        "watched": list(each.watched),
        "input": None if settled.input is None else settled.input._replace(extra={})._asdict(),
        "full": settled.full,
        "stamp": list(settled.stamp),
        "notes": list(settled.notes),
        "stored": [list(item) for item in each.stored],
    }


def _read(facts: dict[str, Any]) -> list[Input]:
    result = []
    for each in facts["inputs"]:
        known = None if each["input"] is None else DataInput(**each["input"])
        settled = data.Settled(known, each["full"], each["stamp"], (), each["notes"])
        result.append(Input(data.Watched(*each["watched"]), settled, each["stored"]))
    return result

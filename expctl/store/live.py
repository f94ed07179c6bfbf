"""The live folder of a run in progress: made before the child starts, turned into the manifest at the end.

<git common dir>/expctl/live/<id>/
state.json        what is known at the start, written once
child.json        the child's process, written as soon as it runs
heartbeat         touched while expctl lives
output.log        the child's output
events-*.jsonl    what the script logged
environment.json  the child's environment, once looked up
data.json         the hashes of its inputs
uris.json         what stores and servers say of inputs that lie there
process-*, files-* who each Python process was, and what it opened, as the hook in it said
index             the private index of the snapshot
outcome.json      how the child ended, once it has (``outcome``, a link that leads nowhere, on a full disk)
lock              held by whoever turns the folder into a manifest
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import time
from datetime import datetime
from pathlib import Path

from expctl.adapters import alive, files
from expctl.core import runid
from expctl.core.manifest import Capture, CodeState, Command, LeftOut, Manifest, Submodule
from expctl.typed import Any, NamedTuple
from expctl.version import VERSION

SCHEMA = "expctl/live/v1"
#: Without a heartbeat for so long, a run of another host is shown as unknown.
SILENCE_S = 600.0
#: So often a sign of life is given.
BEAT_S = 10.0
_LIMIT = 64 << 20
#: Stands in for ``outcome.json`` where that could not be written.
_GIST = "outcome"
_KINDS: dict[str, type] = {
    "place": dict, "process": dict, "root": str, "started_at": str, "started_ns": int, "experiment": str,
    "argv": list, "cwd": str, "params": dict, "params_from": dict, "tags": dict, "notes": list,
    "parent": dict, "watched": list, "artifacts": list, "metrics": list, "capture_notes": list,
}  # fmt: skip


class LiveRun(NamedTuple):
    """A live folder and what its files say.

    Attributes:
        folder: The live folder.
        state: Content of ``state.json``.
        outcome: Content of ``outcome.json``, once the child has ended.
    """

    folder: Path
    state: dict[str, Any]
    outcome: dict[str, Any] | None

    @property
    def id(self) -> str:
        """The run's id."""
        return self.folder.name

    @property
    def root(self) -> Path:
        """Top of the work tree in which the run started."""
        return Path(self.state["root"])

    @property
    def is_local(self) -> bool:
        """Whether it is of this host, boot and pid namespace: only then can its death be seen."""
        return alive.sees(self.state["place"])

    @property
    def is_dead(self) -> bool:
        """Whether both expctl and the child are surely gone."""
        if not self.is_local:
            return alive.ended_with_its_boot(self.state["place"], self._beat_s)
        if _lives(self.state["process"]):
            return False
        child = read_json(self.folder / "child.json")
        if child is not None:
            return not _lives(child)
        if not files.is_ours(self.folder):
            return False  # its processes do not show us what they were started with
        # Killed between the start of the child and the note of it: the child carries the run's id.
        return not any(True for _ in alive.with_variable("EXPCTL_RUN_ID", self.id))

    @property
    def status(self) -> str:
        """``running``; ``unknown`` if nothing was heard of it for long, or if it died and is not sealed."""
        if self.is_local:
            return "unknown" if self.is_dead else "running"
        return "running" if time.time() - self._beat_s < SILENCE_S else "unknown"

    @property
    def _beat_s(self) -> float:
        """When its heart last beat, or it began; seconds since 1970."""
        for name in ("heartbeat", "state.json"):
            with contextlib.suppress(OSError):
                return os.stat(self.folder / name).st_mtime
        return 0.0

    def manifest(self) -> Manifest:
        """What a table may show of it while it runs."""
        state = self.state
        started_at = datetime.fromisoformat(state["started_at"])
        return Manifest(
            id=self.id,
            name=state.get("name"),
            experiment=state["experiment"],
            status=self.status,
            started_at=started_at,
            duration_s=max(0.0, time.time() - started_at.timestamp()),
            command=Command(argv=tuple(state["argv"]), cwd=state["cwd"]),
            code=code_from(state),
            tags=state["tags"],
            notes=tuple(state["notes"]),
            parent=state["parent"],
            capture=Capture(expctl=VERSION),
        )


def create(live: Path, run_id: str) -> Path:
    """Make the folder of a new run.

    Raises:
        FileExistsError: Another run has this id: take another one.
    """
    if not runid.is_valid(run_id):
        raise ValueError(run_id)
    try:
        os.makedirs(live, exist_ok=True)
    except FileExistsError as err:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.fspath(live)) from err
    folder = live / run_id
    # What a script logs lies there as it is, until the record is made of it.
    os.mkdir(folder, 0o700)
    return folder


def write_state(folder: Path, state: dict[str, Any]) -> LiveRun:
    """Note what is known before the child starts; from then on the run is listed.

    Returns:
        The run as it would be read back: what its command does to the folder cannot take that away from us.
    """
    facts = {"schema": SCHEMA, "place": alive.here(), "process": _process(os.getpid()), **state}
    # The folder is a journal of this boot: it need not survive a power cut, so no flush stands before the
    # child.
    text = _write_json(folder / "state.json", facts)
    return LiveRun(folder, json.loads(text), None)


def write_child(folder: Path, pid: int) -> None:
    """Note the child's process."""
    _write_json(folder / "child.json", _process(pid))


def write_outcome(folder: Path, outcome: dict[str, Any]) -> None:
    """Note how the child ended: whoever finishes the record now knows it."""
    try:
        _write_json(folder / "outcome.json", outcome)
    except OSError:
        # A full disk has no block for a file any more, but mostly room for one more name: what a link leads
        # to need not exist, and says enough.
        with contextlib.suppress(OSError):
            os.symlink(f"{outcome['status']} {outcome['exit_code']}", folder / _GIST)


def write_environment(folder: Path, facts: dict[str, Any]) -> None:
    """Note the child's environment."""
    with contextlib.suppress(OSError):
        _write_json(folder / "environment.json", facts)


def write_data(folder: Path, facts: dict[str, Any], name: str = "data") -> None:
    """Note what is known of the inputs: their hashes, and what was looked up of those elsewhere."""
    with contextlib.suppress(OSError):
        _write_json(folder / f"{name}.json", facts)


def beat(folder: Path) -> None:
    """Show other hosts that expctl lives."""
    with contextlib.suppress(OSError):
        handle = os.open(folder / "heartbeat", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        os.utime(handle)
        os.close(handle)


def read(folder: Path) -> LiveRun | None:
    """Read a live folder; None while it is being made, or when it is none."""
    state = read_json(folder / "state.json")
    if state is None or state.get("schema") != SCHEMA or not _is_whole(state):
        return None
    if not runid.is_valid(folder.name):
        return None
    return LiveRun(folder, state, read_json(folder / "outcome.json") or _read_gist(folder))


def is_rubbish(folder: Path) -> bool:
    """Whether nothing can ever be made of a folder: nothing was noted, or what was noted is torn."""
    try:
        state = json.loads(files.read_plain(folder / "state.json", limit=_LIMIT))
    except (FileNotFoundError, ValueError):
        return True
    except OSError:
        return False
    # Another schema is that of a newer expctl, which may be at work right now.
    return not isinstance(state, dict) or (state.get("schema") == SCHEMA and not _is_whole(state))


def list_live(live: Path) -> list[LiveRun]:
    """All runs in progress and those that nobody has finished yet, by id."""
    try:
        names = sorted(os.listdir(live))
    except OSError:
        return []
    found = (read(live / name) for name in names if runid.is_valid(name))
    return [run for run in found if run is not None]


def remove(folder: Path) -> None:
    """Remove a live folder; first out of sight, so that half a folder is never read."""
    gone = folder.with_name(f".gone-{folder.name}")
    with contextlib.suppress(OSError):
        os.rename(folder, gone)
    files.remove_folder(gone)


def code_facts(code: CodeState) -> dict[str, Any]:
    """The source state for ``state.json``."""
    return {
        "commit": code.commit,
        "branch": code.branch,
        "dirty": code.dirty,
        "tree": code.tree,
        "left_out": [[item.path, item.why] for item in code.left_out],
        "submodules": [[item.path, item.commit, item.dirty] for item in code.submodules],
    }


def code_from(state: dict[str, Any]) -> CodeState | None:
    """The source state noted at the start."""
    facts = state.get("code")
    if not facts:
        return None
    return CodeState(
        commit=facts["commit"],
        branch=facts["branch"],
        dirty=facts["dirty"],
        tree=facts["tree"],
        left_out=tuple(LeftOut(path=path, why=why) for path, why in facts["left_out"]),
        submodules=tuple(Submodule(path=p, commit=c, dirty=d) for p, c, d in facts["submodules"]),
    )


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object of ours; None if it is not there or not whole."""
    try:
        value = json.loads(files.read_plain(path, limit=_LIMIT))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _is_whole(state: dict[str, Any]) -> bool:
    return all(isinstance(state.get(key), kind) for key, kind in _KINDS.items())


def _read_gist(folder: Path) -> dict[str, Any] | None:
    try:
        status, _, code = os.readlink(folder / _GIST).partition(" ")
    except OSError:
        return None
    return {"status": status, "exit_code": int(code) if code.isdigit() else None, "notes": []}


def _write_json(path: Path, value: dict[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=True).encode()
    beside = f"{path}.tmp"
    with open(beside, "wb") as file:
        file.write(text)
    os.replace(beside, path)
    return text


def _process(pid: int) -> dict[str, Any]:
    return {"pid": pid, "start": alive.start_of(pid)}


def _lives(process: dict[str, Any]) -> bool:
    pid = process.get("pid")
    return isinstance(pid, int) and alive.lives(pid, process.get("start"))

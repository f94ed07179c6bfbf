"""Temporary folders that outlive no process for long: whoever comes next removes what a killed one left.

They lie where caches lie: a copy of a source tree beneath ``.git`` would be taken for git's own by many
tools. A note in the clone names each folder before it is made, so that it can be found.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import alive, files

if TYPE_CHECKING:
    from collections.abc import Collection

    from expctl.adapters.files import StrPath

#: Where a clone keeps its notes of them, beneath its own folder.
NOTES = "scratch"
#: What an environment made anew is called in such a folder.
ENVIRONMENT = "venv"
_LIMIT = 1 << 16
#: A killed process is gone at once, unless the machine is busy or a disk does not answer.
_GONE_S = 10.0
_NAME = re.compile(r"expctl-[0-9a-f]{12}")
#: As ``files.write_atomic`` names what it writes beside; the number is that of its process.
_TORN = re.compile(r"\.expctl-[0-9a-f]{12}\.json\.([0-9]{1,9})-[0-9a-f]{8}\.tmp")


class Scratch(NamedTuple):
    """A folder, and the note that names it."""

    folder: str
    note: str


def make(notes: StrPath) -> Scratch:
    """Make a folder that only this user can enter.

    Args:
        notes: The folder of the clone's notes; made when missing.

    Raises:
        OSError: Neither the user's cache nor the system's temporary folder takes it.
    """
    name = f"expctl-{os.urandom(6).hex()}"
    pid = os.getpid()
    facts = {"place": alive.here(), "process": {"pid": pid, "start": alive.start_of(pid)}}
    note = f"{os.fspath(notes)}/{name}.json"
    fault: OSError | None = None
    for place in _places():
        folder = f"{place}/{name}"
        files.write_atomic(note, json.dumps({**facts, "folder": folder}).encode())
        try:
            os.makedirs(place, exist_ok=True)
            os.mkdir(folder, 0o700)
        except OSError as err:
            fault = err
            continue
        return Scratch(folder, note)
    with contextlib.suppress(OSError):
        os.unlink(note)
    raise fault or OSError("no folder for temporary files")


def remove(scratch: Scratch) -> None:
    """Remove a folder, whatever modes were set in it, and its note."""
    _remove_tree(scratch.folder)
    if not os.path.lexists(scratch.folder):
        release(scratch)


def release(scratch: Scratch) -> None:
    """Forget a folder, which stays from now on until its owner removes it."""
    with contextlib.suppress(OSError):
        os.unlink(scratch.note)
    # The folder of notes goes with the last of them: to look for leavings costs nothing then.
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(scratch.note))


def sweep(notes: StrPath, *, used: Collection[str] = ()) -> int:
    """Remove the folders of processes that are gone.

    Args:
        notes: As for ``make``.
        used: Paths in which somebody is still at work.

    Returns:
        How many were removed.
    """
    try:
        names = os.listdir(notes)
    except OSError:
        return 0
    removed = 0
    for name in names:
        found = _read(f"{os.fspath(notes)}/{name}") if name.endswith(".json") else None
        if found is not None and not any(path.startswith(f"{found.folder}/") for path in used):
            _end_installers(found.folder)
            remove(found)
            removed += 1
        elif found is None:
            _drop_torn(notes, name)
    return removed


def _end_installers(folder: str) -> None:
    """End what still fills an environment that nobody will use: a kill of expctl does not reach pip."""
    environment = f"{folder}/{ENVIRONMENT}/".encode()
    ended = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # ended meanwhile, or somebody else's
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read(_LIMIT).split(b"\0")
            if any((word + b"/").startswith(environment) for word in words):
                os.kill(int(name), signal.SIGKILL)
                ended.append(int(name))
    # They write until they are gone, and a folder that fills cannot be removed.
    until = time.monotonic() + _GONE_S
    while any(alive.start_of(pid) is not None for pid in ended) and time.monotonic() < until:
        time.sleep(0.01)


def _drop_torn(notes: StrPath, name: str) -> None:
    """Remove what a writer of notes left that was killed while it wrote: no folder was made then."""
    match = _TORN.fullmatch(name)
    if match is not None and alive.start_of(int(match[1])) is None:
        with contextlib.suppress(OSError):
            os.unlink(f"{os.fspath(notes)}/{name}")
        with contextlib.suppress(OSError):
            os.rmdir(notes)


def _places() -> list[str]:
    import tempfile  # rarely needed

    cache = os.environ.get("XDG_CACHE_HOME", "")
    home = cache if os.path.isabs(cache) else os.path.expanduser("~/.cache")
    return [f"{home}/expctl/reproduce", tempfile.gettempdir()]


def _read(note: str) -> Scratch | None:
    """The folder of a note whose process is gone; None for any other."""
    try:
        facts = json.loads(files.read_plain(note, limit=_LIMIT))
        folder, place, process = facts["folder"], facts["place"], facts["process"]
        pid, started = process["pid"], process["start"]
        written_s = os.stat(note).st_mtime
    except (OSError, ValueError, TypeError, KeyError):
        return None
    name = os.path.basename(note).removesuffix(".json")
    # Nothing else than what this module makes is ever removed.
    if not _NAME.fullmatch(name) or not isinstance(folder, str) or not isinstance(place, dict):
        return None
    if not os.path.isabs(folder) or os.path.basename(folder) != name:
        return None
    if alive.sees(place):
        is_gone = not alive.lives(pid, started)
    else:
        is_gone = alive.ended_with_its_boot(place, written_s)
    return Scratch(folder, note) if is_gone else None


def _remove_tree(folder: str) -> None:
    for top, _, _ in os.walk(folder):
        # A program may have taken away its own right to change a folder.
        with contextlib.suppress(OSError):
            if os.stat(top).st_mode & stat.S_IRWXU != stat.S_IRWXU:
                os.chmod(top, stat.S_IRWXU)
    files.remove_folder(folder)

"""The file that a process's events go to: one ``write(2)`` of one line, and the call is done.

Why not something quicker: measured on ext4 and tmpfs on a 2-core virtual machine, the write costs 0.5 µs of a
``log_metric`` of 2.5 µs, so a million calls take 2.5 s of the 10 s that they may take. Once the write has
returned the kernel holds the line and ``kill -9`` loses nothing. A growing mapped file would save 0.3 µs, and
on a full disk it would answer a store with SIGBUS: recording would kill the training. A buffer in the process
is lost with the process.

There is one file a process, opened with ``O_APPEND``, so that processes need no lock; threads of one process
share it, since the kernel appends whole lines. After a fork the child opens its own.

Runs in the child's interpreter: standard library and the syntax of Python 3.8 only.
"""

from __future__ import annotations

import errno
import os
import sys
from _thread import RLock
from time import time_ns

from expctl.core import events

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from typing import Any, Final

#: The variables by which ``expctl run`` tells its child where to write, and for which run.
DIRECTORY = "EXPCTL_RUN_DIR"
RUN_ID = "EXPCTL_RUN_ID"

_UNOPENED: Final = -1
_NOWHERE: Final = -2
#: The descriptor is moved this high: a script that closes "all" descriptors and opens its own files gets the
#: low numbers back, and must not find our lines in them.
_HIGH = 900
_MAX_COMPLAINTS = 100
_HYDRA = "hydra.core.hydra_config"
_RANKS = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")


class Sink:
    """Where this process appends its lines; opened by the first one."""

    __slots__ = ("_folder", "_handle", "_job", "_lock", "_said", "_torn")

    def __init__(self) -> None:
        self._folder: str | None = None
        self._handle = _UNOPENED
        self._torn = False
        #: Hydra's settings of the job that spoke last.
        self._job: Any = None
        self._said: set[str] = set()
        self._lock = RLock()

    @property
    def directory(self) -> str | None:
        """The live folder of the run that this process belongs to; None outside of a run."""
        return self._folder or os.environ.get(DIRECTORY) or None

    def enter(self, folder: str | None) -> None:
        """From now on write to the live folder given; None goes back to the one of the environment."""
        with self._lock:
            self._close()
            self._folder = folder

    def append(self, line: bytes) -> None:
        """Append one line, which ends in a line feed.

        Raises:
            OSError: The line is not in the file, or not whole.
        """
        if _HYDRA in sys.modules:
            line = self._with_job(line)
        handle = self._handle
        if handle < 0:
            handle = self._open()
            if handle < 0:
                return
        try:
            if self._torn or os.write(handle, line) != len(line):
                self._mend(handle, line)
        except OSError as err:
            if err.errno != errno.EBADF:
                raise
            # The script closed "all" descriptors, as daemons do.
            self._handle = _UNOPENED
            os.write(self._open(), line)

    def _with_job(self, line: bytes) -> bytes:
        """A line, behind one that names the job of a Hydra multirun when another one spoke before."""
        try:
            settings = sys.modules[_HYDRA].HydraConfig.instance().cfg
            if settings is self._job:
                return line
            self._job = settings
            is_job = "MULTIRUN" in str(settings.hydra.mode)
            return events.encode_job(str(settings.hydra.runtime.output_dir) if is_job else "") + line
        except Exception:  # noqa: BLE001 - another Hydra than we know
            return line

    def complain(self, key: str, text: str) -> None:
        """Say something on standard error, once for each key; a process without one stays silent."""
        if key in self._said or len(self._said) >= _MAX_COMPLAINTS:
            return
        self._said.add(key)
        try:  # noqa: SIM105 - contextlib would be imported for this alone
            sys.stderr.write("expctl: " + text + "\n")
        except Exception:  # noqa: BLE001, S110 - there is nobody left to tell
            pass

    def after_fork(self) -> None:
        """In the child of a fork: a file of its own, and a lock that no lost thread holds."""
        self._lock = RLock()
        if self._handle >= 0:
            self._close()

    def _close(self) -> None:
        handle, self._handle, self._torn, self._job = self._handle, _UNOPENED, False, None
        if handle >= 0:
            try:  # noqa: SIM105 - contextlib would be imported for this alone
                os.close(handle)
            except OSError:  # the script closed "all" descriptors before
                pass

    def _open(self) -> int:
        with self._lock:
            if self._handle != _UNOPENED:
                return self._handle
            self._handle = _NOWHERE
            folder = self.directory
            if folder is None:
                self._complain_nowhere()
                return _NOWHERE
            name = f"events-{os.getpid()}-{time_ns():x}{_rank_mark()}.jsonl"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            try:
                self._handle = _raise(os.open(os.path.join(folder, name), flags, 0o644))
            except OSError as err:
                self.complain("open", f"nothing more is recorded of this process: {err}")
            return self._handle

    def _mend(self, handle: int, line: bytes) -> None:
        """Write a line after one that the disk had only room for a part of; readers skip the part."""
        self._torn = True
        line = b"\n" + line
        if os.write(handle, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._torn = False

    def _complain_nowhere(self) -> None:
        if is_rank_zero():  # else rank 0 has said it
            self.complain(
                "nowhere",
                "nothing is recorded. "
                "Start the script with `expctl run -- python …`, or write `with expctl.run():` around it",
            )


def is_rank_zero() -> bool:
    """Whether this is the first process of a distributed job, or of none."""
    return all(os.environ.get(name, "0") in ("0", "") for name in _RANKS)


def _rank_mark() -> str:
    """What tells the readers, in the file's name, that this process is not the first of its job."""
    if is_rank_zero():
        return ""
    ranks = [value for value in map(os.environ.get, _RANKS) if value and value.isdigit() and value != "0"]
    return f"-r{ranks[0][:9]}" if ranks else ""


def _raise(handle: int) -> int:
    try:
        import fcntl

        high = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except (ImportError, OSError):  # fewer files may be open: the low number will do
        return handle
    os.close(handle)
    return high


#: One process, one sink.
HERE = Sink()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=HERE.after_fork)

"""Watch what this process opens and imports, for the record of the run.

An audit hook (PEP 578) is called for every event of the interpreter, so for a file it does no more than put
a tuple into a list. Nearly all judging is left to the reader, ``capture.opened``, after the script has ended.

``files-<start>-<pid>`` holds records that end in NUL, which no path can hold. Their first letter says what
follows: C the working folder from here on; R and W a file that was opened to be read or written, as the
script named it; D the folder of files that are not listed, for there are too many; S nanoseconds of the wall
clock and the source file that was imported then; M a top-level module that was imported; F the process that
this one was forked from.

Loaded by ``sitecustomize`` beside it, which takes it out of ``sys.modules`` again, so that its globals
outlive the modules that an ending interpreter empties, as the hook does. Standard library and the syntax of
Python 3.8 only.
"""
# ruff: noqa: PLR2004, SIM110 - what is called at every event is written for speed

from __future__ import annotations

import os
import sys
from time import time_ns

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Different files of one process that are listed; beyond these only their folders are, and then nothing.
_MOST_FILES = 20_000
_MOST_FOLDERS = 2_000
_MOST_NAMES = 20_000
#: The first files are written down at once, later ones by a quarter of what was written, for a kill may come.
_AT_ONCE = 64
_BATCH = 256
_LONGEST = 4_096
_CODE = type(compile("", "", "exec"))
_FOLDER = getattr(os, "O_DIRECTORY", 0)
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
#: Where Python itself lies: nothing there is anybody's data.
_LIBRARY = os.path.dirname(os.__file__) + os.sep
_NOBODYS = ("/site-packages/", "/dist-packages/", "/__pycache__/", "/.git/", "/.experiments/")
_SYSTEM = ("/proc/", "/sys/", "/dev/")


class Watch:
    """What this process opened and imported.

    Attributes:
        key: ``<start>-<pid>``, the last part of the names of this process's files.
    """

    def __init__(self, folder: str, key: str) -> None:
        self.key = key
        self._folder = folder
        self._records: list[str] = []
        self._moved = True
        self._closed = False
        self._due = 0
        self._written = 0
        self._opened: list[tuple[Any, ...]] = []
        self._limit = 1
        self._read: set[str] = set()
        self._wrote: set[str] = set()
        self._folders: set[str] = set()
        self._names: set[str] = set()

    def start(self) -> None:
        """Begin to watch; there is no way to stop but the end of the process."""
        sys.addaudithook(self._make_hook())
        os.register_at_fork(after_in_child=self._after_fork)

    def _make_hook(self) -> Callable[[str, tuple[Any, ...]], None]:
        # What is raised here the script sees in place of its file; so it must, where a signal handler of its
        # own is what raises. Hence there is no ``except Exception`` here, and nothing that could raise.
        opened = self._opened
        acts: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "exec": self._executed,
            "import": self._imported,
            "os.chdir": self._chdir,
            "os.rename": self._renamed,
            "os.exec": self.end,
            "sqlite3.connect": self._connected,
        }

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event == "open":
                opened.append(args)
                if len(opened) >= self._limit:
                    self.take()
            elif event in acts:
                acts[event](args)

        return hook

    def take(self) -> None:
        """Judge the files that were opened since the last time, and write down those that are new."""
        batch = self._opened[:]
        del self._opened[: len(batch)]
        for args in batch:
            if len(args) == 3 and type(args[2]) is int and not args[2] & _FOLDER:
                self._note(args[0], self._wrote if args[2] & 3 else self._read)
        if self._due >= self._limit:
            self.flush()

    def _note(self, path: Any, seen: set[str]) -> None:
        if type(path) is bytes:
            path = os.fsdecode(path)
        if type(path) is not str or path in seen or len(path) > _LONGEST or _is_nobodys(path, self._folder):
            return
        if self._moved:
            self._say_place()
        if len(seen) < _MOST_FILES:
            seen.add(path)
            self._due += 1
            self._records.append(("R" if seen is self._read else "W") + path)
            return
        folder = path.rpartition("/")[0]
        if seen is self._read and folder not in self._folders and len(self._folders) < _MOST_FOLDERS:
            self._folders.add(folder)
            self._due += 1
            self._records.append("D" + folder)

    def _say_place(self) -> None:
        self._moved = False
        for seen in (self._read, self._wrote):
            seen.difference_update([path for path in seen if path[:1] != "/"])
        try:
            place = os.getcwd()
        except OSError:  # it was removed
            place = ""
        self._records.append("C" + place)

    def _executed(self, args: tuple[Any, ...]) -> None:
        if not args or type(args[0]) is not _CODE:
            return
        path = args[0].co_filename
        if path[-3:] != ".py" or path in self._names or _is_nobodys(path, self._folder):
            return
        if len(self._names) < _MOST_NAMES:
            if self._moved:
                self._say_place()
            self._names.add(path)
            self._due += 1
            self._records.append("S%d %s" % (time_ns(), path))

    def _imported(self, args: tuple[Any, ...]) -> None:
        name = args[0] if args else None
        if type(name) is not str or "." in name or name in self._names or len(name) > _LONGEST:
            return
        if len(self._names) < _MOST_NAMES:
            self._names.add(name)
            self._records.append("M" + name)

    def _chdir(self, _args: tuple[Any, ...]) -> None:
        self.take()
        self._moved = True  # asked for at the next file: the event comes before the change

    def _renamed(self, args: tuple[Any, ...]) -> None:
        if len(args) > 1:  # written beside and moved into place
            self._opened.append((args[1], None, os.O_WRONLY))

    def _connected(self, args: tuple[Any, ...]) -> None:
        if args:
            self._opened.append((args[0], None, 0))

    def end(self, _args: tuple[Any, ...] = ()) -> None:
        """Write down what is left."""
        self.take()
        self.flush()

    def flush(self) -> None:
        """Write what is to be written; a disk that does not take it is no fault of the script.

        No descriptor is held from one time to the next: scripts close "all" of them, or may open only few.
        """
        batch = self._records[:]
        if not batch or self._closed:
            return
        del self._records[: len(batch)]
        self._due = 0
        try:
            data = ("\0".join(batch) + "\0").encode("utf-8", "surrogateescape")
            handle = os.open(os.path.join(self._folder, "files-" + self.key), _FLAGS, 0o644)
            try:
                os.write(handle, data)
            finally:
                os.close(handle)
        except OSError as err:
            if err.errno is None:
                raise  # not the system's: a signal handler of the script may raise a TimeoutError
            self._closed = True
        except (RecursionError, MemoryError, UnicodeError):
            pass
        self._written += len(batch)
        if self._written > _AT_ONCE:
            self._limit = min(_BATCH, self._written // 4)

    def _after_fork(self) -> None:
        """In the child of a fork: a file of its own, and nothing that the parent is still to write."""
        parent, self.key = self.key, make_key()
        del self._opened[:]
        self._records[:] = ["F" + parent]
        self._moved = True
        self._due, self._written, self._limit = 0, 0, 1
        util = sys.modules.get("multiprocessing.util")
        register = getattr(util, "register_after_fork", None)
        if register is not None:
            # It ends by os._exit, after its own finalizers; those from before the fork are dropped.
            register(self, Watch._before_exit)

    def _before_exit(self) -> None:
        finalize = getattr(sys.modules.get("multiprocessing.util"), "Finalize", None)
        if finalize is not None:
            finalize(None, self.end, exitpriority=0)


def make_key() -> str:
    """What tells this process from all others of the run, earlier ones of its number included."""
    return "%x-%d" % (time_ns(), os.getpid())


def _is_nobodys(path: str, folder: str) -> bool:
    """Whether a file is of Python, of a library, of git or of us, by its name alone."""
    if path[-4:] == ".pyc" or path.startswith((_LIBRARY, folder, *_SYSTEM)):
        return True
    for part in _NOBODYS:
        if part in path:
            return True
    return False

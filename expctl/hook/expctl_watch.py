"""Watch what this process opens and imports, for the record of the run.

An audit hook (PEP 578) is called for every event of the interpreter, so for a file it does no more than put
a tuple into a list. Nearly all judging is left to the reader, ``capture.opened``, after the script has ended.

``files-<start>-<pid>`` holds records that end in NUL, which no path can hold. Their first letter says what
follows: C the working folder from here on; R and W a file that was opened to be read or written, as the
script named it; D the folder of files that are not listed, for there are too many; S nanoseconds of the wall
clock, those of the last change, and the source file that was imported then; M a top-level module that was
imported; F the process that this one was forked from.

Loaded by ``sitecustomize`` beside it, which takes it out of ``sys.modules`` again, so that its globals
outlive the modules that an ending interpreter empties, as the hook does. Standard library and the syntax of
Python 3.8 only.
"""
# ruff: noqa: SIM105 - what is called at every event is written for speed

import errno
import os
import sys
from time import time_ns

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Files of one folder that are listed; beyond these only the folder is.
_MOST_OF_A_FOLDER = 500
#: Different files of one process that are listed, and folders of such.
_MOST_FILES = 20_000
_MOST_NAMES = 20_000
#: The first files are written down at once, later ones by a quarter of what was written, for a kill may come.
_BATCH = 1_024
#: While fewer are written down at a time they are mostly Python's own.
_EARLY = 32
_LONGEST = 4_096
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.EINTR)
_CODE = type(compile("", "", "exec"))
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
#: Where Python itself lies: nothing there is anybody's data.
_LIBRARY = os.path.dirname(os.__file__) + os.sep
_NOBODYS = ("/site-packages/", "/dist-packages/", "/__pycache__/", "/.git/")


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
        self._busy = False
        self._due = 0
        self._written = 0
        self._limit = 1
        self._look = 1
        self._opened: list[Any] = []
        self._read: set[str] = set()
        self._wrote: set[str] = set()
        self._counts: dict[str, int] = {}
        self._crowded: set[str] = set()
        self._last = "\0"
        self._names: set[str] = set()
        self._sources = 0

    def start(self) -> None:
        """Begin to watch; there is no way to stop but the end of the process."""
        # What is raised here the script sees in place of its file; so it must, where a signal handler of its
        # own is what raises. Hence there is no ``except Exception`` here, and nothing that could raise.
        opened, note = self._opened, self._opened.append
        acts: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "exec": self._executed,
            "import": self._imported,
            "os.chdir": self._moving,
            "os.rename": self._renamed,
            "os.exec": self.end,
        }

        def hook(event: str, args: "tuple[Any, ...]") -> None:
            if event == "open":
                try:
                    path, _, flags = args
                    if flags & 3:  # O_WRONLY, O_RDWR
                        act: Callable[[tuple[Any, ...]], None] = self._writing
                    else:
                        # Of this there is no more than must be: the call of a hook alone is half a percent
                        # of opening and reading a file of 4 KiB, and each line here as much as a tenth of it.
                        note(path)
                        if len(opened) < self._look:
                            return
                        act = self.take
                except (TypeError, ValueError) as err:
                    _pass_over(err)
                    return
            elif event in acts:
                act = acts[event]
            else:
                return
            try:
                act(args)
            except RecursionError:  # the script is that deep, and may go on
                pass

        sys.addaudithook(hook)
        os.register_at_fork(after_in_child=self._after_fork)

    def take(self, _args: "tuple[Any, ...]" = ()) -> None:
        """Look at what was opened since the last time, and write down what is new."""
        if self._busy:  # another thread is at it
            return
        self._busy = True
        try:
            batch = self._opened[:]
            del self._opened[: len(batch)]
            if self._moved:
                self._say_place()
            try:
                is_known = self._is_crowd(batch) or self._read.issuperset(batch)
            except TypeError:  # bytes; the numbers of descriptors; something with __fspath__
                batch = [os.fsdecode(path) for path in batch if type(path) in (str, bytes)]
                is_known = False
            if not is_known:
                self._sort(batch)
        finally:
            self._busy = False
        # Whoever opens only what is known by now will go on so.
        self._look = min(_BATCH, 2 * self._look) if is_known else self._limit
        if self._due >= self._limit:
            self.flush()

    def _is_crowd(self, batch: "list[str]") -> bool:
        """Whether all are of the folder that was too full last, told without a loop."""
        return ("\0" + "\0".join(batch)).count("\0" + self._last) == len(batch)

    def _sort(self, batch: "list[str]") -> None:
        """Tell what is new."""
        read, crowded, counts = self._read, self._crowded, self._counts
        fresh = []
        try:
            for path in batch:
                if path.startswith(self._last):
                    continue
                folder = path.rpartition("/")[0]
                if folder in crowded:
                    self._last = folder + "/"
                if folder in crowded or path in read:  # twice since the last time
                    continue
                counts[folder] = count = counts.get(folder, 0) + 1
                if count > _MOST_OF_A_FOLDER or len(read) >= _MOST_FILES:
                    self._crowd(folder)
                else:
                    read.add(path)
                    fresh.append(path)
        finally:  # a signal handler of the script may come between
            self._note("R", fresh)

    def _note(self, kind: str, paths: "list[str]") -> None:
        if self._limit < _EARLY:
            # Not worth a write each.
            paths = [path for path in paths if not _is_nobodys(path, self._folder)]
        if paths:
            self._records.append(kind + ("\0" + kind).join(paths))
            self._due += len(paths)

    def _crowd(self, folder: str) -> None:
        if len(self._crowded) < _MOST_FILES and not _is_nobodys(folder + "/", self._folder):
            self._crowded.add(folder)
            self._records.append("D" + folder)
            self._due += 1

    def _writing(self, args: "tuple[Any, ...]") -> None:
        path = os.fsdecode(args[0]) if type(args[0]) is bytes else args[0]
        if type(path) is not str or path in self._wrote or len(self._wrote) >= _MOST_FILES:
            return
        self.take()
        if self._moved:
            self._say_place()
        self._wrote.add(path)
        self._note("W", [path])
        if self._due >= self._limit:
            self.flush()

    def _say_place(self) -> None:
        self._moved = False
        try:
            place = os.getcwd()
        except OSError:  # it was removed
            place = ""
        self._records.append("C" + place)

    def _executed(self, args: "tuple[Any, ...]") -> None:
        if not args or type(args[0]) is not _CODE:
            return
        path = args[0].co_filename
        if path[-3:] != ".py" or self._sources >= _MOST_NAMES or _is_nobodys(path, self._folder):
            return
        if self._moved:
            self._say_place()
        try:
            facts = os.stat(path)
            changed_ns = max(facts.st_mtime_ns, facts.st_ctime_ns)
        except (OSError, ValueError) as err:  # gone, or the name of something that is no file
            _pass_over(err)
            return
        self._sources += 1  # more often than once: it may be loaded again
        self._due += 1
        self._records.append("S%d %d %s" % (time_ns(), changed_ns, path))

    def _imported(self, args: "tuple[Any, ...]") -> None:
        name = args[0] if args else None
        if type(name) is not str or "." in name or name in self._names or len(name) > _LONGEST:
            return
        if len(self._names) < _MOST_NAMES:
            self._names.add(name)
            self._records.append("M" + name)

    def _moving(self, _args: "tuple[Any, ...]") -> None:
        self.take()
        self._moved = True  # asked for at the next file: the event comes before the change
        self._last = "\0"
        for seen in (self._read, self._wrote, self._crowded):
            seen.difference_update([path for path in seen if path[:1] != "/"])

    def _renamed(self, args: "tuple[Any, ...]") -> None:
        if len(args) > 1:  # written beside and moved into place
            self._writing(args[1:])

    def end(self, _args: "tuple[Any, ...]" = ()) -> None:
        """Write down what is left, if any file was opened."""
        self.take()
        if self._due or self._written:
            self.flush()

    def flush(self) -> None:
        """Write what is due, if the disk takes it; no descriptor is held from one time to the next."""
        batch, self._records = self._records, []
        count, self._due = self._due, 0
        if not batch or self._closed:
            return
        try:
            # It begins with NUL too, for the last write may have been cut short.
            data = ("\0" + "\0".join(batch) + "\0").encode("utf-8", "surrogateescape")
            handle = os.open(os.path.join(self._folder, "files-" + self.key), _FLAGS, 0o644)
            try:
                os.write(handle, data)
            finally:
                os.close(handle)
        except OSError as err:
            if err.errno is None:
                raise  # not the system's: a signal handler of the script may raise a TimeoutError
            self._closed = err.errno not in _PASSING
            self._records[:0] = batch
        except (RecursionError, MemoryError, UnicodeError):
            pass
        self._written += count
        self._limit = min(_BATCH, max(1, self._written // 4))

    def _after_fork(self) -> None:
        """In the child of a fork: a file of its own, and nothing that the parent is still to write."""
        parent, self.key = self.key, make_key()
        self._records = ["F" + parent]
        del self._opened[:]
        self._busy, self._moved = False, True
        self._due, self._written, self._limit, self._look = 0, 0, 1, 1
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


def _pass_over(err: Exception) -> None:
    """Pass over an event of a name of Python's that a library made up, but not what came between."""
    if err.__traceback__ is None or err.__traceback__.tb_next is not None:
        raise err  # of a signal handler of the script's


def _is_nobodys(path: str, folder: str) -> bool:
    """Whether a file is of Python, of a library, of git or of us, by its name alone."""
    for part in _NOBODYS:
        if part in path:
            return True
    return path[-4:] == ".pyc" or path.startswith((_LIBRARY, folder))

"""The data that a run reads: noted before the command starts, hashed beside it, looked at again after it.

What is noted before is cheap (a stat each). What changed between then and the end is flagged, and a pointer
of DVC's that names other bytes than those that were read is said.
"""

from __future__ import annotations

import os

from expctl.adapters import clock
from expctl.capture import hashing, pointers
from expctl.core import datawords
from expctl.core.manifest import DataInput
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from expctl.adapters.files import StrPath

#: The times of files come from a coarse clock that may lag one tick (10 ms at 100 Hz) behind the one we read.
_TICK_NS = 10_000_000
#: An input that nobody declared is only hashed up to this size, so that a wrong guess costs little.
GUESS_BYTES = 2 << 30
#: What is read once more to see whether it changed.
_REHASHED_BYTES = 1 << 30


class Watched(NamedTuple):
    """An input as it was before the command started; survives JSON.

    Attributes:
        path: Relative to the top with ``/``, absolute outside; or the URI.
        full: Absolute path; empty for a URI.
        stamp: Size, times and inode of a file; empty for a folder, a URI and what is not there.
        taken_ns: When it was noted, nanoseconds since 1970.
        guessed: Whether only a word of the command line named it.
    """

    path: str
    full: str
    stamp: Sequence[int]
    taken_ns: int
    guessed: bool


class Settled(NamedTuple):
    """An input as it was hashed; survives JSON.

    Attributes:
        input: What the manifest will say; None when it could not be read.
        full: Absolute path; empty for a URI.
        stamp: Of what was hashed, as ``hashing.stamp_of`` gives it.
        entries: Each file's path inside (empty for a file), and its MD5.
        notes: What must be said about it.
    """

    input: DataInput | None
    full: str
    stamp: Sequence[int] = ()
    entries: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


def watch(root: StrPath, prefix: str, declared: Sequence[str], found: Sequence[str]) -> list[Watched]:
    """Note the inputs of a run before it starts; nothing is read.

    Args:
        root: Top of the work tree.
        prefix: From there to where the user stands.
        declared: Files, folders and URIs as the user typed them (relative to where they stand) or as the
            settings have them (relative to the top).
        found: What ``existing_words`` gave.
    """
    top = os.fspath(root)
    now = clock.wall_ns()
    result: dict[str, Watched] = {}
    for words, guessed in ((declared, False), (found, True)):
        for word in words:
            # A URL that was declared is one, whatever its last part looks like.
            uri = datawords.is_uri(word, declared=not guessed) or (not guessed and "://" in word)
            full = "" if uri else _resolve(top, "" if guessed else prefix, word)
            path = word if uri else _relative(top, full)
            if path not in result:
                stamp = () if uri else hashing.stamp_of_file(full) or ()
                result[path] = Watched(path, full, stamp, now, guessed)
    return list(result.values())


def settle(
    each: Watched, memory: StrPath, *, root: StrPath, digest: Callable[[str], str] | None = None
) -> Settled:
    """Hash one input, best beside the command while it runs.

    Args:
        each: From ``watch``.
        memory: The folder that remembers hashes.
        root: Top of the work tree.
        digest: How to hash one file; at full speed if None.
    """
    if not each.full:
        return Settled(DataInput(uri=_without_secrets(each.path)), "")
    try:
        return _settle(each, memory, os.fspath(root), digest)
    except (OSError, ValueError) as err:
        return Settled(None, each.full, notes=(f"data {each.path}: {getattr(err, 'strerror', None) or err}",))


def unhashed(each: Watched) -> DataInput:
    """What was noted, as an input without a hash."""
    if not each.full:
        return DataInput(uri=_without_secrets(each.path))
    return DataInput(path=each.path, bytes=each.stamp[0] if each.stamp else None)


def recheck(each: Settled, was: Watched, memory: StrPath, *, read: bool = False) -> DataInput | None:
    """Look again after the command, and flag what changed.

    Args:
        each: From ``settle``.
        was: From ``watch``.
        memory: The folder that remembers hashes.
        read: Whether the command was seen to read it.

    Returns:
        The input; None for what could not be hashed, and for what was only guessed and proved to be written.
    """
    if each.input is None or not each.full:
        return each.input
    changed = _has_changed(each, memory)
    if changed and was.guessed and not read and each.input.dvc is None:
        return None
    return each.input._replace(changed=changed)


def existing_words(argv: Sequence[str], more: Iterable[str], root: StrPath, cwd: StrPath) -> list[str]:
    """Words that name data: what exists and looks like data or is tracked by DVC, and URIs of stores.

    Args:
        argv: The command line; its first word is the program.
        more: Other strings that may name data, such as values of a configuration.
        root: Top of the work tree.
        cwd: Where the command runs.

    Returns:
        Paths relative to the top (absolute outside of it) and URIs, each once.
    """
    top = os.fspath(root)
    found: dict[str, None] = {}
    for word in (*datawords.candidates(argv[1:]), *datawords.plain(more)):
        if datawords.is_uri(word.text):
            found[word.text] = None
            continue
        full = os.path.normpath(os.path.join(cwd, word.text))
        try:
            is_folder, is_file = os.path.isdir(full), os.path.isfile(full)
        except ValueError:
            continue
        if full == top or top.startswith(full + "/") or not (is_folder or is_file):
            continue
        named = datawords.looks_like_data(full) if is_file else word.names_data
        if named or pointers.pointer_beside(top, full) is not None:
            found[_relative(top, full)] = None
    return list(found)


def _settle(each: Watched, memory: StrPath, root: str, digest: Callable[[str], str] | None) -> Settled:
    tracked = pointers.tracked_by(root, each.full)
    if each.guessed and tracked is None and os.path.isdir(each.full):
        size = hashing.measure(each.full, at_most=GUESS_BYTES)
        if size.bytes > GUESS_BYTES:
            note = f"data {each.path}: over {GUESS_BYTES >> 30} GiB and not hashed; to have it hashed: --data"
            return Settled(DataInput(path=each.path), each.full, notes=(note,))
    content = hashing.hash_path(each.full, memory, digest)
    notes = [f"data {each.path}: {len(content.lost)} files cannot be read"] if content.lost else []
    if tracked is not None and tracked.md5 not in (None, content.md5):
        notes.append(f"data {each.path}: its bytes are not those that {tracked.by} names")
    found = DataInput(
        path=each.path,
        md5=content.md5,
        bytes=content.bytes,
        nfiles=content.nfiles,
        dvc=tracked.by if tracked else None,
        version=tracked.version if tracked else None,
        changed=tuple(each.stamp) != content.stamp if each.stamp else _is_newer(content.newest_ns, each),
    )
    entries = content.entries if content.nfiles is not None else (("", content.md5),)
    return Settled(found, each.full, content.stamp, entries, tuple(notes))


def _has_changed(each: Settled, memory: StrPath) -> bool:
    assert each.input is not None  # the caller looked
    now = hashing.stamp_of(each.full)
    if now is None or each.input.md5 is None:
        return now is None
    if each.input.changed or now == tuple(each.stamp):
        # What was written before it was hashed cannot be compared with what it was at the start any more.
        return each.input.changed
    if (each.input.bytes or 0) > _REHASHED_BYTES:
        return True
    # Its times moved; but a link more, another mode or the same bytes once more are no change.
    try:
        return hashing.hash_path(each.full, memory).md5 != each.input.md5
    except OSError:
        return True


def _is_newer(changed_ns: int, each: Watched) -> bool:
    return changed_ns >= each.taken_ns - _TICK_NS


def _resolve(top: str, prefix: str, word: str) -> str:
    here = os.path.normpath(os.path.join(top, prefix, word))
    if os.path.lexists(here):
        return here
    above = os.path.normpath(os.path.join(top, word))
    return above if os.path.lexists(above) else here


def _relative(top: str, full: str) -> str:
    return full[len(top) + 1 :] if full.startswith(top + "/") else full


def _without_secrets(uri: str) -> str:
    from expctl.core import redact  # only a run with a URI pays for its patterns

    return redact.strip_url(uri)

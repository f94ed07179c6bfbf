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
    from collections.abc import Iterable, Sequence

    from expctl.adapters.files import StrPath

#: The times of files come from a coarse clock that may lag one tick (10 ms at 100 Hz) behind the one we read.
_TICK_NS = 10_000_000
#: An input that nobody declared is only hashed up to this size, so that a wrong guess costs little.
GUESS_BYTES = 2 << 30


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
            uri = datawords.is_uri(word) or (not guessed and "://" in word)
            full = "" if uri else _resolve(top, "" if guessed else prefix, word)
            path = word if uri else _relative(top, full)
            if path not in result:
                stamp = () if uri else hashing.stamp_of(full) or ()
                result[path] = Watched(path, full, stamp, now, guessed)
    return list(result.values())


def settle(
    watched: Iterable[Watched], memory: StrPath, *, root: StrPath
) -> tuple[tuple[DataInput, ...], tuple[str, ...]]:
    """Hash what was noted, best beside the command while it runs.

    Args:
        watched: From ``watch``.
        memory: The folder that remembers hashes.
        root: Top of the work tree.

    Returns:
        The inputs, and what must be said about them.
    """
    inputs, notes = [], []
    for each in watched:
        if not each.full:
            inputs.append(DataInput(uri=_without_secrets(each.path)))
            continue
        try:
            found, said = _settle_one(each, memory, os.fspath(root))
        except (OSError, ValueError) as err:
            notes.append(f"data {each.path}: {getattr(err, 'strerror', None) or err}")
        else:
            inputs.append(found)
            notes += said
    return tuple(inputs), tuple(notes)


def unhashed(watched: Iterable[Watched]) -> tuple[DataInput, ...]:
    """What was noted, as inputs without a hash."""
    return tuple(
        DataInput(path=each.path, bytes=each.stamp[0] if each.stamp else None)
        if each.full
        else DataInput(uri=_without_secrets(each.path))
        for each in watched
    )


def recheck(watched: Iterable[Watched], inputs: Sequence[DataInput]) -> tuple[DataInput, ...]:
    """Look again after the command: flag what changed, drop what was only guessed and proved to be written.

    Args:
        watched: From ``watch``.
        inputs: From ``settle``.
    """
    before = {each.path: each for each in watched}
    result = []
    for each in inputs:
        was = before.get(each.path or "")
        changed = each.changed or (was is not None and _moved(was))
        if changed and was is not None and was.guessed and each.dvc is None:
            continue
        result.append(each._replace(changed=changed) if changed != each.changed else each)
    return tuple(result)


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


def _settle_one(each: Watched, memory: StrPath, root: str) -> tuple[DataInput, list[str]]:
    tracked = pointers.tracked_by(root, each.full)
    if each.guessed and tracked is None and os.path.isdir(each.full):
        size = hashing.measure(each.full, at_most=GUESS_BYTES)
        if size.bytes > GUESS_BYTES:
            note = f"data {each.path}: over {GUESS_BYTES >> 30} GiB and not hashed; to have it hashed: --data"
            return DataInput(path=each.path), [note]
    content = hashing.hash_path(each.full, memory)
    notes = [f"data {each.path}: {len(content.lost)} files cannot be read"] if content.lost else []
    if tracked is not None and tracked.md5 not in (None, content.md5):
        notes.append(f"data {each.path}: its bytes are not those that {tracked.by} names")
    changed = tuple(each.stamp) != content.stamp if each.stamp else _is_newer(content.newest_ns, each)
    return DataInput(
        path=each.path,
        md5=content.md5,
        bytes=content.bytes,
        nfiles=content.nfiles,
        dvc=tracked.by if tracked else None,
        version=tracked.version if tracked else None,
        changed=changed,
    ), notes


def _moved(each: Watched) -> bool:
    if not each.full:
        return False
    if each.stamp:
        return hashing.stamp_of(each.full) != tuple(each.stamp)
    try:
        return _is_newer(hashing.newest_ns(each.full), each)
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

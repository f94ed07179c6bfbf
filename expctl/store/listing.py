"""Manifests as folder listings show them, in bulk: names and one array of facts a folder.

``manifests.scan`` gives an object a file, which for 10 000 files takes twice as long as asking the system
for them. A warm question must only know that nothing changed.
"""

from __future__ import annotations

import contextlib
import os
import re
from array import array
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import runid

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

SUFFIX = ".yaml"
#: Numbers that tell a changed file from an unchanged one: size, mtime, ctime (both in ns), inode.
WIDTH = 4
#: A file changed so shortly before it was read may change again without its times telling: file systems count
#: in ticks of up to 2 s (FAT). It is looked at again the next time, as git does with its index.
FRESH_NS = 2_000_000_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_ID = rf"[0-9]{{8}}-[0-9]{{6}}-[{runid.ALPHABET}]{{6}}"
_ALL_IDS = re.compile(rf"{_ID}(?:\n{_ID})*", re.ASCII)
_FACTS = attrgetter("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")
_MASK = (1 << 63) - 1


class Folder(NamedTuple):
    """The manifests of one folder.

    Attributes:
        path: The folder.
        ids: Run ids by file name, rising.
        facts: ``WIDTH`` numbers a file, in the order of ``ids``.
    """

    path: str
    ids: list[str]
    facts: array[int]

    def file(self, run_id: str) -> str:
        """The manifest of a run in this folder."""
        return f"{self.path}/{run_id}{SUFFIX}"


def of_days(runs: str | os.PathLike[str]) -> list[Folder]:
    """The folders of days under ``runs``, oldest first; links are not followed. Missing folder: none."""
    found = []
    for day in sorted(names(os.fspath(runs))):
        if _DAY.fullmatch(day):
            folder = _listed(f"{os.fspath(runs)}/{day}", without=(), day=day.replace("-", ""))
            if folder.ids:
                found.append(folder)
    return found


def flat(path: str | os.PathLike[str], *, without: Sequence[Folder] = ()) -> Folder:
    """The manifests directly in a folder, except those of runs that are in other folders."""
    return _listed(os.fspath(path), without=without, day="")


def lacking(folder: Folder, run_ids: Container[str]) -> Folder:
    """A folder without the manifests of some runs."""
    places = [i for i, run_id in enumerate(folder.ids) if run_id not in run_ids]
    facts = array("q", [n for i in places for n in folder.facts[WIDTH * i : WIDTH * (i + 1)]])
    return Folder(folder.path, [folder.ids[i] for i in places], facts)


def names(path: str) -> list[str]:
    """Names in a folder that is no link; none if it is missing or may not be read."""
    try:
        return [] if os.path.islink(path) else os.listdir(path)
    except OSError:
        return []


def _listed(path: str, *, without: Sequence[Folder], day: str) -> Folder:
    end = -len(SUFFIX)
    ids = sorted([name[:end] for name in names(path) if name.endswith(SUFFIX)])
    if without and ids:
        elsewhere = {run_id for folder in without for run_id in folder.ids}
        ids = [run_id for run_id in ids if run_id not in elsewhere]
    if not _are_ids(ids) or not (ids[0].startswith(day) and ids[-1].startswith(day)):
        ids = [run_id for run_id in ids if runid.is_valid(run_id) and run_id.startswith(day)]
    before = f"{path}/"
    try:
        facts = [os.lstat(before + run_id + SUFFIX) for run_id in ids]
    except OSError:  # removed meanwhile
        ids, facts = _still_there(before, ids)
    return Folder(path, ids, facts_of(facts))


def facts_of(found: Sequence[os.stat_result]) -> array[int]:
    """``WIDTH`` numbers a file, as the system tells of each."""
    try:
        return array("q", chain.from_iterable(map(_FACTS, found)))
    except OverflowError:  # an inode of 64 bits
        return array("q", [n & _MASK for each in found for n in _FACTS(each)])


def _are_ids(names: list[str]) -> bool:
    """Whether all names are run ids: one look at all together, ten times as quick as one a name."""
    joined = "\n".join(names)
    return len(joined) == len(names) * (runid.LENGTH + 1) - 1 and _ALL_IDS.fullmatch(joined) is not None


def _still_there(before: str, ids: list[str]) -> tuple[list[str], list[os.stat_result]]:
    found = {}
    for run_id in ids:
        with contextlib.suppress(OSError):
            found[run_id] = os.lstat(before + run_id + SUFFIX)
    return list(found), list(found.values())

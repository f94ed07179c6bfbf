"""Where bytes lie: those that runs kept, and those of the project's own DVC."""

from __future__ import annotations

import contextlib
import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import journal as journals
from expctl.actions import setup
from expctl.adapters import dvc, dvcapart, git
from expctl.capture import hashing
from expctl.core import dvcfile, runid
from expctl.core.checklist.lines import Holding
from expctl.errors import DvcError, ExpctlError
from expctl.project import FOLDER
from expctl.store import cache, objects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from expctl.core.manifest import DataInput
    from expctl.project import Project

#: Smaller files may lie in their own directory entry, and take no block.
_STORED = 1 << 20
#: What an input is called where DVC is asked about it alone.
_NAME = "input-"


class _Answer(NamedTuple):
    lacking: frozenset[str] | set[str] = frozenset()
    fault: str = ""


class Contents:
    """Looks for bytes.

    Args:
        project: Where.
        ask: Whether remotes are asked, which takes DVC seconds; otherwise what this clone remembers counts.
    """

    def __init__(self, project: Project, *, ask: bool) -> None:
        self._project = project
        self._ask = ask

    def of_run(self, run_id: str, place: str | None, *, ours: bool) -> Holding | None:
        """Where the bytes lie that a run kept; None where no pointer names them.

        Args:
            run_id: The run.
            place: The branch or commit that has its pointer, if the work tree does not.
            ours: Whether it was recorded in this clone.
        """
        pointer = self._pointer(run_id, place)
        out = dvcfile.parse_plain(pointer.decode("ascii", "replace")) if pointer else None
        if pointer is None or out is None or not out.is_folder or out.path != run_id:
            return None
        folder = setup.cache_dir(self._project)
        here = self._is_here(folder, out.md5 or "")
        url = self._runs_url
        if not url:
            return Holding(here)
        if self._ask:
            answer = self._ask_for_run(folder, f"{run_id}.dvc", pointer)
            return _held(here, f"{run_id}.dvc", answer, url)
        # Bytes that are here and were not recorded here were fetched.
        is_sent = run_id in journals.read(self._project).at(url) or (here and not ours)
        known = True if is_sent else False if ours else None
        return Holding(here, there=known, remote=url, how=f"sent to {url}" if known else "")

    def of_project(self, items: Sequence[DataInput]) -> list[Holding]:
        """Where the bytes of inputs lie that the project's DVC tracks, each with its hash."""
        settings = dvc.project_settings(self._project.root)
        name = settings.get("core", {}).get("remote", "")
        url = settings.get(f'remote "{name}"', {}).get("url", "") if name else ""
        folder = settings.get("cache", {}).get("dir") or os.path.join(self._project.root, ".dvc", "cache")
        pointers = {
            f"{_NAME}{at}.dvc": dvcfile.pointer_text(
                dvcfile.Out(f"{_NAME}{at}", item.md5, item.bytes or 0, item.nfiles)
            ).encode()
            for at, item in enumerate(items)
        }
        answer = None
        if self._ask and url and pointers:
            remote = dvc.Remote(name, dvc.shown(url), None)
            answer = _asked(folder, pointers, remote, settings)
        found = []
        for at, item in enumerate(items):
            here = self._is_here(folder, item.md5 or "") or bool(self.holds(item))
            held = Holding(here, remote=f"remote {name}" if url else "")
            found.append(held if answer is None else _held(here, f"{_NAME}{at}.dvc", answer, held.remote))
        return found

    def holds(self, item: DataInput) -> bool | None:
        """Whether the file that stands where an input was read has the recorded hash; None for no file."""
        full = os.path.join(self._project.root, item.path or "")
        try:
            if not os.path.exists(full) or not _has_size(full, item):
                return False if os.path.exists(full) else None
            return hashing.hash_path(full, self._project.state / "cache").md5 == item.md5
        except (OSError, ValueError):
            return None

    @cached_property
    def _runs_url(self) -> str:
        try:
            with dvc.remote(self._project.root, self._project.experiments) as remote:
                return remote.url
        except DvcError:
            return ""

    def _pointer(self, run_id: str, place: str | None) -> bytes | None:
        with contextlib.suppress(OSError, ExpctlError):
            return dvcfile.pointer_text(objects.pointer_of(self._project.runs, run_id)).encode()
        if place is None:
            return None
        label = f"{place}:{FOLDER}/runs/{runid.day_of(run_id)}/{run_id}.dvc"
        return git.read_blobs(self._project.root, [label], limit=objects.POINTER_LIMIT).get(label)

    def _ask_for_run(self, folder: Path, name: str, pointer: bytes) -> _Answer:
        try:
            with dvc.remote(self._project.root, self._project.experiments) as remote:
                own = {} if remote.settings else dvc.own_settings(self._project.experiments)
                return _asked(folder, {name: pointer}, remote, own)
        except DvcError as err:
            return _Answer(fault=str(err).rstrip("."))

    @staticmethod
    def _is_here(folder: str | os.PathLike[str], md5: str) -> bool:
        if not dvcfile.is_md5(md5) or not cache.has(folder, md5):
            return False
        try:
            return not md5.endswith(".dir") or not objects.missing(folder, md5)
        except (OSError, ExpctlError):
            return False


def _has_size(full: str, item: DataInput) -> bool:
    """Whether it is as large as recorded: a manifest may be a stranger's, and name the whole disk."""
    if not os.path.isdir(full):
        facts = os.stat(full)
        is_made_up = facts.st_size > _STORED and not facts.st_blocks  # what the kernel shows as files
        return facts.st_size == item.bytes and not is_made_up
    found = hashing.measure(full, at_most=item.bytes or 0)
    return (found.bytes, found.files) == (item.bytes, item.nfiles)


def _asked(
    folder: str | os.PathLike[str],
    pointers: dict[str, bytes],
    remote: dvc.Remote,
    settings: dict[str, dict[str, str]],
) -> _Answer:
    try:
        return _Answer(dvcapart.lacking(folder, pointers, at=remote, settings=settings))
    except DvcError as err:
        return _Answer(fault=str(err).rstrip("."))


def _held(here: bool, name: str, answer: _Answer, url: str) -> Holding:  # noqa: FBT001 - a fact, not a switch
    if answer.fault:
        return Holding(here, remote=url, fault=answer.fault)
    return Holding(here, there=name not in answer.lacking, remote=url)

"""The data that the run read, as it was before and as it is now."""

from __future__ import annotations

import os

from expctl.actions import beside, setup
from expctl.actions.probes import attempt
from expctl.capture import data
from expctl.store import cache, live
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.actions.harvest.ended import Ended
    from expctl.actions.inputs import Input
    from expctl.core.manifest import DataInput


class Rechecked(NamedTuple):
    """The inputs of a run.

    Attributes:
        inputs: What the manifest says of them.
        stored: What is stored of them: path inside the run's folder, and what the cache has.
    """

    inputs: tuple[DataInput, ...] = ()
    stored: dict[str, cache.Put] = {}  # noqa: RUF012 never written to


def recheck(ended: Ended, written: frozenset[str]) -> Rechecked:
    """Look at the inputs again, now that the child has ended.

    Args:
        ended: The run.
        written: Paths that the run left as outputs, relative to the top.
    """
    reads = ended.hooked.reads if ended.hooked else ()
    if not ended.state["watched"] and not reads and not os.path.exists(ended.folder / "data.json"):
        return Rechecked()
    return attempt(ended.notes, "data", lambda: _Recheck(ended, written).all(), Rechecked())


class _Recheck:
    """One look at all inputs of a run."""

    def __init__(self, ended: Ended, written: frozenset[str]) -> None:
        from expctl.actions.inputs import Inputs

        self._ended = ended
        self._reads = ended.hooked.reads if ended.hooked else ()
        self._written = written | beside.inside(ended.root, ended.hooked.writes if ended.hooked else ())
        self._inputs = Inputs(ended.project, ended.run)
        self._answers = live.read_json(ended.folder / "uris.json") or {}

    def all(self) -> Rechecked:
        noted = [data.Watched(*item) for item in self._ended.state["watched"]]
        unhashed = self._settle_rest(noted)
        named = {each.path for each in noted}
        described = [
            (each, found)
            for each in self._inputs.found
            if each.watched.path in named or not self._is_output(each.watched.path)
            if (found := self._recheck(self._look_up(each, noted))) is not None
        ]
        stored = {name: put for each, found in described if found.stored for name, put in self._puts(each)}
        return Rechecked((*(found for _, found in described), *unhashed), stored)

    def _settle_rest(self, noted: list[data.Watched]) -> list[DataInput]:
        """Hash what was not hashed beside the command; what is left unhashed is given back."""
        known = {each.watched.path for each in self._inputs.found}
        rest = [each for each in noted if each.path not in known]
        if not self._ended.sealed:
            self._inputs.settle(rest)
            self._inputs.add_reads(self._reads, self._written)
            return []
        if any(each.full for each in rest):
            # Whoever types `expctl ls` did not ask for an hour of hashing.
            self._ended.notes.append("data: not hashed, for expctl was killed meanwhile")
        return [data.unhashed(each) for each in rest]

    def _look_up(self, each: Input, noted: list[data.Watched]) -> Input:
        """The same, with what the store or the server said."""
        known = each.settled.input
        if known is None or known.uri is None or not self._ended.project.config.lookup_uris:
            return each
        number = next((n for n, was in enumerate(noted) if was.path == each.watched.path), -1)
        facts = self._answers.get(str(number)) or {"problem": "no answer in time"}
        if "problem" in facts:
            self._ended.notes.append(f"data {known.uri}: not looked up: {facts['problem']}")
            return each
        known = known._replace(
            etag=facts.get("etag"), version_id=facts.get("version_id"), bytes=facts.get("bytes")
        )
        return each._replace(settled=each.settled._replace(input=known))

    def _is_output(self, path: str) -> bool:
        return path in self._written or any(each.startswith(f"{path}/") for each in self._written)

    def _recheck(self, each: Input) -> DataInput | None:
        read = each.watched.full in self._reads
        found = data.recheck(each.settled, each.watched, self._inputs.memory, read=read)
        if found is not None or each.settled.input is None:
            self._ended.notes.extend(each.settled.notes)
        return found._replace(stored=bool(each.stored)) if found is not None else None

    def _puts(self, each: Input) -> Iterator[tuple[str, cache.Put]]:
        from expctl.actions.inputs import STORED_UNDER

        folder = setup.cache_dir(self._ended.project)
        place = f"{STORED_UNDER}/{each.watched.path.lstrip('/')}"
        for name, md5 in each.stored:
            size = os.stat(cache.path_of(folder, md5)).st_size
            yield f"{place}/{name}" if name else place, cache.Put(md5, size)

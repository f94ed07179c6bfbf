"""While the child runs: its source tree is pinned, its environment looked up, and the heart beats."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time

from expctl.actions.probes import attempt
from expctl.capture import data
from expctl.core.manifest import Environment
from expctl.store import live, snapshots
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from expctl.actions.beginning import Begun
    from expctl.actions.usage import Usage
    from expctl.capture.hooked import Hooked
    from expctl.capture.metrics.gather import Printed
    from expctl.capture.metrics.longlog import Follower
    from expctl.capture.outputwalk import Atlas
    from expctl.core.packages import Package

#: How long to wait for the hook in a Python child to name its interpreter, which is surer than looking for
#: it.
_HOOK_S = 0.6
_STEP_S = 0.01
#: How long the end of a run waits for answers about inputs that lie elsewhere.
_ANSWER_S = 3.0
#: When to look where files lie, which spares a long run most of the walk at its end.
_SURVEY_S = 3.0
#: When to look first at what the child uses: shorter runs are spared.
_LOOK_S = 1.0
#: When to look for files that the child read, first and at most.
_POLL_S = 2.0
_POLL_MOST_S = 60.0
#: Only of an output that is longer is the reading begun beside.
_LONG_LOG = 1 << 19
_FIELDS = ("python", "platform", "cpu", "memory_bytes", "gpus", "cuda", "numeric", "container")


class Beside:
    """The threads that work while the child does."""

    def __init__(self, begun: Begun) -> None:
        self._begun = begun
        self._ended = threading.Event()
        self._pid = 0
        self._usage: Usage | None = None
        self._asked = begun.project.config.metrics_from_output
        self._follower: Follower | None = None
        #: What a long output told, and what is to be said of it; None when it is to be read now.
        self.printed: Printed | None = None
        #: Where files lay while the child ran, once that was looked at.
        self.surveyed: Atlas | None = None
        self._threads = [
            threading.Thread(target=attempt, args=([], name, work, None), name=name, daemon=True)
            for name, work in (("beside", self._look), ("data", self._hash), ("heartbeat", self._beat))
            if begun.watched or begun.hooks or name != "data"
        ]
        self._asking: threading.Thread | None = None
        if begun.project.config.lookup_uris and not all(each.full for each in begun.watched):
            self._asking = threading.Thread(target=attempt, args=([], "uris", self._ask, None), daemon=True)

    def start(self, pid: int) -> None:
        """Start looking; ``pid`` is the command's process."""
        self._pid = pid
        # Where no thread can be had any more, what was not looked up is looked up at the end.
        with contextlib.suppress(RuntimeError):
            for thread in [*self._threads, *filter(None, [self._asking])]:
                thread.start()

    def finish(self) -> None:
        """The child has ended: wait for what is still being looked up."""
        self._ended.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        if self._asking is not None and self._asking.ident is not None:
            self._asking.join(_ANSWER_S)
        if self._follower is not None:
            self.printed = attempt([], "output", self._follower.finish, None)

    def used(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """How the child ended, with what was seen of all its processes."""
        if self._usage is None or "cpu_s" not in outcome:
            return outcome
        notes = [*outcome["notes"], *self._usage.notes]
        return {**outcome, **self._usage.facts(outcome), "notes": notes}

    def _look(self) -> None:
        begun, notes = self._begun, list[str]()
        pin_tree(notes, begun.home, begun.common, begun.tree, begun.ref)
        end = time.monotonic() + (_HOOK_S if begun.hooks else 0.0)
        while time.monotonic() < end and not hooked(begun.folder) and not self._ended.wait(_STEP_S):
            pass
        found = look(
            notes, begun.argv, begun.cwd, begun.env, root=begun.root, common=begun.common, folder=begun.folder
        )
        live.write_environment(begun.folder, found)
        if not self._ended.wait(_SURVEY_S):
            self.surveyed = attempt([], "survey", self._survey, None)

    def _survey(self) -> Atlas | None:
        from expctl.actions import surveying  # not before a run has lasted a while

        return surveying.survey(
            self._begun.run, self._begun.project.config.model_patterns, is_over=self._ended.is_set
        )

    def _hash(self) -> None:
        begun = self._begun
        if not begun.watched and self._ended.wait(_POLL_S):
            return  # nothing is known of the inputs of so short a run before its end
        from expctl.actions.inputs import Inputs  # loads what only runs with data need

        inputs = Inputs(begun.project, begun.run, ended=self._ended)
        # As noted in the folder: without the secrets of addresses.
        inputs.settle([data.Watched(*each) for each in begun.run.state["watched"]])
        pause_s = _POLL_S
        while begun.hooks and not self._ended.wait(pause_s):
            seen = hooked(begun.folder)
            inputs.add_reads(seen.reads if seen else (), inside(begun.root, seen.writes if seen else ()))
            pause_s = min(_POLL_MOST_S, 2 * pause_s)

    def _ask(self) -> None:
        from expctl.capture import uris

        begun, seen = self._begun, hooked(self._begun.folder)
        places = [number for number, each in enumerate(begun.watched) if not each.full]
        script = seen.main.executable if seen and seen.main else ""
        pythons = list(dict.fromkeys(filter(None, (sys.executable, script))))
        names = [begun.watched[number].path for number in places]
        answers = uris.look_up(names, pythons, root=begun.root, env=os.environ)
        # Known by their number: the names may hold secrets.
        live.write_data(begun.folder, {str(n): each for n, each in zip(places, answers, strict=True)}, "uris")

    def _beat(self) -> None:
        live.beat(self._begun.folder)
        beaten_s, pause_s = time.monotonic(), _LOOK_S
        while not self._ended.wait(min(pause_s, live.BEAT_S)):
            pause_s = attempt([], "usage", self._look_at_usage, live.BEAT_S)
            if self._follower is None and self._asked is not False:
                attempt([], "output", self._follow, None)
            if time.monotonic() - beaten_s >= live.BEAT_S - _LOOK_S:
                live.beat(self._begun.folder)
                beaten_s = time.monotonic()

    def _follow(self) -> None:
        log = self._begun.folder / "output.log"
        if log.stat().st_size < _LONG_LOG:
            return
        from expctl.capture.metrics.longlog import Follower  # few commands print that much

        self._follower = Follower(log, asked=self._asked, params=self._begun.run.state["params"])

    def _look_at_usage(self) -> float:
        if self._usage is None:
            from expctl.actions.usage import Usage  # not before a run has lasted a second

            self._usage = Usage(self._pid)
        return self._usage.look()


def pin_tree(notes: list[str], root: Path, common: Path, tree: str | None, ref: str) -> None:
    """Keep the source tree from git's garbage collection."""
    if tree is not None:
        attempt(notes, "source snapshot", lambda: snapshots.pin(root, common, tree, ref=ref), None)


def hooked(folder: Path) -> Hooked | None:
    """What the hook in the Python processes of the run saw; None as long as there was none."""
    try:
        if not any(name.startswith("process-") for name in os.listdir(folder)):
            return None
    except OSError:
        return None
    from expctl.capture import hooked  # only Python programs have it

    return hooked.read(folder)


def look(  # noqa: PLR0913 all that tells where the command ran
    notes: list[str],
    argv: tuple[str, ...],
    cwd: Path,
    env: Mapping[str, str],
    *,
    root: Path,
    common: Path,
    folder: Path,
) -> dict[str, Any]:
    """Look the environment up, as plain values for the live folder."""
    from expctl.capture import environment  # not before the command has started

    seen = hooked(folder)
    said = seen.main if seen else None
    ask: Callable[[], environment.Probed] = lambda: environment.probe(  # noqa: E731 typed, and used once
        argv, cwd, env, cache=common / "expctl" / "cache", reported=said, root=root
    )
    probed = attempt(notes, "environment", ask, None)
    facts: dict[str, Any] = {
        "notes": notes,
        "by_hook": None if said is None else [said.executable, said.prefix],
    }
    if probed is not None:
        facts["environment"] = {name: getattr(probed.environment, name) for name in _FIELDS}
        facts["packages"] = (
            None if probed.packages is None else [list(package) for package in probed.packages]
        )
        notes += probed.notes
    return facts


def inside(root: Path, paths: Iterable[str]) -> set[str]:
    """Paths relative to the top, of those beneath it."""
    tops = {os.fspath(root), os.path.realpath(root)}
    return {path[len(top) + 1 :] for path in paths for top in tops if path.startswith(f"{top}/")}


def read_back(facts: Mapping[str, Any]) -> tuple[Environment | None, tuple[Package, ...] | None]:
    """The environment and the packages that ``look`` found."""
    found = facts.get("environment")
    if not found:
        return None, None
    listed = facts.get("packages")
    where = Environment(**{**found, "gpus": tuple(found["gpus"])})
    if listed is None:
        return where, None
    from expctl.core.packages import Package  # only Python programs have packages

    return where, tuple(Package(*each) for each in listed)

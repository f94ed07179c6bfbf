"""Two clones of one hub that change a model, and a plain model of what must come out of it.

Everything is real git in real repositories, called in this process: only the clock and the moment at which a
command dies are ours.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from expctl import project as projects
from expctl.actions import aliasing, promoting, registering, transition
from expctl.adapters import clock, process
from expctl.core.registry import policy, versions
from expctl.errors import ConflictError, ExpctlError
from expctl.store import ledger, registry
from tests.shelf import put_run

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "fraud"
STAGES = tuple(policy.DEFAULT.stages)
CLONES = ("ada", "bob")
START = 1_800_000_000


class Killed(BaseException):
    """The command died here."""


class Plain:
    """Who stands where, in plain words; ``None`` for an order that must be refused."""

    def __init__(self) -> None:
        self.stage: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.stood: dict[str, list[str]] = {stage: [] for stage in STAGES}

    def copy(self) -> Plain:
        other = Plain()
        other.stage, other.aliases = dict(self.stage), dict(self.aliases)
        other.stood = {stage: list(stood) for stage, stood in self.stood.items()}
        return other

    def register(self, version: str) -> bool:
        if version in self.stage:
            return False
        self.stage[version] = policy.NONE
        return True

    def move(self, version: str, stage: str, *, back: bool = False) -> bool:
        known = self.stage.get(version)
        if known is None or known == stage:
            return False
        rule = policy.DEFAULT.stages[stage]
        if not back and known not in rule.sources:
            return False
        for other in [each for each, there in self.stage.items() if rule.exclusive and there == stage]:
            self._enter(other, rule.displaces_to or policy.NONE, back=back)
        self._enter(version, stage, back=back)
        return True

    def _enter(self, version: str, stage: str, *, back: bool) -> None:
        self.stage[version] = stage
        if stage != policy.NONE:
            stood = self.stood[stage]
            if back and version in stood:
                del stood[stood.index(version) + 1 :]
            else:
                self.stood[stage] = [each for each in stood if each != version] + [version]

    def rollback(self, stage: str) -> bool:
        stood = list(self.stood[stage])
        now = next((one for one in reversed(stood) if self.stage[one] == stage), None)
        if now is not None:
            del stood[stood.index(now) :]
        return bool(stood) and self.move(stood[-1], stage, back=True)

    def alias(self, version: str, name: str) -> bool:
        if version not in self.stage:
            return False
        self.aliases[name] = version
        return True

    def unalias(self, name: str) -> bool:
        return self.aliases.pop(name, None) is not None

    def order(self, what: str, *words: str) -> bool:
        """Give an order in words."""
        if what == "promote":
            return self.move(*words)
        return self.move(*words, "archived") if what == "archive" else getattr(self, what)(*words)

    def holders(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for version, stage in self.stage.items():
            if stage != policy.NONE:
                found.setdefault(stage, set()).add(version)
        return found


#: How a life may begin: with nothing, or with versions that have been in production.
BEGINNINGS = {
    "empty": [("register", "v1.0.0")],
    "in service": [
        ("register", "v1.0.0"),
        ("promote", "v1.0.0", "staging"),
        ("promote", "v1.0.0", "production"),
        ("register", "v1.1.0"),
        ("alias", "v1.1.0", "challenger"),
        ("promote", "v1.1.0", "staging"),
        ("promote", "v1.1.0", "production"),
        ("register", "v1.2.0"),
        ("promote", "v1.2.0", "staging"),
        ("promote", "v1.2.0", "production"),
        ("register", "v2.0.0"),
    ],
}


def begin(repo, folder: Path, monkeypatch) -> dict[str, Path]:
    """Folders of the beginnings, each with a hub and its clones, to be copied."""
    folder.mkdir()
    bare = make(repo, folder / "bare")
    for name, orders in BEGINNINGS.items():
        life = Life(bare, folder / name, Plain(), monkeypatch)
        for words in orders:
            life.do(CLONES[0], words)
    return {name: folder / name for name in BEGINNINGS}


def make(repo, folder: Path) -> Path:
    """A hub and two clones, which have recorded a run; their folder."""
    folder.mkdir()
    put_run(repo)
    shutil.rmtree(repo.path / ".git" / "hooks", ignore_errors=True)
    run("git", "clone", "-q", "--bare", "--template=", str(repo.path), str(folder / "hub.git"))
    for name in CLONES:
        shutil.copytree(repo.path, folder / name)
        run("git", "remote", "add", "origin", "../hub.git", cwd=folder / name)
    return folder


def run(*words: str, cwd: Path | None = None) -> str:
    return subprocess.run(words, cwd=cwd, check=True, capture_output=True, text=True).stdout


class Life:
    """The hub, its clones and the plain model; ``do`` gives an order to both worlds and compares them."""

    #: What all lives so far came to.
    told: ClassVar[Counter[str]] = Counter()

    def __init__(self, template: Path, folder: Path, plain: Plain, monkeypatch) -> None:
        shutil.copytree(template, folder)
        self.folder, self.plain, self.monkeypatch = folder, plain, monkeypatch
        self.hub = folder / "hub.git"
        self.clones = {name: projects.find(folder / name) for name in CLONES}
        self.now = START
        monkeypatch.setattr(clock, "wall_ns", lambda: self.now * 10**9)

    def order(self, who: str, words: tuple[str, ...]) -> object:
        """Give an order in words to a clone."""
        what, first, *rest = words
        project = self.at(who)
        if what == "register":
            return registering.register(project, MODEL, "@", version=first)
        if what == "promote":
            return promoting.promote(project, MODEL, first, *rest)
        if what == "archive":
            return promoting.archive(project, MODEL, first)
        if what == "rollback":
            return promoting.rollback(project, MODEL, first)
        if what == "alias":
            return aliasing.point(project, MODEL, first, *rest)
        return aliasing.take_away(project, MODEL, first)

    def at(self, who: str):
        for role in ("AUTHOR", "COMMITTER"):
            self.monkeypatch.setenv(f"GIT_{role}_NAME", who)
        return self.clones[who]

    def do(self, who: str, words: tuple[str, ...]) -> None:
        """Give an order: it succeeds where the plain model says so, and is refused in words where not."""
        allowed, refused = self.plain.order(*words), None
        try:
            self.order(who, words)
        except ExpctlError as err:
            refused = err
        assert allowed == (refused is None), (words, refused)
        self.told["done" if allowed else "refused"] += 1
        self.compare()

    def die(self, who: str, words: tuple[str, ...], call: int, *, after: bool) -> bool:
        """Give an order, kill it at a call of git, and give it again: it comes out as if given once.

        Returns:
            Whether it came as far as that call.
        """
        self.plain.order(*words)
        true_run, left = process.run, [call]

        def dying(*given, **more):
            left[0] -= 1
            if left[0] == 0 and not after:
                raise Killed
            done = true_run(*given, **more)
            if left[0] == 0:
                raise Killed
            return done

        died = True
        with self.monkeypatch.context() as patch, contextlib.suppress(Killed, ExpctlError):
            patch.setattr(process, "run", dying)
            self.order(who, words)
            died = False
        if not died:
            self.compare()
            return False
        self.told["died or was refused, and was given again"] += 1
        # Done already, or refused as it would have been: the comparison tells.
        with contextlib.suppress(ExpctlError):
            self.order(who, words)
        self.compare()
        return left[0] <= 0

    def race(self, who: str, words: tuple[str, ...], rival: str, others: tuple[str, ...]) -> None:
        """Give an order, and let a rival's take effect while it is on its way."""
        true_publish, seen = transition.publish, []

        def late(*given, **more):
            if not seen:
                seen.append(rival)
                with contextlib.suppress(ExpctlError):
                    self.order(rival, others)
                self.at(who)
            return true_publish(*given, **more)

        with self.monkeypatch.context() as patch:
            patch.setattr(transition, "publish", late)
            try:
                self.order(who, words)
                error = None
            except ExpctlError as err:
                error = err
        self._judge_race(words, (rival, *others), seen, error)
        self.compare()

    def _judge_race(self, words, theirs, seen, error) -> None:
        if not seen:  # refused, or nothing to do, before anything was written
            assert self.plain.order(*words) == (error is None)
            return
        rival, *others = theirs
        changed = self.plain.copy()
        rival_won = changed.order(*others) and changed.__dict__ != self.plain.__dict__
        self.told["race lost" if rival_won else "race against one who was refused"] += 1
        if rival_won:
            assert isinstance(error, ConflictError), error
            assert f"{rival} <ada@example.com> was quicker" in str(error)
            self.plain = changed
        else:
            assert error is None, error
            self.plain.order(*words)

    def compare(self) -> None:
        """Hold the hub against the plain model, and the ledger against the tags."""
        found = registry.read(self.hub)
        assert found.faults == ()
        model = found.models.get(MODEL)
        if model is None:
            assert self.plain.stage == {}
            return
        assert {one for one in model.versions if model.versions[one].active} == set(self.plain.stage)
        assert {stage: set(held) for stage, held in model.holders.items()} == self.plain.holders()
        assert model.aliases == self.plain.aliases
        dates = [one.event.at for one in model.history]
        assert len(set(dates)) == len(dates)
        done = ledger.read(self.hub, ledger.tip(self.hub, MODEL), model=MODEL)
        assert [one.seq for one in done] == list(range(len(done), 0, -1))
        named = {tag: one.id for entry in done for tag, one in entry.tags.items()}
        assert {one.event.tag: one.event.id for one in model.history} == named

    def compare_with_gto(self) -> None:
        """Hold what stock gto says of the hub against what we say."""
        shown = json.loads(run("gto", "show", "--json", cwd=self.hub) or "{}")
        mine = registry.read(self.hub).models
        assert {name: one["version"] for name, one in shown.items()} == {
            name: one.latest for name, one in mine.items()
        }
        for name, one in shown.items():
            held = {stage: version for stage, version in one["stage"].items() if version}
            assert held == {stage: all_[0] for stage, all_ in mine[name].holders.items()}
        told = [one["ref"] for one in json.loads(run("gto", "history", "--json", cwd=self.hub) or "[]")]
        ours = [one.event for model in mine.values() for one in model.history if not one.event.name.alias]
        assert told == [event.tag for event in reversed(ours)]

    def end(self) -> None:
        """Nobody's clone knows more or other tags than the hub, and every object is whole."""
        theirs = tags_of(self.hub)
        for name in CLONES:
            mine = tags_of(self.folder / name)
            assert mine.items() <= theirs.items()
            run("git", "fsck", "--strict", "--no-dangling", cwd=self.folder / name)


def tags_of(place: Path) -> dict[str, str]:
    lines = run(
        "git", "for-each-ref", "--format=%(refname) %(objectname)", "refs/tags", cwd=place
    ).splitlines()
    return dict(line.split(" ") for line in lines)


def next_version(life: Life, part: str) -> str:
    return versions.bump(versions.latest(list(life.plain.stage)), part)

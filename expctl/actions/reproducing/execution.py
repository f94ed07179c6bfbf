"""A world laid out in a folder aside, and its command run there as a normal recorded run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from expctl.actions import installed, record, sealing
from expctl.actions.reproducing import command, complaint, environment, inputs, kin, machine, source
from expctl.actions.reproducing.plan import RECREATE
from expctl.actions.request import Request
from expctl.adapters import clock, scratch
from expctl.core import surroundings
from expctl.errors import CannotStartError, IncompleteError
from expctl.store import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from expctl.actions.reproducing.environment import Made
    from expctl.actions.reproducing.plan import Plan
    from expctl.core.manifest import Manifest
    from expctl.project import Project

    Say = Callable[[str], None]


def execute(
    project: Project, ready: Plan, *, say: Say, notes: list[str]
) -> tuple[list[Manifest], str | None]:
    """Run a world as often as it was asked for; nothing is judged.

    Args:
        project: The user's.
        ready: What is to be run; what it lacks was looked at.
        say: Told of each step.
        notes: Gets what should be known.

    Returns:
        The records, and the folder if it was to be kept.

    Raises:
        IncompleteError: It could not be attempted; what is missing is named.
    """
    sealing.seal_dead(project)  # removes what killed repeats left, too
    aside = _make_scratch(project)
    is_kept = False
    try:
        found = _Execution(project, ready, Path(aside.folder), say, notes).all()
        is_kept = ready.asked.keep
    finally:
        if is_kept:
            scratch.release(aside)
        else:
            scratch.remove(aside)
    return found, aside.folder if is_kept else None


def _make_scratch(project: Project) -> scratch.Scratch:
    try:
        return scratch.make(project.state / scratch.NOTES)
    except OSError as err:
        raise IncompleteError(f"There is no place for a copy: {err.strerror}: {err.filename}.") from err


class _Execution:
    """The repeats of one world, one after the other, all in one environment."""

    def __init__(self, project: Project, ready: Plan, place: Path, say: Say, notes: list[str]) -> None:
        self._project = project
        self._ready = ready
        self._world = ready.world
        self._place = place
        self._say = say
        self._notes = notes
        self._made: Made | None = None

    def all(self) -> list[Manifest]:
        asked = self._ready.asked
        self._compare_elsewhere()
        if asked.environment == RECREATE:
            self._made = environment.make(
                self._world, self._place / scratch.ENVIRONMENT, wheels=asked.wheels, say=self._say
            )
        found = []
        for turn in range(1, asked.times + 1):
            if asked.times > 1:
                self._say(f"repeat {turn} of {asked.times}")
            found.append(self._once(self._place / str(turn)))
        return found

    def _compare_elsewhere(self) -> None:
        found = inputs.compare_elsewhere(self._project, self._ready.inputs)
        faults = [each.fault for each in found if each.fault]
        for each in found:
            self._say(each.fault or f"{each.name}: {each.ways[0]}")
        if faults and not self._ready.asked.allow_changed:
            raise IncompleteError(
                f"Run {self._ready.original.id} cannot be repeated as it was: {'; '.join(faults)}.",
                hint="To run it all the same, with what is there: --allow-changed",
            )

    def _once(self, place: Path) -> Manifest:
        """One repeat in a copy of its own: what the one before left does not help this one."""
        # Some programs name their output after the folder that they run in.
        folder = place / self._project.home.name
        folder.mkdir(parents=True)
        copy, said = source.lay_out(self._project, self._world.code, folder)
        if self._ready.asked.allow_changed:
            brought = source.bring_left_out(self._project, self._world.code, folder)
            said += [f"{path}: yours, as it is now" for path in brought]
        self._remark(said)
        self._bring_inputs(folder, place)
        clock.pass_tick(place)  # or what was laid out just now would be taken for its output
        copy.prefix = self._world.cwd
        try:
            done = record.record(copy, self._request(folder), say=self._say)
        except CannotStartError as err:
            raise IncompleteError(f"Its command cannot be started here: {err}", hint=err.hint) from err
        if done.manifest is None:
            raise IncompleteError(f"The repeat was not recorded: {'; '.join(done.said)}.")
        if done.manifest.status == "interrupted" != self._ready.original.status:
            raise KeyboardInterrupt  # what its owner stopped is no answer
        self._look_back(copy, done.manifest)
        return done.manifest

    def _look_back(self, copy: Project, run: Manifest) -> None:
        """Say what was not as it was after all."""
        self._compare_packages(run)
        if run.status == "failed" and self._ready.original.status == "completed":
            self._remark(complaint.remarks(self._project, run, copy.root))
        tree = run.code.tree if run.code else None
        if tree is not None and tree != self._world.code.tree:
            source.adopt(self._project, copy, tree)
            self._remark([f"the source that ran is {tree[:12]}, not quite the recorded one: see expctl diff"])

    def _compare_packages(self, run: Manifest) -> None:
        where = run.environment
        if self._made is None or where is None or where.packages is None:
            return
        listed = installed.read(self._project, where.packages, None)
        gaps = surroundings.compare(
            surroundings.Side(self._world.environment, self._world.packages),
            surroundings.Side(where, listed or None),
        )
        self._remark(
            [
                f"not as it was: {gap.what} {gap.before or 'none'} → {gap.now or 'none'}"
                for gap in gaps
                if gap.what.startswith("package ")
            ]
        )

    def _bring_inputs(self, folder: Path, place: Path) -> None:
        for each in self._ready.inputs:
            if each.input.path is None:
                continue
            way = inputs.bring(
                self._project,
                self._world,
                each,
                folder,
                scratch=place,
                allow_changed=self._ready.asked.allow_changed,
            )
            self._say(f"{each.name}: {way}")

    def _request(self, folder: Path) -> Request:
        world = self._world
        cwd = folder / world.cwd
        if not cwd.is_dir():
            objects.make_real_folders(folder, world.cwd)
        _make_first_folders(folder, world.artifacts)
        argv, env = self._command(folder)
        return Request(
            argv=argv,
            told=world.argv,
            name=self._ready.name,
            experiment=world.experiment,
            params=world.params,
            data=tuple(
                os.path.join(folder, each.path or "") if each.uri is None else each.uri
                for each in world.data
                if each.path or each.uri  # some names of files cannot be recorded
            ),
            artifacts=world.artifacts,
            metrics=tuple(self._ready.asked.metrics),
            seed=world.seed,
            commit=False,
            parent=self._ready.parent or {kin.REPEATS: self._ready.original.id},
            env={**env, "PWD": str(cwd)},
        )

    def _command(self, folder: Path) -> tuple[tuple[str, ...], dict[str, str | None]]:
        """The command as it is typed in a copy, and its variables."""
        made, world = self._made, self._world
        words = command.translate(self._project, world, folder, venv=made.folder if made else None)
        self._remark(words.notes)
        env = dict(machine.setting(world).env)
        if made is not None:
            self._remark(environment.add_own_source(made, folder))
            env |= environment.variables(made)
        own = machine.with_own_source(self._project, world, words.argv, folder, env)
        return words.argv, {**env, **({"PYTHONPATH": own} if own is not None else {})}

    def _remark(self, said: Sequence[str]) -> None:
        for line in said:
            if line not in self._notes:
                self._notes.append(line)
                self._say(line)


def _make_first_folders(folder: Path, artifacts: Sequence[str]) -> None:
    """Make folders that a program may count on and git does not hold: the first that each output needs."""
    for path in artifacts:
        place = folder
        for part in path.split("/")[:-1]:
            place /= part
            if place.is_symlink():  # leads elsewhere, and is nothing of ours
                break
            if not place.exists():
                place.mkdir()
                break

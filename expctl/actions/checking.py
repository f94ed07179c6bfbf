"""Check how well recorded runs can be done again: by anybody, from what the remotes hold."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from expctl.actions import installed, runs
from expctl.actions.reproducing import kin
from expctl.actions.whereabouts.content import Contents
from expctl.actions.whereabouts.source import Sources
from expctl.adapters import git
from expctl.core import runid
from expctl.core.checklist import chance, code, data, environment, lines, outputs
from expctl.core.checklist.lines import Checklist, Holding, Line
from expctl.core.checklist.watched import is_watched
from expctl.errors import GitError, ManifestError
from expctl.store import snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from expctl.core.manifest import DataInput, Manifest
    from expctl.project import Project

_SEED = 42


def check(project: Project, references: Sequence[str], *, ask: bool = False) -> list[Checklist]:
    """Check some runs.

    Args:
        project: Where.
        references: Which.
        ask: Whether the remotes are asked; otherwise what this clone remembers of them counts.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
    """
    look = _Look(project, ask=ask)
    return [
        look.at(found.manifest, found.branch, pack=found.pack)
        for found in runs.find_many(project, references)
    ]


def check_version(project: Project, manifest: Manifest, commit: str) -> Checklist:
    """Check the run behind a registered version, whose commit holds its record; the remotes are asked."""
    return _Look(project, ask=True).at(manifest, commit, version=True)


class _Look:
    """Looks at runs one after the other; what is the same for all is looked up once."""

    def __init__(self, project: Project, *, ask: bool) -> None:
        self._project = project
        self._sources = Sources(project, ask=ask)
        self._contents = Contents(project, ask=ask)

    def at(
        self, run: Manifest, place: str | None, *, pack: Path | None = None, version: bool = False
    ) -> Checklist:
        """Check one run.

        Args:
            run: Its manifest.
            place: The branch or commit that has the record, if the work tree does not.
            pack: The pack of the work tree that has it.
            version: Whether ``place`` is the commit of a registered version.
        """
        short = runid.suffix(run.id)
        push, ask = f"expctl push {short}", f"expctl check {short} --remote"
        tree = run.code.tree if run.code else None
        snapshots.ensure(self._project.root, run.code)
        held = self._sources.tree(tree) if tree else Holding(here=False)
        ours = tree is not None and self._sources.is_ours(tree)
        own = self._contents.of_run(run.id, place, ours=ours)
        seen = is_watched(run)
        there = "" if run.command.cwd == "." else f"cd {shlex.quote(run.command.cwd)} && "
        again = f"{there}expctl run --seed {_SEED} -- {shlex.join(run.command.argv)}"
        notes = run.capture.notes if run.capture else ()
        found: list[Line] = []
        if version:
            found.append(Line("record", lines.OK, "the record is in the commit of the version"))
        else:
            where, pending = self._sources.record(run.id, branch=place, pack=pack)
            found += outputs.record(where, pending=pending, has_remote=bool(self._sources.remote))
        found += code.lines(run.code, held, self._branch(run, version=version), notes, push=push, ask=ask)
        found += data.from_stdin(notes)
        found += data.lines(self._inputs(run, own), seen=seen, push=push, ask=ask)
        found += self._environment(run, place, held)
        found += chance.seeds(run.seeds, seen=seen, again=again)
        found += self._repeats(run.id)
        found += chance.determinism(run.environment, again=again)
        found += outputs.artifacts(run.artifacts, own, push=push, ask=ask)
        found += chance.hardware(run.environment)
        return Checklist(run.id, run.name, run.status, lines.in_order(found))

    def _repeats(self, run_id: str) -> list[Line]:
        found = kin.tally(self._project, run_id)
        latest = runid.suffix(next(iter(found.said), ""))
        return chance.repeats(found.verdicts, f"expctl diff {runid.suffix(run_id)} {latest} --explain")

    def _branch(self, run: Manifest, *, version: bool) -> str:
        """What holds the run's commit where others find it; a version's commit is its child."""
        if run.code is None or run.code.commit is None:
            return ""
        if version and self._sources.remote:
            return f"beneath the version, on {self._sources.remote}"
        try:
            return self._sources.branch(run.code.commit)
        except GitError:
            return ""

    def _inputs(self, run: Manifest, own: Holding | None) -> list[data.Input]:
        inside = self._in_tree(run)
        rest = [item for item in run.data if item.path and item.md5 and item.path not in inside]
        by_dvc = [item for item in rest if item.dvc]
        plain = [item for item in rest if not item.dvc and not item.stored]
        held = dict(zip((item.path for item in by_dvc), self._contents.of_project(by_dvc), strict=True))
        return [
            data.Input(
                item,
                in_tree=item.path in inside,
                held=held.get(item.path) or (own if item.stored else None),
                holds=self._contents.holds(item) if item in plain else None,
            )
            for item in run.data
        ]

    def _in_tree(self, run: Manifest) -> set[str]:
        """Paths of inputs that the source tree holds whole."""
        tree = run.code.tree if run.code else None
        inside = [item for item in run.data if item.path and not item.path.startswith("/") and not item.dvc]
        if tree is None or not inside or not git.exist(self._project.root, [tree])[0]:
            return set()
        paths = [item.path for item in inside if item.path]
        listed = [entry.path for entry in git.ls_tree(self._project.root, tree, *paths, recursive=True)]
        return {item.path for item in inside if item.path and _holds(listed, item)}

    def _environment(self, run: Manifest, place: str | None, tree: Holding) -> list[Line]:
        name = run.environment.packages if run.environment else None
        if name is None:
            return environment.lines(run.environment, None, "")
        try:
            listed = installed.get(self._project, name, place)
        except (GitError, ManifestError) as err:
            return environment.lines(run.environment, None, f"its package list is not here: {err}")
        local = [found for each in listed if (found := environment.local_place(each))]
        inside = self._of_tree(run.code.tree if run.code and tree.here else None, local)
        return environment.lines(run.environment, listed, "", in_tree=inside)

    def _of_tree(self, tree: str | None, places: Sequence[str]) -> set[str]:
        """Those of some paths that a source tree holds."""
        if tree is None or not places:
            return set()
        places = [place for place in places if place.isprintable()]  # from a file that may be a stranger's
        names = [f"{tree}:{'' if place == '.' else place}" for place in places]
        held = git.exist(self._project.root, names)
        return {place for place, has in zip(places, held, strict=True) if has}


def _holds(listed: Sequence[str | None], item: DataInput) -> bool:
    if item.nfiles is None:
        return item.path in listed
    return sum(path.startswith(f"{item.path}/") for path in listed if path) >= item.nfiles > 0

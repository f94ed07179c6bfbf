"""After the child: turn a live folder into a manifest.

What is collected lies in ``harvest``, one subject per file; here is the order, and what is put in place.
Everything that is needed lies in the folder, so that the next expctl command can do the same for a run whose
expctl was killed. What is written comes in an order in which a stop at any instant leaves only whole files:
objects, package list, pointer, manifest, copy; then the folder goes.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from functools import partial

from expctl.actions import keeping, placing
from expctl.actions.harvest import code, ended, environment, inputs, left, metrics, outputs
from expctl.actions.probes import attempt
from expctl.adapters import files
from expctl.core import secretshapes
from expctl.core.manifest import Capture, Command, Manifest
from expctl.errors import ConflictError, GitError, ManifestError
from expctl.store import live, manifests
from expctl.typed import TYPE_CHECKING, NamedTuple
from expctl.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from expctl.actions.harvest.ended import Ended
    from expctl.actions.harvest.left import Left
    from expctl.capture.metrics.gather import Printed
    from expctl.capture.outputwalk import Atlas
    from expctl.project import Project
    from expctl.store.live import LiveRun


class Finished(NamedTuple):
    """A record in place.

    Attributes:
        manifest: What it says.
        path: The manifest's file; None if the work tree could not take it and only the copy exists.
        files: Repository paths of everything that belongs to the record.
        said: What its owner should know.
    """

    manifest: Manifest
    path: Path | None
    files: tuple[str, ...]
    said: tuple[str, ...]


def finish(
    project: Project,
    folder: Path,
    *,
    secrets: tuple[str, ...] = (),
    run: LiveRun | None = None,
    surveyed: Atlas | None = None,
    printed: Printed | None = None,
) -> Finished:
    """Make the record of a run whose child has ended, or whose expctl and child are gone.

    Args:
        project: Where.
        folder: The live folder.
        secrets: Values that must not stand in the kept output; known only to who started the child.
        run: What its own expctl remembers; otherwise the folder is read.
        surveyed: Where files lay while it ran.
        printed: What was read of a long output while it ran.

    Raises:
        ConflictError: Somebody else is finishing it.
        ExpctlError: The git directory is gone, or the manifest cannot be written so that it can be read.
        OSError: Neither the work tree nor the git directory takes the manifest.
    """
    if not project.common.is_dir():
        raise GitError(f"{project.common} is gone.")
    with files.locked(folder / "lock", wait=False) as held:
        found = (run or live.read(folder)) if held else None
        if found is None:
            raise ConflictError(f"Run {folder.name} is being finished by another expctl command.")
        known = ended.of(project, found, secrets, sealed=run is None)
        record = _Finish(known._replace(surveyed=surveyed, printed=printed))
        done = record.write()
    return _with_jobs(done, project, record.jobs, secrets) if record.jobs else done


def _with_jobs(done: Finished, project: Project, folders: list[Path], secrets: tuple[str, ...]) -> Finished:
    """Finish the jobs of a multirun as well; whatever becomes of them, the sweep's own record stands."""
    notes: list[str] = []
    tries = [
        attempt(notes, folder.name, partial(finish, project, folder, secrets=secrets), None)
        for folder in folders
    ]
    jobs = [each for each in tries if each is not None]
    said = [f"the {len(jobs)} jobs of the multirun are recorded as runs of their own"] if jobs else []
    belongs = [file for each in (done, *jobs) for file in each.files]
    return done._replace(files=tuple(dict.fromkeys(belongs)), said=(*done.said, *said, *notes))


class _Finish:
    """One record being made."""

    def __init__(self, found: Ended) -> None:
        self.ended = found
        self.project = found.project
        self.place = placing.choose(found.project, found.home, found.run.id)
        self.jobs: list[Path] = []

    def write(self) -> Finished:
        manifest = self._earlier() or self._put(self._manifest())
        packages = manifest.environment.packages if manifest.environment else None
        place = self.place
        if self.ended.sealed:
            placing.tidy(place)
        if place.fault is None:
            with contextlib.suppress(OSError):
                keeping.keep_copy(self.project.finished, place.manifest, place.experiments, packages)
        live.remove(self.ended.folder)
        if place.fault is not None:
            where = f"the record lies in {self.project.finished}, and 'expctl doctor' brings it back"
            return Finished(manifest, None, (), (f"{place.fault}; {where}",))
        belongs = [place.manifest, place.pointer, *([place.experiments / packages] if packages else [])]
        listed = tuple(str(file.relative_to(self.ended.home)) for file in belongs if file.exists())
        return Finished(manifest, place.manifest, listed, ())

    def _earlier(self) -> Manifest | None:
        """The manifest that is in its place already; only the copy may be missing then."""
        path = self.place.manifest
        if not os.path.lexists(path):
            return None
        try:
            return manifests.read(path, expect_id=self.ended.run.id)
        except ManifestError:
            # Not ours: we write whole files only.
            self.place = placing.aside(self.project, self.ended.run.id, f"{path} is something else")
            return None

    def _manifest(self) -> Manifest:
        run, state, outcome = self.ended, self.ended.state, self.ended.outcome
        source = code.SourceTree(run)
        tree = left.look(run)
        measured = metrics.measure(run, tree)
        params, params_from = metrics.all_params(run, measured, tree)
        found = outputs.collect(run, measured, source, tree)
        written = frozenset(measured.read_files) | {path for item in found.found for path, _ in item.files()}
        data = inputs.recheck(run, written)
        where = environment.describe(run, self.place.experiments)
        edited = code.describe(run, source, written)
        self.jobs = _open_jobs(run, tree)
        kept = outputs.keep(run, self.place.pointer, measured, found, data.stored, source)
        return Manifest(
            id=run.run.id,
            name=state["name"],
            experiment=state["experiment"],
            status=outcome["status"],
            started_at=datetime.fromisoformat(state["started_at"]),
            duration_s=outcome.get("duration_s"),
            command=Command(argv=tuple(state["argv"]), cwd=state["cwd"], exit_code=outcome["exit_code"]),
            code=edited,
            params=params,
            params_from=params_from,
            metrics=measured.metrics,
            data=data.inputs,
            artifacts=kept.artifacts,
            environment=where,
            seeds=metrics.seeds(run, measured.seeds),
            resources=environment.resources(outcome),
            outputs=kept.outputs,
            tags={**measured.tags, **state["tags"]},
            notes=tuple(state["notes"]),
            parent=state["parent"],
            capture=Capture(
                expctl=VERSION, notes=tuple(dict.fromkeys(run.notes)), hooks=bool(state.get("hooks", True))
            ),
        )

    def _put(self, manifest: Manifest) -> Manifest:
        content, secrets = manifests.encode(manifest), self.ended.secrets
        if secrets or secretshapes.may_hold_secret(content):
            from expctl.core import secretfree  # most manifests do not even speak of any

            manifest = secretfree.clean(manifest, secrets)
            content = manifests.encode(manifest)
        self.place = placing.put(self.project, self.place, content)
        return manifest


def _open_jobs(run: Ended, tree: Left) -> list[Path]:
    """Make the live folders of a multirun's jobs, before the sweep's own is gone: so none is ever lost."""
    if not tree.jobs:
        return []
    from expctl.actions.harvest import jobs  # only Hydra leaves such

    return attempt(run.notes, "jobs", lambda: jobs.open_all(run, tree.jobs), [])

"""After the child: turn a live folder into a manifest.

Everything that is needed lies in the folder, so that the next expctl command can do the same for a run whose
expctl was killed. What is written comes in an order in which a stop at any instant leaves only whole files:
objects, package list, pointer, manifest, copy; then the folder goes.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime

from expctl.actions import beside, keeping, placing, setup
from expctl.actions.probes import attempt
from expctl.adapters import clock, files, git
from expctl.capture import artifacts, code, data
from expctl.capture.metrics import gather as metrics
from expctl.core import params
from expctl.core.manifest import Capture, Command, Manifest, Resources, Seeds
from expctl.errors import ConflictError, GitError, ManifestError
from expctl.store import cache as bytes_of
from expctl.store import live, manifests, outputs, snapshots
from expctl.typed import TYPE_CHECKING, Any, NamedTuple
from expctl.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.core.manifest import CodeState, DataInput, Environment
    from expctl.project import Project
    from expctl.store.live import LiveRun

_SET_BACK_NS = 10**9


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
    project: Project, folder: Path, *, secrets: tuple[str, ...] = (), run: LiveRun | None = None
) -> Finished:
    """Make the record of a run whose child has ended, or whose expctl and child are gone.

    Args:
        project: Where.
        folder: The live folder.
        secrets: Values that must not stand in the kept output; known only to who started the child.
        run: What its own expctl remembers; otherwise the folder is read.

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
        return _Finish(project, found, secrets, sealed=run is None).write()


class _Finish:
    """One record being made; ``notes`` collects what could not be captured."""

    def __init__(self, project: Project, run: LiveRun, secrets: tuple[str, ...], *, sealed: bool) -> None:
        self.project = project
        self.run = run
        self.secrets = secrets
        self.sealed = sealed
        self.state = run.state
        self.outcome: Mapping[str, Any] = run.outcome or {"status": "killed", "exit_code": None, "notes": []}
        self.root = run.root
        self.cwd = run.root / run.state["cwd"]
        self.place = placing.choose(project, run.root, run.id)
        self.said: list[str] = []
        self._source: frozenset[str] | None = None
        self.notes: list[str] = [*run.state["capture_notes"], *self.outcome["notes"]]
        self.since_ns = self._since()

    def write(self) -> Finished:
        manifest = self._earlier() or self._put(self._manifest())
        packages = manifest.environment.packages if manifest.environment else None
        place = self.place
        if self.sealed:
            placing.tidy(place)
        if place.fault is None:
            with contextlib.suppress(OSError):
                keeping.keep_copy(self.project.finished, place.manifest, place.experiments, packages)
        live.remove(self.run.folder)
        if place.fault is not None:
            where = f"the record lies in {self.project.finished}, and 'expctl doctor' brings it back"
            self.said.append(f"{place.fault}; {where}")
            return Finished(manifest, None, (), tuple(self.said))
        belongs = [place.manifest, place.pointer, *([place.experiments / packages] if packages else [])]
        listed = tuple(str(file.relative_to(self.root)) for file in belongs if file.exists())
        return Finished(manifest, place.manifest, listed, tuple(self.said))

    def _since(self) -> int:
        """When the run started, on the clock that its last files were written by."""
        started_ns: int = self.state["started_ns"]
        lasted_ns = round(self.outcome.get("duration_s", 0.0) * 1e9)
        back_ns: int = started_ns + lasted_ns - clock.wall_ns()
        if back_ns < _SET_BACK_NS:
            return started_ns
        self.notes.append(
            f"the clock was set back by {back_ns / 1e9:.0f} s; older files may be listed as outputs"
        )
        return started_ns - back_ns

    def _earlier(self) -> Manifest | None:
        """The manifest that is in its place already; only the copy may be missing then."""
        path = self.place.manifest
        if not os.path.lexists(path):
            return None
        try:
            return manifests.read(path, expect_id=self.run.id)
        except ManifestError:
            # Not ours: we write whole files only.
            self.place = placing.aside(self.project, self.run.id, f"{path} is something else")
            return None

    def _manifest(self) -> Manifest:
        measured = attempt(
            self.notes,
            "metrics",
            lambda: metrics.gather(
                self.run.folder,
                self.root,
                self.cwd,
                self.state["metrics"],
                self.since_ns,
                self.project.config.directions,
            ),
            metrics.Measured({}, None, {}, {}, (), {}, (), ()),
        )
        self.notes += measured.notes
        given, origin = self.state["params"], self.state["params_from"]
        if measured.params:
            given, origin = params.overlay(given, origin, params.Source("api", measured.params))
        found = attempt(
            self.notes, "artifacts", lambda: self._artifacts(measured), artifacts.Collected([], [])
        )
        inputs = attempt(self.notes, "data", self._data, ())
        environment = self._environment()
        source = self._code(frozenset(measured.read_files) | {item.path for item in found.found})
        kept = self._keep(measured, found)
        return Manifest(
            id=self.run.id,
            name=self.state["name"],
            experiment=self.state["experiment"],
            status=self.outcome["status"],
            started_at=datetime.fromisoformat(self.state["started_at"]),
            duration_s=self.outcome.get("duration_s"),
            command=Command(
                argv=tuple(self.state["argv"]), cwd=self.state["cwd"], exit_code=self.outcome["exit_code"]
            ),
            code=source,
            params=given,
            params_from=origin,
            metrics=measured.metrics,
            data=inputs,
            artifacts=kept.artifacts,
            environment=environment,
            seeds=_seeds(self.state["seed"], measured.seeds),
            resources=_resources(self.outcome),
            outputs=kept.outputs,
            tags={**measured.tags, **self.state["tags"]},
            notes=tuple(self.state["notes"]),
            parent=self.state["parent"],
            capture=Capture(expctl=VERSION, notes=tuple(dict.fromkeys(self.notes))),
        )

    def _data(self) -> tuple[DataInput, ...]:
        watched = [data.Watched(*item) for item in self.state["watched"]]
        if not watched:
            return ()
        facts = live.read_json(self.run.folder / "data.json")
        if facts is None and self.sealed:
            # Whoever types `expctl ls` did not ask for an hour of hashing.
            self.notes.append("data: not hashed, for expctl was killed meanwhile")
            return data.unhashed(watched)
        if facts is None:
            facts = beside.hash_data(watched, root=self.root, common=self.project.common)
        self.notes += facts["notes"]
        return data.recheck(watched, beside.read_data(facts))

    def _artifacts(self, measured: metrics.Measured) -> artifacts.Collected:
        config = self.project.config
        cache = setup.cache_dir(self.project)
        found = artifacts.collect(
            self.root,
            self.state["cwd"],
            started_ns=self.since_ns,
            declared=self.state["artifacts"],
            logged=measured.artifacts,
            model_patterns=config.model_patterns,
            caps=artifacts.Caps(
                config.keep_models_bytes, config.keep_models_clone_bytes, lambda: bytes_of.used_bytes(cache)
            ),
            tracked=self._was_source,
        )
        self.notes += found.notes
        return found

    def _output(self, item: artifacts.Found) -> str | None:
        """Its path, if this run wrote it and it is nothing that a person writes."""
        written = os.stat(item.full).st_ctime_ns >= self.state["started_ns"]  # else declared, and only read
        made = item.kind in ("model", "figure") or (item.kind == "table" and not self._was_source(item.path))
        return item.path if written and made else None

    def _was_source(self, path: str) -> bool:
        if self._source is None:
            state = live.code_from(self.state)
            entries = git.ls_tree(self.root, state.tree, recursive=True) if state and state.tree else ()
            self._source = frozenset(item.path for item in entries)
        return path in self._source

    def _environment(self) -> Environment | None:
        facts = live.read_json(self.run.folder / "environment.json")
        if facts is None:
            # Killed before it was looked up: nor may the source tree have been pinned by then.
            state = live.code_from(self.state)
            ref = snapshots.LOCAL.format(snapshots.clone_id(self.project.state))
            beside.pin_tree(self.notes, self.root, self.project.common, state.tree if state else None, ref)
        if facts is None or (not facts.get("by_hook") and beside.reported(self.run.folder)):
            # Not looked up yet; or a Python process started late, from a shell script.
            facts = beside.look(
                [],
                tuple(self.state["argv"]),
                self.cwd,
                os.environ,
                root=self.root,
                common=self.project.common,
                folder=self.run.folder,
            )
        self.notes += facts.get("notes", ())
        environment, packages = beside.read_back(facts)
        if environment is None or packages is None:
            return environment
        from expctl.store import environments  # only Python programs have packages

        name = attempt(
            self.notes,
            "package list",
            lambda: environments.write(self.place.experiments, packages, python=environment.python),
            None,
        )
        return environment._replace(packages=name)

    def _code(self, written: frozenset[str]) -> CodeState | None:
        state = live.code_from(self.state)
        index = self.state["index"]
        if state is None or not index:
            return state
        changed = attempt(self.notes, "late edits", lambda: code.changed_since(self.root, index), ())
        return state._replace(changed_while_running=tuple(path for path in changed if path not in written))

    def _keep(self, measured: metrics.Measured, found: artifacts.Collected) -> keeping.Kept:
        place = keeping.Place(self.run.folder, setup.cache_dir(self.project), self.place.pointer)
        kept = keeping.keep(self.notes, place, found, series=measured.series, secrets=self.secrets)
        remember = lambda: outputs.add(  # noqa: E731
            self.project.state, {*measured.read_files, *filter(None, map(self._output, found.found))}
        )
        attempt(self.notes, "outputs", remember, None)
        return kept

    def _put(self, manifest: Manifest) -> Manifest:
        self.place = placing.put(self.project, self.place, manifests.encode(manifest))
        return manifest


def _seeds(requested: int | None, seen: Mapping[str, int | None]) -> Seeds | None:
    if requested is None and not seen:
        return None
    known = {name: value for name, value in seen.items() if value is not None}
    return Seeds(requested=requested, set=known, unset=tuple(name for name in seen if name not in known))


def _resources(outcome: Mapping[str, Any]) -> Resources | None:
    if "cpu_s" not in outcome:
        return None
    return Resources(cpu_s=outcome["cpu_s"], max_rss_bytes=outcome["max_rss_bytes"])

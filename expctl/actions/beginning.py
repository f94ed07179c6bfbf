"""Before the child starts: what must be noted while it is still true. The only wait that a user feels."""

from __future__ import annotations

import os

from expctl.actions.probes import attempt
from expctl.actions.request import environment
from expctl.adapters import clock
from expctl.capture import code, data
from expctl.capture.params import gather as params
from expctl.capture.untracked import Limits
from expctl.core import redact, runid
from expctl.errors import CannotStartError
from expctl.store import live, outputs, snapshots
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from expctl.actions.request import Request
    from expctl.core.jobs import Rank
    from expctl.project import Project

#: Wrapping these records the submission, not the training.
_SUBMITTERS = frozenset(("sbatch", "qsub", "bsub", "ssh"))

#: Any of these is in the environment of whatever runs in a job or has a rank.
_JOB_SIGNS = frozenset((
    "SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "SGE_TASK_ID", "RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK",
))  # fmt: skip
#: More strange settings are for ``expctl config list``.
_MOST_WARNINGS = 5
_NO_PARAMS = params.Gathered({}, {}, (), ())


class _Seen(NamedTuple):
    before: code.Before | None
    gathered: params.Gathered
    watched: list[data.Watched]


class Begun(NamedTuple):
    """A run that is about to start.

    Attributes:
        project: Where.
        run: What is known of it.
        folder: Its live folder.
        env: The child's environment.
        tree: The source tree to pin, or None.
        ref: The ref that pins it.
        said: What its owner should know now.
        secrets: Values that must not be written, neither into the record nor into the log.
    """

    project: Project
    run: live.LiveRun
    root: Path
    home: Path
    common: Path
    folder: Path
    argv: tuple[str, ...]
    cwd: Path
    env: dict[str, str]
    tree: str | None
    ref: str
    hooks: bool
    watched: tuple[data.Watched, ...]
    said: tuple[str, ...]
    secrets: tuple[str, ...] = ()


def begin(project: Project, request: Request) -> Begun:
    """Make the live folder and note what is true now.

    Raises:
        CannotStartError: There is no place to write the record.
    """
    _ = project.config  # settings at fault stop us here, before anything is made
    said = _set_up(project)
    hooks = project.config.hooks if request.hooks is None else request.hooks
    folder = _folder(project, started := clock.now())
    try:
        begun = _note(project, request, folder, started, hooks=hooks)
    except BaseException as err:
        live.remove(folder)
        if isinstance(err, OSError):
            raise CannotStartError(f"Cannot write into {folder}: {err.strerror}.") from err
        raise
    return begun._replace(said=(*said, *begun.said))


def _note(project: Project, request: Request, folder: Path, started: datetime, *, hooks: bool) -> Begun:
    notes = list[str]()
    seen = _look(project, request, folder, notes)
    env = environment(request, folder, hooks=hooks)
    secrets = attempt(notes, "secrets", lambda: _secrets(request, env, seen), ())
    run = live.write_state(folder, _state(project, request, folder, started, seen, notes, secrets=secrets))
    return Begun(
        project=project,
        run=run,
        root=project.root,
        home=project.home,
        common=project.common,
        folder=folder,
        argv=request.argv,
        cwd=project.root / project.prefix,
        env=env,
        tree=None if seen.before is None else seen.before.code.tree,
        ref=snapshots.LOCAL.format(snapshots.clone_id(project.state)),
        hooks=hooks,
        watched=tuple(seen.watched),
        said=tuple(_warnings(project, request)),
        secrets=secrets,
    )


def _look(project: Project, request: Request, folder: Path, notes: list[str]) -> _Seen:
    before = attempt(notes, "source code", lambda: _source(project, folder), None)
    gathered = attempt(notes, "parameters", lambda: _params(project, request), _NO_PARAMS)
    declared = (*project.config.data, *request.data)
    watched = attempt(
        notes,
        "data",
        lambda: data.watch(project.root, project.prefix, declared, _named_data(project, request, gathered)),
        [],
    )
    notes += [*project.config.ignored, *(before.notes if before else ()), *gathered.notes]
    return _Seen(before, gathered, watched)


def _job(request: Request) -> dict[str, Any]:
    """The job that the run is a part of, and what the other ranks of a distributed one know it by."""
    parent = dict(request.parent)
    if _JOB_SIGNS.isdisjoint(os.environ):
        return {"parent": parent}
    from expctl.core import jobs  # only what runs on a cluster needs it

    job: dict[str, Any] = dict(jobs.job_of(os.environ))
    rank, known_by = own_rank(), None
    if rank is not None:
        job |= {"rank0": True} if rank.number == 0 else {"rank": rank.number}
        known_by = [rank.key, jobs.digest(rank, request.argv)] if rank.number == 0 else None
    return {"parent": {**parent, "job": job} if job else parent, "rank0": known_by}


def own_rank() -> Rank | None:
    """The rank that this process has; None for one that is alone, or inside of a run already."""
    # The environment of a job may still name the run that submitted it, which has ended long ago.
    if _JOB_SIGNS.isdisjoint(os.environ) or os.path.isdir(os.environ.get("EXPCTL_RUN_DIR", "")):
        return None
    from expctl.core import jobs

    return jobs.rank_of(os.environ, os.uname().nodename)


def _secrets(request: Request, env: dict[str, str], seen: _Seen) -> tuple[str, ...]:
    """The secrets that this run is given, wherever they stand: they are hidden everywhere."""
    found = [*seen.gathered.secrets]
    redact.redact_tree(request.tags, found=found)
    for note in request.notes:
        redact.redact_text(note, found=found)
    declared = [each.path for each in seen.watched if not each.full]
    return redact.known_secrets([*found, *redact.secrets_of(env, (*request.argv, *declared))])


def _state(  # noqa: PLR0913 all that is known
    project: Project,
    request: Request,
    folder: Path,
    started: datetime,
    seen: _Seen,
    notes: list[str],
    *,
    secrets: tuple[str, ...],
) -> dict[str, Any]:
    """What must be known to make the record, should somebody else have to make it."""

    def clean(text: str) -> str:
        return redact.redact_text(text, known=secrets)[0]

    argv, redacted = redact.redact_argv(request.told or request.argv, known=secrets)
    tags, hidden = redact.redact_tree(request.tags, known=secrets)
    notes += [f"redacted: {what}" for what in (*redacted, *hidden)]
    config = project.config
    return {
        "root": str(project.root),
        "home": str(project.home),
        "started_at": started.isoformat(),
        # To be compared with the times of files: a file server's clock may be behind ours.
        "started_ns": min(clock.wall_ns(), os.stat(folder).st_mtime_ns),
        "name": None if request.name is None else clean(request.name),
        "experiment": clean(request.experiment or config.experiment),
        "argv": list(argv),
        "cwd": project.prefix,
        "code": None if seen.before is None else live.code_facts(seen.before.code),
        "index": None if seen.before is None else seen.before.index_file,
        "params": redact.redact_tree(seen.gathered.params, known=secrets)[0],
        "params_from": dict(seen.gathered.params_from),
        "tags": tags,
        "notes": [clean(note) for note in request.notes],
        **_job(request),
        "seed": request.seed,
        "hooks": project.config.hooks if request.hooks is None else request.hooks,
        "watched": [
            list(item if item.full else item._replace(path=clean(item.path))) for item in seen.watched
        ],
        "artifacts": [*config.artifacts, *request.artifacts],
        "keep": [*config.keep, *request.keep],
        "no_keep": request.no_keep,
        "metrics": [*config.metrics_files, *map(clean, request.metrics)],
        "capture_notes": [clean(note) for note in notes],
    }


def _set_up(project: Project) -> list[str]:
    for folder in (project.experiments, project.runs):
        if os.path.islink(folder):
            raise CannotStartError(
                f"{folder} is a link; the record would be written outside of the repository."
            )
    if (project.experiments / ".gitattributes").is_file():
        return []
    from expctl.actions import setup

    ignored = setup.ignored_cache(project)
    try:
        made = setup.ensure(project)
    except OSError as err:
        raise CannotStartError(f"Cannot make {project.experiments}: {err.strerror}.") from err
    project.read_config_again()
    return [*(["made .experiments/ (see expctl init)"] if made else []), *([ignored] if ignored else [])]


def _folder(project: Project, started: datetime) -> Path:
    for _ in range(100):
        try:
            return live.create(project.live, runid.make(started, clock.noise(6)))
        except FileExistsError:
            continue
        except OSError as err:
            raise CannotStartError(f"Cannot write into {project.live}: {err.strerror}.") from err
    raise CannotStartError("No free run id after 100 tries.")


def _source(project: Project, folder: Path) -> code.Before:
    return code.take(
        project.root,
        project.git_dir,
        folder,
        memory=project.state / "cache",
        common=project.common,
        limits=Limits(project.config.untracked_file_bytes, project.config.untracked_total_bytes),
        is_output=outputs.recogniser(project.state),
    )


def _params(project: Project, request: Request) -> params.Gathered:
    return params.gather(
        request.argv,
        project.root / project.prefix,
        project.root,
        request.params,
        project.config.params_files,
    )


def _named_data(project: Project, request: Request, gathered: params.Gathered) -> list[str]:
    return data.existing_words(
        request.argv, _texts(gathered.params), project.root, project.root / project.prefix
    )


def _texts(value: Any) -> list[str]:
    """All strings inside nested parameters."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]


def _warnings(project: Project, request: Request) -> list[str]:
    # What was not believed stands among what is not captured.
    config = project.config
    said = [warning for warning in config.warnings if warning not in config.ignored][:_MOST_WARNINGS]
    if request.data or request.metrics or request.artifacts:
        from expctl.actions import doubting

        said += doubting.doubts(request, str(project.root), project.prefix)
    if request.argv and os.path.basename(request.argv[0]) in _SUBMITTERS:
        from expctl.actions import submitting

        said.append(submitting.advice(request.argv, project.root / project.prefix))
    return said

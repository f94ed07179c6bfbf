"""Before the child starts: what must be noted while it is still true. The only wait that a user feels."""

from __future__ import annotations

import os

from expctl import hook
from expctl.actions.probes import attempt
from expctl.adapters import clock
from expctl.capture import code, data
from expctl.capture.params import gather as params
from expctl.capture.untracked import Limits
from expctl.core import redact
from expctl.errors import CannotStartError, ExpctlError
from expctl.store import live, outputs, snapshots
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from expctl.actions.opening import Opened
    from expctl.actions.request import Request
    from expctl.project import Project

#: Wrapping these records the submission, not the training.
_SUBMITTERS = {"sbatch": "sbatch", "qsub": "qsub", "bsub": "bsub", "ssh": "ssh"}


_NO_PARAMS = params.Gathered({}, {}, (), ())


class _Seen(NamedTuple):
    before: code.Before | None
    gathered: params.Gathered
    watched: list[data.Watched]


class Begun(NamedTuple):
    """A run that is about to start.

    Attributes:
        folder: Its live folder.
        env: The child's environment.
        tree: The source tree to pin, or None.
        ref: The ref that pins it.
        said: What its owner should know now.
    """

    root: Path
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


def begin(project: Project, request: Request, opened: Opened) -> Begun:
    """Note what is true now.

    Raises:
        CannotStartError: There is no place to write the record.
        ExpctlError: The settings cannot be read.
    """
    try:
        return _note(project, request, opened)
    except OSError as err:
        opened.give_up()
        raise CannotStartError(f"Cannot write into {opened.folder}: {err.strerror}.") from err
    except ExpctlError:
        opened.give_up()
        raise


def _note(project: Project, request: Request, opened: Opened) -> Begun:
    config, notes = project.config, list[str]()
    hooks = config.hooks if request.hooks is None else request.hooks
    seen = _look(project, request, opened, notes)
    folder = opened.folder
    live.write_state(folder, _state(project, request, opened.started, seen, notes))
    return Begun(
        root=project.root,
        common=project.common,
        folder=folder,
        argv=request.argv,
        cwd=project.root / project.prefix,
        env=_environment(request, folder, hooks=hooks),
        tree=None if seen.before is None else seen.before.code.tree,
        ref=snapshots.LOCAL.format(snapshots.clone_id(project.state)),
        hooks=hooks,
        watched=tuple(seen.watched),
        said=(*opened.said, *_warnings(request.argv)),
    )


def _look(project: Project, request: Request, opened: Opened, notes: list[str]) -> _Seen:
    gathered = attempt(notes, "parameters", lambda: _params(project, request), _NO_PARAMS)
    declared = (*project.config.data, *request.data)
    watched = attempt(
        notes,
        "data",
        lambda: data.watch(project.root, project.prefix, declared, _named_data(project, request, gathered)),
        [],
    )
    # Last: git has been looking at the work tree since the run was opened.
    before = attempt(notes, "source code", lambda: _source(project, opened), None)
    notes += [*(before.notes if before else ()), *gathered.notes]
    return _Seen(before, gathered, watched)


def _state(
    project: Project, request: Request, started: datetime, seen: _Seen, notes: list[str]
) -> dict[str, Any]:
    """What must be known to make the record, should somebody else have to make it."""
    argv, redacted = redact.redact_argv(request.argv)
    tags, hidden = redact.redact_tree(request.tags)
    notes += [f"redacted: {what}" for what in (*redacted, *hidden)]
    config = project.config
    return {
        "root": str(project.root),
        "started_at": started.isoformat(),
        "started_ns": clock.wall_ns(),
        "name": request.name,
        "experiment": request.experiment or config.experiment,
        "argv": list(argv),
        "cwd": project.prefix,
        "code": None if seen.before is None else live.code_facts(seen.before.code),
        "index": None if seen.before is None else seen.before.index_file,
        "params": dict(seen.gathered.params),
        "params_from": dict(seen.gathered.params_from),
        "tags": tags,
        "notes": [redact.redact_text(note)[0] for note in request.notes],
        "parent": dict(request.parent),
        "seed": request.seed,
        "watched": [list(item) for item in seen.watched],
        "artifacts": [*config.artifacts, *request.artifacts],
        "metrics": [*config.metrics_files, *request.metrics],
        "capture_notes": notes,
    }


def _source(project: Project, opened: Opened) -> code.Before:
    return code.take(
        project.root,
        opened.looking,
        limits=Limits(project.config.untracked_file_bytes, project.config.untracked_total_bytes),
        is_output=outputs.recogniser(project.state, project.config.model_patterns),
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


def _environment(request: Request, folder: Path, *, hooks: bool) -> dict[str, str]:
    env = dict(os.environ)
    env["EXPCTL_RUN_DIR"] = str(folder)
    env["EXPCTL_RUN_ID"] = folder.name
    if request.seed is not None:
        env["EXPCTL_SEED"] = env["PYTHONHASHSEED"] = str(request.seed)
    if hooks:
        place = os.path.dirname(os.path.abspath(hook.__file__))
        env["EXPCTL_HOOK"] = "1"
        env["PYTHONPATH"] = os.pathsep.join([place, *filter(None, [env.get("PYTHONPATH")])])
    return env


def _warnings(argv: tuple[str, ...]) -> list[str]:
    tool = os.path.basename(argv[0]) if argv else ""
    if tool not in _SUBMITTERS:
        return []
    return [f"only the submission is recorded; put 'expctl run -- …' into the script that {tool} starts"]

"""Record a run: what is true before, the command itself, and what is true after.

The order is the promise. Before the child starts only what is needed is done; everything slow happens beside
it; and once it has started its exit code is what counts, whatever becomes of the record.
"""

from __future__ import annotations

import contextlib
import os
import signal

from expctl.actions import beginning
from expctl.actions.beside import Beside
from expctl.actions.probes import attempt
from expctl.adapters import child, clock, files
from expctl.errors import ExpctlError
from expctl.store import live
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from expctl.actions import finishing
    from expctl.actions.request import Request
    from expctl.core.manifest import Manifest
    from expctl.project import Project

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: What ``run --strict`` gives when the record could not be saved.
_NOT_RECORDED = 125


class Recorded(NamedTuple):
    """What became of it.

    Attributes:
        exit_code: The child's, as a shell gives it.
        manifest: The record; None when it could not be made.
        path: Where it lies; None when it is not in the work tree.
        committed: The commit that holds it, if one was asked for.
        said: What its owner should know, one sentence each.
        ragged: Whether the child's last line is not ended, so that a message would be glued to it.
    """

    exit_code: int
    manifest: Manifest | None
    path: Path | None
    committed: str | None
    said: tuple[str, ...]
    ragged: bool = False


class Session:
    """A run whose process is not started by us: the present one."""

    def __init__(self, project: Project, request: Request) -> None:
        self._project = project
        self._request = request
        self._begun = _begin(project, request)
        self._beside = Beside(self._begun)
        self._started_s = clock.monotonic_s()
        self._used_s = _own_use()["cpu_s"]
        self._beside.start(os.getpid())

    @property
    def id(self) -> str:
        """The run's id."""
        return self._begun.folder.name

    @property
    def directory(self) -> Path:
        """The live folder, where events are appended."""
        return self._begun.folder

    def close(self, status: str = "completed", exit_code: int | None = 0) -> Recorded:
        """End the run and write its manifest."""
        outcome: dict[str, Any] = {
            "status": status,
            "exit_code": exit_code,
            "duration_s": round(clock.monotonic_s() - self._started_s, 6),
            "notes": [],
        }
        used = _own_use()
        outcome |= {**used, "cpu_s": round(used["cpu_s"] - self._used_s, 6)}
        return _conclude(self._project, self._request, self._begun, self._beside, outcome)


def _own_use() -> dict[str, Any]:
    from expctl.adapters import usage  # no part of `expctl run`

    return usage.own()


def open_session(project: Project, request: Request) -> Session:
    """Begin a run that is the present process."""
    return Session(project, request)


def record(
    project: Project,
    request: Request,
    *,
    say: Callable[[str], None] | None = None,
    started: Callable[[], object] = lambda: None,
) -> Recorded:
    """Run a command and record it.

    Args:
        project: Where.
        request: What.
        say: Told, before the child starts, what its owner should know by then.
        started: Told when the child has.

    Raises:
        CannotStartError: The command could not be started; nothing is recorded.
        ExpctlError: There is nothing to record into.
    """
    if beginning.own_rank() is not None:
        from expctl.actions import ranks  # only what a launcher started several times needs it

        done = ranks.run_alongside(project, request)
        if done is not None:
            return Recorded(done.exit_code, None, None, None, done.said, done.ragged)
    begun = _begin(project, request)
    for line in begun.said if say else ():
        say(line)  # type: ignore[misc]  # "if say" above
    beside = Beside(begun)
    running = False

    def watch(pid: int) -> None:
        nonlocal running
        running = True
        started()
        with contextlib.suppress(OSError):
            live.write_child(begun.folder, pid)
        beside.start(pid)

    plan = child.Plan(
        argv=request.argv,
        cwd=str(project.root / project.prefix),
        env=begun.env,
        log=str(begun.folder / "output.log"),
        log_limit=project.config.log_bytes,
        timeout_s=request.timeout_s,
        mark=("EXPCTL_RUN_ID", begun.folder.name),
        secrets=begun.secrets,
    )
    position = files.reading_position(0)
    try:
        ending = child.run(plan, started=watch)
    except BaseException:
        if not running:
            live.remove(begun.folder)
        raise
    outcome = beside.used(_outcome_of(ending, position))
    recorded = _conclude(project, request, begun, beside, outcome)._replace(ragged=ending.ragged)
    if request.strict and recorded.path is None:
        return recorded._replace(exit_code=_NOT_RECORDED)
    return recorded


def _begin(project: Project, request: Request) -> beginning.Begun:
    sealed = _seal(project)
    begun = beginning.begin(project, request)
    return begun._replace(said=(*sealed, *begun.said))


def _seal(project: Project) -> list[str]:
    """Finish what dead runs left: otherwise the files of this run would be taken for theirs."""
    if project.is_at_rest:
        return []
    from expctl.actions import sealing  # mostly nothing else runs

    sealed = attempt([], "dead runs", lambda: sealing.seal_dead(project), [])
    return [f"finished the record of {each.manifest.id} ({each.manifest.status})" for each in sealed]


def _outcome_of(ending: child.Ending, position: int | None) -> dict[str, Any]:
    notes = []
    now = files.reading_position(0)
    if position is not None and now is not None and now > position:
        from expctl.core.manifest import FROM_STDIN  # rare, and not needed to start a command

        notes.append(FROM_STDIN)
    if ending.log_cut:
        notes.append("the output is longer than log_bytes; its middle is not in the log")
    if ending.log_fault:
        notes.append(f"the output could not be kept: {ending.log_fault}")
    if ending.shown_fault:
        notes.append(f"some output could not be shown: {ending.shown_fault}")
    if ending.held:
        notes.append("what processes write that the command left running")
    if ending.timed_out:
        notes.append("ended by --timeout")
    if ending.log_hidden:
        notes.append(f"redacted: {ending.log_hidden} places of the kept output that held known secrets")
    return {
        "status": _status_of(ending),
        "exit_code": ending.exit_code,
        "duration_s": round(ending.duration_s, 6),
        "cpu_s": round(ending.cpu_s, 6),
        "max_rss_bytes": ending.max_rss_bytes,
        "notes": notes,
    }


def _status_of(ending: child.Ending) -> str:
    if ending.timed_out:
        return "interrupted"
    if ending.exit_code == 0:
        return "completed"
    if ending.signal is not None:
        return "interrupted" if ending.signal in _ENDING_SIGNALS else "killed"
    # Many programs turn a signal into an exit code of their own.
    return "interrupted" if ending.received is not None else "failed"


def _conclude(
    project: Project, request: Request, begun: beginning.Begun, beside: Beside, outcome: dict[str, Any]
) -> Recorded:
    """Write the record. From here on nothing may change the exit code, be it a fault of ours."""
    exit_code = outcome["exit_code"] or 0
    try:
        live.write_outcome(begun.folder, outcome)
        from expctl.actions import finishing

        beside.finish()
        known = begun.run._replace(outcome=outcome)
        finished = finishing.finish(
            project,
            begun.folder,
            secrets=begun.secrets,
            run=known,
            surveyed=beside.surveyed,
            printed=beside.printed,
        )
    except (Exception, KeyboardInterrupt) as err:  # noqa: BLE001 see above
        return Recorded(exit_code, None, None, None, (_not_saved(begun.folder, err),))
    committed, said = None, list(finished.said)
    if (project.config.commit if request.commit is None else request.commit) and finished.path is not None:
        committed, more = _commit(project, finished)
        said += more
    return Recorded(exit_code, finished.manifest, finished.path, committed, tuple(said))


def _commit(project: Project, finished: finishing.Finished) -> tuple[str | None, list[str]]:
    """The commit, and what is to be said of it."""
    try:
        from expctl.actions import committing

        message = f"Record run {finished.manifest.id}"
        commit = committing.commit_files(project, list(finished.files), message)
    except (Exception, KeyboardInterrupt) as err:  # noqa: BLE001 as above
        return None, [f"not committed: {_reason(err)}; the files are left for your own commit"]
    try:
        return commit, _remarks(project, finished.manifest)
    except (Exception, KeyboardInterrupt):  # noqa: BLE001 as above
        return commit, []


def _remarks(project: Project, manifest: Manifest) -> list[str]:
    from expctl.actions import committing

    said = [f"did not apply to the commit: {what}" for what in committing.skipped(project)]
    began, now = manifest.code, committing.branch(project)
    if began is not None and now != began.branch:
        was = began.branch or "where HEAD was"
        said.append(f"committed to {now or 'no branch'}, which is checked out now, not to {was}")
    return said


def _not_saved(folder: Path, err: BaseException) -> str:
    said = f"the record could not be saved: {_reason(err)}"
    if not os.path.isdir(folder):
        return said
    return f"{said}; what was captured lies in {folder}, and the next expctl command tries again"


def _reason(err: BaseException) -> str:
    if isinstance(err, KeyboardInterrupt):
        return "interrupted"
    if isinstance(err, ExpctlError):
        return str(err).rstrip(".")
    if isinstance(err, OSError):
        return f"{err.strerror}: {err.filename}" if err.filename else err.strerror or type(err).__name__
    return f"{type(err).__name__}: {err}"

"""The jobs of a Hydra multirun become runs of their own: each gets a live folder, to be finished as any run.

A job has its own words, settings, output (when the jobs ran in turn), files and times; the rest it has from
the sweep's run, which is its ``parent.sweep``. What lies in a job's folder is the job's and not the sweep's.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from datetime import UTC, datetime

from expctl.adapters import clock, files
from expctl.capture.params import written
from expctl.core import commandline, events, multirun, params, redact, runid
from expctl.store import live
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from expctl.actions.harvest.ended import Ended
    from expctl.capture.outputwalk import Written
    from expctl.core.multirun import Job

#: The live folder's note of which job has which id, so that a second try makes no second record.
_IDS = "jobs.json"
_SETTINGS = ".hydra/hydra.yaml"
#: More jobs than this stay part of their sweep: somebody sweeps over more than a table shows.
_MOST_JOBS = 1000
_COPIED = ("environment.json", "data.json")
#: Where what Hydra says of a failure stands.
_TAIL = 1 << 20
_FROM_SWEEP = ("schema", "place", "process", "index")


def find(written_files: Sequence[Written]) -> list[Job]:
    """The jobs of multiruns among the files that a run wrote, by folder and number."""
    found: list[Job] = []
    for file in written_files:
        folder, _, name = file.path.partition(f"/{_SETTINGS}")
        if folder and not name and file.path.endswith(_SETTINGS):
            job = _job(folder, file)
            found += [job] if job is not None else []
    return sorted(found, key=lambda job: (os.path.dirname(job.folder), job.num))[:_MOST_JOBS]


def _job(folder: str, file: Written) -> Job | None:
    settings = written.settings_of(file.full)
    about, given = settings.get("job"), settings.get("overrides")
    if not isinstance(about, dict) or not isinstance(given, dict) or settings.get("mode") != "MULTIRUN":
        return None
    num, task = about.get("num"), given.get("task")
    if not isinstance(num, int) or not isinstance(task, list):
        return None
    launcher = settings.get("launcher")
    target = str(launcher.get("_target_")) if isinstance(launcher, dict) else ""
    return multirun_job(num, folder, [str(word) for word in task], file.changed_ns, target)


def multirun_job(num: int, folder: str, task: list[str], started_ns: int, launcher: str) -> Job:
    """A job, its secrets hidden."""
    words, _ = redact.redact_argv(task)
    return multirun.Job(num, folder, tuple(words), started_ns, multirun.is_in_turn(launcher))


def open_all(ended: Ended, jobs: Sequence[Job]) -> list[Path]:
    """Make the live folders of jobs, but for those that an earlier try has made.

    Returns:
        The folders.
    """
    ids = _ids(ended, jobs)
    output = _tail(ended.folder / "output.log")
    ends = multirun.endings(jobs, ended.outcome["status"], ended.outcome.get("exit_code"), output)
    ready: list[Path] = []
    fresh: dict[int, Path] = {}
    for place, job in enumerate(jobs):
        folder = ended.project.live / ids[job.folder]
        if live.read(folder) is not None:
            ready.append(folder)
            continue
        with contextlib.suppress(FileExistsError):
            live.create(ended.project.live, folder.name)
        fresh[place] = folder
    if all(job.in_turn for job in jobs) and len({os.path.dirname(job.folder) for job in jobs}) == 1:
        _part_output(
            ended.folder / "output.log", {jobs[place].num: folder for place, folder in fresh.items()}
        )
    _part_events(
        ended, {os.path.realpath(ended.root / jobs[place].folder): to for place, to in fresh.items()}
    )
    # Who ran is known of all jobs together; what was opened is not told apart, and stays with the sweep.
    processes = [name for name in os.listdir(ended.folder) if name.startswith("process-")]
    for place, folder in fresh.items():
        for name in (*_COPIED, *processes):
            with contextlib.suppress(OSError):
                shutil.copyfile(ended.folder / name, folder / name)
        if not jobs[place].in_turn:
            _take_log(ended.root / jobs[place].folder, folder, limit=ended.project.config.log_bytes)
        live.write_outcome(folder, _outcome(jobs, place, ends[place], ended))
        # Last: from now on it is a run to be finished.
        live.write_state(folder, _state(ended, jobs[place]))
    return [*ready, *fresh.values()]


def _ids(ended: Ended, jobs: Sequence[Job]) -> dict[str, str]:
    known = live.read_json(ended.folder / _IDS)
    ids: dict[str, str] = known if known is not None else {}
    for job in jobs:
        if not runid.is_valid(str(ids.get(job.folder))):
            started = datetime.fromtimestamp(job.started_ns / 1e9, UTC)
            ids[job.folder] = runid.make(started, clock.noise(6))
    files.write_atomic(ended.folder / _IDS, json.dumps(ids).encode())
    return ids


def _state(ended: Ended, job: Job) -> dict[str, Any]:
    state = {key: value for key, value in ended.state.items() if key not in _FROM_SWEEP}
    given, origin = _params(state, job)
    argv = multirun.command_of(state["argv"], job)
    return {
        **state,
        "scope": job.folder,
        "index": None,
        "name": f"{state['name']}-{job.num}" if state.get("name") else None,
        "argv": list(argv),
        "started_at": datetime.fromtimestamp(job.started_ns / 1e9, UTC).isoformat(timespec="microseconds"),
        "started_ns": job.started_ns,
        "params": given,
        "params_from": origin,
        "metrics": [],
        "artifacts": [word for word in state["artifacts"] if any(mark in word for mark in "*?[")],
        "parent": {**_kin(state), "sweep": ended.run.id},
        "capture_notes": ["one job of a Hydra multirun: its command is what would run it alone"],
    }


def _kin(state: dict[str, Any]) -> dict[str, Any]:
    """Where a sweep came from. What it repeats is a sweep, which none of its jobs is."""
    return {key: value for key, value in state["parent"].items() if key != "reproduces"}


def _params(state: dict[str, Any], job: Job) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was known before the start without the words of the sweep, and the job's own words instead."""
    said = set(state["params_from"].get("argv", ()))
    rest = params.nest({name: value for name, value in params.leaves(state["params"]) if name not in said})
    origin = {name: keys for name, keys in state["params_from"].items() if name != "argv"}
    values, _ = commandline.read_words(job.overrides)
    clean, _ = redact.redact_tree(params.nest(values))
    return params.overlay(rest, origin, params.Source("argv", clean))


def _outcome(jobs: Sequence[Job], place: int, ending: multirun.Ending, ended: Ended) -> dict[str, Any]:
    job = jobs[place]
    later = [other.started_ns for other in jobs if other.started_ns > job.started_ns]
    outcome: dict[str, Any] = {
        "status": ending.status, "exit_code": ending.exit_code, "notes": [ending.why] if ending.why else [],
    }  # fmt: skip
    sweep_ends_ns = ended.state["started_ns"] + round(ended.outcome.get("duration_s", 0.0) * 1e9)
    if job.in_turn:
        until_ns = min(later, default=sweep_ends_ns)
        outcome["duration_s"] = round(max(0, until_ns - job.started_ns) / 1e9, 6)
    return outcome


def _tail(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            return file.read()
    except OSError:
        return b""


def _part_output(log: Path, folders: dict[int, Path]) -> None:
    """Give each job what was printed from its announcement to the next; nothing where none is announced."""
    try:
        source = log.open("rb")
    except OSError:
        return
    with source, contextlib.ExitStack() as opened:
        parts: dict[int, Any] = {}
        for num, line in multirun.announced(source):
            if num is None or num not in folders:
                continue
            if num not in parts:
                if parts:
                    parts.popitem()[1].close()
                parts[num] = opened.enter_context((folders[num] / "output.log").open("ab"))
            parts[num].write(line)


def _take_log(written: Path, folder: Path, *, limit: int) -> None:
    """Of jobs that ran at one time nobody can part the output; each has the log that Hydra keeps of it."""
    with contextlib.suppress(OSError):
        logs = [name for name in os.listdir(written) if name.endswith(".log")]
        if len(logs) == 1:
            (folder / "output.log").write_bytes(files.read_plain(written / logs[0], limit=limit))


def _part_events(ended: Ended, folders: dict[str, Path]) -> None:
    """Give each job what its process logged through the API while it ran."""
    for name in os.listdir(ended.folder):
        if not name.startswith("events-"):
            continue
        parts: dict[Path, list[bytes]] = {}
        with contextlib.suppress(OSError), (ended.folder / name).open("rb") as source:
            folder = None
            for line in source:
                if line.startswith(events.JOB):
                    found = next(events.read_events(line), ("job", ""))
                    folder = folders.get(os.path.realpath(found[1]))
                if folder is not None:
                    parts.setdefault(folder, []).append(line)
        for folder, lines in parts.items():
            (folder / name).write_bytes(b"".join(lines))

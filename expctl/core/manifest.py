"""A manifest: what one run was, section by section.

The names of the fields are the keys of the file (schema ``expctl/run/v1``); ``core.schema`` has their order,
and alone turns manifests into plain dictionaries and back. Every section keeps the keys that it does not know
in ``extra``. Fields are always given by name. Why these are no dataclasses: ``docs/decisions``, 0009.
"""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SCHEMA = "expctl/run/v1"

#: The default of every mapping; shared, so never written to.
NOTHING: Mapping[str, Any] = {}

#: What the end of a run can be.
FINAL_STATUSES = ("completed", "failed", "interrupted", "killed", "lost")
#: What a run in the live folder can be; never in a manifest.
LIVE_STATUSES = ("running", "unknown")
#: How the note begins that names source which was edited before it was imported.
LATE_EDITS = "late edits: imported after a change, so the recorded source is not what ran: "
#: The note on what came through standard input: nobody can bring it back.
FROM_STDIN = "what was read from standard input"


class Command(NamedTuple):
    """The command that ran.

    Attributes:
        argv: The words after ``--``, secrets redacted.
        cwd: Where it ran, relative to the top of the repository, with ``/``.
        exit_code: 0-255; 128 + n for signal n; None if nobody saw the end.
    """

    argv: tuple[str, ...]
    cwd: str = "."
    exit_code: int | None = None
    extra: Mapping[str, Any] = NOTHING


class LeftOut(NamedTuple):
    """A file that belongs to the source tree by place, and is not in the snapshot."""

    path: str
    why: str
    extra: Mapping[str, Any] = NOTHING


class Submodule(NamedTuple):
    """The state of one submodule."""

    path: str
    commit: str
    dirty: bool
    extra: Mapping[str, Any] = NOTHING


class CodeState(NamedTuple):
    """The source tree at the moment a run began.

    Attributes:
        commit: Full SHA of ``HEAD``, 40 or 64 hex digits; None before the first commit.
        branch: Name of the branch; None on a detached HEAD.
        dirty: Whether anything but ``.experiments/`` differed from ``commit``.
        tree: Id of the exact content that ran, 40 or 64 hex digits; None if it could not be taken.
        changed_while_running: Source files edited between start and end.
        left_out: Files that are not in ``tree``, and why.
        submodules: Submodules, by path.
        imported: Source files that Python processes imported or ran, of many in one folder the folder with a
            ``/``; None when nobody looked.
        opened: Other files of the tree that they opened to be read, likewise.
    """

    commit: str | None = None
    branch: str | None = None
    dirty: bool = False
    tree: str | None = None
    changed_while_running: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    submodules: tuple[Submodule, ...] = ()
    imported: tuple[str, ...] | None = None
    opened: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = NOTHING


class Metric(NamedTuple):
    """The last value of a metric, and the summary of its series where there is one.

    Attributes:
        value: Last value; may be NaN or infinite.
        step: Step of the last value.
        min: Smallest finite value of the series.
        max: Largest finite value of the series.
        points: Number of values logged; 1 and absent from the file when there is no series.
        direction: ``max`` or ``min``: which way is better, where known.
        source: Where it came from when not logged by the script itself, such as ``output``.
    """

    value: float
    step: int | None = None
    min: float | None = None
    max: float | None = None
    points: int = 1
    direction: str | None = None
    source: str | None = None
    extra: Mapping[str, Any] = NOTHING


class DataInput(NamedTuple):
    """One input of a run: a file or folder by path, or an object by URI.

    Attributes:
        path: Relative to the top of the repository; absolute outside of it.
        uri: For what is not on this machine.
        md5: Content hash as DVC computes it; ends in ``.dir`` for folders.
        bytes: Size.
        nfiles: Number of files of a folder.
        dvc: The ``.dvc`` file (or ``dvc.yaml:stage``) that versions it.
        version: The version that its owner gave it.
        changed: Whether the bytes after the run differ from those before.
        stored: Whether the run's DVC directory holds the bytes (under ``data/<path>``).
    """

    path: str | None = None
    uri: str | None = None
    md5: str | None = None
    bytes: int | None = None
    nfiles: int | None = None
    dvc: str | None = None
    version: str | None = None
    etag: str | None = None
    version_id: str | None = None
    changed: bool = False
    stored: bool = False
    extra: Mapping[str, Any] = NOTHING


class Artifact(NamedTuple):
    """One thing that a run produced.

    Attributes:
        path: Relative to the top of the repository; never absolute, never with ``..``.
        md5: Content hash as DVC computes it; ends in ``.dir`` for folders.
        bytes: Size.
        nfiles: Number of files of a folder.
        kind: ``model``, ``figure``, ``table`` or ``file``.
        stored: Whether the run's DVC directory holds the bytes (under ``artifacts/<path>``).
    """

    path: str
    md5: str | None = None
    bytes: int | None = None
    nfiles: int | None = None
    kind: str = "file"
    stored: bool = False
    extra: Mapping[str, Any] = NOTHING


class Environment(NamedTuple):
    """Where the command ran.

    Attributes:
        python: Version of the child's interpreter; None when it was not Python.
        packages: ``environments/<sha12>.yaml``, relative to ``.experiments``.
        platform: Such as ``Linux-6.1-x86_64``.
        cpu: ``model`` (str) and ``cores`` (int).
        memory_bytes: Size of the main memory.
        gpus: For each GPU ``name``, ``driver``, ``memory_bytes``.
        cuda: Version of CUDA as the driver reports it.
        numeric: What moves floating-point results: ``blas``, ``threads``, ``pythonhashseed``, …
        container: Digest of the container image, when known.
        imported: Packages of the list that the command's Python processes imported; None when nobody looked.
    """

    python: str | None = None
    packages: str | None = None
    platform: str | None = None
    cpu: Mapping[str, Any] = NOTHING
    memory_bytes: int | None = None
    gpus: tuple[Mapping[str, Any], ...] = ()
    cuda: str | None = None
    numeric: Mapping[str, Any] = NOTHING
    container: str | None = None
    imported: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = NOTHING


class Seeds(NamedTuple):
    """Seeds asked for with ``--seed``, those in force by library, and generators that nobody seeded."""

    requested: int | None = None
    set: Mapping[str, int] = NOTHING
    unset: tuple[str, ...] = ()
    extra: Mapping[str, Any] = NOTHING


class Resources(NamedTuple):
    """What the run used.

    Attributes:
        cpu_s: Processor time of all its processes, in seconds.
        max_rss_bytes: Peak resident memory of all its processes together, shared pages counted once.
        gpu_max_memory_bytes: Peak memory on all GPUs together.
        gpu_utilization: Part of the time in which the GPUs that it used were busy, 0 to 1.
    """

    cpu_s: float | None = None
    max_rss_bytes: int | None = None
    gpu_max_memory_bytes: int | None = None
    gpu_utilization: float | None = None
    extra: Mapping[str, Any] = NOTHING


class Capture(NamedTuple):
    """Who recorded the run, what could not be captured, and whether its Python processes were watched."""

    expctl: str
    notes: tuple[str, ...] = ()
    hooks: bool = True
    extra: Mapping[str, Any] = NOTHING


class Manifest(NamedTuple):
    """One run.

    Attributes:
        id: ``YYYYMMDD-HHMMSS-xxxxxx``; see ``core.runid``.
        name: The name that its owner gave it.
        experiment: What it belongs to.
        status: One of ``FINAL_STATUSES``; one of ``LIVE_STATUSES`` only for a run in progress.
        started_at: Aware, UTC, microseconds.
        duration_s: Wall time of the child in seconds, from a monotonic clock.
        params: Typed and nested as in their source: str, bool, int, float, None, lists and dictionaries with
            str keys.
        params_from: Per source, ``file`` or the list of dotted keys that it gave.
        metrics: By name; a name may hold dots.
        outputs: ``log`` and ``series``: md5 of what the run's DVC directory holds.
        tags: Free text by name.
        parent: ``sweep``, ``reproduces`` and its ``verdict``, ``mlflow``, ``job``.
    """

    id: str
    status: str
    started_at: datetime
    command: Command
    schema: str = SCHEMA
    name: str | None = None
    experiment: str = "default"
    duration_s: float | None = None
    code: CodeState | None = None
    params: Mapping[str, Any] = NOTHING
    params_from: Mapping[str, Any] = NOTHING
    metrics: Mapping[str, Metric] = NOTHING
    data: tuple[DataInput, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    environment: Environment | None = None
    seeds: Seeds | None = None
    resources: Resources | None = None
    outputs: Mapping[str, str] = NOTHING
    tags: Mapping[str, str] = NOTHING
    notes: tuple[str, ...] = ()
    parent: Mapping[str, Any] = NOTHING
    capture: Capture | None = None
    extra: Mapping[str, Any] = NOTHING

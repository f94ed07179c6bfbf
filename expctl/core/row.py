"""A run as tables and queries see it: one flat row of named values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expctl.core import keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from expctl.core.keys import Scalar
    from expctl.core.manifest import Artifact, DataInput, Environment, Manifest

#: The branch that has the record of a run which the work tree lacks; told by git, no part of the record.
BRANCH = "on_branch"
#: Columns without a prefix, in the order in which people look at them. Every run may have them.
ATTRIBUTES = (
    "id",
    "name",
    "experiment",
    "status",
    "started_at",
    "ended_at",
    "duration_s",
    "exit_code",
    "command",
    "cwd",
    "notes",
    BRANCH,
)
#: Those of them that hold times.
TIMES = ("started_at", "ended_at")
#: Prefixes of all other columns.
PREFIXES = (
    "metrics",
    "params",
    "tags",
    "data",
    "artifacts",
    "code",
    "environment",
    "resources",
    "seeds",
    "parent",
)
#: The prefix of versions of installed packages: they are told by the lists that runs share, no part of a row.
PACKAGES = "packages"
#: Columns that a run may have whatever its script does: asking for one that no run has is no slip of the pen.
ALWAYS = (
    *("code.commit", "code.branch", "code.dirty", "code.tree"),
    *("environment.python", "environment.packages", "environment.platform", "environment.memory_bytes"),
    *(
        "environment.gpus",
        "environment.cuda",
        "environment.container",
        "environment.cpu.model",
        "environment.cpu.cores",
    ),
    *("resources.cpu_s", "resources.max_rss_bytes", "resources.gpu_max_memory_bytes"),
    *("seeds.requested", "artifacts.model.size_mb", "parent.sweep", "parent.reproduces", "parent.mlflow"),
)
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One run, flat.

    Attributes:
        id: The id of the run.
        values: By column (``metrics.f1_score``); what the run does not have is absent. The id is among them.
    """

    id: str
    values: Mapping[str, Scalar]


def from_manifest(run: Manifest) -> Row:
    """Lay a manifest flat: attributes, then sections by prefix, in the order of the file."""
    values: dict[str, Scalar] = dict(_attributes(run))
    values.update(keys.flatten(run.params, "params"))
    for name, metric in run.metrics.items():
        values[metric_column(name)] = metric.value
    for name, text in run.tags.items():
        values[keys.join("tags", *name.split("."))] = text
    facts: dict[str, Scalar]
    if run.code is not None:
        facts = {
            "commit": run.code.commit,
            "branch": run.code.branch,
            "dirty": run.code.dirty,
            "tree": run.code.tree,
        }
        values.update(_known(facts, "code"))
    for item in run.data:
        values.update(_of_data(item))
    values.update(_of_artifacts(run.artifacts))
    if run.environment is not None:
        values.update(_of_environment(run.environment))
    if run.seeds is not None:
        values.update(_known({"requested": run.seeds.requested, "set": dict(run.seeds.set)}, "seeds"))
    if run.resources is not None:
        used = run.resources
        facts = {
            "cpu_s": used.cpu_s,
            "max_rss_bytes": used.max_rss_bytes,
            "gpu_max_memory_bytes": used.gpu_max_memory_bytes,
            "gpu_utilization": used.gpu_utilization,
        }
        values.update(_known(facts, "resources"))
    values.update(keys.flatten(run.parent, "parent"))
    return Row(run.id, values)


def metric_column(name: str) -> str:
    """The column of a metric; dots in its name are dots of the column."""
    return keys.join("metrics", *name.split("."))


def metric_name(column: str) -> str:
    """The name of the metric that a column shows."""
    return ".".join(keys.split(column)[1:])


def instant(at: datetime) -> str:
    """A time as text that sorts as the time does: ``2026-11-22T19:05:46.123456Z``."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _attributes(run: Manifest) -> Iterator[tuple[str, Scalar]]:
    import shlex  # the rare road: a question answered from the cache makes no rows

    facts: tuple[Scalar, ...] = (
        run.id,
        run.name,
        run.experiment,
        run.status,
        instant(run.started_at),
        _end(run),
        run.duration_s,
        run.command.exit_code,
        shlex.join(run.command.argv),
        run.command.cwd,
        "\n".join(run.notes) or None,
        None,
    )
    for name, value in zip(ATTRIBUTES, facts, strict=True):
        if value is not None:
            yield name, value


def _end(run: Manifest) -> str | None:
    from datetime import timedelta

    try:
        return None if run.duration_s is None else instant(run.started_at + timedelta(seconds=run.duration_s))
    except (OverflowError, ValueError):  # a duration that nobody can have measured
        return None


def _known(facts: Mapping[str, Any], *above: str) -> dict[str, Scalar]:
    """What is known of some facts, flat; empty mappings and lists are not known."""
    return keys.flatten(
        {name: fact for name, fact in facts.items() if fact not in (None, {}, [], ())}, *above
    )


def _of_data(item: DataInput) -> dict[str, Scalar]:
    where = item.path if item.path is not None else item.uri
    if where is None:
        return {}
    facts = {
        "md5": item.md5,
        "version": item.version,
        "etag": item.etag,
        "version_id": item.version_id,
        "bytes": item.bytes,
        "changed": item.changed,
        **{
            name: text
            for name in ("name", "digest", "context")
            if isinstance(text := item.extra.get(name), str)
        },
    }
    return _known(facts, "data", where)


def _of_artifacts(artifacts: tuple[Artifact, ...]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    by_kind: dict[str, int] = {}
    for item in artifacts:
        size_mb = None if item.bytes is None else item.bytes / _MB
        facts = {
            "md5": item.md5,
            "bytes": item.bytes,
            "size_mb": size_mb,
            "kind": item.kind,
            "stored": item.stored,
        }
        values.update(_known(facts, "artifacts", item.path))
        if item.bytes is not None:
            by_kind[item.kind] = by_kind.get(item.kind, 0) + item.bytes
    if "model" in by_kind:
        values["artifacts.model.size_mb"] = by_kind["model"] / _MB
    return values


def _of_environment(env: Environment) -> dict[str, Scalar]:
    facts = {
        "python": env.python,
        "packages": env.packages,
        "platform": env.platform,
        "cpu": dict(env.cpu),
        "memory_bytes": env.memory_bytes,
        "gpus": ", ".join(str(gpu.get("name", "unknown")) for gpu in env.gpus),
        "cuda": env.cuda,
        "numeric": dict(env.numeric),
        "container": env.container,
    }
    return _known({name: fact for name, fact in facts.items() if fact != ""}, "environment")

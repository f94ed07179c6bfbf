"""Hold the live metrics of a version in service against its limits, keep what was seen, and act on it."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import gating, models, promoting, rulebook, transition
from expctl.adapters import clock, gittags
from expctl.capture.metrics import observed as live
from expctl.core import keys
from expctl.core.registry import limits, observation, record
from expctl.errors import AnswerIsNoError, ConfigError, ExpctlError, GitError, IncompleteError
from expctl.store import ledger, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.actions.moving import Moved
    from expctl.core.registry.limits import Check, Limit
    from expctl.core.registry.observation import Observation
    from expctl.core.registry.record import Record
    from expctl.core.registry.state import Model
    from expctl.project import Project

ARCHIVE, ROLLBACK = "archive", "rollback"
#: Who reads the standard input says so with this name.
STDIN = "-"
_PREFIX = "metrics."


class Live(NamedTuple):
    """Live metrics: the name of their file, the SHA-256 of its bytes in hex digits, and the values."""

    name: str
    digest: str
    values: Mapping[str, float]


class Report(NamedTuple):
    """What the live metrics of a version say.

    Attributes:
        model: Its name.
        version: The version that was looked at.
        stage: Where it stands, or whose limits were taken.
        verdict: One of ``limits.VERDICTS``.
        checks: What each limit said.
        live: The live metrics.
        by_policy: Whether the policy names the limits, or these are the usual ones.
        ground: What it was judged on; None where the remote could not be asked.
        notes: What must be said about it.
    """

    model: str
    version: str
    stage: str
    verdict: str
    checks: tuple[Check, ...]
    live: Live
    by_policy: bool
    ground: transition.Ground | None
    notes: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing is degraded or missing; a warning is no more than that."""
        return self.verdict in (limits.OK, limits.WARNING)


def read(path: str) -> Live:
    """Read live metrics from a file, or from the standard input for ``-``.

    Raises:
        ExpctlError: It cannot be read, or holds no names with numbers.
    """
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read(live.LIMIT + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(live.LIMIT + 1)
    except OSError as err:
        raise ExpctlError(f"{path} cannot be read: {err.strerror}.") from err
    name = "the standard input" if path == STDIN else path
    if len(data) > live.LIMIT:
        raise ExpctlError(f"{name} is larger than {live.LIMIT >> 20} MiB.")
    try:
        values = live.parse(data, path)
    except ValueError as err:
        raise ExpctlError(
            f"{name} {err}.",
            hint='Write names with numbers, such as {"f1_score": 0.87}, as JSON, YAML or CSV',
        ) from err
    return Live(os.path.basename(path), hashlib.sha256(data).hexdigest(), values)


def look(project: Project, name: str, version: str | None, stage: str, found: Live) -> Report:
    """Judge live metrics by the limits of a stage, and change nothing of the registry.

    What the remote says of the model is brought to this clone; nothing is written there.

    Args:
        project: The repository.
        name: Of the model.
        version: Which, or an alias of it; None for the one that stands in the stage.
        stage: Whose limits count.
        found: The live metrics.

    Raises:
        ExpctlError: There is no such model or version.
        UsageError: There is no such stage.
        AnswerIsNoError: Nothing stands in the stage.
        ConfigError: The policy cannot be used.
        IncompleteError: There is nothing to compare.
    """
    rules = promoting.rules(project)
    rulebook.check_stage(stage, rules.stages)
    notes: list[str] = []
    ground, model = _stand(project, name, notes)
    chosen = promoting.version_of(model, version) if version else _holder(model, stage)
    registered = _registered(project, model, chosen, notes)
    by_policy = stage in rules.monitor
    wanted = (
        rules.monitor[stage]
        if by_policy
        else limits.usual(registered, found.values, project.config.directions)
    )
    if not wanted:
        raise IncompleteError(
            f"{found.name} and the record of {name}@{chosen} share no metric that has a direction.",
            hint=f"Name limits under monitor: {stage}: in .experiments/policy/registry.yaml",
        )
    checks = tuple(_judge(project, limit, registered, found) for limit in wanted)
    return Report(name, chosen, stage, limits.overall(checks), checks, found, by_policy, ground, tuple(notes))


def keep(project: Project, report: Report) -> bool:
    """Keep in the ledger what was seen, where the last look at this version said otherwise.

    Returns:
        Whether it was written; a look that says the same as the last one is not.

    Raises:
        ExpctlError: It cannot be written.
    """
    if report.ground is None:
        raise GitError("The remote cannot be reached.")
    now = observation.of(report.version, report.stage, report.live.digest, report.checks)
    if now.says_the_same(_last(project, report, report.ground)):
        return False
    # Whoever writes stands on a registry in which nothing is left half done.
    ground = transition.stand(project, report.model)
    if ground.tip != report.ground.tip and now.says_the_same(_last(project, report, ground)):
        return False
    registered = promoting.model_of(ground, report.model).versions[report.version].registered
    entry = record.Record(
        seq=ground.seq + 1,
        model=report.model,
        event="observation",
        version=report.version,
        to=None,
        came_from=(),
        displaced=(),
        run=gating.run_of(registered.message) if registered else None,
        at=clock.wall_ns() // 10**9,
        by=gittags.identity(project.root),
        reason="",
        tags={},
        observed=now,
    )
    transition.publish(project, ground, entry, [], [])
    return True


def _last(project: Project, report: Report, ground: transition.Ground) -> Observation | None:
    """What was kept last of the version in its stage."""
    for one in ledger.read(project.root, ground.tip, model=report.model):
        if one.observed and one.observed[:2] == (report.version, report.stage):
            return one.observed
    return None


def act(project: Project, report: Report, what: str) -> Moved | None:
    """Take a degraded version out of service.

    Args:
        project: The repository.
        report: What was seen.
        what: ``archive``, or ``rollback`` to the version before.

    Returns:
        What was done; None where the version is not degraded: that a value is missing does not tell that
        the model is worse.

    Raises:
        As ``promoting.archive`` and ``promoting.rollback``; ``AnswerIsNoError`` also where another version
        stands in the stage by now.
    """
    if report.verdict != limits.DEGRADED:
        return None
    why = limits.reason(report.checks)
    seen = observation.of(report.version, report.stage, report.live.digest, report.checks)
    if what == ARCHIVE:
        return promoting.archive(project, report.model, report.version, reason=why, observed=seen)
    model = promoting.model_of(transition.stand(project, report.model), report.model)
    if model.holder(report.stage) != report.version:
        raise AnswerIsNoError(
            f"{report.model}@{report.version} is not in {report.stage}, so there is nothing to roll back.",
            hint=f"Take it out of service: expctl archive {report.model}@{report.version}",
        )
    return promoting.rollback(project, report.model, report.stage, reason=why, observed=seen)


def kept(project: Project, name: str) -> list[Record]:
    """What was seen of a model and kept in the ledger of this clone, latest first.

    Raises:
        ExpctlError: There is no such model.
        IncompleteError: The ledger cannot be read.
    """
    models.one_model(project, name)
    done = ledger.read(project.root, ledger.tip(project.root, name), model=name)
    return [one for one in done if one.observed is not None]


def _stand(project: Project, name: str, notes: list[str]) -> tuple[transition.Ground | None, Model]:
    """The model as the remote has it; as this clone knows it where the remote cannot be asked."""
    try:
        ground = transition.look(project, name)
    except GitError as err:
        notes.append(f"judged by what this clone knows: {err}")
        found = registry.read(project.root).models.get(name)
        if found is None:
            raise
        return None, found
    notes += ground.notes
    return ground, promoting.model_of(ground, name)


def _holder(model: Model, stage: str) -> str:
    found = model.holder(stage)
    if found is None:
        raise AnswerIsNoError(
            f"No version of {model.name} is in {stage}.",
            hint=f"Name one: expctl monitor {model.name}@VERSION",
        )
    return found


def _registered(project: Project, model: Model, version: str, notes: list[str]) -> dict[str, float]:
    try:
        values = gating.values_of(project, model, version)
    except IncompleteError as err:
        notes.append(str(err))
        return {}
    found = {
        keys.plain(key).removeprefix(_PREFIX): limits.finite(value)
        for key, value in values.items()
        if key.startswith(_PREFIX)
    }
    return {key: value for key, value in found.items() if value is not None}


def _judge(project: Project, limit: Limit, registered: Mapping[str, float], found: Live) -> Check:
    try:
        return limits.judge(limit, registered, found.values, project.config.directions)
    except ValueError as err:
        raise ConfigError(
            f"Nobody says which way {limit.metric} is better, so its drop cannot be told.",
            hint=f"expctl config set directions.{limit.metric} max",
        ) from err

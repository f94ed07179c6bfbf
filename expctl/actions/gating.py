"""Judge a version by the gates of a stage: its recorded numbers, the version in place, and commands."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from expctl.actions import rulebook
from expctl.adapters import clock, git, process
from expctl.core import flows, row, runid, verdict
from expctl.core.registry import gates, record
from expctl.errors import ConfigError, IncompleteError, ManifestError, QueryError
from expctl.project import FOLDER
from expctl.store import manifests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.actions.rulebook import Rulebook
    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest
    from expctl.core.registry.gates import Gate, Result
    from expctl.core.registry.state import Model
    from expctl.project import Project

_PATIENCE_S = 3600
_SHOWN = 500
#: So many repeats are named; of more it is said that there are.
_NAMED = 5


def judge(project: Project, model: Model, version: str, stage: str, book: Rulebook) -> list[Result]:
    """Judge a version by every gate, in their order; commands come last and only where the rest holds.

    Args:
        project: The repository.
        model: The model as it stands.
        version: The version that would enter.
        stage: Where to.
        book: The rules that count.

    Raises:
        IncompleteError: The version has no record that could be judged.
        ConfigError: A condition could mean several columns.
    """
    rules = book.gates(stage)
    if not rules:
        return []
    candidate = values_of(project, model, version)
    holder = model.holder(stage)
    current = values_of(project, model, holder) if holder is not None and holder != version else None
    found = [
        _by_repeats(project, gate, model, version)
        if gate.kind in (gates.REPRODUCIBLE, gates.REPRODUCED)
        else _by_numbers(book, _with_flow(book, gate), candidate, current)
        for gate in rules
        if not gate.command
    ]
    holds = all(result.passed for result in found)
    commands = [gate for gate in rules if gate.command]
    if not holds:
        why = "not run, for another gate does not hold"
        return [*found, *(gates.Result(gate, passed=False, why=why) for gate in commands)]
    if commands:
        with rulebook.place(project, book) as folder:
            found += [_by_command(folder, gate, model, version) for gate in commands]
    return found


def values_of(project: Project, model: Model, version: str) -> Mapping[str, Scalar]:
    """What the record of a version's run says, as a row.

    Raises:
        IncompleteError: Its commit holds no record that can be believed.
    """
    return row.from_manifest(record_of(project, model, version)).values


def record_of(project: Project, model: Model, version: str) -> Manifest:
    """The record of a version's run, as its commit holds it.

    Raises:
        IncompleteError: It holds none that can be believed.
    """
    one = model.versions[version]
    run = run_of(one.registered.message) if one.registered else None
    if run is None or not runid.is_valid(run):
        raise IncompleteError(
            f"{model.name}@{version} names no run, so no gate can judge it.",
            hint="Register it from its run: expctl register MODEL --run RUN",
        )
    label, data = read_record(project, one.commit, run)
    try:
        if data is None:
            raise IncompleteError(f"The record of {model.name}@{version} is not in its commit.")
        return manifests.parse(data, name=label, expect_id=run)
    except ManifestError as err:
        raise IncompleteError(f"The record of {model.name}@{version} cannot be read: {err}") from err


def read_record(project: Project, commit: str, run: str) -> tuple[str, bytes | None]:
    """What git calls the record of a run in a commit, and its bytes; None where there is none."""
    label = f"{commit}:{FOLDER}/runs/{runid.day_of(run)}/{run}.yaml"
    return label, git.read_blobs(project.root, [label], limit=manifests.LIMIT).get(label)


def run_of(message: str) -> str | None:
    """The run that a tag's message names."""
    return record.trailer(message, "Expctl-Run")


def _with_flow(book: Rulebook, gate: Gate) -> Gate:
    """A gate of a selection with the flow that the settings declare."""
    if gate.kind != gates.SELECT or gate.text not in book.selections:
        return gate
    faults: list[flows.Fault] = []
    flow = flows.read(gate.text, book.selections[gate.text], faults)
    if flow is None:
        raise ConfigError("\n".join(str(fault) for fault in faults))
    return gate._replace(flow=flow)


def _by_numbers(
    book: Rulebook, gate: Gate, candidate: Mapping[str, Scalar], current: Mapping[str, Scalar] | None
) -> Result:
    try:
        return gates.judge(gate, candidate, current, now=clock.now(), configured=book.directions)
    except QueryError as err:
        raise ConfigError(f"The gate {gate.rule} cannot be judged: {err}", hint=err.hint) from err


def _by_repeats(project: Project, gate: Gate, model: Model, version: str) -> Result:
    """Judge whether a version can be made again, or was."""
    from expctl.actions import checking  # rare, and git and DVC are asked a lot

    run = record_of(project, model, version)
    if gate.kind == gates.REPRODUCED:
        from expctl.actions.reproducing import kin

        found = kin.tally(project, run.id)
        alike = [repeat for repeat, how in found.said.items() if how in verdict.REPRODUCED]
        many, others = len(alike), len(found.said) - len(alike)
        why = f"reproduced {many} times, not {gate.at_least}" if many < gate.at_least else ""
        if why and others:
            why += f"; repeated {others} times more with another outcome"
        gate = gate._replace(otherwise=gate.otherwise.replace("RUN", runid.suffix(run.id)))
        if alike:
            # Anybody who may push can write a record: the page and the ledger name those that were believed.
            ids = ", ".join(map(runid.suffix, alike[:_NAMED])) + (" …" if many > _NAMED else "")
            gate = gate._replace(text=f"{gate.text}, say the records of {ids}")
        return gates.Result(gate, passed=not why, candidate=str(many), why=why)
    checked = checking.check_version(project, run, model.versions[version].commit)
    return gates.of_checklist(gate, checked)


def _by_command(folder: str, gate: Gate, model: Model, version: str) -> Result:
    """Run a command of the policy: it is told which version by its environment."""
    told = {
        "EXPCTL_MODEL": model.name,
        "EXPCTL_VERSION": version,
        "EXPCTL_COMMIT": model.versions[version].commit,
    }
    try:
        done = process.run(gate.command, cwd=folder, env={**os.environ, **told}, timeout_s=_PATIENCE_S)
    except (OSError, TimeoutError) as err:
        return gates.Result(gate, passed=False, why=f"cannot be run: {getattr(err, 'strerror', None) or err}")
    digest = hashlib.sha256(done.out + done.err).hexdigest()
    why = (
        "" if done.code == 0 else f"ended with {done.code}: {(done.complaint or done.text.strip())[-_SHOWN:]}"
    )
    return gates.Result(gate, passed=done.code == 0, candidate=f"exit {done.code}", why=why, digest=digest)

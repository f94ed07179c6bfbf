"""The world of a run: all that is brought back before its command starts again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import installed
from expctl.core import params
from expctl.core.manifest import CodeState, Environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.actions.runs import Located
    from expctl.core.manifest import DataInput, Manifest
    from expctl.core.packages import Package
    from expctl.project import Project

_DECLARED = "--param"


class World(NamedTuple):
    """What a command is to find. Parts of two worlds can be exchanged with ``_replace``.

    Attributes:
        run: Id of the run that it is the world of.
        argv: The command.
        cwd: Where it ran, relative to the top.
        code: The source tree.
        data: Inputs.
        seed: As it was asked for.
        params: What only ``--param`` said, typed.
        environment: Where it ran.
        packages: What was installed there; None when that is not known.
        artifacts: Paths of outputs that were recorded.
        experiment: What it belongs to.
        keepers: By path of an input the run that kept its bytes, where that is another one.
    """

    run: str
    argv: tuple[str, ...]
    cwd: str
    code: CodeState
    data: tuple[DataInput, ...]
    seed: int | None
    params: Mapping[str, str]
    environment: Environment
    packages: Sequence[Package] | None
    artifacts: tuple[str, ...]
    experiment: str
    keepers: Mapping[str, str] = {}


def of(project: Project, located: Located) -> World:
    """The world of a run, as far as its record tells."""
    run = located.manifest
    where = run.environment or Environment()
    listed = installed.read(project, where.packages, located.branch) if where.packages else ()
    return World(
        run=run.id,
        argv=run.command.argv,
        cwd=run.command.cwd,
        code=run.code or CodeState(),
        data=run.data,
        seed=run.seeds.requested if run.seeds else None,
        params=_declared(run),
        environment=where,
        packages=tuple(listed) or None,
        artifacts=tuple(each.path for each in run.artifacts if each.stored),
        experiment=run.experiment,
    )


def _declared(run: Manifest) -> dict[str, str]:
    said = run.params_from.get(_DECLARED)
    names = {str(name) for name in said} if isinstance(said, (list, tuple)) else set()
    return {name: _word(value) for name, value in params.leaves(run.params) if name in names}


def _word(value: object) -> str:
    """A value as it would be typed after ``--param KEY=``."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

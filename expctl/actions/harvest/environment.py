"""The environment in which the child ran, and its package list."""

from __future__ import annotations

import os

from expctl.actions import beside
from expctl.actions.probes import attempt
from expctl.adapters import interpreter
from expctl.capture import environment as capture
from expctl.core.manifest import Resources
from expctl.store import live, snapshots
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.actions.harvest.ended import Ended
    from expctl.core.manifest import Environment
    from expctl.core.packages import Package


def describe(ended: Ended, experiments: Path) -> Environment | None:
    """What was looked up beside the child, or is looked up now.

    Args:
        ended: The run.
        experiments: Where ``environments/`` lies, which takes the package list.
    """
    facts = _facts(ended)
    ended.notes.extend(facts.get("notes", ()))
    environment, packages = beside.read_back(facts)
    if environment is not None and environment.python is not None:
        script = ended.hooked.main if ended.hooked else None
        environment = capture.with_flags(environment, script)
        if script is None and ended.state.get("hooks"):
            ended.notes.append(interpreter.silence(ended.state["argv"]))
    if environment is None or packages is None:
        return environment
    from expctl.store import environments  # only Python programs have packages

    python = environment.python
    name = attempt(
        ended.notes, "package list", lambda: environments.write(experiments, packages, python=python), None
    )
    return environment._replace(packages=name, imported=_imported(ended, packages))


def _imported(ended: Ended, packages: tuple[Package, ...]) -> tuple[str, ...] | None:
    """The packages that the script's processes imported; None when nobody looked."""
    script = ended.hooked.main if ended.hooked else None
    if ended.hooked is None or script is None:
        return None
    own = {path.rpartition("/")[2].removesuffix(".py") for path, _ in script.sources}
    modules = {
        name
        for process in ended.hooked.processes
        if process.prefix == script.prefix
        for name in process.modules
    }
    from expctl.adapters import installed  # only Python programs have packages

    find = lambda: installed.owners(  # noqa: E731 typed, and used once
        script.path, modules - own, [each.name for each in packages]
    )
    return attempt(ended.notes, "imported packages", find, None)


def resources(outcome: Mapping[str, Any]) -> Resources | None:
    """What the child used; None if nobody saw its end."""
    if "cpu_s" not in outcome:
        return None
    known = {name: value for name, value in outcome.items() if name in Resources._fields}
    return Resources(**known)


def _facts(ended: Ended) -> dict[str, Any]:
    project, state = ended.project, ended.state
    facts = live.read_json(ended.folder / "environment.json")
    if facts is None:
        # Killed before it was looked up: nor may the source tree have been pinned by then.
        code = live.code_from(state)
        ref = snapshots.LOCAL.format(snapshots.clone_id(project.state))
        beside.pin_tree(ended.notes, ended.home, project.common, code.tree if code else None, ref)
    script = ended.hooked.main if ended.hooked else None
    if facts is None or (script and facts.get("by_hook") != [script.executable, script.prefix]):
        # Not looked up yet; or the script came after a launcher, or late, from a shell script.
        facts = beside.look(
            [],
            tuple(state["argv"]),
            ended.cwd,
            os.environ,
            root=ended.root,
            common=project.common,
            folder=ended.folder,
        )
    return facts

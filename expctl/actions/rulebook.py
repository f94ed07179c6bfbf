"""The rules that a change of the registry is judged by: of this work tree, or of a commit.

A pull request is judged by the rules of the branch that it wants to enter: the policy, the selection flows
and the directions of metrics all come from there, and so do the files that a gate's command runs.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl import config
from expctl.adapters import git, gitcheckout, scratch, yaml
from expctl.core import gittree
from expctl.core.registry import gates, policy
from expctl.errors import ConfigError, ManifestError, UsageError
from expctl.project import FOLDER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from expctl.core.registry.gates import Gate
    from expctl.core.registry.policy import Policy
    from expctl.project import Project

POLICY = f"{FOLDER}/policy/registry.yaml"
SETTINGS = f"{FOLDER}/config.yaml"
_PYPROJECT = "pyproject.toml"


class Rulebook(NamedTuple):
    """All rules.

    Attributes:
        policy: Stages and gates.
        selections: Declared flows by name.
        directions: Metric to ``max`` or ``min``.
        commit: Where they were read; None: in the work tree.
    """

    policy: Policy
    selections: Mapping[str, Any]
    directions: Mapping[str, str]
    commit: str | None = None

    def gates(self, stage: str) -> tuple[Gate, ...]:
        """What must hold of a version that enters a stage."""
        return self.policy.gates.get(stage, ())

    def for_return(self) -> Rulebook:
        """The rules for a version that comes back: not held against the one whose place it takes.

        That one was better on record, and is worse in service: else nobody would go back.
        """
        kept = {
            stage: tuple(gate for gate in listed if gate.kind != gates.NO_WORSE)
            for stage, listed in self.policy.gates.items()
        }
        return self._replace(policy=self.policy._replace(gates=kept))


def policy_here(project: Project) -> Policy:
    """The policy of this work tree; the usual stages without one.

    Raises:
        ConfigError: The file cannot be used; every fault is named.
    """
    path = project.root / POLICY
    if not path.exists():
        return policy.DEFAULT
    return _policy(config.read_yaml(path, name=POLICY), POLICY)


def check_stage(stage: str, known: Collection[str]) -> None:
    """Let nobody ask about a stage that there is not.

    Raises:
        UsageError: There is no such stage.
    """
    if stage not in known:
        raise UsageError(f'There is no stage "{stage}".', hint=f"Stages are {', '.join(known)}")


def here(project: Project) -> Rulebook:
    """The rules of this work tree.

    Raises:
        ConfigError: A file says something that cannot be.
    """
    return Rulebook(policy_here(project), project.config.selections, project.config.directions)


def at(project: Project, commit: str, *, called: str) -> Rulebook:
    """The rules of a commit; those of this work tree are not even looked at.

    Args:
        project: The repository.
        commit: Its id.
        called: What people call it, for messages.

    Raises:
        ConfigError: A file there says something that cannot be.
    """
    found = _files(project, commit, called)
    rules = policy.DEFAULT
    if POLICY in found:
        name = f"{called}:{POLICY}"
        try:
            rules = _policy(yaml.parse(found[POLICY], name=name), name)
        except ManifestError as err:
            raise ConfigError(str(err)) from err
    with tempfile.TemporaryDirectory(prefix="expctl-") as folder:
        for path in (SETTINGS, _PYPROJECT):
            if path in found:
                full = Path(folder, path)
                full.parent.mkdir(exist_ok=True)
                full.write_bytes(found[path])
        settings = config.load(Path(folder, SETTINGS), root=Path(folder))
    return Rulebook(rules, settings.selections, settings.directions, commit)


@contextlib.contextmanager
def place(project: Project, book: Rulebook) -> Iterator[str]:
    """A folder with the files that belong to the rules: the work tree, or one of the commit for the time.

    Raises:
        OSError: There is no place for such a folder.
        GitError: The commit's files cannot be laid out.
    """
    if book.commit is None:
        yield os.fspath(project.root)
        return
    aside = scratch.make(project.state / scratch.NOTES)
    try:
        folder = os.path.join(aside.folder, "tree")
        gitcheckout.lay_out_linked(project.git_dir, project.common, book.commit, folder)
        yield folder
    finally:
        scratch.remove(aside)


def _files(project: Project, commit: str, called: str) -> dict[str, bytes]:
    """The files of the rules that a commit has; what cannot be read is a fault, never no rule."""
    listed = git.ls_tree(project.root, commit, POLICY, SETTINGS, _PYPROJECT)
    contents = git.read_blobs(project.root, [one.id for one in listed], limit=config.LIMIT)
    for one in listed:
        if one.mode not in gittree.FILE_MODES or one.id not in contents:
            raise ConfigError(f"{called}:{one.path}: is no plain file of at most {config.LIMIT >> 20} MiB")
    return {one.path: contents[one.id] for one in listed}


def _policy(data: Any, name: str) -> Policy:
    found, faults = policy.read(data, name)
    if faults:
        raise ConfigError("\n".join(faults))
    return found

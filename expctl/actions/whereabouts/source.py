"""Where source trees, commits and records lie: as this clone knows it, or as the remote answers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from expctl.actions import journal as journals
from expctl.actions import sharing
from expctl.adapters import git
from expctl.core import runid
from expctl.core.checklist.lines import Holding
from expctl.errors import GitError
from expctl.project import FOLDER
from expctl.store import snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from expctl.project import Project

_TRACKED = "refs/remotes/"


class Sources:
    """Looks for source trees and commits.

    Args:
        project: Where.
        ask: Whether the remote is asked, which takes a moment; otherwise what the last fetch and push left.
    """

    def __init__(self, project: Project, *, ask: bool) -> None:
        self._project = project
        self._ask = ask
        self.fault = ""

    @cached_property
    def remote(self) -> str:
        """The remote's name; empty where there is none."""
        return git.default_remote(self._project.root) or ""

    def tree(self, tree: str) -> Holding:
        """Where a source tree lies."""
        root = self._project.root
        here = git.exist(root, [tree])[0]
        if not self.remote:
            return Holding(here)
        if tree in self._shared:
            how = f"on {self.remote}, among the snapshots"
            return Holding(here, there=True, remote=self.remote, how=how)
        known = False if self._ask or self.is_ours(tree) else None
        return Holding(here, there=None if self.fault else known, remote=self.remote, fault=self.fault)

    def is_ours(self, tree: str) -> bool:
        """Whether a tree ran in this clone."""
        return tree in self._local

    def branch(self, commit: str) -> str:
        """What on a remote reaches a commit, as ``on origin/main``; empty for nothing that is known."""
        if not self.remote or not git.exist(self._project.root, [commit])[0]:
            return ""
        words = ("for-each-ref", f"--contains={commit}", "--format=%(objectname) %(refname)", _TRACKED)
        lines = [line.split(" ") for line in git.call(self._project.root, *words).text.splitlines()]
        names = {name.removeprefix(_TRACKED): oid for oid, name in lines if not name.endswith("/HEAD")}
        if self._ask and names:
            # What a remote that does not answer held when it last did is no answer.
            heads = self._heads or set()
            names = {name: oid for name, oid in names.items() if name.partition("/")[2] in heads}
        return f"on {min(names, key=lambda name: (len(name), name))}" if names else ""

    def record(self, run_id: str, *, branch: str | None, pack: Path | None) -> tuple[str, bool]:
        """What on the remote has the manifest of a run, and whether it is not committed at all.

        Args:
            run_id: The run.
            branch: The branch that has it, if the work tree does not.
            pack: The pack of the work tree that it stands in.
        """
        path = f"{FOLDER}/runs/{runid.day_of(run_id)}/{run_id}.yaml"
        root = self._project.root
        branches = git.branches(root)
        if branch is not None:
            is_there = any(each.name == branch and each.is_remote for each in branches)
            return (f"on {branch}" if is_there else ""), False
        if pack is not None:
            path = pack.relative_to(root).as_posix()
        held = git.exist(root, [f"{branch.commit}:{path}" for branch in branches])
        having = [branch for branch, has in zip(branches, held, strict=True) if has]
        there = [branch.name for branch in having if branch.is_remote]
        return (f"on {there[0]}" if there else ""), not having

    @cached_property
    def _local(self) -> set[str]:
        own = snapshots.LOCAL.format(snapshots.clone_id(self._project.state))
        return snapshots.pinned(self._project.root, ref=own)

    @cached_property
    def _heads(self) -> set[str] | None:
        """The names of the remote's branches; None where it does not answer."""
        try:
            found = git.ls_remote(self._project.root, self.remote, "refs/heads/*")
        except GitError as err:
            self.fault = str(err).rstrip(".")
            return None
        return {ref.removeprefix("refs/heads/") for ref in found}

    @cached_property
    def _shared(self) -> set[str]:
        """Trees that the remote holds."""
        root, mine = self._project.root, snapshots.SHARED.format(snapshots.clone_id(self._project.state))
        theirs = self._asked() if self._ask else None
        held = git.refs(root, snapshots.SHARED.format(""))
        if theirs is not None:
            there = [ref for ref, oid in held.items() if theirs.get(ref) == oid]
        else:
            tip = journals.read(self._project).tip
            there = [ref for ref, oid in held.items() if ref != mine or oid == tip]
        return {tree for ref in there for tree in snapshots.pinned(root, ref=ref)}

    def _asked(self) -> dict[str, str]:
        """The remote's refs of source trees, those of others fetched; none where it does not answer."""
        notes: list[str] = []
        sharing.fetch_trees(self._project, notes)
        if notes:
            self.fault = notes[0].rpartition("fetched: ")[2].rstrip(".")
            return {}
        try:
            return git.ls_remote(self._project.root, self.remote, f"{snapshots.SHARED.format('')}*")
        except GitError as err:
            self.fault = str(err).rstrip(".")
            return {}

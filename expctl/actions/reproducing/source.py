"""The source tree of a run: what of it is here, and how it is laid out for a command to run in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.actions import registrygaps
from expctl.adapters import copying, git, gitcheckout
from expctl.core import relpath
from expctl.core.gittree import SUBMODULE_MODE
from expctl.errors import GitError, IncompleteError
from expctl.project import FOLDER, Project
from expctl.store import objects, snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from expctl.core.manifest import CodeState, Submodule

_IMPORTED = "imported"
_NAMED = 5


def bars(project: Project, code: CodeState) -> list[str]:
    """Why there is no source tree to lay out; empty when there is one."""
    if code.tree is None:
        return ["its source tree was not recorded"]
    if snapshots.ensure(project.home, code):
        return []
    is_cut_off = not code.dirty and registrygaps.is_shallow(project)
    way = "git fetch --unshallow" if is_cut_off else "expctl pull"
    return [f"its source tree {code.tree[:12]} is not in this clone; it may come with: {way}"]


def lacks(project: Project, code: CodeState) -> list[str]:
    """What of a source tree cannot be brought back, one sentence each; empty when all of it is here."""
    found = [
        f"submodule {each.path} had uncommitted changes, which nobody recorded"
        for each in code.submodules
        if each.dirty
    ]
    found += [
        f"submodule {each.path}: path refused: {why}"
        for each in code.submodules
        if (why := relpath.check(each.path))
    ]
    clean = [each for each in code.submodules if not each.dirty and relpath.check(each.path) is None]
    found += [
        f"commit {each.commit[:12]} of submodule {each.path} is not here; get it with: "
        f"git submodule update --init {each.path}"
        for each in clean
        if _git_dir_of(project, each) is None
    ]
    imported = [each.path for each in code.left_out if each.why.startswith(_IMPORTED)]
    if imported:
        found.append(f"its source imported what no snapshot holds: {_some(imported)}")
    return found


def remarks(code: CodeState) -> list[str]:
    """What should be known of a source tree that is here."""
    said = []
    other = [each.path for each in code.left_out if not each.why.startswith(_IMPORTED)]
    if other:
        said.append(f"left out of its snapshot, and so not there: {_some(other)}")
    if code.changed_while_running:
        said.append(f"edited while it ran: {_some(code.changed_while_running)}")
    return said


def lay_out(project: Project, code: CodeState, folder: Path) -> tuple[Project, list[str]]:
    """Write the source tree into an empty folder, with a repository of its own around it.

    A program finds ``HEAD``, branches and tags as they were, and what it does to them stays there. Were there
    none, ``git rev-parse HEAD`` in a script would fail, or find the repository around the temporary folder.

    Args:
        project: The user's.
        code: What to lay out; ``bars`` found nothing.
        folder: Top of the copy; empty.

    Returns:
        The copy as a project whose records go to the user's work tree, and what should be known.

    Raises:
        IncompleteError: An object of it is missing after all.
    """
    assert code.tree is not None  # bars() said so
    notes = []
    index = folder.parent / "layout-index"
    try:
        gitcheckout.lay_out(project.git_dir, code.tree, folder, index=index)
        for each in code.submodules:
            _lay_out_submodule(project, each, folder, index)
    except GitError as err:
        raise IncompleteError(f"The source tree cannot be laid out: {err}") from err
    index.unlink(missing_ok=True)
    commit = code.commit
    if commit is not None and not all(git.exist(project.home, [f"{commit}^{{commit}}"])):
        notes.append(f"commit {commit[:12]} is not in this clone: git in the copy knows no commit")
        commit = None
    gitcheckout.make_repository(
        project.common, folder, tree=code.tree, commit=commit, branch=code.branch, hidden=(FOLDER,)
    )
    copy = Project(root=folder, git_dir=folder / ".git", common=project.common, home=project.home)
    return copy, notes


def _lay_out_submodule(project: Project, each: Submodule, folder: Path, index: Path) -> None:
    git_dir = None if relpath.check(each.path) else _git_dir_of(project, each)
    if git_dir is None:  # --allow-changed: its folder stays empty
        return
    place = folder / each.path
    objects.make_real_folders(folder, each.path)
    index.unlink(missing_ok=True)
    gitcheckout.lay_out(git_dir, each.commit, place, index=index)
    index.unlink(missing_ok=True)


def _git_dir_of(project: Project, each: Submodule) -> str | None:
    """The git directory that holds the commit of a submodule: where it is checked out, else git's own."""
    top = os.path.realpath(project.home)
    for place in (os.path.join(top, each.path), f"{project.common}/modules/{each.path}"):
        try:
            found = git.find_places(place) if os.path.isdir(place) else None
        except GitError:
            continue
        is_own = found is not None and os.path.realpath(found.common_dir) != os.path.realpath(project.common)
        if found is not None and is_own and all(git.exist(place, [f"{each.commit}^{{tree}}"])):
            return found.git_dir
    return None


def adopt(project: Project, copy: Project, tree: str) -> None:
    """Take the tree that ran in a copy over into the user's repository, where it is not the recorded one.

    Raises:
        GitError: It cannot be taken over.
    """
    if not all(git.exist(project.home, [f"{tree}^{{tree}}"])):
        gitcheckout.send(copy.root, project.home, tree)
        ref = snapshots.LOCAL.format(snapshots.clone_id(project.state))
        snapshots.pin(project.home, project.common, tree, ref=ref)


def bring_left_out(project: Project, code: CodeState, folder: Path) -> list[str]:
    """Bring what was imported and is in no snapshot from the user's tree, as it is there now.

    Returns:
        What was brought.
    """
    found = []
    for each in code.left_out:
        mine, target = project.home / each.path, folder / each.path
        if relpath.check(each.path) is None and mine.is_file() and not os.path.lexists(target):
            objects.make_real_folders(folder, os.path.dirname(each.path))
            copying.copy(mine, target)
            found.append(each.path)
    return found


def holds(project: Project, code: CodeState, path: str) -> bool:
    """Whether the source tree itself has a file or folder."""
    if code.tree is None:
        return False
    entries = git.ls_tree(project.home, code.tree, path)
    return any(entry.path == path and entry.mode != SUBMODULE_MODE for entry in entries)


def _some(paths: tuple[str, ...] | list[str]) -> str:
    rest = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")

"""Vet the requests of a pull request: those that the head adds, by the rules of the branch it would enter.

Nothing of the head decides: policy, selection flows, directions and the files that a gate's command runs are
those of the base. What the head does to the rules is said.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.actions import rulebook, transition, weighing
from expctl.adapters import git
from expctl.core.registry import request as requests
from expctl.core.registry.verdict import Checked
from expctl.errors import ConfigError, ExpctlError, GitError, IncompleteError, UsageError
from expctl.project import FOLDER
from expctl.store import requests as stored

if TYPE_CHECKING:
    from expctl.actions.rulebook import Rulebook
    from expctl.actions.transition import Ground
    from expctl.core.registry.standing import Ledger
    from expctl.core.registry.verdict import Weighed
    from expctl.project import Project

_POLICY_FOLDER = f"{FOLDER}/policy"
#: More requests than that nobody looks at, and each may start commands.
_MOST = 100
#: Where CI says which branch a pull request wants to enter.
_FROM_CI = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")


def vet(project: Project, base: str = "") -> Checked:
    """Vet what ``HEAD`` asks for and its base does not hold yet.

    Args:
        project: The repository.
        base: The branch that it wants to enter; empty: what CI says, else the remote's main branch.

    Raises:
        UsageError: Nobody says which branch that is.
        IncompleteError: The clone is too shallow, or the remote cannot be reached.
        ConfigError: The rules of the base cannot be used.
    """
    root = project.root
    base = base or _base(project)
    tip = git.resolve(root, base)
    if tip is None:
        raise IncompleteError(
            f'There is no branch or commit "{base}" here.', hint="Fetch it, in CI with: fetch-depth: 0"
        )
    head = git.head(root)[0]
    if head is None:
        raise IncompleteError("There is no commit yet.", hint="git commit")
    fork = git.merge_base(root, tip, head)
    if fork is None:
        raise IncompleteError(
            f"HEAD and {base} have no commit in common here.",
            hint="In a shallow clone: git fetch --unshallow, in CI: fetch-depth: 0",
        )
    book = rulebook.at(project, tip, called=base)
    before, after = stored.listed(root, fork), stored.listed(root, head)
    added = {path: oid for path, oid in after.items() if path not in before}
    if len(added) > _MOST:
        raise UsageError(f"It adds {len(added)} requests; more than {_MOST} are not looked at.")
    altered = tuple(path for path, oid in before.items() if after.get(path, oid) != oid)
    gone = {path: oid for path, oid in before.items() if path not in after}
    seen: dict[str, tuple[Ground, Ledger]] = {}
    weighed = [_weigh(project, one, book, seen) for one in stored.read(root, added)]
    removed = [_removed(project, one, seen) for one in stored.read(root, gone)]
    rules = _changed_rules(project, fork, head)
    return Checked(base, tip, head, tuple(weighed), altered, tuple(removed), rules)


def publish(text: str, output: str) -> tuple[str, ...]:
    """Write a text where it was asked for, and add it to the summary of GitHub's job where there is one.

    Args:
        text: Markdown.
        output: A file to write; empty for none.

    Returns:
        What could not be said in the summary; that changes no answer.

    Raises:
        ExpctlError: The file cannot be written.
    """
    try:
        _write(output, "w", text)
    except OSError as err:
        raise ExpctlError(f"{output} cannot be written: {err.strerror}.") from err
    summary = os.environ.get("GITHUB_STEP_SUMMARY", "")
    try:
        _write(summary, "a", text)
    except OSError as err:
        return (f"the summary of the job cannot be written: {err.strerror}",)
    return ()


def _write(path: str, mode: str, text: str) -> None:
    if path:
        with open(path, mode, encoding="utf-8") as file:
            file.write(f"{text}\n")


def _base(project: Project) -> str:
    """The branch that the head wants to enter, where nobody says it."""
    remote = git.default_remote(project.root)
    known = git.branches(project.root)
    for name in filter(None, map(os.environ.get, _FROM_CI)):
        return f"{remote}/{name}" if remote else name
    main = next((one.name for one in known if one.is_default and one.name.startswith(f"{remote}/")), None)
    usual = next((one.name for one in known if one.name in (f"{remote}/main", f"{remote}/master")), None)
    found = main or usual
    if found is None:
        raise UsageError("Which branch shall it enter?", hint="Say it: --base origin/main")
    return found


def _weigh(
    project: Project, found: stored.Found, book: Rulebook, seen: dict[str, tuple[Ground, Ledger]]
) -> Weighed:
    if found.request is None:
        return weighing.unbelievable(found)
    ground, ledger = _look(project, found.request.model, seen)
    return weighing.weigh(project, found, ground, ledger, book, ask_gates=True)


def _look(project: Project, model: str, seen: dict[str, tuple[Ground, Ledger]]) -> tuple[Ground, Ledger]:
    if model not in seen:
        try:
            ground = transition.look(project, model)
        except GitError as err:
            raise IncompleteError(
                f"The ledger of {model} cannot be asked: {err}",
                hint="In CI, let the checkout keep its credentials.",
            ) from err
        seen[model] = ground, weighing.history(project, ground, model)
    return seen[model]


def _removed(project: Project, found: stored.Found, seen: dict[str, tuple[Ground, Ledger]]) -> str:
    where = requests.place(found.path)
    if where is None:
        return f"{found.path} goes"
    return gone(found, _look(project, where[0], seen)[1])


def gone(found: stored.Found, ledger: Ledger) -> str:
    """What it means that a request is not there any more."""
    applied = next((one for one in ledger.entries if one.request and one.request == found.digest), None)
    if applied is None:
        return f"{found.path} goes, and was never applied"
    return (
        f"{found.path} goes, and was applied by entry {applied.seq} of the ledger: "
        f"that is not taken back by it, but with: expctl rollback {applied.model} --stage {applied.to}"
    )


def _changed_rules(project: Project, fork: str, head: str) -> tuple[str, ...]:
    """What lies between two commits of what could decide."""
    sides = [
        {one.path: one.id for one in git.ls_tree(project.root, commit, _POLICY_FOLDER, recursive=True)}
        for commit in (fork, head)
    ]
    found = sorted(path for path in {*sides[0], *sides[1]} if sides[0].get(path) != sides[1].get(path))
    try:
        old, new = (rulebook.at(project, commit, called=commit[:7]) for commit in (fork, head))
    except ConfigError as err:
        return (*found, f"settings that cannot be used: {str(err).splitlines()[0]}")
    if old.selections != new.selections:
        found.append("the selection flows")
    if old.directions != new.directions:
        found.append("the directions of metrics")
    return tuple(found)

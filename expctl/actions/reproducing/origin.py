"""Where a run came from: whose commit its source stands on, and where its record lies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git

if TYPE_CHECKING:
    from expctl.actions.runs import Located
    from expctl.project import Project

_AUTHOR = re.compile(rb"^author (.*) <([^<>\n]*)> -?[0-9]+ [+-][0-9]{4}$", re.MULTILINE)
_HEADER = 4096


class Provenance(NamedTuple):
    """Whose code a run ran.

    Attributes:
        commit: Its commit, if it stood on one.
        branch: The branch that it stood on.
        dirty: Whether what ran was not what the commit holds.
        author: Who made the commit, with address; None where the commit is not here.
        record_on: The branch that alone has the record; None when it is in this work tree.
    """

    commit: str | None
    branch: str | None
    dirty: bool
    author: str | None
    record_on: str | None


def of(project: Project, located: Located) -> Provenance:
    """Look up whose code it is that would run."""
    code = located.manifest.code
    if code is None:
        return Provenance(None, None, dirty=False, author=None, record_on=located.branch)
    author = _author(project, code.commit) if code.commit else None
    return Provenance(code.commit, code.branch, code.dirty, author, located.branch)


def _author(project: Project, commit: str) -> str | None:
    found = git.read_objects(project.home, [commit]).get(commit)
    match = _AUTHOR.search(found[2][:_HEADER]) if found is not None and found[1] == "commit" else None
    return (
        None
        if match is None
        else f"{match[1].decode('utf-8', 'replace')} <{match[2].decode('utf-8', 'replace')}>"
    )

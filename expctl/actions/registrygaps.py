"""What this clone lacks of the registry: tags that a fetch without them, or a shallow one, did not bring.

A stage that looks empty may be full elsewhere, and a model that nobody knows may be in production. Whether it
is so only the remote knows: it is asked where there is a reason to, and never for what is plainly there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git
from expctl.core.registry import aliases, tags
from expctl.errors import GitError, IncompleteError
from expctl.store import ledger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from expctl.project import Project

_TAGS = "refs/tags/"
_NAMED = 3
_WHOLE = "Fetch the rest: git fetch --unshallow --tags"


class Gap(NamedTuple):
    """What is lacking.

    Attributes:
        remote: Who was asked; empty where there is nobody to ask.
        tags: Names of registry tags that it has and this clone has not, or has otherwise.
        fault: Why it did not answer; empty where it did.
        fetch: The command that brings what is lacking.
    """

    remote: str
    tags: tuple[str, ...]
    fault: str
    fetch: str

    @property
    def models(self) -> list[str]:
        """The models that they are about."""
        return sorted({name.model for tag in self.tags if (name := aliases.any_tag(tag)) is not None})

    def sentence(self) -> str:
        """What must be said; empty where nothing is lacking and that is known."""
        if self.fault:
            return f"whether {self.remote} has more of the registry is not known: {self.fault}"
        if not self.tags:
            return ""
        many = f"{len(self.tags)} registry tag{'' if len(self.tags) == 1 else 's'}"
        listed = ", ".join(self.models[:_NAMED]) + (" …" if len(self.models) > _NAMED else "")
        return f"{self.remote} has {many} that this clone lacks, of {listed}"


def is_suspicious(project: Project) -> bool:
    """Whether this clone was made so that it may lack tags: shallow, or without them."""
    if is_shallow(project):
        return True
    words = ("config", "--get-regexp", r"^remote\..*\.tagopt$")
    return "--no-tags" in git.call(project.root, *words, check=False, guarded=False).text.split()


def is_shallow(project: Project) -> bool:
    """Whether the history of this clone has an end that is none."""
    return (project.common / "shallow").exists()


def orphans(project: Project, known: Iterable[str]) -> list[str]:
    """Models that have a ledger in this clone and no tag."""
    return sorted(set(ledger.models(project.root)) - set(known))


def ask(project: Project, model: str | None = None) -> Gap:
    """Ask the remote for the tags of one model, or of all, and compare; nothing is fetched."""
    root = project.root
    remote = git.default_remote(root)
    if remote is None:
        return Gap("", (), "", "")
    stem = f"{_TAGS}{tags.stem(model) if model else '*'}"
    fetch = f"git fetch {'--unshallow ' if is_shallow(project) else ''}--tags {remote}"
    try:
        there = git.ls_remote(root, remote, f"{stem}@*", f"{stem}#*")
    except GitError as err:
        return Gap(remote, (), str(err).rstrip("."), fetch)
    here = git.refs(root, _TAGS)
    lacking = [
        name
        for ref, oid in there.items()
        if not ref.endswith("^{}")
        and here.get(ref) != oid
        and (said := aliases.any_tag(name := ref.removeprefix(_TAGS))) is not None
        and (model is None or said.model == model)
    ]
    return Gap(remote, tuple(lacking), "", fetch)


def refuse(project: Project, model: str, what: str) -> None:
    """Refuse to answer about a model whose tags are not all here.

    Args:
        project: Where.
        model: Its name.
        what: What cannot be told, as a sentence begins: ``Who is in production``.

    Raises:
        IncompleteError: Tags are lacking; or this clone is made so that they may, and nobody can tell.
    """
    gap, suspicious = ask(project, model), is_suspicious(project)
    if gap.tags or (suspicious and gap.fault):
        raise IncompleteError(f"{what} cannot be told: {gap.sentence()}.", hint=f"Fetch them: {gap.fetch}")
    if is_shallow(project) and not gap.remote and git.remotes(project.root):
        raise IncompleteError(f"{what} cannot be told in a shallow clone.", hint=f"{_WHOLE} REMOTE")

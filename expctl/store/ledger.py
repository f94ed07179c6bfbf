"""The ledger of a model: a chain of commits, one record each, on a ref that only moves forward.

Whoever moves the ref first has won: it is the lock of the registry, and the order of what happened.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.adapters import git, yaml
from expctl.core.gittree import TreeEntry
from expctl.core.registry import record as records
from expctl.core.registry import tags
from expctl.errors import IncompleteError, ManifestError

if TYPE_CHECKING:
    from expctl.core.registry.record import Record

PREFIX, _SUFFIX = "refs/expctl/ledger/", ".log"
_LIMIT = 1 << 20


def ref_of(model: str) -> str:
    """The ref of a model's ledger; its ending lets the ledgers of ``a`` and ``a/b`` stand side by side."""
    return f"{PREFIX}{tags.stem(model)}{_SUFFIX}"


def models(root: str | os.PathLike[str]) -> list[str]:
    """The models that have a ledger here."""
    found = git.refs(root, PREFIX)
    names = [ref.removeprefix(PREFIX).removesuffix(_SUFFIX) for ref in found if ref.endswith(_SUFFIX)]
    return [name.replace("=", ":") for name in names]


def tip(root: str | os.PathLike[str], model: str) -> str | None:
    """The latest entry of a ledger, by commit id; None where nothing was written yet."""
    return git.refs(root, ref_of(model)).get(ref_of(model))


def holds(root: str | os.PathLike[str], tip: str | None, entry: str) -> bool:
    """Whether a ledger goes through an entry, such as the last that a remote has."""
    return tip == entry or (tip is not None and entry in git.first_parents(root, tip))


def read(
    root: str | os.PathLike[str], at: str | None, *, model: str, limit: int | None = None
) -> list[Record]:
    """The records from one entry back, latest first.

    Args:
        root: The repository.
        at: An entry; None for an empty ledger.
        model: Whose ledger it is: an entry about another one is none of it.
        limit: At most so many.

    Raises:
        IncompleteError: An entry is not what expctl writes, or its objects are not here.
    """
    if at is None:
        return []
    commits = git.first_parents(root, at, limit=limit)
    names = [f"{commit}:{records.FILE}" for commit in commits]
    found = git.read_blobs(root, names, limit=_LIMIT)
    return [_parsed(found.get(name), name, model) for name in names]


def append(root: str | os.PathLike[str], parent: str | None, record: Record) -> str:
    """Write an entry that no ref names yet, and give its commit: never the same one twice.

    Raises:
        GitError: It cannot be written.
    """
    blob = git.write_blob(root, records.encode(record))
    tree = git.make_tree(root, [TreeEntry("100644", "blob", blob, records.FILE)])
    name, _, address = record.by.rstrip(">").partition(" <")
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", name), ("EMAIL", address), ("DATE", f"{record.at} +0000"))
    }
    # Two runs of one job, in one second, would else write one and the same commit, and both had won.
    text = f"{records.message(record)}\nExpctl-Attempt: {os.urandom(8).hex()}\n"
    return git.commit_tree(root, tree, [parent] if parent else [], text, env=who)


def _parsed(data: bytes | None, name: str, model: str) -> Record:
    try:
        return records.decode(yaml.parse(data or b"", name=name), model=model)
    except (ValueError, ManifestError) as err:
        raise IncompleteError(
            f"An entry of the ledger cannot be read: {name}: {err}.",
            hint="Fetch it whole: git fetch --unshallow, or look who wrote it: git log -1 "
            + name.partition(":")[0],
        ) from err

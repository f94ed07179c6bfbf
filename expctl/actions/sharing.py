"""Send runs to colleagues and bring theirs: bytes through DVC, source trees through a ref of this clone.

Manifests and pointers themselves travel with the user's own commits. What is sent is planned first, so that
somebody can be asked: a source tree also holds files that were never committed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import journal as journals
from expctl.actions import registrysync, runbytes, runs, setup
from expctl.adapters import dvc, git
from expctl.core import runid
from expctl.core.row import BRANCH, Row
from expctl.errors import ExpctlError, GitError, IncompleteError
from expctl.store import cache, objects, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.actions.journal import Journal
    from expctl.project import Project

_FETCHED = "refs/expctl/fetched"


class PushPlan(NamedTuple):
    """What a push would send.

    Attributes:
        runs: Ids of the runs whose bytes are sent.
        trees: Source trees that are sent.
        untracked: Paths in those trees that were not committed when they ran, and that nobody agreed to
            publish yet.
        known: Runs that were sent before, and are not looked at again.
        notes: What cannot be sent, and why.
    """

    runs: tuple[str, ...]
    trees: tuple[str, ...]
    untracked: tuple[str, ...]
    known: int
    notes: tuple[str, ...]


class Sent(NamedTuple):
    """What a push did: how many runs and source trees went where, and what must be said about it."""

    runs: int
    bytes: int
    trees: int
    remote: str | None
    git_remote: str | None
    notes: tuple[str, ...]


class Brought(NamedTuple):
    """What a pull did.

    Attributes:
        runs: Ids whose bytes are now all here.
        fetched: How many of them had to be fetched.
        folders: Folders that were made, relative to the top.
        git_remote: Where source trees came from.
        notes: What must be said about it.
        changes: How many changes of the registry came.
    """

    runs: tuple[str, ...]
    fetched: int
    folders: tuple[str, ...]
    git_remote: str | None
    notes: tuple[str, ...]
    changes: int = 0


def plan_push(project: Project, references: Sequence[str]) -> PushPlan:
    """Find out what a push would send; without references that is every run not sent before.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
        DvcError: There is no remote for the bytes: said before anybody is asked anything.
        DamagedError: Bytes in the cache are not what their name says.
    """
    rows = _rows(project, references)
    journal = journals.read(project)
    known = journal.at(_remote_url(project)) if rows else frozenset()
    fresh = rows if references else [row for row in rows if row.id not in known]
    notes: list[str] = []
    if not references:
        fresh = _of_this_clone(project, fresh, notes)
    sendable = [row.id for row in fresh if _can_send(project, row, notes)]
    trees = _trees_to_send(project, rows, notes)
    untracked = _untracked(project, rows, trees, notes) - journal.agreed
    return PushPlan(
        tuple(sendable),
        tuple(sorted(trees)),
        tuple(sorted(untracked)),
        sum(row.id in known for row in rows),
        tuple(notes),
    )


def push(project: Project, plan: PushPlan) -> Sent:
    """Send what was planned; whoever calls this has shown ``plan.untracked`` to somebody who said yes.

    Raises:
        DvcError: There is no remote for bytes, or DVC failed.
        IncompleteError: The remote still lacks something that was sent.
        GitError: The git remote refused the source trees.
    """
    notes, url, size = list(plan.notes), None, 0
    journal = journals.read(project)
    if plan.runs:
        url = _send_bytes(project, plan.runs)
        size = sum(objects.pointer_of(project.runs, each).bytes or 0 for each in plan.runs)
        journal = journal._replace(remote=url, runs=journal.at(url) | set(plan.runs))
        journals.write(project, journal)
    remote, count = None, 0
    if plan.trees and (remote := git.default_remote(project.root)) is not None:
        journal = journal._replace(agreed=journal.agreed | set(plan.untracked))
        count = _send_trees(project, remote, plan.trees, journal)
    return Sent(len(plan.runs), size, count, url, remote, tuple(notes))


def pull(project: Project, references: Sequence[str]) -> Brought:
    """Bring the bytes of runs, and the source trees that colleagues sent.

    Args:
        project: Where.
        references: These runs, each also as a folder beside its manifest. Without any, the bytes of all runs
            come into the cache only.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
        DvcError: There is no remote for bytes, or DVC failed.
        IncompleteError: The remote lacks something.
    """
    notes: list[str] = []
    ids = [row.id for row in _rows(project, references) if runbytes.can_read(project, row, notes)]
    fetched = runbytes.ensure(project, ids)
    if fetched:
        journal, url = journals.read(project), _remote_url(project)
        journals.write(project, journal._replace(remote=url, runs=journal.at(url) | set(fetched)))
    folders = [runbytes.checkout(project, each) for each in ids] if references else []
    remote = fetch_trees(project, notes)
    changes = registrysync.bring(project) if remote is not None else registrysync.NOTHING
    notes += changes.notes
    return Brought(tuple(ids), len(fetched), tuple(folders), remote, tuple(notes), changes.tags)


def _rows(project: Project, references: Sequence[str]) -> list[Row]:
    """Rows of the runs asked for; without any, of all that have a pointer in this work tree."""
    if references:
        found = {located.row.id: located for located in runs.find_many(project, references)}
        return [Row(run_id, {**each.row.values, BRANCH: each.branch}) for run_id, each in found.items()]
    rows = runs.select(project, limit=None, everything=True).rows
    return [row for row in rows if runbytes.has_pointer(project, row.id)]


def _of_this_clone(project: Project, rows: Iterable[Row], notes: list[str]) -> list[Row]:
    """Runs of which something lies in this clone; of the others a count is enough."""
    here: list[Row] = []
    absent = 0
    folder = setup.cache_dir(project)
    for row in rows:
        try:
            out = objects.pointer_of(project.runs, row.id)
        except (OSError, ExpctlError):
            here.append(row)  # what is wrong with it is told with the others
            continue
        is_absent = not cache.has(folder, out.md5 or "")
        absent += is_absent
        here += [] if is_absent else [row]
    if absent:
        many = "1 run lies" if absent == 1 else f"{absent} runs lie"
        notes.append(f"{many} in other clones only, and can be sent from there")
    return here


def _can_send(project: Project, row: Row, notes: list[str]) -> bool:
    """Whether all bytes of a run are here and whole: DVC calls a push of nothing "up to date"."""
    if not runbytes.can_read(project, row, notes):
        return False
    md5 = objects.pointer_of(project.runs, row.id).md5 or ""
    lacking = objects.faulty(setup.cache_dir(project), md5)
    if lacking:
        notes.append(f"{runid.suffix(row.id)}: {len(lacking)} of its files are not in this clone; not sent")
    return not lacking


def _send_bytes(project: Project, ids: Iterable[str]) -> str:
    with (
        dvc.remote(project.root, project.experiments) as remote,
        runbytes.repositories(project, ids) as known,
    ):
        lacking = list[str]()
        for folder, pointers in known:
            dvc.push(folder, remote, list(pointers.values()))
            lacking += dvc.not_there(folder, remote, list(pointers.values()))
        if lacking:
            raise IncompleteError(
                f"DVC says that it sent everything, yet the remote lacks {len(lacking)} outputs, "
                f"such as {lacking[0]}.",
                hint=f"Look at the remote {remote.url}, then push again.",
            )
        return remote.url


def _remote_url(project: Project) -> str:
    with dvc.remote(project.root, project.experiments) as remote:
        return remote.url


def _trees_to_send(project: Project, rows: Iterable[Row], notes: list[str]) -> set[str]:
    """Trees of the runs that this clone has and nobody has sent yet."""
    wanted = {tree for row in rows if isinstance(tree := row.values.get("code.tree"), str)}
    if not wanted:
        return set()
    held = snapshots.pinned(project.root, ref=_ref(project, snapshots.LOCAL))
    # Those of colleagues too, as the last pull left them.
    shared = git.refs(project.root, snapshots.SHARED.format(""))
    sent = {tree for ref in shared for tree in snapshots.pinned(project.root, ref=ref)}
    foreign = len(wanted - held - sent)
    if foreign:
        trees = "1 source tree" if foreign == 1 else f"{foreign} source trees"
        notes.append(f"not in this clone, and so not sent from it: {trees}")
    if wanted & held - sent and git.default_remote(project.root) is None:
        notes.append("source trees were not sent: this repository has no git remote")
        return set()
    return wanted & held - sent


def _untracked(project: Project, rows: Iterable[Row], trees: set[str], notes: list[str]) -> set[str]:
    """Paths of the trees that the commit beneath each does not have."""
    result: set[str] = set()
    for tree, commit in {(row.values.get("code.tree"), row.values.get("code.commit")) for row in rows}:
        if tree not in trees:
            continue
        here = {entry.path for entry in git.ls_tree(project.root, str(tree), recursive=True)}
        try:
            known = git.ls_tree(project.root, str(commit), recursive=True) if commit else []
        except GitError:
            notes.append(f"commit {str(commit)[:12]} is not in this clone: all paths of its run count as new")
            known = []
        result |= here - {entry.path for entry in known}
    return result


def _send_trees(project: Project, remote: str, trees: Iterable[str], journal: Journal) -> int:
    ref = _ref(project, snapshots.SHARED)
    held = snapshots.pinned(project.root, ref=ref)
    there = git.ls_remote(project.root, remote, ref).get(ref)
    if there is not None and there != journal.tip:
        # A copied clone has our name and sends to the same ref: take over what it sent.
        fetched = f"{_FETCHED}/{ref.rpartition('/')[2]}"
        git.fetch_refs(project.root, remote, [f"+{ref}:{fetched}"])
        snapshots.pin_all(project.root, project.common, snapshots.pinned(project.root, ref=fetched), ref=ref)
        git.delete_ref(project.root, fetched, there)
    snapshots.pin_all(project.root, project.common, trees, ref=ref)
    git.push_refs(project.root, remote, [f"+{ref}:{ref}"])
    tip = git.refs(project.root, ref).get(ref)
    journals.write(project, journal._replace(tip=tip))
    return len(snapshots.pinned(project.root, ref=ref) - held)


def fetch_trees(project: Project, notes: list[str]) -> str | None:
    """Bring the source trees that others sent, and name the remote; None where that is not possible."""
    remote = git.default_remote(project.root)
    if remote is None:
        return None
    mine = _ref(project, snapshots.SHARED)
    try:
        there = [ref for ref in git.ls_remote(project.root, remote, "refs/expctl/snapshots/*") if ref != mine]
        if there:
            git.fetch_refs(project.root, remote, [f"+{ref}:{ref}" for ref in there])
    except GitError as err:
        notes.append(f"source trees could not be fetched: {err}")
        return None
    return remote


def _ref(project: Project, pattern: str) -> str:
    return pattern.format(snapshots.clone_id(project.state))

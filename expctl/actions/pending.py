"""Records that no commit holds yet, and the one commit that takes them in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import committing, pendingpacks, sealing
from expctl.adapters import gitindex
from expctl.core import runid, text
from expctl.errors import ConflictError, ManifestError
from expctl.project import FOLDER
from expctl.store import manifests

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.core.manifest import Manifest
    from expctl.project import Project

_RECORD = re.compile(rf"{re.escape(FOLDER)}/runs/([^/]+)/([^/]+)\.(?:yaml|dvc)")
_PACKAGES = re.compile(r"environments/[0-9a-f]{12,64}\.yaml", re.ASCII)
#: What ``init`` makes. Taken along while no commit has it; a later edit of it is the user's own to commit.
_SETUP = frozenset(
    f"{FOLDER}/{name}"
    for name in (
        "config.yaml",
        ".gitignore",
        ".gitattributes",
        ".dvcignore",
        ".dvc/config",
        ".dvc/.gitignore",
    )
)
_NAMED = 20


class Pending(NamedTuple):
    """A run with files that no commit holds.

    Attributes:
        id: Its id.
        files: Repository paths to commit: manifest, pointer, package list.
        manifest: What it says; None when it cannot be read.
        reason: Why it cannot be read.
    """

    id: str
    files: tuple[str, ...]
    manifest: Manifest | None
    reason: str | None = None

    @property
    def is_waste(self) -> bool:
        """Whether it failed and left nothing to compare."""
        return self.manifest is not None and self.manifest.status != "completed" and not self.manifest.metrics


class CommitReport(NamedTuple):
    """What was committed.

    Attributes:
        commit: The new commit; None when there was nothing to commit.
        runs: Ids that it holds.
        files: Paths that it holds.
        left_out: Ids of runs that did not complete and have no metrics.
        unreadable: For each id that cannot be read the reason.
        packed: How many runs' files went into packs that it holds.
        unpacked: How many runs went out of packs that it holds no more.
        skipped: Settings of the user's that did not apply, such as ``commit signing``.
    """

    commit: str | None = None
    runs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    skipped: tuple[str, ...] = ()
    packed: int = 0
    unpacked: int = 0

    def sentence(self) -> str:
        """What happened, in one line."""
        if self.commit is None:
            return "Nothing to commit: no new records."
        said = [_count(len(self.runs), "run")] if self.runs else []
        said += [f"{_count(self.packed, 'run')} in packs instead of files"] if self.packed else []
        said += [f"{_count(self.unpacked, 'run')} out of packs"] if self.unpacked and not self.runs else []
        what = ", ".join(said) or ("packs" if self.has_packs() else "the settings of .experiments")
        return f"Committed {what} as {self.commit[:10]} ({_count(len(self.files), 'file')})."

    def has_packs(self) -> bool:
        """Whether packs came or went."""
        return any("/packed/" in path for path in self.files)

    def remarks(self) -> list[str]:
        """What the user should know besides."""
        said = []
        if self.left_out:
            what = _count(len(self.left_out), "run")
            have, those = ("has", "it") if len(self.left_out) == 1 else ("have", "them")
            why = f"did not complete and {have} no metrics"
            said.append(f"Left out {what} that {why}; with {those}: expctl commit --all")
        if self.skipped and self.commit:
            said.append(f"Did not apply: {', '.join(self.skipped)}.")
        return said


def pending(project: Project) -> list[Pending]:
    """Runs in the work tree with files that are new or differ from the last commit, oldest first."""
    return _runs(project, _changed(_changes(project)))


def commit_pending(
    project: Project, references: Sequence[str] = (), *, everything: bool = False
) -> CommitReport:
    """Make one commit of records on the current branch.

    Args:
        project: Where.
        references: Only these runs; otherwise all pending ones but failures without metrics.
        everything: Take those failures too.

    Raises:
        RunNotFoundError: A reference means no run.
        ConflictError: A run named still runs; the index is locked; a merge or rebase is under way.
    """
    sealing.seal_dead(project)
    changes = _changes(project)
    changed = _changed(changes)
    runs = _runs(project, changed)
    folded = pendingpacks.Folds()
    if references:
        wanted = _named(project, references)
        runs = [run for run in runs if run.id in wanted]
        setup: list[str] = []
    else:
        setup = [path for path in changed if path in _SETUP and changed[path]]
        folded = pendingpacks.folds(project, changes)
    # What was in a pack was committed once, and stays so.
    waste = [run for run in runs if run.is_waste and run.id not in folded.unpacked]
    left_out = [] if references or everything else waste
    chosen = [run for run in runs if run.manifest is not None and run not in left_out]
    files = sorted({path for run in chosen for path in run.files} | set(setup) | set(folded.came))
    unreadable = tuple((run.id, run.reason) for run in runs if run.reason is not None)
    report = CommitReport(left_out=tuple(run.id for run in left_out), unreadable=unreadable)
    if not files and not folded.gone:
        return report
    message = _message(chosen, folded)
    return report._replace(
        commit=committing.commit_files(project, files, message, gone=folded.gone),
        runs=tuple(run.id for run in chosen),
        files=(*files, *folded.gone),
        skipped=committing.skipped(project),
        packed=len(folded.packed),
        unpacked=len(folded.unpacked),
    )


def _changes(project: Project) -> list[gitindex.Change]:
    return gitindex.status(project.root, f":(top,literal){FOLDER}").changes


def _changed(changes: Iterable[gitindex.Change]) -> dict[str, bool]:
    """Paths under our folder whose bytes no commit holds, and whether no commit knows the path at all."""
    return {
        change.path: change.staged in "?A" or change.unstaged == "A"
        for change in changes
        if change.unstaged not in "Du" and change.staged != "D" and not change.path.endswith("/")
    }


def _runs(project: Project, changed: Iterable[str]) -> list[Pending]:
    by_id: dict[str, list[str]] = {}
    paths = set(changed)
    for path in sorted(paths):
        match = _RECORD.fullmatch(path)
        if match and runid.is_valid(match[2]) and match[1] == runid.day_of(match[2]):
            by_id.setdefault(match[2], []).append(path)
    return [_read(project, run_id, by_id[run_id], paths) for run_id in sorted(by_id)]


def _read(project: Project, run_id: str, found: list[str], paths: set[str]) -> Pending:
    try:
        manifest = manifests.read(manifests.path_of(project.runs, run_id), expect_id=run_id)
    except ManifestError as err:
        return Pending(run_id, (), None, str(err))
    listed = manifest.environment.packages if manifest.environment else None
    if listed and _PACKAGES.fullmatch(listed) and f"{FOLDER}/{listed}" in paths:
        found = [*found, f"{FOLDER}/{listed}"]
    return Pending(run_id, tuple(found), manifest)


def _named(project: Project, references: Sequence[str]) -> set[str]:
    from expctl.actions import runs  # only now: the index is not needed to commit everything

    found = runs.find_many(project, references)
    for located in found:
        runs.require_here(project, located)
        if located.path is None:
            raise ConflictError(f"Run {located.manifest.id} has not ended yet.")
    return {located.manifest.id for located in found}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _message(chosen: Sequence[Pending], folded: pendingpacks.Folds) -> str:
    if not chosen and (folded.came or folded.gone):
        return f"Pack {_count(len(folded.packed), 'run')}" if folded.packed else "Change the packs of runs"
    if not chosen:
        return "Set up experiment tracking"
    experiments = {run.manifest.experiment for run in chosen if run.manifest}
    of = (
        f" of {text.clean(experiments.pop())}" if len(experiments) == 1 and experiments != {"default"} else ""
    )
    what = f"run {chosen[0].id}" if len(chosen) == 1 else f"{len(chosen)} runs"
    lines = [_line(run) for run in chosen[:_NAMED]]
    if len(chosen) > _NAMED:
        lines.append(f"and {len(chosen) - _NAMED} more")
    return f"Record {what}{of}\n\n" + "\n".join(lines)


def _line(run: Pending) -> str:
    assert run.manifest is not None
    words = [run.id, run.manifest.status, run.manifest.name or ""]
    return text.clean(" ".join(word for word in words if word))

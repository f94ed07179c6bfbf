"""Change what people say of a run: tags, notes, its name. What was measured is never changed."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs, seeing
from expctl.adapters import files
from expctl.core import redact, runid
from expctl.errors import ConflictError, ExpctlError, ManifestError, UsageError
from expctl.store import manifests, packs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from expctl.core.manifest import Manifest
    from expctl.project import Project

#: Longer than any name that people type, short enough for a table.
NAME_LIMIT = 200
#: So many runs of one name are listed.
_TWINS = 3
#: How references begin that are no names.
_RESERVED = ("@", "best:", "-")


class NoTagError(ExpctlError):
    """The run has no tag of that name."""


class Edited(NamedTuple):
    """What came of it.

    Attributes:
        manifest: The run as it is now.
        changed: Whether anything was written.
        said: What the user should know, such as a secret that was not written.
    """

    manifest: Manifest
    changed: bool
    said: tuple[str, ...] = ()


def tag(project: Project, reference: str, *, given: Mapping[str, str], removed: Sequence[str] = ()) -> Edited:
    """Set and remove tags of a run.

    Raises:
        UsageError: A name is empty.
        NoTagError: A tag to remove is not there.
        ConflictError: The run is still going.
    """
    clean: dict[str, str] = {}
    said: list[str] = []
    for name, value in given.items():
        if not name:
            raise UsageError("A tag needs a name.", hint="Write it as NAME=VALUE, such as: dataset=v3")
        clean[name], hidden = redact.redact_value(name, value)
        if hidden:
            said.append(f'The value of tag "{name}" looks like a secret and was not written.')

    def change(run: Manifest) -> Manifest:
        missing = [name for name in removed if name not in run.tags]
        if missing:
            raise NoTagError(
                f'Run {run.id} has no tag "{missing[0]}".', hint=f"See its tags with: expctl tag {run.id}"
            )
        kept = {name: value for name, value in run.tags.items() if name not in removed}
        return run._replace(tags={**kept, **clean})

    return _edit(project, reference, change, said)


def note(project: Project, reference: str, text: str) -> Edited:
    """Add a note to a run.

    Raises:
        UsageError: The note is empty.
        ConflictError: The run is still going.
    """
    if not text.strip():
        raise UsageError("The note is empty.")
    shown, hidden = redact.redact_text(text.strip())
    said = ["Something in the note looks like a secret and was not written."] if hidden else []
    return _edit(project, reference, lambda run: run._replace(notes=(*run.notes, shown)), said)


def rename(project: Project, reference: str, name: str) -> Edited:
    """Give a run another name; an empty one takes its name away.

    Raises:
        UsageError: The name would be read as another reference, is too long or holds control characters.
        ConflictError: The run is still going.
    """
    if name.startswith(_RESERVED) or len(name) > NAME_LIMIT or not name.isprintable():
        raise UsageError(
            f"{name!r} cannot be the name of a run.",
            hint=f"A name is at most {NAME_LIMIT} printable characters and begins with none of: @ best: -",
        )
    done = _edit(project, reference, lambda run: run._replace(name=name or None), [])
    twins = _called(project, name, but=done.manifest.id) if name and done.changed else []
    return done._replace(said=(_apart(done.manifest.id, twins),)) if twins else done


def _apart(run_id: str, twins: Sequence[str]) -> str:
    """How runs of one name are told apart."""
    shorts = [runid.suffix(each) for each in (run_id, *twins[:_TWINS])]
    many = "Another run has" if len(twins) == 1 else f"{len(twins)} other runs have"
    listed = f"{', '.join(shorts[:-1])} and {shorts[-1]}"
    return f"{many} this name, which no longer means one run: say {listed}, or give one another name."


def judge(project: Project, run_id: str, verdict: str) -> Manifest:
    """Write how a repeat of another run was judged into its record.

    Raises:
        ConflictError: The record is not in this work tree.
    """

    def change(run: Manifest) -> Manifest:
        return run._replace(parent={**run.parent, "verdict": verdict})

    return _edit(project, run_id, change, ()).manifest


def _called(project: Project, name: str, *, but: str) -> list[str]:
    """Ids of other runs of a name."""
    with seeing.see(project) as seen:
        names = seen.column("name")
        return [run_id for number, run_id in seen.ids.items() if names.get(number) == name and run_id != but]


def _edit(
    project: Project, reference: str, change: Callable[[Manifest], Manifest], said: Sequence[str]
) -> Edited:
    """Read, change and write under a lock, so that two edits at once both stay.

    The manifest of a packed run becomes a file again, which goes before the pack: a pack of a thousand runs
    that is written anew for each tag would fill the history, and two branches would conflict.
    """
    located = runs.find(project, reference)
    runs.require_here(project, located)
    if located.path is None and located.pack is None:
        raise ConflictError(
            f"Run {located.manifest.id} is still going.",
            hint="Change it once it has ended; its script can set tags with: expctl.set_tag",
        )
    with files.locked(project.state / "edit.lock"):
        place = located.path or manifests.path_of(project.runs, located.manifest.id)
        before = _read(project, place, located.manifest.id)
        after = change(before)
        if after == before:
            return Edited(before, changed=False, said=tuple(said))
        for path in _copies(project, place, before.id):
            files.write_atomic(path, manifests.encode(after))
    return Edited(after, changed=True, said=tuple(said))


def _read(project: Project, path: Path, run_id: str) -> Manifest:
    """The manifest as it is now: what was found may have been packed, or taken out of a pack, since."""
    if not os.path.lexists(path):
        for pack in packs.listed(project.runs).ids:
            name = packs.path_of(project.runs, pack)
            with contextlib.suppress(ManifestError):
                if (data := packs.read(name).get(run_id)) is not None:
                    return manifests.parse(data, name=manifests.name_of(name), expect_id=run_id)
    return manifests.read(path, expect_id=run_id)


def _copies(project: Project, path: Path, run_id: str) -> list[Path]:
    """The file that was read, and the clone's own copy of it where there is one."""
    copy = project.finished / f"{run_id}.yaml"
    return [path, copy] if copy != path and copy.is_file() and not copy.is_symlink() else [path]

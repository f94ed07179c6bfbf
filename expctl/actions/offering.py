"""What a shell may offer for a word that names a column, a run, a branch, a model or a stage.

Everything comes from the index as it was left and from the names of refs; nothing is brought up to date, for
a shell waits while somebody types.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from expctl.core import runid
from expctl.errors import ExpctlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import ModuleType

    from expctl.project import Project

#: More than this on one Tab help nobody.
_MOST = 200
_MOST_RUNS = 40
#: Names with blanks cannot be offered; more than this are not looked at for those that can.
_MOST_LOOKED_AT = 2000
#: Packs that are looked into on one Tab, and how large each may be.
_MOST_PACKS = 32
_PACK_BYTES = 8 << 20
_ID = re.compile(rb"^id: ([0-9a-z-]{22})$", re.MULTILINE)
#: What can be typed into any shell as it is.
_PLAIN = re.compile(r"[\w.@#+-]+")
#: The last word of a filter or of a list: what is being typed.
_LAST = re.compile(r"[\w.]*\Z")
_COLUMN = re.compile(r"[^\W\d][\w.]*")
_STAGES = ("archived", "production", "staging")
#: What an option names: columns in a filter, in a list, metrics in a list, and so on.
_EXPRESSION, _LIST, _METRICS, _EXPERIMENT, _BRANCH, _STAGE = range(6)

#: What the value of an option names, whatever the command.
OPTIONS = {
    "--where": _EXPRESSION, "-w": _EXPRESSION,
    "--sort": _LIST, "-s": _LIST, "--columns": _LIST, "-c": _LIST, "--group-by": _LIST, "-g": _LIST,
    "--scatter": _LIST, "--color": _LIST,
    "--pareto": _METRICS, "--effects": _METRICS, "--spark": _METRICS, "--metrics": _METRICS, "-m": _METRICS,
    "--experiment": _EXPERIMENT, "-e": _EXPERIMENT,
    "--ref": _BRANCH, "--new-since": _BRANCH,
    "--to": _STAGE, "--stage": _STAGE,
}  # fmt: skip


def of_option(option: str, last: str, project: Callable[[], Project]) -> list[str]:
    """What the value of an option could become.

    Args:
        option: The option, one of ``OPTIONS``.
        last: What was typed of its value.
        project: Where to look.
    """
    kind = OPTIONS[option]
    try:
        if kind == _EXPERIMENT:
            return _plain(_glimpse().experiments(project().index))
        if kind == _BRANCH:
            return _branches(project())
        if kind == _STAGE:
            return sorted({*_STAGES, *(stage for _, _, stage in _tags(project()) if stage)})
        return _columns(last, _glimpse().columns(project().index), metrics=kind == _METRICS)
    except ExpctlError:
        return []


def runs_called(project: Callable[[], Project], begun: str) -> list[str]:
    """Suffixes and names of runs that begin so, newest first; runs of other branches are among them."""
    try:
        index = project().index
        ids = _glimpse().ids(index, begun) if runid.may_begin_suffix(begun) else []
        found = [runid.suffix(run_id) for run_id in ids[:_MOST_RUNS] if runid.is_valid(run_id)]
        return _plain([*found, *_glimpse().names(index, begun)[:_MOST_LOOKED_AT]])
    except ExpctlError:
        return []


def packed_runs(folder: str, begun: str) -> list[str]:
    """Suffixes, which begin so, of the newest runs in the packs of a folder of runs."""
    from expctl.adapters import files

    top = os.path.join(folder, "packed")
    ids: set[str] = set()
    with contextlib.suppress(OSError):
        for name in [name for name in os.listdir(top) if name.endswith(".yaml")][:_MOST_PACKS]:
            with contextlib.suppress(OSError):
                data = files.read_plain(os.path.join(top, name), limit=_PACK_BYTES)
                ids.update(each.decode() for each in _ID.findall(data))
    valid = [runid.suffix(run_id) for run_id in sorted(ids, reverse=True) if runid.is_valid(run_id)]
    return [tail for tail in valid if tail.startswith(begun)][:_MOST_RUNS]


def flows(project: Callable[[], Project]) -> list[str]:
    """Names of declared selection flows."""
    try:
        return _plain(project().config.selections)
    except ExpctlError:
        return []


def tag_names(project: Callable[[], Project]) -> list[str]:
    """Names of tags with the sign behind which a value goes."""
    try:
        columns = _glimpse().columns(project().index)
    except ExpctlError:
        return []
    return _plain(f"{name.removeprefix('tags.')}=" for name in columns if name.startswith("tags."))


def models(project: Callable[[], Project]) -> list[str]:
    """Registered models, and their versions as ``model@v1.0.0``, with the aliases that there were."""
    try:
        tags = _tags(project())
    except ExpctlError:
        return []
    found = {model for model, _, _ in tags} | {f"{model}@{version}" for model, version, _ in tags if version}
    return _plain(sorted(found))


def _glimpse() -> ModuleType:
    from expctl.store import glimpse

    return glimpse


def _plain(names: Iterable[str]) -> list[str]:
    return [name for name in names if _PLAIN.fullmatch(name.removesuffix("="))][:_MOST]


def _columns(last: str, known: Sequence[str], *, metrics: bool) -> list[str]:
    """Columns for the last name in a filter or a list, with all that stands before it."""
    match = _LAST.search(last)
    begun = match.group() if match else ""
    before = last[: len(last) - len(begun)]
    if before[-1:] == "`":
        return []
    named = [name for name in known if _COLUMN.fullmatch(name)]
    whole = [name for name in named if name.startswith(begun)]
    bare = [name.partition(".")[2] for name in named if name.startswith(("metrics.", "params.", "tags."))]
    if metrics:
        whole, bare = [], [name.partition(".")[2] for name in named if name.startswith("metrics.")]
    elif not begun:
        bare = []
    found = dict.fromkeys([*(name for name in bare if name.startswith(begun)), *whole])
    return [before + name for name in list(found)[:_MOST]]


def _branches(project: Project) -> list[str]:
    from expctl.adapters import git

    return _plain_refs(branch.name for branch in git.branches(project.root))


def _plain_refs(names: Iterable[str]) -> list[str]:
    return [name for name in names if _PLAIN.fullmatch(name.replace("/", ""))][:_MOST]


def _tags(project: Project) -> list[tuple[str, str, str]]:
    """Model, version and stage of each tag of the registry; empty where a tag says nothing of it."""
    from expctl.adapters import git

    found = []
    for ref in git.refs(project.root, "refs/tags/"):
        name = ref.removeprefix("refs/tags/")
        model, at, version = name.partition("@")
        if at:
            found.append((model, version.partition("#")[0].rstrip("!"), ""))
        elif "#" in name:
            model, _, rest = name.partition("#")
            found.append((model, "", rest.partition("#")[0]))
    return found

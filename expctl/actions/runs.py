"""Find runs: many by a filter, one by what people call it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions.seeing import EVERYWHERE, Listing, Scope, Seen, see
from expctl.core import compare, query, row, runid
from expctl.core.text import clean
from expctl.errors import (
    AmbiguousRunError,
    ConflictError,
    ManifestError,
    QueryError,
    RunNotFoundError,
    UsageError,
)
from expctl.project import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from expctl.core.manifest import Manifest
    from expctl.core.reference import Best
    from expctl.core.row import Row
    from expctl.project import Project

__all__ = [
    "Listing",
    "Located",
    "among",
    "find",
    "find_many",
    "located",
    "require_here",
    "resolve",
    "select",
    "wanted_experiment",
]
_CANDIDATES = 10


class Located(NamedTuple):
    """One run.

    Attributes:
        manifest: All that is known of it.
        path: The file that it stands in; None while it runs, in a pack, and where only a branch has it.
        row: Its manifest, flat.
        branch: The branch that has it, if the work tree does not.
        pack: The pack of the work tree that it stands in.
        data: Its bytes, where it is no file.
    """

    manifest: Manifest
    path: Path | None
    row: Row
    branch: str | None = None
    pack: Path | None = None
    data: bytes | None = None


def select(  # noqa: PLR0913  the options of the command
    project: Project,
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = 20,
    experiment: str | None = None,
    everything: bool = False,
    strict: bool = True,
    scope: Scope = EVERYWHERE,
) -> Listing:
    """Find the runs that match, newest first unless ``sort`` says otherwise.

    Args:
        project: Where to look.
        where: A filter; see ``core.query.parser``.
        sort: Such as ``metrics.f1 DESC, params.lr``.
        limit: At most so many; None for all.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments.
        strict: A column that no run has is a fault; otherwise it is missing everywhere.
        scope: Which runs are looked at.

    Raises:
        UsageError: The scope names what is neither branch, tag nor commit.
        QueryError: Filter or order cannot be read, or name a column that no run has.
    """
    with see(project, scope) as seen:
        wanted = wanted_experiment(project, experiment, everything=everything)
        among = seen.of_experiment(wanted)
        by = seen.order(sort, strict=strict)
        passing = seen.matching(where, among, strict=strict)
        found = seen.ordered(by, passing) if by else seen.newest(passing, limit)
        return seen.listing(found, limit, len(among), experiment=wanted)


def find(project: Project, reference: str) -> Located:
    """Find one run by what people call it.

    Args:
        project: Where to look.
        reference: An id, its beginning or its suffix, a name, ``@``, ``@-2``, ``best:f1_score``.

    Raises:
        RunNotFoundError: Nothing matches; the nearest name is hinted at.
        AmbiguousRunError: It could mean two; both are listed.
        ManifestError: The run is there, and its manifest cannot be believed.
    """
    return find_many(project, [reference])[0]


def require_here(project: Project, located: Located) -> None:
    """Refuse a run whose record is not in this work tree, where its files are to be changed.

    Raises:
        ConflictError: It is.
    """
    if located.branch is not None:
        raise ConflictError(
            f"The record of run {located.manifest.id} is on branch {located.branch}, not in this work tree.",
            hint=f"Bring it here with: {way_here(project, located.branch)}",
        )


def way_here(project: Project, branch: str) -> str:
    """What brings a record that is on a branch into this work tree; on its own one a sparse tree lacks it."""
    from expctl.adapters import git  # most runs are here

    is_sparse = git.head(project.root)[1] == branch
    return f"git sparse-checkout add {FOLDER}" if is_sparse else f"git merge {branch}"


def find_many(project: Project, references: Sequence[str]) -> list[Located]:
    """Find several runs, in the order named; a run that is named twice is given once.

    Raises:
        RunNotFoundError: Nothing matches one of them.
        AmbiguousRunError: One of them could mean two runs.
        ManifestError: A run is there, and its manifest cannot be believed.
    """
    with see(project) as seen:
        return [located(seen, number) for number in resolve(seen, references)]


def resolve(seen: Seen, references: Sequence[str]) -> list[int]:
    """Numbers of the runs that references name, in that order, each once.

    Raises:
        RunNotFoundError: Nothing matches one of them.
        AmbiguousRunError: One of them could mean two runs.
    """
    return list(dict.fromkeys(_number(seen, text) for text in references))


def among(
    seen: Seen, references: Sequence[str], experiment: str | None, *, everything: bool
) -> tuple[list[int], str | None]:
    """The runs that a command is about: those that are named, else those of an experiment.

    Args:
        seen: What is there.
        references: Runs; none to go by the experiment.
        experiment: As asked.
        everything: Runs of all experiments.

    Returns:
        Their numbers, and the experiment that was gone by; None where it was not.

    Raises:
        RunNotFoundError: Nothing matches one of the references.
        AmbiguousRunError: One of them could mean two runs.
    """
    if references:
        return resolve(seen, references), None
    wanted = wanted_experiment(seen.project, experiment, everything=everything)
    return seen.of_experiment(wanted), wanted


def wanted_experiment(project: Project, asked: str | None, *, everything: bool) -> str | None:
    """The experiment to look at: as asked, or as the settings name one; None for all."""
    if everything or asked is not None:
        return asked
    config = project.config
    return config.experiment if config.origin("experiment") != "default" else None


def _number(seen: Seen, text: str) -> int:
    from expctl.core import reference

    numbers = list(seen.ids)
    if not numbers and not seen.view.unreadable:
        raise RunNotFoundError(
            f'No run matches "{text}": there are none yet.',
            hint="Record one with: expctl run -- python train.py",
        )
    if (steps := reference.back(text)) is not None:
        if steps >= len(numbers):
            raise RunNotFoundError(f"There is no run {text}: {_count(len(numbers))} in all.", hint=_LIST)
        return seen.newest(numbers, steps + 1)[steps]
    if (best := reference.best(text)) is not None:
        return _best(seen, best)
    names = {seen.ids[n]: str(name) for n, name in seen.column("name").items() if n in seen.ids}
    found = reference.named(text, seen.ids.values(), names)
    if len(found) > 1:
        raise _ambiguous(text, found, names)
    if not found:
        raise _not_found(seen, text, names)
    return next(number for number, run_id in seen.ids.items() if run_id == found[0])


_LIST = "List runs with: expctl ls"
_LATEST = ("latest", "last", "newest", "head", "-1")


def _count(many: int) -> str:
    return f"there are {many}" if many != 1 else "there is 1"


def _best(seen: Seen, best: Best) -> int:
    from expctl.core.query.names import Names

    columns = seen.view.columns()
    try:
        key = query.parse_sort(best.metric).keys[0].key
        metrics = {name for name in columns if name.startswith("metrics.")}
        column = Names(metrics or columns).find(key, best.metric)
    except (QueryError, IndexError) as err:
        hint = err.hint if isinstance(err, QueryError) else None
        raise RunNotFoundError(f'No run has a metric "{best.metric}".', hint=hint or _LIST) from err
    direction = best.direction or compare.direction_of(column, seen.project.config.directions)
    if direction is None:
        raise UsageError(
            f"Nobody has said whether {clean(column)} is better high or low.",
            hint=f"Write best:{best.metric}:max or best:{best.metric}:min",
        )
    values = {n: v for n, v in seen.column(column).items() if n in seen.ids and compare.is_finite(v)}
    if not values:
        raise RunNotFoundError(f"No run has a finite {clean(column)}.", hint=_LIST)
    best_first = seen.ordered([(column, direction == "max")], [n for n in seen.ids if n in values])
    # Whoever reached it first: a repeat that gives the same shall not take the place of what it repeats.
    return seen.newest([n for n in best_first if values[n] == values[best_first[0]]], None)[-1]


def _ambiguous(text: str, found: Sequence[str], names: Mapping[str, str]) -> AmbiguousRunError:
    lines = [clean(f"  {run_id}  {names.get(run_id, '')}".rstrip()) for run_id in found[:_CANDIDATES]]
    if len(found) > _CANDIDATES:
        lines.append(f"  and {len(found) - _CANDIDATES} more")
    return AmbiguousRunError(f'"{text}" could mean {len(found)} runs.', hint="Name one:\n" + "\n".join(lines))


def _not_found(seen: Seen, text: str, names: Mapping[str, str]) -> Exception:
    broken = {re.split("[/#]", item.path)[-1].removesuffix(".yaml"): item for item in seen.view.unreadable}
    matching = runid.matching(text.lower(), broken)
    if len(matching) == 1:
        item = broken[matching[0]]
        return ManifestError(
            clean(f"{item.path}: {item.reason}"),
            hint=clean(f"Look at it with: expctl validate {item.path.partition('#')[0]}"),
        )
    from expctl.core import reference

    near = reference.nearest(text, seen.ids.values(), names)
    hint = f"Did you mean {clean(' or '.join(near))}? {_LIST}" if near else _LIST
    if not near and text.lower() in _LATEST:
        hint = f"The latest run is @, the one before it @-1. {_LIST}"
    return RunNotFoundError(f'No run matches "{text}".', hint=hint)


def located(seen: Seen, number: int) -> Located:
    """One run by its number.

    Raises:
        ManifestError: Its manifest cannot be believed.
    """
    run_id = seen.ids[number]
    if run_id in seen.running:
        manifest = seen.running[run_id]
        return Located(manifest, None, row.from_manifest(manifest))
    from expctl.store import manifests

    path = seen.view.file(number)
    if path is not None:
        manifest = manifests.read(path, expect_id=run_id)
        return Located(manifest, path, row.from_manifest(manifest))
    name, data = _content(seen, number)
    manifest = manifests.parse(data, name=name, expect_id=run_id)
    branch, pack = seen.view.branch(number), seen.view.pack(number)
    return Located(manifest, None, row.from_manifest(manifest), branch, pack, data)


def _content(seen: Seen, number: int) -> tuple[str, bytes]:
    try:
        return seen.view.content(number)
    except LookupError as err:
        raise ManifestError(f"{err}.") from err

"""One line a model, and no more read for it than has changed since it was last asked.

Names and ids of the registry's tags are asked of git each time, which reads no object for it. A model whose
tags are those of last time is remembered; the tags of the others are read. The memory is a cache under the
git directory that may be deleted.
"""

from __future__ import annotations

import contextlib
import json

from expctl.adapters import files, gitcall
from expctl.core.registry.summary import Summary
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TAGS, _LEDGERS, _ENDING = "refs/tags/", "refs/expctl/ledger/", ".log"
_VERSION = 1
_LIMIT = 256 << 20
#: So many changed tags are asked for by name; of more all are read.
_MOST_NAMED = 200


class Overview(NamedTuple):
    """All models.

    Attributes:
        lines: By name, rising.
        faults: Tags that cannot be believed, each with the reason.
        unknown: Models that have a ledger here and no tag.
    """

    lines: tuple[Summary, ...]
    faults: tuple[str, ...]
    unknown: tuple[str, ...]


def read(root: Path, memory: Path) -> Overview:
    """Every model of a repository.

    Args:
        root: The repository.
        memory: The file of the cache.
    """
    names = gitcall.call(root, "for-each-ref", "--format=%(objectname) %(refname)", _TAGS, _LEDGERS).out
    known, before = _remembered(memory)
    if names != before:
        known = _brought_up(root, known, before, names)
        _remember(memory, known, names)
    lines = [Summary(name, *facts[:3]) for name, facts in known.items() if facts[2] is not None]
    listed = {line.name for line in lines}
    unknown = [one for one in _ledgers(names) if one not in listed] if b" refs/expctl/" in names else []
    return Overview(
        tuple(lines), tuple(fault for facts in known.values() for fault in facts[3]), tuple(unknown)
    )


def _ledgers(names: bytes) -> list[str]:
    found = names[names.index(b" refs/expctl/") :].decode("utf-8", "replace").split("\n")
    ends = (line.rpartition(_LEDGERS)[2] for line in found if line.endswith(_ENDING))
    return [end.removesuffix(_ENDING).replace("=", ":") for end in ends]


def _brought_up(root: Path, known: dict[str, Any], before: bytes, names: bytes) -> dict[str, Any]:
    """The lines of all models, of which only the changed ones are read anew."""
    from expctl.adapters import gittags, process

    was, now = _by_model(before), _by_model(names)
    changed = {model for model, refs in now.items() if model not in known or was.get(model) != refs}
    refs = [ref.partition(" ")[2] for model in changed for ref in now[model]]
    few = refs if len(refs) <= _MOST_NAMED else None
    kept = {model: known[model] for model in now if model not in changed}
    if changed:
        asked = process.alongside(lambda: gittags.listing(root, few))
        from expctl.store import registry  # while git reads

        kept |= _facts(registry.gather(gittags.told(asked())), changed)
    return dict(sorted(kept.items()))


def _facts(found: Any, changed: set[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {model: [None, {}, None, []] for model in changed}
    for name in changed:
        model = found.models.get(name)
        if model is not None:
            facts[name][:3] = [model.latest, dict(model.holders), model.last_at]
    for model, fault in found.by_model:
        if model in facts:
            facts[model][3].append(fault)
    return facts


def _by_model(names: bytes) -> dict[str, list[str]]:
    """Lines of the listing by the model that the name of a tag begins with."""
    found: dict[str, list[str]] = {}
    for line in names.decode("utf-8", "surrogateescape").split("\n"):
        at = line.find(_TAGS)
        if at < 0:
            continue
        name = line[at + len(_TAGS) :]
        ends = [place for sign in "@#" if (place := name.find(sign)) > 0]
        if ends:
            found.setdefault(name[: min(ends)].replace("=", ":"), []).append(line)
    return found


def _remembered(memory: Path) -> tuple[dict[str, Any], bytes]:
    """The lines of last time, and the listing that they were made from."""
    try:
        head, _, names = files.read_plain(memory, limit=_LIMIT).partition(b"\n")
        version, known = json.loads(head)
        if version == _VERSION:
            return {name: _checked(facts) for name, facts in known.items()}, names
    except (OSError, ValueError, TypeError, AttributeError):
        pass
    return {}, b""


def _checked(facts: Any) -> list[Any]:
    """The facts of a line as they were written.

    Raises:
        ValueError: They were not.
    """
    latest, holders, last_at, faults = facts
    return [latest, {stage: tuple(held) for stage, held in holders.items()}, last_at, list(faults)]


def _remember(memory: Path, known: Mapping[str, Any], names: bytes) -> None:
    """Keep it for the next time; where that cannot be done, it is read again."""
    head = json.dumps([_VERSION, known]).encode()
    with contextlib.suppress(OSError):
        files.write_unsynced(memory, head + b"\n" + names)

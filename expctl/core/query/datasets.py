"""MLflow's ``dataset.name``, ``dataset.digest`` and ``dataset.context``: asked of every input of a run.

A run may have several, so a test of them is one of each column that could answer: it holds if one of those
does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import keys
from expctl.core.query import tree, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.core.query.names import Names

#: What a fact is called in the columns of an input; the first that it has counts.
_FACTS = {"name": ("name",), "digest": ("digest", "md5"), "context": ("context",)}
_PARTS = 3


def fact(key: tree.Key) -> str:
    """Which of the three a key asks for; empty for other keys."""
    if len(key.parts) == 2 and key.parts[0].lower() in ("dataset", "datasets"):  # noqa: PLR2004  prefix, fact
        return key.parts[1] if key.parts[1] in _FACTS else ""
    return ""


def spelled_out(
    node: tree.Compare | tree.Like | tree.IsNull, wanted: str, names: Names, *, negated: bool
) -> Iterator[tree.Node]:
    """The same test of each input that some run has.

    Args:
        node: A test of ``dataset.…``.
        wanted: What ``fact`` said of its key.
        names: The columns that there are.
        negated: Whether its opposite is meant: as in MLflow ``NOT IN`` holds if one input is none of these.
    """
    start = node.left.start if isinstance(node.left, tree.Key) else 0
    places: dict[str, dict[str, None]] = {}
    for column in names.beginning("data."):
        parts = keys.split(column)
        if len(parts) == _PARTS:
            places.setdefault(parts[1], {})[parts[2]] = None
    for place, known in places.items():
        last = next((name for name in _FACTS[wanted] if name in known), None)
        if last is not None:
            found = node._replace(left=tree.Key(("data", place, last), start))
            yield tree.Not(found) if negated else found
        elif wanted == "name" and _fits(node, place) != negated:
            any_fact = [tree.Not(tree.IsNull(tree.Key(("data", place, name), start))) for name in known]
            yield tree.Any(tuple(any_fact))


def _fits(node: tree.Compare | tree.Like | tree.IsNull, place: str) -> bool:
    """Whether an input that goes by its place passes the test of its name."""
    match node:
        case tree.Compare(_, op, tree.Literal(value)):
            return values.holds(place, op, value)
        case tree.Like(_, pattern, fold):
            return values.like(pattern, fold=fold)(place)
        case _:
            return False

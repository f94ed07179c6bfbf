"""The filter language: text in, an answer for each run out. The grammar stands in ``core.query.parser``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core.query import build, order, parser, predicate
from expctl.core.query.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from expctl.core.keys import Scalar
    from expctl.core.query.tree import Key, Node, SortKey

    Columns = Callable[[str], Mapping[int, Scalar]]


class Filter(NamedTuple):
    """A filter whose keys are bound to columns.

    Attributes:
        columns: The columns that it looks at.
    """

    columns: tuple[str, ...]
    test: predicate.Test

    def matches(self, row: Mapping[str, Scalar]) -> bool:
        """Whether one row passes."""
        return predicate.matches(self.test, row)

    def select(self, universe: AbstractSet[int], columns: Columns) -> AbstractSet[int]:
        """The rows that pass, by number; ``columns`` gives the values of a column by row number."""
        return predicate.select(self.test, universe, columns)


class Query(NamedTuple):
    """A filter that was read, its keys as written."""

    text: str
    node: Node

    def bind(self, columns: Collection[str], *, strict: bool = True, now: datetime | None = None) -> Filter:
        """Find the column of each key.

        Args:
            columns: All columns that some run has.
            strict: A name that no run has is a fault with the nearest one as hint; otherwise it never
                matches.
            now: What ``2 days ago`` counts from; None where such times shall be refused.

        Raises:
            QueryError: A key is unknown, or could mean several columns; a value says nothing of its column.
        """
        test = build.build(self.node, build.Ground(self.text, Names(columns, strict=strict), now))
        return Filter(predicate.columns_of(test), test)

    def evaluate(self, row: Mapping[str, Scalar]) -> bool:
        """Whether one row passes, its own columns being all there are; names that it lacks are missing."""
        return self.bind(row, strict=False).matches(row)


class Order(NamedTuple):
    """An order that was read, its keys as written."""

    text: str
    keys: tuple[SortKey, ...]

    def bind(self, columns: Collection[str], *, strict: bool = True) -> list[tuple[str, bool]]:
        """Find the column of each key; each with whether it falls.

        Raises:
            QueryError: A key is unknown, or could mean several columns.
        """
        names = Names(columns, strict=strict)
        return [(names.find(key, self.text), descending) for key, descending in self.keys]


def parse(text: str) -> Query:
    """Read a filter such as ``metrics.f1 > 0.8 AND params.model = 'forest'``; empty text matches every run.

    Raises:
        QueryError: It cannot be read; the message shows the text with a caret under the column.
    """
    return Query(text, parser.parse_filter(text))


def parse_sort(text: str) -> Order:
    """Read an order such as ``metrics.f1 DESC, params.lr``.

    Raises:
        QueryError: It cannot be read; the message shows the text with a caret under the column.
    """
    return Order(text, tuple(parser.parse_order(text)))


def parse_name(text: str) -> Key:
    """Read the name of one column, such as ``metrics.f1``.

    Raises:
        QueryError: It cannot be read; the message shows the text with a caret under the column.
    """
    return parser.parse_name(text)


def arrange(numbers: Sequence[int], by: Sequence[tuple[str, bool]], columns: Columns) -> list[int]:
    """Sort row numbers by bound keys; infinities, NaN and what is missing come last either way."""
    return order.arrange(numbers, by, columns)

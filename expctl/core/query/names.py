"""Which column a written key means: with a prefix, as MLflow names it, or bare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core import keys, packages, row
from expctl.core.query import lexer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from expctl.core.query.tree import Key
    from expctl.errors import QueryError

#: Prefixes as people and MLflow write them; an empty one stands before an attribute.
_PREFIXES = {name: name for name in row.PREFIXES} | {
    "metric": "metrics",
    "param": "params",
    "parameter": "params",
    "parameters": "params",
    "tag": "tags",
    "artifact": "artifacts",
    "env": "environment",
    "package": "packages",
    "packages": "packages",
    "attribute": "",
    "attributes": "",
    "attr": "",
    "run": "",
}
#: Attributes as MLflow names them.
_ATTRIBUTES = {name: name for name in row.ATTRIBUTES} | {
    "run_id": "id",
    "run id": "id",
    "run_name": "name",
    "user_id": "tags.mlflow.user",
    "run name": "name",
    "experiment_name": "experiment",
    "start_time": "started_at",
    "end_time": "ended_at",
    "created": "started_at",
    "duration": "duration_s",
}
#: Where a name without a prefix is looked for first.
_USUAL = ("metrics.", "params.", "tags.")


_WORD = re.compile(r"[^\W]\w*")
_PACKAGE = re.compile(r"packages\.`?([\w.-]+)`?")


class Names:
    """The columns that there are, and the art of finding one.

    Args:
        columns: Their whole names. When there are none, nothing counts as mistyped.
        strict: Whether a name that no run has is a fault, with the nearest one as hint; otherwise it is
            missing everywhere.
    """

    def __init__(self, columns: Collection[str], *, strict: bool = True) -> None:
        self._columns = columns
        self._strict = strict and bool(columns)
        self._by_plain: dict[str, list[str]] = {}

    def find(self, key: Key, text: str, *, may_miss: bool = False) -> str:
        """The column that a key means.

        Args:
            key: As it was written.
            text: What it was written in, for the error.
            may_miss: A name that no run has is fine here, if it has a prefix.

        Raises:
            QueryError: It could mean several columns, or none and this is strict.
        """
        first, *rest = key.parts
        prefix = _PREFIXES.get(first.lower()) if rest else None
        if prefix is None:
            return self._bare(key, text)
        if prefix == "":
            attribute = _ATTRIBUTES.get(".".join(rest).lower())
            if attribute is None:
                raise self._unknown(key, text, row.ATTRIBUTES)
            return attribute
        if prefix == row.PACKAGES:
            return self._package(key, text, may_miss=may_miss)
        name = keys.join(prefix, *rest)
        found = [name] if name in self._columns else self._plain(".".join([prefix, *rest]))
        if not found and prefix == "params":
            found = self._ending(".".join(rest), "params.")
        if not found and keys.plain(name) == "tags.mlflow.runName":
            return "name"
        if not found:
            found = self._bare_candidates(".".join(key.parts))  # a metric whose own name begins with "env."
        if not found and self._strict and not may_miss and name not in row.ALWAYS:
            raise self._unknown(key, text, self._columns)
        return self._only(found or [name], key, text)

    def _package(self, key: Key, text: str, *, may_miss: bool) -> str:
        """The column of a package, which is mistyped only where packages of some run are known."""
        name = keys.join(row.PACKAGES, packages.normalise(".".join(key.parts[1:])))
        if self._strict and not may_miss and name not in self._columns:
            known = self.beginning(f"{row.PACKAGES}.")
            if known:
                raise self._unknown(key, text, known)
        return name

    def _bare(self, key: Key, text: str) -> str:
        dotted = ".".join(key.parts)
        if dotted.lower() in _ATTRIBUTES:
            return _ATTRIBUTES[dotted.lower()]
        found = self._bare_candidates(dotted)
        if not found and self._strict:
            raise self._unknown(
                key, text, [*row.ATTRIBUTES, *self._columns, *map(_unprefixed, self._columns)]
            )
        return self._only(found or [keys.join(*key.parts)], key, text)

    def _bare_candidates(self, dotted: str) -> list[str]:
        """A metric of that name, else a parameter, else a tag; else those that end in it; else any column."""
        for prefix in _USUAL:
            if found := self._plain(prefix + dotted):
                return found
        for prefix in (*_USUAL, ""):
            if found := self._ending(dotted, prefix):
                return found
        return []

    def beginning(self, prefix: str) -> list[str]:
        """All columns whose name begins so, in the order of their names."""
        return sorted(column for column in self._columns if column.startswith(prefix))

    def _ending(self, dotted: str, *prefixes: str) -> list[str]:
        """Columns with one of some beginnings whose last parts are these."""
        fitting = [some for plain, some in self._index().items() if plain.endswith(f".{dotted}")]
        return [column for some in fitting for column in some if column.startswith(prefixes)]

    def _plain(self, name: str) -> list[str]:
        return self._index().get(name, [])

    def _index(self) -> dict[str, list[str]]:
        if not self._by_plain:
            # A bare name is no package: their columns are known only where one is asked for.
            for column in (one for one in self._columns if not one.startswith(f"{row.PACKAGES}.")):
                self._by_plain.setdefault(keys.plain(column), []).append(column)
        return self._by_plain

    def _only(self, found: list[str], key: Key, text: str) -> str:
        if len(found) == 1:
            return found[0]
        shown = ", ".join(_typed(name) for name in sorted(found)[:6])
        message = f"{'.'.join(key.parts)} could mean several columns"
        raise lexer.error(text, key.start, message, hint=f"Write one of: {shown}")

    def _unknown(self, key: Key, text: str, known: Iterable[str]) -> QueryError:
        dotted = ".".join(key.parts)
        close = lexer.nearest(dotted, known)
        hint = f"Did you mean {_typed(close)}?" if close else "See what there is with: expctl compare --all"
        if len(key.parts) == 1 and text[: key.start].rstrip().endswith(("=", "<", ">")):
            hint = f"Text goes into quotes: '{dotted}'"
        return lexer.error(text, key.start, f"No run has {dotted}", hint=hint)


def _typed(column: str) -> str:
    """A column as it is typed: a metric's name may hold what goes into backquotes."""
    if package := _PACKAGE.fullmatch(column):
        return f"{row.PACKAGES}.{package[1]}"
    parts = keys.split(column)
    plain = all(_WORD.fullmatch(part) for part in parts)
    return (
        column
        if plain
        else ".".join(
            part if _WORD.fullmatch(part) else "`" + part.replace("`", "``") + "`" for part in parts
        )
    )


def _unprefixed(column: str) -> str:
    return column.partition(".")[2]

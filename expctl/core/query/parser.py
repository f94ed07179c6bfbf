"""Filter tokens into a tree: the strings of MLflow's ``search_runs``, and more.

Grammar::

    filter  := [ either ]
    either  := both { OR both }
    both    := negated { AND negated }
    negated := NOT negated | "(" either ")" | test
    test    := sum ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) sum
             | sum [NOT] IN "(" literal { "," literal } ")"
             | sum [NOT] BETWEEN sum AND sum
             | sum [NOT] ( LIKE | ILIKE ) text
             | sum IS [NOT] NULL
    sum     := product { ( "+" | "-" ) product }
    product := operand { ( "*" | "/" ) operand }
    operand := key | literal | [+|-] operand | "(" sum ")"
    key     := part { "." part }            part: a bare word, `anything` or "anything"
                                            after "packages." and in a sort: words with "-" or "/" between too
    literal := [+|-] number | 'text' | "text" | TRUE | FALSE | [+|-] NAN | [+|-] INF
    sort    := key [ASC|DESC] { "," key [ASC|DESC] }

Text in double quotes is a key at the beginning of a test and after a dot, as in SQL, and a text elsewhere, as
in MLflow. Keywords are upper or lower case alike. AND binds closer than OR.

Whether a parenthesis holds a filter or a sum is known at its end: ``operand`` reads either.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from expctl.core.query import lexer
from expctl.core.query.cursor import Cursor
from expctl.core.query.tree import (
    All,
    Any,
    Arithmetic,
    Between,
    Compare,
    In,
    IsNull,
    Key,
    Like,
    Literal,
    Not,
    SortKey,
)

if TYPE_CHECKING:
    from typing import Protocol

    from expctl.core.query.lexer import Token
    from expctl.core.query.tree import Node, Operand

    class Part(Protocol):
        """A rule of the grammar that reads a part of a sum."""

        def __call__(self, depth: int, *, double_is_key: bool = False) -> Node | Operand:
            """Read one."""


_DEEPEST = 60
_ORDERS = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def parse_filter(text: str) -> Node:
    """Read a filter; an empty one is true of every run.

    Raises:
        QueryError: It cannot be read; the message points at the column.
    """
    if not text.strip():
        return All(())
    reader = _Reader(text)
    node = reader.either(0)
    reader.expect_end("Expected AND or OR")
    return node


def parse_order(text: str) -> list[SortKey]:
    """Read the keys of an order: ``metrics.f1 DESC, params.lr``; empty for an empty text.

    Raises:
        QueryError: It cannot be read; the message points at the column.
    """
    if not text.strip():
        return []
    reader = _Reader(text)
    found = []
    while True:
        if reader.token[:2] == ("mark", "-"):
            hint = "From high to low: metrics.f1 DESC"
            raise lexer.error(text, reader.token.start, "Expected the name of a column", hint=hint)
        key = reader.key(signs=_JOINING)
        word = reader.take_keyword("asc", "desc")
        found.append(SortKey(key, word == "desc"))
        if not reader.take("mark", ","):
            break
    reader.expect_end("Expected ASC, DESC or a comma")
    return found


def parse_name(text: str) -> Key:
    """Read the name of one column, in which ``-`` and ``/`` are no signs: ``packages.scikit-learn``.

    Raises:
        QueryError: It cannot be read; the message points at the column.
    """
    reader = _Reader(text)
    key = reader.key(signs=_JOINING)
    reader.expect_end("Expected a comma, or nothing more")
    return key


_OPERANDS = (Key, Literal, Arithmetic)
#: Signs within a name, where nothing is computed.
_JOINING = ("-", "/")
_WORDS = ("name", "digits", "number", "keyword")
#: Versions cannot be computed with: a sign in the name of a package never is one.
_OF_PACKAGES = ("package", "packages")


class _Reader(Cursor):
    """One method a rule of the grammar."""

    def either(self, depth: int, *, first: Node | None = None) -> Node:
        """Filters joined by OR; ``first`` was read already."""
        found = [self.both(depth, first=first)]
        while self.take_keyword("or"):
            found.append(self.both(depth))
        return found[0] if len(found) == 1 else Any(tuple(found))

    def both(self, depth: int, *, first: Node | None = None) -> Node:
        found = [self.negated(depth) if first is None else first]
        while self.take_keyword("and"):
            found.append(self.negated(depth))
        return found[0] if len(found) == 1 else All(tuple(found))

    def negated(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self.fault("The filter is nested too deeply")
        if self.take_keyword("not"):
            return Not(self.negated(depth + 1))
        found = self.test(depth)
        if isinstance(found, _OPERANDS):
            raise self.fault("Expected a comparison: = != < <= > >= IN, BETWEEN, LIKE, IS NULL")
        return found

    def test(self, depth: int) -> Node | Operand:
        """A test; a whole filter in parentheses; or within parentheses a sum, for its value is to be used."""
        left = self._sum(depth, double_is_key=True)
        if not isinstance(left, _OPERANDS):
            return left
        order = self.take("op")
        if order:
            return Compare(left, _ORDERS[order.value], self.value(depth))
        if self.take_keyword("is"):
            negated = bool(self.take_keyword("not"))
            self.expect("keyword", "null", "Expected NULL")
            return Not(IsNull(left)) if negated else IsNull(left)
        if depth and self.token[:2] == ("mark", ")"):
            return left
        negated = bool(self.take_keyword("not"))
        node = self._worded(left, depth)
        return Not(node) if negated else node

    def _worded(self, left: Operand, depth: int) -> Node:
        """A test whose operator is a word."""
        word = self.take_keyword("in", "between", "like", "ilike")
        if word == "in":
            return In(left, self._literals())
        if word == "between":
            low = self.value(depth)
            self.expect("keyword", "and", "Expected AND and the upper end")
            return Between(left, low, self.value(depth))
        if word:
            pattern = self.take("text") or self.take("double")
            if pattern is None:
                raise self.fault("Expected a text in quotes")
            return Like(left, pattern.value, fold=word == "ilike")
        raise self.fault("Expected a comparison: = != < <= > >= IN, BETWEEN, LIKE, IS NULL")

    def _literals(self) -> tuple[Literal, ...]:
        self.expect("mark", "(", "Expected a list in parentheses")
        found = [self.literal()]
        while self.take("mark", ","):
            found.append(self.literal())
        self.expect("mark", ")", "Expected a comma or a closing parenthesis")
        return tuple(found)

    def value(self, depth: int) -> Operand:
        """A sum where no filter may stand."""
        start = self.token.start
        found = self._sum(depth)
        if not isinstance(found, _OPERANDS):
            raise lexer.error(self.text, start, "Expected a value, and this is a filter")
        return found

    def _sum(self, depth: int, *, double_is_key: bool = False) -> Node | Operand:
        return self._chain(("+", "-"), self._product, depth, double_is_key=double_is_key)

    def _product(self, depth: int, *, double_is_key: bool = False) -> Node | Operand:
        return self._chain(("*", "/"), self.operand, depth, double_is_key=double_is_key)

    def _chain(
        self, signs: tuple[str, str], part: Part, depth: int, *, double_is_key: bool
    ) -> Node | Operand:
        """Parts with signs between them, from left to right; a filter stands alone."""
        found = part(depth, double_is_key=double_is_key)
        many = 0
        while isinstance(found, _OPERANDS) and (sign := self.take("mark", *signs)):
            start = self.token.start
            right = part(depth)
            if not isinstance(right, _OPERANDS):
                raise lexer.error(self.text, start, "Expected a value, and this is a filter")
            many += 1
            if many > _DEEPEST:
                raise self.fault("The filter is nested too deeply")
            found = Arithmetic(found, sign.value, right)
        return found

    def operand(self, depth: int, *, double_is_key: bool = False) -> Node | Operand:
        if depth > _DEEPEST:
            raise self.fault("The filter is nested too deeply")
        if self.take("mark", "("):
            node = self._inside(depth + 1)
            self.expect("mark", ")", "Expected AND, OR or a closing parenthesis")
            return node
        kind = self.token.kind
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        is_dotted = following.value == "." and following.start == self.token.end
        if kind in ("name", "back") or (kind == "double" and (double_is_key or is_dotted)):
            return self.key()
        if self.token[:2] in (("mark", "-"), ("mark", "+")) and _is_signed_sum(following):
            start = self.token.start
            sign = self.take("mark")
            inner = self.operand(depth + 1)
            if not isinstance(inner, _OPERANDS):
                raise lexer.error(self.text, start, "Expected a value, and this is a filter")
            assert sign is not None
            return Arithmetic(Literal(0, start), sign.value, inner)
        return self.literal()

    def _inside(self, depth: int) -> Node | Operand:
        """What stands in parentheses: a filter, or a value if nothing is asked of it."""
        if self.token[:2] == ("keyword", "not"):
            return self.either(depth)
        found = self.test(depth)
        if isinstance(found, _OPERANDS):
            return found
        return self.either(depth, first=found)

    def literal(self) -> Literal:
        start = self.token.start
        sign = self.take("mark", "-", "+")
        factor = -1 if sign and sign.value == "-" else 1
        if number := self.take("number"):
            return Literal(factor * _number(number.value), start, ("-" if factor < 0 else "") + number.value)
        if word := self.take_keyword("nan", "inf"):
            return Literal(factor * (math.nan if word == "nan" else math.inf), start)
        if not sign:
            if text := self.take("text") or self.take("double"):
                return Literal(text.value, start)
            if word := self.take_keyword("true", "false"):
                return Literal(word == "true", start)
        bare = self.token.kind not in ("end", "mark")
        raise self.fault("Expected a value; text goes into quotes" if bare else "Expected a value")

    def key(self, signs: tuple[str, ...] = ()) -> Key:
        start = self.token.start
        parts = [self._part(signs)]
        while self.is_tight("."):
            self.at += 1
            parts.append(self._part(signs or (_JOINING if parts[0].lower() in _OF_PACKAGES else ())))
        return Key(tuple(parts), start)

    def _part(self, signs: tuple[str, ...]) -> str:
        if token := self.take("back") or self.take("double"):
            return token.value
        token = self.take("name") or self.take("digits")
        if token is None:
            raise self.fault("Expected the name of a column, such as metrics.f1")
        while self.is_tight(*signs) and self.tokens[self.at + 1].kind in _WORDS:
            if self.tokens[self.at + 1].start != self.token.end:
                break
            self.at += 2
        return self.text[token.start : self.before_end]


def _is_signed_sum(token: Token) -> bool:
    """Whether a sign before this token belongs to a sum and not to a number."""
    return token.kind in ("name", "back") or token[:2] == ("mark", "(")


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() and len(text) < 19 else float(text)  # noqa: PLR2004  64 bits

"""Filter tokens into a tree: the strings of MLflow's ``search_runs``, and more.

Grammar::

    filter  := [ either ]
    either  := both { OR both }
    both    := negated { AND negated }
    negated := NOT negated | "(" either ")" | test
    test    := operand ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) operand
             | operand [NOT] IN "(" literal { "," literal } ")"
             | operand [NOT] BETWEEN operand AND operand
             | operand [NOT] ( LIKE | ILIKE ) text
             | operand IS [NOT] NULL
    operand := key | literal
    key     := part { "." part }            part: a bare word, `anything` or "anything"
    literal := [+|-] number | 'text' | "text" | TRUE | FALSE | [+|-] NAN | [+|-] INF
    sort    := key [ASC|DESC] { "," key [ASC|DESC] }

Text in double quotes is a key at the beginning of a test and after a dot, as in SQL, and a text elsewhere, as
in MLflow. Keywords are upper or lower case alike. AND binds closer than OR.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from expctl.core.query import lexer
from expctl.core.query.tree import All, Any, Between, Compare, In, IsNull, Key, Like, Literal, Not, SortKey

if TYPE_CHECKING:
    from expctl.core.query.lexer import Token
    from expctl.core.query.tree import Node, Operand
    from expctl.errors import QueryError

_DEEPEST = 100
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
        key = reader.key()
        word = reader.take_keyword("asc", "desc")
        found.append(SortKey(key, word == "desc"))
        if not reader.take("mark", ","):
            break
    reader.expect_end("Expected ASC, DESC or a comma")
    return found


class _Words:
    """A place in the tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = lexer.tokens(text)
        self.at = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self, kind: str, *values: str) -> Token | None:
        """Go past the token if it is of that kind and one of those values."""
        token = self.token
        if token.kind != kind or (values and token.value not in values):
            return None
        self.at += 1
        return token

    def take_keyword(self, *words: str) -> str:
        token = self.take("keyword", *words)
        return token.value if token else ""

    def expect(self, kind: str, value: str, message: str) -> None:
        if not self.take(kind, value):
            raise self.fault(message)

    def expect_end(self, message: str) -> None:
        if self.token.kind != "end":
            raise self.fault(message)

    def fault(self, message: str) -> QueryError:
        token = self.token
        hint = None
        if token.kind == "mark" and token.value in "*/+-":
            hint = f"A key that holds {token.value} goes into backquotes: metrics.`eval{token.value}loss`"
        elif token.kind == "name" and token.value.lower() in ("rlike", "regexp", "contains", "startswith"):
            hint = "Use LIKE: % stands for any text, _ for one character."
        elif token.kind == "op" and self.at and self.tokens[self.at - 1][:2] == ("op", "="):
            hint = f"Write {token.value}= for that." if token.value in ("<", ">") else None
        return lexer.error(self.text, token.start, message, hint=hint)

    @property
    def before_end(self) -> int:
        """Column after the token before this one."""
        return self.tokens[self.at - 1].end


class _Reader(_Words):
    """One method a rule of the grammar."""

    def either(self, depth: int) -> Node:
        found = [self.both(depth)]
        while self.take_keyword("or"):
            found.append(self.both(depth))
        return found[0] if len(found) == 1 else Any(tuple(found))

    def both(self, depth: int) -> Node:
        found = [self.negated(depth)]
        while self.take_keyword("and"):
            found.append(self.negated(depth))
        return found[0] if len(found) == 1 else All(tuple(found))

    def negated(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self.fault("The filter is nested too deeply")
        if self.take_keyword("not"):
            return Not(self.negated(depth + 1))
        if self.take("mark", "("):
            node = self.either(depth + 1)
            self.expect("mark", ")", "Expected AND, OR or a closing parenthesis")
            return node
        return self.test()

    def test(self) -> Node:
        left = self.operand(double_is_key=True)
        order = self.take("op")
        if order:
            return Compare(left, _ORDERS[order.value], self.operand())
        if self.take_keyword("is"):
            negated = bool(self.take_keyword("not"))
            self.expect("keyword", "null", "Expected NULL")
            return Not(IsNull(left)) if negated else IsNull(left)
        negated = bool(self.take_keyword("not"))
        node = self.worded(left)
        return Not(node) if negated else node

    def worded(self, left: Operand) -> Node:
        """A test whose operator is a word."""
        word = self.take_keyword("in", "between", "like", "ilike")
        if word == "in":
            return In(left, self.literals())
        if word == "between":
            low = self.operand()
            self.expect("keyword", "and", "Expected AND and the upper end")
            return Between(left, low, self.operand())
        if word:
            pattern = self.take("text") or self.take("double")
            if pattern is None:
                raise self.fault("Expected a text in quotes")
            return Like(left, pattern.value, fold=word == "ilike")
        raise self.fault("Expected a comparison: = != < <= > >= IN, BETWEEN, LIKE, IS NULL")

    def literals(self) -> tuple[Literal, ...]:
        self.expect("mark", "(", "Expected a list in parentheses")
        found = [self.literal()]
        while self.take("mark", ","):
            found.append(self.literal())
        self.expect("mark", ")", "Expected a comma or a closing parenthesis")
        return tuple(found)

    def operand(self, *, double_is_key: bool = False) -> Operand:
        kind = self.token.kind
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        is_dotted = following.value == "." and following.start == self.token.end
        if kind in ("name", "back") or (kind == "double" and (double_is_key or is_dotted)):
            return self.key()
        return self.literal()

    def literal(self) -> Literal:
        start = self.token.start
        sign = self.take("mark", "-", "+")
        factor = -1 if sign and sign.value == "-" else 1
        if number := self.take("number"):
            return Literal(factor * _number(number.value), start)
        if word := self.take_keyword("nan", "inf"):
            return Literal(factor * (math.nan if word == "nan" else math.inf), start)
        if not sign:
            if text := self.take("text") or self.take("double"):
                return Literal(text.value, start)
            if word := self.take_keyword("true", "false"):
                return Literal(word == "true", start)
        bare = self.token.kind not in ("end", "mark")
        raise self.fault("Expected a value; text goes into quotes" if bare else "Expected a value")

    def key(self) -> Key:
        start = self.token.start
        parts = [self.part()]
        while self.token.value == "." and self.token.kind == "mark" and self.token.start == self.before_end:
            self.at += 1
            parts.append(self.part())
        return Key(tuple(parts), start)

    def part(self) -> str:
        for kind in ("name", "back", "double", "digits"):
            if token := self.take(kind):
                return token.value
        raise self.fault("Expected the name of a column, such as metrics.f1")


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() and len(text) < 19 else float(text)  # noqa: PLR2004  64 bits

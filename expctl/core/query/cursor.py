"""A place in the tokens of a filter, and the errors that point there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.query import lexer

if TYPE_CHECKING:
    from expctl.core.query.lexer import Token
    from expctl.errors import QueryError


class Cursor:
    """A place in the tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = lexer.tokens(text)
        self.at = 0

    @property
    def token(self) -> Token:
        """The token here."""
        return self.tokens[self.at]

    def take(self, kind: str, *values: str) -> Token | None:
        """Go past the token if it is of that kind and one of those values."""
        token = self.token
        if token.kind != kind or (values and token.value not in values):
            return None
        self.at += 1
        return token

    def take_keyword(self, *words: str) -> str:
        """Go past one of these keywords; empty when it is none."""
        token = self.take("keyword", *words)
        return token.value if token else ""

    def is_tight(self, *marks: str) -> bool:
        """Whether one of these stands here with no space before it."""
        token = self.token
        return token.kind == "mark" and token.value in marks and token.start == self.before_end

    def expect(self, kind: str, value: str, message: str) -> None:
        """Go past a token that must stand here."""
        if not self.take(kind, value):
            raise self.fault(message)

    def expect_end(self, message: str) -> None:
        """Nothing may follow."""
        if self.token.kind != "end":
            raise self.fault(message)

    def fault(self, message: str) -> QueryError:
        """An error at this token, with a hint for common slips."""
        token = self.token
        hint = None
        if token.kind == "name" and token.value.lower() in ("rlike", "regexp", "contains", "startswith"):
            hint = "Use LIKE: % stands for any text, _ for one character."
        elif token.kind == "op" and self.at and self.tokens[self.at - 1][:2] == ("op", "="):
            hint = f"Write {token.value}= for that." if token.value in ("<", ">") else None
        return lexer.error(self.text, token.start, message, hint=hint)

    @property
    def before_end(self) -> int:
        """Column after the token before this one."""
        return self.tokens[self.at - 1].end

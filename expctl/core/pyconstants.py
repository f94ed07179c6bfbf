"""The constants that a Python file assigns at its top level, worked out without running it.

Configuration in Python is literals, ``dict(lr=0.1)``, a little arithmetic (``batch = 5 * 8``) and names of
constants before it. Everything else, every call and every import above all, is left out.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BIGGEST = 1 << 63
_LONGEST = 4096
_MOST_POWER = 64
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip


class _UnknownError(Exception):
    """A value that only running the file would tell."""


def read(source: bytes) -> dict[str, Any]:
    """The constants by name; names that begin with an underscore are left out.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It is not Python.
    """
    found: dict[str, Any] = {}
    for name, value in _assignments(ast.parse(source).body):
        found.pop(name, None)
        try:
            found[name] = _value(value, found)
        except (_UnknownError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
            continue
    return {name: value for name, value in found.items() if not name.startswith("_")}


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                yield target.id, statement.value
        elif (
            isinstance(statement, ast.AnnAssign)
            and statement.value
            and isinstance(statement.target, ast.Name)
        ):
            yield statement.target.id, statement.value


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        if node.id in known:
            return known[node.id]
        raise _UnknownError
    if isinstance(node, ast.BinOp):
        return _reckoned(node, known)
    if isinstance(node, ast.Call):
        return _called(node, known)
    if isinstance(node, ast.Dict):
        if None in node.keys:
            raise _UnknownError
        return {
            ast.literal_eval(key): _value(value, known)
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        }
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item, known) for item in node.elts]
    return ast.literal_eval(node)


def _called(node: ast.Call, known: dict[str, Any]) -> dict[str, Any]:
    """``dict(lr=0.1, model=dict(depth=3))``."""
    is_dict = isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args
    if not is_dict or any(word.arg is None for word in node.keywords):
        raise _UnknownError
    return {str(word.arg): _value(word.value, known) for word in node.keywords}


def _reckoned(node: ast.BinOp, known: dict[str, Any]) -> Any:
    left, right = _value(node.left, known), _value(node.right, known)
    do = _OPERATORS.get(type(node.op))
    both = isinstance(left, int | float) and isinstance(right, int | float)
    if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
        both = len(left) + len(right) <= _LONGEST
    if do is None or not both or (isinstance(node.op, ast.Pow) and not abs(right) <= _MOST_POWER):
        raise _UnknownError
    result = do(left, right)
    if isinstance(result, complex) or (isinstance(result, int) and abs(result) >= _BIGGEST):
        raise _UnknownError
    return result

"""Whether two texts of Python are one program: comments, docstrings and layout aside. Nothing is ever run."""

from __future__ import annotations

import ast
import warnings

#: Longer files are taken to differ.
LIMIT = 1 << 19
_WITH_DOCSTRING = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
#: Who asks for docstrings at run time: ``docopt(__doc__)``, ``ArgumentParser(description=__doc__)``.
_READS_DOCSTRINGS = (b"__doc__", b"docopt", b"getdoc", b"doctest", b"tyro", b"fire")


def same_program(before: bytes, after: bytes) -> bool:
    """Whether the two do the same; False also where they cannot be compared."""
    if max(len(before), len(after)) > LIMIT:
        return False
    keeps = any(word in text for text in (before, after) for word in _READS_DOCSTRINGS)
    try:
        return _shape(before, keeps=keeps) == _shape(after, keeps=keeps)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def imported_modules(source: bytes) -> set[str]:
    """Top-level names of the modules that a text of Python imports; none where it cannot be read."""
    if len(source) > LIMIT:
        return set()
    try:
        nodes = list(ast.walk(_parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {
        node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    return {name.partition(".")[0] for name in found}


def _shape(source: bytes, *, keeps: bool) -> str:
    tree = _parse(source)
    if not keeps:
        for node in ast.walk(tree):
            if isinstance(node, _WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
                # A body must not be empty, and one without its docstring may be.
                node.body[0] = ast.Pass()
                if len(node.body) > 1:
                    del node.body[0]
    return ast.dump(tree)


def _parse(source: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the user's own strings and comparisons
        return ast.parse(source)

"""Patterns for paths, as a ``.gitignore`` reads them: a pattern without ``/`` means a name at any depth.

``*`` and ``?`` stay inside one name, ``**`` crosses folders (``**/`` means any of them or none), and a
pattern that fits a folder fits all that is in it.
"""

from __future__ import annotations

import re

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


#: Signs of which several in a row mean no more than one.
_SIGNS = ("*", "**", "**/")


def is_glob(text: str) -> bool:
    """Whether the text is a pattern and not the path of one file."""
    return any(sign in text for sign in "*?[")


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A function that says whether a path (relative, with ``/``) fits one of the patterns."""
    # Most patterns are like `*.pt`, and most runs leave no file to look at: what all of them take to compile
    # (4 ms) is not spent before it is needed.
    suffixes, others = list[str](), list[str]()
    for pattern in patterns:
        ending = pattern[1:].rstrip("/")
        is_suffix = pattern.startswith("*") and ending and not is_glob(ending) and "/" not in ending
        (suffixes if is_suffix else others).append(f"{ending}/" if is_suffix else pattern)
    compiled: list[re.Pattern[str]] = []

    def is_fit(path: str) -> bool:
        ended = f"{path}/"
        if any(suffix in ended for suffix in suffixes):
            return True
        if others and not compiled:
            compiled.append(re.compile("|".join(map(_translate, others)), re.DOTALL))
        return any(pattern.fullmatch(path) for pattern in compiled)

    return is_fit


def fits_name(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name, without folders, fits one of the patterns from its first to its last character."""
    return any(_fits(name, pattern) for pattern in patterns)


def name_matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """``fits_name`` for many names: plain names and mere endings are not tried one by one."""
    plain, endings, others = set[str](), list[str](), list[str]()
    for pattern in patterns:
        if not is_glob(pattern):
            plain.add(pattern)
        elif pattern.startswith("*") and not is_glob(pattern[1:]):
            endings.append(pattern[1:])
        else:
            others.append(pattern)
    ends = tuple(endings)
    # A name that ends like none of them need not be looked at closer; `*` at the end ends like all.
    close = tuple({pattern[max(map(pattern.rfind, "*?]")) + 1 :] for pattern in others})
    return lambda name: (
        name in plain or name.endswith(ends) or (name.endswith(close) and fits_name(name, others))
    )


def _fits(name: str, pattern: str) -> bool:
    if "?" in pattern or "[" in pattern:
        return re.fullmatch(_expression(pattern), name, re.DOTALL) is not None
    # Where stars are the only signs, looking for what stands between them is quicker than compiling anything.
    first, *between = pattern.split("*")
    if not between:
        return name == pattern
    last = between.pop()
    at, end = len(first), len(name) - len(last)
    if end < at or not name.startswith(first) or not name.endswith(last):
        return False
    for part in between:
        at = name.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _translate(pattern: str) -> str:
    pattern = pattern.removeprefix("./").rstrip("/")
    anywhere = "" if "/" in pattern else "**/"
    return _expression(anywhere + pattern.lstrip("/"), end=r"(?=/|\Z)") + "(?:/.*)?"


def _expression(pattern: str, *, end: str = r"\Z") -> str:
    """A pattern as a regular expression that takes no longer than the path is long, times the pattern.

    Between two stars the first place that fits is as good as any later one, since the second star reaches
    over what is left. So each piece is taken where it fits first and never tried again: an atomic group, as
    in ``fnmatch``. Only the last star looks further, for the end.

    Args:
        pattern: What to translate.
        end: What stands behind the last piece.
    """
    chunks: list[tuple[str, list[str]]] = [("", [""])]
    for piece in _pieces(pattern):
        if piece in _CROSSING:
            chunks.append((_CROSSING[piece], [""]))
        elif piece == "*":
            chunks[-1][1].append("")
        else:
            chunks[-1][1][-1] += piece
    *before, (last_lead, last) = chunks
    found = "".join(f"(?>{lead}{_chunk(fixed)})" for lead, fixed in before)
    return f"{found}{last_lead}{_chunk(last, end)}"


#: Stars that cross folders, and the shortest way to where the next piece may begin.
_CROSSING = {"**/": "(?:[^/]*/)*?", "**": ".*?"}


def _chunk(fixed: list[str], end: str = "") -> str:
    """Pieces between which any characters of one name may stand."""
    if len(fixed) == 1:
        return fixed[0] + end
    inner = "".join(f"(?>[^/]*?{piece})" for piece in fixed[1:-1])
    return f"{fixed[0]}{inner}[^/]*{'' if end else '?'}{fixed[-1]}{end}"


def _pieces(pattern: str) -> list[str]:
    """The signs of a pattern, and each of its other characters as a regular expression."""
    pieces, at = list[str](), 0
    while at < len(pattern):
        if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
            pieces.append("**/")
            at += 3
        elif pattern.startswith("**", at):
            pieces.append("**")
            at += 2
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            pieces.append(_char_class(pattern[at + 1 : end]))
            at = end + 1
        else:
            pieces.append({"*": "*", "?": "[^/]"}.get(pattern[at]) or re.escape(pattern[at]))
            at += 1
    twice = (piece in _SIGNS and [piece] == pieces[at - 1 : at] for at, piece in enumerate(pieces))
    return [piece for piece, again in zip(pieces, twice, strict=True) if not again]


def _char_class(inside: str) -> str:
    negated = inside[0] in "!^"
    body = inside[1:] if negated else inside
    # A range that runs backwards is no range: its characters stand for themselves.
    parts = re.sub(r"(.)-(.)", lambda m: m[0] if m[1] <= m[2] else f"{m[1]}{m[2]}", body, flags=re.DOTALL)
    escaped = re.sub(r"([\\\[\]^&~|])", r"\\\1", parts)
    return f"(?!/)[{'^' if negated else ''}{escaped}]" if escaped else "(?!)"

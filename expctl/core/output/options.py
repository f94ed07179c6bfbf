"""What the settings say of reading metrics from output: ``metrics_from_output``."""

from __future__ import annotations

import fnmatch
from typing import Any, NamedTuple

from expctl.core.output import rules
from expctl.core.output.templates import Template, TemplateError

_KEYS = ("rename", "ignore", "names", "off", "rules")
#: More than a person writes.
_MOST = 100


class OptionsError(ValueError):
    """A setting that cannot be; says what."""


class Options(NamedTuple):
    """What is read, and how it is called.

    Attributes:
        rename: Name as read to name in the record.
        ignore: Patterns of names that are no metrics.
        names: Patterns of names that are metrics besides those that everybody knows.
        off: Rules that are switched off.
        own: Metric name and rule, in the order of the settings.
    """

    rename: dict[str, str] = {}  # noqa: RUF012 never written to
    ignore: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    off: frozenset[str] = frozenset()
    own: tuple[tuple[str, Template], ...] = ()

    def is_ignored(self, name: str) -> bool:
        """Whether the settings say that this is no metric."""
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.ignore)

    def is_named(self, name: str) -> bool:
        """Whether the settings say that this is a metric."""
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.names)


def parse(value: Any) -> Options:
    """Read the setting.

    Args:
        value: True, or a mapping of ``rename``, ``ignore``, ``names``, ``off`` and ``rules``.

    Raises:
        OptionsError: It cannot be.
    """
    if value is True:
        return Options()
    if not isinstance(value, dict):
        raise OptionsError(f"not true, false or a mapping of {', '.join(_KEYS)}")
    unknown = next((key for key in value if key not in _KEYS), None)
    if unknown is not None:
        raise OptionsError(f"{str(unknown)[:40]!r} is none of {', '.join(_KEYS)}")
    off = _texts(value, "off")
    wrong = next((name for name in off if name not in rules.RULES), None)
    if wrong is not None:
        raise OptionsError(f"off: there is no rule {wrong[:40]!r}; see: expctl metrics rules")
    return Options(
        rename=_rename(value.get("rename") or {}),
        ignore=_texts(value, "ignore"),
        names=_texts(value, "names"),
        off=frozenset(off),
        own=_own(value.get("rules") or {}),
    )


def _texts(value: dict[str, Any], key: str) -> tuple[str, ...]:
    given = value.get(key) or []
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(_is_text(item) for item in given) or len(given) > _MOST:
        raise OptionsError(f"{key}: not a list of at most {_MOST} names")
    return tuple(given)


def _rename(given: Any) -> dict[str, str]:
    if (
        not isinstance(given, dict)
        or len(given) > _MOST
        or not all(_is_text(name) for pair in given.items() for name in pair)
    ):
        raise OptionsError(f"rename: not a mapping of at most {_MOST} names to names")
    return dict(given)


def _own(given: Any) -> tuple[tuple[str, Template], ...]:
    if not isinstance(given, dict):
        raise OptionsError("rules: not a mapping of metric names to texts such as 'WER of {value}'")
    found = []
    for name, texts in given.items():
        for text in [texts] if isinstance(texts, str) else texts if isinstance(texts, list) else [None]:
            if not _is_text(name) or not isinstance(text, str):
                raise OptionsError(f"rules: {str(name)[:40]}: not a text such as 'WER of {{value}}'")
            try:
                found.append((name, Template(text)))
            except TemplateError as err:
                raise OptionsError(f"rules: {name[:40]}: {err}") from err
    if len(found) > _MOST:
        raise OptionsError(f"rules: more than {_MOST}")
    return tuple(found)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= 100 and value.isprintable()  # noqa: PLR2004

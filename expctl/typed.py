"""What annotations need at run time, for what ``expctl run`` loads: ``import typing`` takes 3 ms.

To a type checker each name is that of ``typing``. ``NamedTuple`` goes straight to ``collections.namedtuple``,
which spares compiling each annotation: 0.07 ms a class, not 0.16, and there are 70 of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple
else:
    Any = object

    class _Maker(type):
        """Makes a named tuple of a class body: annotated names become fields, all others attributes."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            from collections import namedtuple  # 1.5 ms, which git in a large repository does not wait for

            fields = body.pop("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body.pop("__module__"))  # noqa: PYI024
            for key, value in body.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """The base to write, as with ``typing.NamedTuple``."""


__all__ = ["TYPE_CHECKING", "Any", "NamedTuple"]

"""How two environments differ: Python, packages, machine; what moves results most stands first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.causes.packages import NUMERIC
from expctl.core.packages import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from expctl.core.manifest import Environment
    from expctl.core.packages import Package

#: What reckons, or stands beneath or around it: a version of theirs moves numbers.
_NUMERIC = NUMERIC | frozenset(
    """
    tensorflow-cpu optax pyarrow tokenizers datasets accelerate mkl openblas blas intel-openmp
    threadpoolctl joblib sentence-transformers timm diffusers onnxruntime imbalanced-learn
    """.split()  # noqa: SIM905  a list of words reads better so
)
#: Of a machine: what differs, and how much it matters.
_MACHINE = (("cuda", 3), ("platform", 7))
_NEVER = frozenset({"pip", "setuptools", "wheel", "uv", OURS})


class Side(NamedTuple):
    """One of the two: the environment, and its packages where they are known."""

    environment: Environment
    packages: Sequence[Package] | None


class Gap(NamedTuple):
    """One difference.

    Attributes:
        what: ``python``, ``package numpy``, ``cpu``, …
        before: As it was recorded; None: not there.
        now: As it is; None: not there.
        weight: How much it matters; 0 most.
    """

    what: str
    before: str | None
    now: str | None
    weight: int


def compare(before: Side, now: Side) -> list[Gap]:
    """Compare two environments; what one of them does not tell is no difference."""
    found = [*_machine(before.environment, now.environment)]
    if before.packages is not None and now.packages is not None:
        found += _packages(before.packages, now.packages)
    return sorted(found, key=lambda gap: (gap.weight, gap.what))


def _machine(before: Environment, now: Environment) -> Iterator[Gap]:
    if before.python and now.python and before.python != now.python:
        is_far = before.python.split(".")[:2] != now.python.split(".")[:2]
        yield Gap("python", before.python, now.python, 0 if is_far else 4)
    for name, weight in _MACHINE:
        one, other = getattr(before, name), getattr(now, name)
        if one and other and one != other:
            yield Gap(name, str(one), str(other), weight)
    for name, one, other, weight in (
        ("gpu", _gpus(before), _gpus(now), 3),
        ("cpu", before.cpu.get("model"), now.cpu.get("model"), 5),
        ("cores", before.cpu.get("cores"), now.cpu.get("cores"), 6),
        ("blas", before.numeric.get("blas"), now.numeric.get("blas"), 2),
        ("simd", before.numeric.get("simd"), now.numeric.get("simd"), 5),
        ("libc", before.numeric.get("libc"), now.numeric.get("libc"), 6),
    ):
        if one != other and (one or name == "gpu") and (other or name == "gpu"):
            yield Gap(name, None if one is None else str(one), None if other is None else str(other), weight)


def _gpus(environment: Environment) -> str | None:
    return ", ".join(str(each.get("name")) for each in environment.gpus) or None


def _packages(before: Sequence[Package], now: Sequence[Package]) -> Iterator[Gap]:
    had = {each.name: each for each in before}
    has = {each.name: each for each in now}
    for name in sorted({*had, *has} - _NEVER):
        one, other = had.get(name), has.get(name)
        if one == other or one is None:  # what is only here now was not there to be imported
            continue
        texts = (_text(one), None if other is None else _text(other))
        yield Gap(f"package {name}", *texts, _weight(one, other))


def _weight(one: Package, other: Package | None) -> int:
    is_far = other is None or _series(one.version) != _series(other.version)
    return (1 if is_far else 2) if one.name in _NUMERIC else (6 if is_far else 8)


def _series(version: str) -> list[str]:
    return re.split(r"[.+-]", version, maxsplit=2)[:2]


def _text(package: Package) -> str:
    return f"{package.version} ({package.source})" if package.source else package.version

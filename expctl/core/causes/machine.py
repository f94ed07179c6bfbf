"""Interpreter, numeric libraries, threads and hardware: what moves the last digits, and at times more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core.causes.cause import ARROW, CERTAIN, HARMLESS, POSSIBLE, Cause, Facts, Pair, both
from expctl.core.causes.packages import NUMERIC, ON_GPU

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from expctl.core.manifest import Environment

#: Settings that have a line of their own, and those that only say how many threads there are.
_TOLD = frozenset({"blas", "threads", "pythonhashseed", "simd", "libc"})
_OF_GPUS = ("cuda", "cudnn", "nvidia", "cublas", "tf32", "torch_allow")
_LAST_DIGITS = "moves the last digits, which training may amplify"
_IDLE = "no numeric library was imported"


class _Sides:
    """Both environments, and what was imported in them."""

    def __init__(self, before: Environment, after: Environment) -> None:
        self.before, self.after = before, after
        self.imported = both(before.imported, after.imported)
        self.reckons = self.imported is None or not NUMERIC.isdisjoint(self.imported)
        self.on_gpu = self.imported is None or not ON_GPU.isdisjoint(self.imported)

    def cause(self, kind: str, name: str, one: Any, other: Any, weight: int) -> Cause:
        """A possible cause, harmless where nothing reckoned."""
        text = f"{name} {_shown(one)}{ARROW}{_shown(other)}"
        found = Cause(kind, name, POSSIBLE, text, _LAST_DIGITS, _shown(one), _shown(other), weight)
        return found if self.reckons else found._replace(grade=HARMLESS, evidence=_IDLE)


def of_machine(pair: Pair, facts: Facts) -> Iterator[Cause]:
    """Causes beneath the packages; none where an environment is not recorded."""
    before, after = (run.environment for run in pair)
    if before is None or after is None:
        return
    sides = _Sides(before, after)
    yield from _python(sides)
    yield from _libraries(sides, facts)
    yield from _threads(sides)
    yield from _settings(sides)
    yield from _graphics(sides)
    yield from _hardware(sides)


def _python(sides: _Sides) -> Iterator[Cause]:
    one, other = sides.before.python, sides.after.python
    if one == other or one is None or other is None:
        return
    is_small = one.split(".")[:2] == other.split(".")[:2]
    grade, weight = (POSSIBLE, 58) if is_small else (CERTAIN, 35)
    why = "a release of mended faults" if is_small else "the interpreter that ran it"
    yield Cause("python", "python", grade, f"Python {one}{ARROW}{other}", why, one, other, weight)


def _libraries(sides: _Sides, facts: Facts) -> Iterator[Cause]:
    for name, called in (("blas", "BLAS"), ("simd", "SIMD level"), ("libc", "C library")):
        one, other = sides.before.numeric.get(name), sides.after.numeric.get(name)
        if one == other or one is None or other is None:
            continue
        found = sides.cause(name, called, one, other, 56)
        if name == "blas" and sides.reckons and _moved(facts, "numpy"):
            found = found._replace(grade=HARMLESS, evidence="it came with numpy")
        yield found


def _moved(facts: Facts, package: str) -> bool:
    """Whether a package is at another version, so that what it brings along is a part of that."""
    sides = [
        {item.name: item for item in side or ()} for side in (facts.packages.before, facts.packages.after)
    ]
    return sides[0].get(package) != sides[1].get(package)


def _threads(sides: _Sides) -> Iterator[Cause]:
    one, other = sides.before.numeric.get("threads"), sides.after.numeric.get("threads")
    if _moved_threads(sides):
        yield sides.cause("threads", "threads", one, other, 54)._replace(
            sentence=f"{_shown(one)}{ARROW}{_shown(other)} threads"
        )


def _moved_threads(sides: _Sides) -> bool:
    one, other = sides.before.numeric.get("threads"), sides.after.numeric.get("threads")
    return one != other and one is not None and other is not None


def _settings(sides: _Sides) -> Iterator[Cause]:
    """Variables and flags."""
    old, new = _flags(sides.before.numeric), _flags(sides.after.numeric)
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        if one == other or (name == "torch_threads" and _moved_threads(sides)):
            continue
        found = sides.cause("variable", name, one, other, 57)
        if name.startswith(_OF_GPUS) and not (sides.on_gpu and (sides.before.gpus or sides.after.gpus)):
            found = found._replace(grade=HARMLESS, evidence="nothing ran on a GPU")
        yield found


def _flags(numeric: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in numeric.items()
        if name not in _TOLD and not name.endswith("num_threads")
    }


def _graphics(sides: _Sides) -> Iterator[Cause]:
    old, new = (", ".join(str(gpu.get("name", "unknown")) for gpu in side.gpus) for side in _each(sides))
    drivers = [sorted({str(gpu.get("driver")) for gpu in side.gpus}) for side in _each(sides)]
    found = []
    if old != new:
        found.append(
            Cause("hardware", "GPU", CERTAIN, f"GPU {old or 'none'}{ARROW}{new or 'none'}", "", weight=36)
        )
    elif drivers[0] != drivers[1]:
        one, other = (", ".join(each) for each in drivers)
        found.append(sides.cause("hardware", "GPU driver", one, other, 59))
    if sides.before.cuda != sides.after.cuda:
        found.append(sides.cause("hardware", "CUDA", sides.before.cuda, sides.after.cuda, 58))
    for each in found:
        yield (
            each
            if sides.on_gpu
            else each._replace(grade=HARMLESS, evidence="nothing that uses a GPU was imported")
        )


def _hardware(sides: _Sides) -> Iterator[Cause]:
    before, after = _each(sides)
    one, other = before.cpu.get("model"), after.cpu.get("model")
    if one != other and one is not None and other is not None:
        yield sides.cause("hardware", "CPU", one, other, 58)
    cores = [side.cpu.get("cores") for side in (before, after)]
    if cores[0] != cores[1] and before.numeric.get("threads") == after.numeric.get("threads"):
        yield Cause(
            "hardware",
            "cores",
            HARMLESS,
            f"{_shown(cores[0])}{ARROW}{_shown(cores[1])} cores",
            "as many threads",
        )
    yield from _platform(before, after)
    if before.container != after.container:
        why = "what it holds beside the packages is not compared"
        yield Cause("hardware", "container", POSSIBLE, "Another container image", why, weight=59)
    if before.memory_bytes != after.memory_bytes:
        yield Cause("hardware", "memory", HARMLESS, "memory of another size", "nothing is computed by it")


def _platform(before: Environment, after: Environment) -> Iterator[Cause]:
    one, other = before.platform, after.platform
    if one == other or one is None or other is None:
        return
    ends = [(text.partition("-")[0], text.rpartition("-")[2]) for text in (one, other)]
    text = f"{one}{ARROW}{other}"
    if ends[0] != ends[1]:
        yield Cause(
            "hardware", "platform", CERTAIN, f"Another platform: {text}", "other compiled code", weight=37
        )
    else:
        yield Cause("hardware", "platform", HARMLESS, text, "the kernel alone")


def _each(sides: _Sides) -> tuple[Environment, Environment]:
    return sides.before, sides.after


def _shown(value: Any) -> str:
    return "unset" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

"""Would the same code on the same data give the same numbers?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core import verdict
from expctl.core.checklist.lines import FAIL, OK, WARN, Line, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.manifest import Environment, Seeds

#: Generators that a script makes for itself: nothing from outside can seed them.
_OWN = {
    "default_rng": "numpy.random.default_rng()",
    "torch.Generator": "torch.Generator()",
    "random.Random": "random.Random()",
    "RandomState": "numpy.random.RandomState()",
}
_GIB = 1 << 30


def seeds(found: Seeds | None, *, seen: bool, again: str) -> list[Line]:
    """Judge the random generators of a run.

    Args:
        found: What the manifest says of them.
        seen: Whether they were watched.
        again: The run's command with a seed.
    """
    if found is None:
        if seen:
            return [Line("seeds", OK, "no random generator that expctl knows was used")]
        return [Line("seeds", WARN, "nobody watched its random generators", again)]
    lines = []
    own = [_OWN[name] for name in found.unset if name in _OWN]
    others = [name for name in found.unset if name not in _OWN]
    if others:
        lines.append(Line("seeds", FAIL, f"used without a seed: {named(others)}", again))
    if own:
        way = "give it a seed in the source; --seed cannot reach it"
        lines.append(Line("seeds", FAIL, f"made without a seed: {named(own)}", way))
    known = [f"{name} {seed}" for name, seed in found.set.items()]
    if found.requested is not None:
        said = f"--seed {found.requested}" + (f" set {named(list(found.set))}" if known else "")
        if known or seen:
            lines.append(Line("seeds", OK, said))
        else:
            lines.append(Line("seeds", FAIL, f"{said} reached no generator", "see what was not captured"))
    elif known:
        lines.append(Line("seeds", OK, f"set by the script: {named(known)}"))
    return lines


def determinism(found: Environment | None, *, again: str) -> list[Line]:
    """Judge what moves numbers although the seeds are fixed."""
    numeric: Mapping[str, Any] = found.numeric if found else {}
    if found is None or not numeric:
        return [Line("determinism", WARN, "how it reckons was not recorded")]
    lines = []
    if numeric.get("pythonhashseed") == "random":
        lines.append(Line("determinism", WARN, "the order of text in sets is random (PYTHONHASHSEED)", again))
    if found.gpus:
        lines += _of_gpus(numeric, again)
    facts = [f"{numeric['threads']} threads" if "threads" in numeric else "", str(numeric.get("blas") or "")]
    said = ", ".join(["on a GPU" if found.gpus else "on the CPU", *filter(None, facts)])
    return [*lines, Line("determinism", OK, said)]


def _of_gpus(numeric: Mapping[str, Any], again: str) -> list[Line]:
    """Kernels that add in whatever order their threads come."""
    risks = {
        "torch_deterministic": (False, "torch may choose kernels that differ from run to run"),
        "cudnn_deterministic": (False, "cuDNN may choose algorithms that differ from run to run"),
        "cudnn_benchmark": (True, "cuDNN chooses its algorithms by the clock"),
        "tf_deterministic": (False, "TensorFlow may choose kernels that differ from run to run"),
    }
    return [
        Line("determinism", WARN, said, again)
        for name, (bad, said) in risks.items()
        if numeric.get(name) is bad
    ]


def repeats(verdicts: Mapping[str, int], explain: str) -> list[Line]:
    """Judge by what came of repeating the run: the only proof that there is.

    Args:
        verdicts: How many repeats came to each verdict of ``core.verdict``.
        explain: The command that says why the latest of them differs.
    """
    if not verdicts:
        return []
    total = sum(verdicts.values())
    said = f"repeated {total} time{'' if total == 1 else 's'}: "
    said += ", ".join(
        f"{word}{f' ({count})' if len(verdicts) > 1 else ''}" for word, count in verdicts.items()
    )
    if verdict.DIFFERENT in verdicts:
        return [Line("determinism", FAIL, said, explain)]
    return [Line("determinism", OK if verdict.REPRODUCED.issuperset(verdicts) else WARN, said)]


def hardware(found: Environment | None) -> list[Line]:
    """Say what it ran on: another machine may round otherwise."""
    if found is None or not found.cpu:
        return [Line("hardware", WARN, "not recorded")]
    facts = [str(found.cpu.get("model") or "an unnamed CPU")]
    if found.cpu.get("cores"):
        facts.append(f"{found.cpu['cores']} cores")
    if found.memory_bytes:
        facts.append(f"{found.memory_bytes / _GIB:.3g} GiB")
    facts.append(_gpus([str(each.get("name") or "GPU") for each in found.gpus]))
    if found.cuda:
        facts.append(f"CUDA {found.cuda}")
    return [Line("hardware", OK, ", ".join(facts))]


def _gpus(names: Sequence[str]) -> str:
    if not names:
        return "no GPU"
    kinds = list(dict.fromkeys(names))
    return " and ".join(f"{names.count(kind)} × {kind}" for kind in kinds)

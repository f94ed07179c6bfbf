"""Packages at other versions: whether the runs imported them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core.causes.cause import ARROW, CERTAIN, HARMLESS, POSSIBLE, Cause, Facts, Pair, both

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from expctl.core.packages import Package

#: What reckons: results depend on it, and on the machine beneath it.
NUMERIC = frozenset({
    "numpy", "scipy", "pandas", "polars", "scikit-learn", "statsmodels", "torch", "torchvision", "torchaudio",
    "tensorflow", "keras", "jax", "jaxlib", "flax", "xgboost", "lightgbm", "catboost", "transformers",
    "lightning", "pytorch-lightning", "cupy", "numba", "paddlepaddle", "mxnet",
})  # fmt: skip
#: What runs on a GPU where there is one.
ON_GPU = frozenset({
    "torch", "tensorflow", "jax", "jaxlib", "keras", "xgboost", "lightgbm", "catboost", "cupy", "numba",
    "cudf", "paddlepaddle", "mxnet",
})  # fmt: skip
#: Libraries without a module of their own, that others load.
_LOADED = re.compile(
    r"nvidia-.*|mkl.*|intel-openmp|openblas.*|libopenblas.*|libblas.*|blas|llvm-openmp|tbb|cudatoolkit|cudnn"
    r"|triton|libgcc.*|libstdcxx.*"
)
_ALIASES = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "yaml": "pyyaml",
            "skimage": "scikit-image", "bs4": "beautifulsoup4", "dateutil": "python-dateutil"}  # fmt: skip


def owner_of(module: str) -> str:
    """The package that a module most likely came from."""
    return _ALIASES.get(module, re.sub(r"[-_.]+", "-", module).lower())


def of_packages(pair: Pair, facts: Facts) -> Iterator[Cause]:
    """Causes among the packages; none where a list is missing."""
    if facts.packages.before is None or facts.packages.after is None:
        return
    old, new = ({item.name: item for item in side} for side in (facts.packages.before, facts.packages.after))
    used = both(*(run.environment.imported if run.environment else None for run in pair))
    for name in sorted({*old, *new}):
        one, other = old.get(name), new.get(name)
        if one is None or other is None or one[1:] != other[1:]:
            yield _judged(name, one, other, used, facts)


def _judged(
    name: str, one: Package | None, other: Package | None, used: Sequence[str] | None, facts: Facts
) -> Cause:
    before, after = (None if each is None else _version(each, one, other) for each in (one, other))
    found = Cause(
        "package", name, HARMLESS, f"{name} {before or 'absent'}{ARROW}{after or 'absent'}", "", before, after
    )
    importer = facts.importers.get(name)
    if used is None:
        weight = 63 if name in NUMERIC else 65
        return found._replace(
            grade=POSSIBLE, evidence="whether the runs imported it is not recorded", weight=weight
        )
    if name in used:
        rank = 10 if importer else 15 if name in NUMERIC else 40
        why = f"imported by {importer or 'the run'}"
        return found._replace(grade=CERTAIN, evidence=why, weight=rank)
    if _LOADED.fullmatch(name) and not NUMERIC.isdisjoint(used):
        return found._replace(grade=POSSIBLE, evidence="other packages may have loaded it", weight=64)
    if any(each and (each.source or "").startswith("editable:") for each in (one, other)):
        return found._replace(
            grade=POSSIBLE, evidence="not seen to be imported, but it is editable", weight=66
        )
    return found._replace(evidence="not imported")


def _version(package: Package, one: Package | None, other: Package | None) -> str:
    """The version, with its origin where that differs."""
    is_moved = one is not None and other is not None and one.source != other.source
    text = package.version or "unknown"
    return f"{text} from {package.source or 'an index'}" if is_moved else text

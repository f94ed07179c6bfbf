"""What a training script says while it runs: made a line, handed to the sink, and forgotten.

Nothing here raises into the training: what cannot be recorded is said once on standard error. This module
runs in the child's interpreter: standard library and the syntax of Python 3.8 only.
"""

from __future__ import annotations

import os
from time import time

from expctl.api.sink import HERE
from expctl.core import events

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

#: Beginnings of lines by metric, made once; names are few, and if they are not the store is emptied.
_heads: dict[str, str] = {}
_MAX_HEADS = 10_000


def log_metric(name: str, value: float, step: int | None = None) -> None:
    """Record one value of a metric.

    Args:
        name: Such as ``loss`` or ``val/f1``.
        value: A number, or a numpy or torch scalar; NaN and infinities are kept.
        step: Epoch or batch; without it the points are counted in order.
    """
    try:
        if type(value) is not float:
            value = events.number(value)
        if step is not None and type(step) is not int:
            step = int(step)
        HERE.append(events.encode_metric(_heads.get(name) or _head(name), value, step, time()))
    except Exception as err:  # noqa: BLE001 - recording never stops a training
        _complain("log_metric", f"log_metric({name!r}) recorded nothing", err)


def log_metrics(values: Mapping[str, float], step: int | None = None) -> None:
    """Record one value of each of several metrics."""
    _each("log_metrics", values, lambda name, value: log_metric(name, value, step))


def log_param(name: str, value: Any) -> None:
    """Record one hyperparameter."""
    _record("log_param", events.encode_params, {name: value})


def log_params(values: Any) -> None:
    """Record hyperparameters.

    Args:
        values: A dictionary, nested or not, a dataclass, or what ``argparse`` gives.
    """
    _record("log_params", events.encode_params, values)


def log_artifact(path: str | os.PathLike[str], kind: str = "") -> None:
    """Record a file that this run produced; its bytes are taken when the run ends.

    Args:
        path: The file or folder.
        kind: ``model``, ``figure``, ``table`` or ``file``; by its name when empty.
    """
    _record("log_artifact", _encode_artifact, path, kind)


def set_tag(key: str, value: Any) -> None:
    """Put a tag on the run."""
    _record("set_tag", events.encode_tag, key, value)


def set_tags(values: Mapping[str, Any]) -> None:
    """Put several tags on the run."""
    _each("set_tags", values, set_tag)


def log_seed(generator: str, seed: int | None) -> None:
    """Record the seed that a random generator was given."""
    _record("log_seed", events.encode_seed, generator, seed)


def _encode_artifact(path: str | os.PathLike[str], kind: str) -> bytes:
    full = os.path.abspath(os.fsdecode(path))
    if not os.path.lexists(full):
        HERE.complain(full, f"log_artifact: there is no {full!r} yet; it is taken if it is there at the end")
    return events.encode_artifact(full, kind)


def _record(call: str, encode: Callable[..., bytes], *values: Any) -> None:
    try:
        HERE.append(encode(*values))
    except Exception as err:  # noqa: BLE001 - recording never stops a training
        _complain(call, f"{call} recorded nothing", err)


def _each(call: str, values: Any, act: Callable[[Any, Any], None]) -> None:
    try:
        for name, value in dict(values).items():
            act(name, value)
    except Exception as err:  # noqa: BLE001 - recording never stops a training
        _complain(call, f"{call} needs a dictionary", err)


def _head(name: Any) -> str:
    if len(_heads) >= _MAX_HEADS:
        _heads.clear()
    head = _heads[name] = events.metric_head(name)
    return head


def _complain(call: str, text: str, err: Exception) -> None:
    reason = f"{type(err).__name__}: {err}"[:500]
    HERE.complain(f"{call} {type(err).__name__}", f"{text}: {reason}")

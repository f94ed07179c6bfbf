"""Seeds set by the script itself, and recorded. Standard library and the syntax of Python 3.8 only."""

from __future__ import annotations

from expctl.api import live
from expctl.hook import expctl_seeds


def seed_everything(seed: int) -> int:
    """Seed ``random``, numpy, torch, TensorFlow and CuPy, choose deterministic kernels, and record it.

    Libraries that are not imported yet are seeded at the moment they are, and are not imported for it. Where
    there is a GPU, torch is told to use deterministic algorithms and to warn of what has none.
    Out of reach are generators of your own (``numpy.random.default_rng()`` without a seed), JAX, whose keys
    you make yourself, and the order of text in sets, which ``PYTHONHASHSEED`` fixes before Python starts:
    ``expctl run --seed`` sets it.

    Args:
        seed: From 0.

    Returns:
        The seed, so that it can be passed on.

    Raises:
        ValueError: The seed is negative, which numpy and torch do not take.
    """
    seed = int(seed)
    if seed < 0:
        raise ValueError(f"a seed is 0 or more, not {seed}")
    import random  # noqa: F401 - it costs 2 ms, and its generator is part of the promise

    expctl_seeds.plant(seed, live.log_seed)
    return seed

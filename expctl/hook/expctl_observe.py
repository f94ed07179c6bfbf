"""Observe the seeds that a script sets itself, and how its numeric libraries are set when it ends.

The functions that seed are put behind ones of the same name, place, signature and result, which note their
argument first. Only the first seed of a generator is told: later ones are of epochs and folds, and two runs
that differ in their seed must differ in what is told. A generator that was used and never seeded is told
too. Loaded by ``sitecustomize`` beside it when the first of the libraries is imported. Standard library and
the syntax of Python 3.8 only.
"""
# ruff: noqa: SIM105, SIM110, SLF001 - contextlib would be imported for it in every Python process of the run

from __future__ import annotations

import os
import sys
from types import MethodType

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_COPIED = ("__module__", "__name__", "__qualname__", "__doc__")
_LIBRARIES = ("/site-packages/", "/dist-packages/", os.path.dirname(os.__file__) + os.sep)
_JSON_MIN, _JSON_MAX = -(2**63), 2**64


class Observer:
    """What is known of the generators of this process.

    Args:
        report: Called with the name of a generator and its seed; None when the system seeds it.

    Attributes:
        planted: Generators that were seeded for the script: as long as it does not, they are not unseeded.
    """

    def __init__(self, report: Callable[[str, int | None], None]) -> None:
        self._report = report
        self._owner = os.getpid()
        self._seeded: set[str] = set()
        self.planted: set[str] = set()
        self._fresh: dict[str, Any] = {}
        self._drawn: set[str] = set()

    def acts(self) -> dict[str, Callable[[Any], None]]:
        """What to do with a library once it is imported, by its name."""
        return {
            "random": self._random,
            "numpy.random": self._numpy,
            "torch.random": self._torch,
            "torch": lambda module: self._remember("torch", module),
            "tensorflow.python.framework.random_seed": self._tensorflow,
            "keras.src.utils.rng_utils": self._keras,
            "keras.src.random.seed_generator": self._keras_draws,
            "cupy.random": lambda module: self._replace("cupy", "seed", module),
            "jax.random": self._jax,
        }

    def seeded(self, generator: str, seed: Any) -> None:
        """Note that a generator is given a seed. Never raises."""
        if generator in self._seeded or os.getpid() != self._owner:
            return
        self._seeded.add(generator)
        try:
            if type(seed).__module__ == "numpy":
                seed = seed.item()
            if seed is None or (isinstance(seed, int) and _JSON_MIN <= seed < _JSON_MAX):
                self._report(generator, None if seed is None else int(seed))
        except Exception:
            pass

    def end(self) -> None:
        """Tell the generators that were used and never seeded; those of launchers are of no interest."""
        first = str((getattr(sys, "argv", None) or [""])[0])
        if "/bin/" in first or (_is_of_library(first) and "ipykernel" not in first):
            return
        for generator, before in self._fresh.items():
            try:
                if generator in self._seeded | self.planted or _state(generator) == before:
                    continue
                if generator != "random" or _is_used_by_script(sys.modules["random"]):
                    self.seeded(generator, None)
            except Exception:
                pass

        settled = self._seeded | self.planted
        for generator in self._drawn - settled:
            # Keras takes the seeds that nobody gave from random.
            if generator != "keras" or "random" not in settled:
                self.seeded(generator, None)

    def flags(self) -> list[tuple[str, str]]:
        """How loaded libraries are set: what decides whether the same numbers come out, as JSON."""
        return list(_flags().items())

    def _remember(self, generator: str, _module: Any) -> None:
        try:
            self._fresh[generator] = _state(generator)
        except Exception:
            pass

    def _random(self, module: Any) -> None:
        hidden: Any = getattr(module, "_inst", None)
        given = getattr(module, "seed", None)
        if hidden is not None and isinstance(given, MethodType) and given.__self__ is hidden:
            self._remember("random", module)
            original, seeded = given.__func__, self.seeded

            def seed(self: Any, a: Any = None, version: int = 2) -> Any:
                seeded("random", a)
                return original(self, a, version)

            _disguise(seed, original)
            module.seed = MethodType(seed, hidden)  # as it was: it is pickled with its generator

    def _numpy(self, module: Any) -> None:
        self._remember("numpy", module)
        inside = sys.modules.get("numpy.random.mtrand")
        self._replace("numpy", "seed", module, inside)
        self._replace("default_rng", "default_rng", module, sys.modules.get("numpy.random._generator"))

    def _torch(self, module: Any) -> None:
        self._replace("torch", "manual_seed", module)

    def _tensorflow(self, module: Any) -> None:
        self._replace("tensorflow", "set_seed", module)
        # Every operation that draws asks there; two times None is a seed of the system's.
        self._watch_draws("tensorflow", "get_seed", module, lambda found: found == (None, None))

    def _keras_draws(self, module: Any) -> None:
        self._watch_draws("keras", "make_default_seed", module, lambda _found: True)

    def _watch_draws(
        self, generator: str, name: str, module: Any, is_unseeded: Callable[[Any], bool]
    ) -> None:
        """Note that a library draws without a seed, by the function that it takes its seeds from."""
        original, drawn = getattr(module, name, None), self._drawn
        if not callable(original):
            return

        def observed(*args: Any, **kwargs: Any) -> Any:
            found = original(*args, **kwargs)
            if is_unseeded(found):
                drawn.add(generator)
            return found

        _disguise(observed, original)
        setattr(module, name, observed)

    def _keras(self, module: Any) -> None:
        self._replace("keras", "set_random_seed", module)

    def _jax(self, module: Any) -> None:
        # It has no generator but keys, and the first key of the script is what its seed is.
        for name in ("PRNGKey", "key"):
            self._replace("jax", name, module)

    def _replace(self, generator: str, name: str, *modules: Any) -> None:
        original = getattr(modules[0], name, None)
        if not callable(original) or isinstance(original, type):
            return
        observed = self._behind(generator, original)
        for module in modules:
            if getattr(module, name, None) is original:
                try:
                    setattr(module, name, observed)
                except Exception:
                    pass

    def _behind(self, generator: str, original: Any) -> Callable[..., Any]:
        """A function that notes its first argument and is the original otherwise."""
        seeded = self.seeded
        of_script = generator in ("default_rng", "jax")  # libraries make such generators for their own use

        def observed(*args: Any, **kwargs: Any) -> Any:
            if not of_script or not _is_of_library(sys._getframe(1).f_code.co_filename):
                seeded(generator, args[0] if args else kwargs.get("seed"))
            return original(*args, **kwargs)

        _disguise(observed, original)
        return observed


def _disguise(function: Any, original: Any) -> None:
    """Let a function look like another one to whoever asks or pickles it."""
    for attribute in _COPIED:
        try:
            setattr(function, attribute, getattr(original, attribute))
        except (AttributeError, TypeError):
            pass
    function.__annotations__ = dict(getattr(original, "__annotations__", None) or {})
    function.__dict__.update(getattr(original, "__dict__", {}))
    function.__wrapped__ = original


def _is_of_library(path: str) -> bool:
    for part in _LIBRARIES:
        if part in path:
            return True
    return False


def _is_used_by_script(module: Any) -> bool:
    """Whether a source file of the script's own has the module, or a function of it: libraries draw names."""
    for user in list(sys.modules.values()):
        path = getattr(user, "__file__", None)
        if type(path) is not str and getattr(user, "__name__", "") != "__main__":
            continue
        if type(path) is str and _is_of_library(path):
            continue
        for value in list(vars(user).values()):
            if value is module or (type(value) is MethodType and value.__self__ is module._inst):
                return True
    return False


def _state(generator: str) -> Any:
    """Enough of a generator's state to tell whether it was used; nothing is drawn from it."""
    module = sys.modules["numpy.random" if generator == "numpy" else generator]
    if generator == "random":
        words = module._inst.getstate()[1]
        return words[-1], words[0]
    if generator == "numpy":
        state = module.get_state()
        return int(state[2]), int(state[1][0])
    return module.get_rng_state().numpy().tobytes()


def _flags() -> dict[str, str]:
    asked: dict[str, Callable[[], Any]] = {}
    torch = sys.modules.get("torch")
    if torch is not None:
        asked = {
            "cudnn_deterministic": lambda: torch.backends.cudnn.deterministic,
            "cudnn_benchmark": lambda: torch.backends.cudnn.benchmark,
            "torch_deterministic": torch.are_deterministic_algorithms_enabled,
            "tf32": lambda: torch.backends.cuda.matmul.allow_tf32,
            "torch_threads": torch.get_num_threads,
        }
    tensorflow = sys.modules.get("tensorflow.python.framework.config")
    if tensorflow is not None:
        asked["tf_deterministic"] = tensorflow.is_op_determinism_enabled
    found = {}
    for name, ask in asked.items():
        import warnings  # it is loaded by all of them

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of names that newer versions would rather not be asked
                value = ask()
            if isinstance(value, int):
                found[name] = ("true" if value else "false") if isinstance(value, bool) else "%d" % value
        except Exception:
            pass
    return found

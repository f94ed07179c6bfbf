"""Seed the global random generators: those that are loaded now, the others at the moment they are imported.

Nothing is imported for it: a script that never uses torch does not pay for torch. Loaded as a top-level
module by ``sitecustomize`` beside it, and as a part of the package by ``api.seeds``. Standard library and the
syntax of Python 3.8 only.
"""
# ruff: noqa: SIM105 - contextlib would be imported for it in every Python process of the run

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

#: What a generator is called in the record, by the module whose import makes it.
NAMES = {"random": "random", "numpy.random": "numpy", "torch": "torch"}


def plant(seed: int, report: Callable[[str, int], None]) -> None:
    """Seed every global generator of this process, now or when its library is imported.

    Args:
        seed: From 0; numpy gets the lowest 32 bits, as it takes no more.
        report: Called with the name of a generator and the seed that it was given.
    """
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    finder = _Finder(seed, report)
    sys.meta_path.insert(0, finder)
    for name in NAMES:
        module = sys.modules.get(name)
        if module is not None:
            finder.waiting.discard(name)
            sow(module, seed, report)


def sow(module: Any, seed: int, report: Callable[[str, int], None]) -> None:
    """Seed the generator of one loaded module. Never raises: a library may be half loaded, or very old."""
    name = module.__name__
    try:
        if name == "random":
            module.seed(seed)
        elif name == "numpy.random":
            seed &= 0xFFFFFFFF
            module.seed(seed)
        else:
            module.manual_seed(seed)
            module.backends.cudnn.deterministic = True
            module.backends.cudnn.benchmark = False
        report(NAMES[name], seed)
    except Exception:
        pass


class _Finder:
    """Watches imports for the libraries that are still to be seeded; finds nothing itself."""

    def __init__(self, seed: int, report: Callable[[str, int], None]) -> None:
        self.seed = seed
        self.report = report
        self.waiting = set(NAMES)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec that the other finders give, its loader told to seed once the module is loaded."""
        if name not in self.waiting:
            return None
        self.waiting.discard(name)
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = None if finder is self or find is None else find(name, path, target)
            if spec is not None:
                self._tell(spec.loader, name)
                return spec
        return None

    def _tell(self, loader: Any, name: str) -> None:
        # The loader stays the one it is: importlib.resources and others ask for its type. A loader that is a
        # class (built-in and frozen modules) is shared by all modules and must not be touched.
        run = getattr(loader, "exec_module", None)
        if run is None or isinstance(loader, type):
            return

        def exec_module(module: ModuleType) -> None:
            run(module)
            if module.__name__ == name:
                sow(module, self.seed, self.report)

        try:
            loader.exec_module = exec_module
        except Exception:
            pass

"""Seed the global random generators: those that are loaded now, the others at the moment they are imported.

Nothing is imported for it: a script that never uses torch does not pay for torch. Nor is a GPU started for
it: what lies on one is seeded when it begins. JAX has no global generator: its keys are the script's own.
Loaded by ``sitecustomize`` beside it, and as a part of the package by ``api.seeds``. Standard library and the
syntax of Python 3.8 only.
"""
# ruff: noqa: SIM105 - contextlib would be imported for it in every Python process of the run

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType
    from typing import Any

#: What a generator is called in the record, by the module whose import makes it.
NAMES = {
    "random": "random",
    "numpy.random": "numpy",
    "torch": "torch",
    "tensorflow.python.framework.random_seed": "tensorflow",
    "cupy.random": "cupy",
}
#: Whose drivers put a GPU there: NVIDIA's, that of WSL, AMD's.
_GPUS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")


def plant(seed: int, report: Callable[[str, int], None]) -> None:
    """Seed every global generator of this process, now or when its library is imported.

    Args:
        seed: From 0; numpy gets the lowest 32 bits, as it takes no more.
        report: Called with the name of a generator and the seed that it was given.
    """
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Planter)]
    finder = _Planter(dict.fromkeys(NAMES, lambda module: sow(module, seed, report)))
    finder.act_on_loaded()
    sys.meta_path.insert(0, finder)


def sow(module: Any, seed: int, report: Callable[[str, int], None]) -> None:
    """Seed the generator of one loaded module. Never raises: a library may be half loaded, or very old."""
    name = module.__name__
    try:
        if name == "random":
            module.seed(seed)
        elif name == "numpy.random":
            seed &= 0xFFFFFFFF
            module.seed(seed)
        elif name == "torch":
            module.manual_seed(seed)  # of the CPU, and of every GPU as it begins
        elif name == "cupy.random":
            _sow_cupy(module, seed)
        else:
            module.set_seed(seed)
        report(NAMES[name], seed)
        if name == "torch":
            _settle_torch(module)
    except Exception:
        pass


def _sow_cupy(module: Any, seed: int) -> None:
    # Seeding it here would start the GPU, and a process that did may not fork any more.
    seeded = module.seed
    os.environ["CUPY_SEED"] = str(seed)
    if getattr(sys.modules.get("cupy.random._generator"), "_random_states", None):
        seeded(seed)


def _settle_torch(module: Any) -> None:
    """Choose kernels that give the same each time, where there are others: on a GPU.

    What has none only warns. A script that wants the quicker ones back says so after it imported torch.
    """
    module.backends.cudnn.deterministic = True
    module.backends.cudnn.benchmark = False
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") or not any(map(os.path.exists, _GPUS)):
        return
    # Read when cuBLAS begins: without it torch can only warn.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    module.use_deterministic_algorithms(mode=True, warn_only=True)


class Finder:
    """Watches imports for some libraries, and acts on each once it is loaded; finds nothing itself.

    Attributes:
        acts: By name of the module what to do with it; one that was found is taken out.
    """

    def __init__(self, acts: Mapping[str, Callable[[Any], None]]) -> None:
        self.acts = dict(acts)

    def act_on_loaded(self) -> None:
        """Do at once what can be done."""
        for name in list(self.acts):
            module = sys.modules.get(name)
            if module is not None:
                self.acts.pop(name)(module)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec that the other finders give, its loader told to act once the module is loaded."""
        act = self.acts.pop(name, None) if name in self.acts else None
        if act is None:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = None if finder is self or find is None else find(name, path, target)
            if spec is not None:
                _tell(spec.loader, name, act)
                return spec
        return None


class _Planter(Finder):
    """The finder of ``plant``; the next call of it puts another one in its place."""


def _tell(loader: Any, name: str, act: Callable[[Any], None]) -> None:
    # The loader stays the one it is: importlib.resources and others ask for its type. A loader that is a
    # class (built-in and frozen modules) is shared by all modules and must not be touched.
    run = getattr(loader, "exec_module", None)
    if run is None or isinstance(loader, type):
        return

    def exec_module(module: ModuleType) -> None:
        run(module)
        if module.__name__ == name:
            act(module)

    try:
        loader.exec_module = exec_module
    except Exception:
        pass

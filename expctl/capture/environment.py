"""The environment of a command: its interpreter, packages and machine, what moves the last digits."""

from __future__ import annotations

import os

from expctl.adapters import gpu, host, interpreter
from expctl.core import redact
from expctl.core.manifest import Environment
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from expctl.adapters.interpreter import Interpreter
    from expctl.capture.hooked import Process
    from expctl.core.packages import Package

#: The only variables whose values are ever written. They say how arithmetic is done, and hold no secrets.
VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "OPENBLAS_CORETYPE", "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS", "KMP_DETERMINISTIC_REDUCTION", "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_VISIBLE_DEVICES", "NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
    "TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC", "TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS",
    "PYTORCH_NUM_THREADS",
)  # fmt: skip
#: Of these the first that is set says how many threads the numeric libraries use.
THREADS = VARIABLES[:3]
_LONGEST_VALUE = 200
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Probed(NamedTuple):
    """What was found.

    Attributes:
        environment: Its ``packages`` is still empty: the list has not been written yet.
        packages: Of the child's interpreter; None when it was not Python, or they could not be listed.
        notes: What could not be found, and why.
    """

    environment: Environment
    packages: tuple[Package, ...] | None
    notes: tuple[str, ...]


def probe(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    *,
    cache: Path,
    reported: Process | None = None,
    root: Path | None = None,
) -> Probed:
    """Look at where the command runs. Never raises: what it cannot find becomes a note.

    Args:
        argv: The command.
        cwd: Where it runs.
        env: Its environment.
        cache: Folder for facts that change rarely; made when missing.
        reported: The script's process as the hook in it described it; None if it said nothing.
        root: Top of the repository; packages installed from beneath it are named by their place in it.
    """
    notes: list[str] = []
    listed, blas = None, None
    python = _python(argv, cwd, env, cache=cache, reported=reported, notes=notes)
    if python is not None:
        from expctl.adapters import installed  # other commands have no packages

        path = _outside(python.path)
        listed = installed.packages(path, python.prefix, root=root)
        blas = installed.blas(path)
    graphics = gpu.read()
    if graphics.problem:
        notes.append(f"GPUs: {graphics.problem}")
    environment = Environment(
        python=python.version if python else None,
        platform=host.platform(),
        cpu=_known(model=host.cpu_model(), cores=host.cpu_cores()),
        memory_bytes=host.memory_bytes(),
        gpus=tuple(_known(**found) for found in graphics.found),
        cuda=graphics.cuda,
        numeric=_numeric(env, blas, is_python=python is not None),
        container=host.container() or _image(env),
    )
    return Probed(environment, listed, tuple(notes))


def with_flags(environment: Environment, script: Process | None) -> Environment:
    """The environment with what the script's process said of its numeric libraries when it ended."""
    if script is None or not script.flags:
        return environment
    return environment._replace(numeric={**environment.numeric, **script.flags})


def _python(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    *,
    cache: Path,
    reported: Process | None,
    notes: list[str],
) -> Interpreter | None:
    """The interpreter of the child: as it said itself, else as it can be told from the command."""
    if reported is not None:
        said = interpreter.described(reported.executable, reported.version, reported.prefix, reported.path)
        if said is not None:
            return said
        notes.append("interpreter: what the child said of it makes no sense")
    executable = interpreter.find(argv, cwd, env)
    if executable is None:
        return None
    try:
        return interpreter.ask(executable, cwd, env, cache=cache)
    except (OSError, ValueError) as err:
        notes.append(f"interpreter {os.path.basename(executable)}: {err}")
        return None


def _numeric(env: Mapping[str, str], blas: str | None, *, is_python: bool) -> dict[str, Any]:
    """What moves the last digits of results, beside the versions of packages."""
    threads = next((env[name] for name in THREADS if env.get(name, "").isdigit()), None)
    return _known(
        blas=blas,
        threads=int(threads) if threads else host.cpu_cores(),
        pythonhashseed=(env.get("PYTHONHASHSEED") or "random") if is_python else None,
        simd=host.simd(),
        libc=host.libc(),
        **{
            name.lower(): redact.redact_text(value[:_LONGEST_VALUE])[0]
            for name in VARIABLES
            if (value := env.get(name)) is not None
        },
    )


def _image(env: Mapping[str, str]) -> str | None:
    """The image file that Apptainer and Singularity name to the processes inside, without its folder."""
    for name in ("apptainer", "singularity"):
        if path := env.get(f"{name.upper()}_CONTAINER"):
            return f"{name}:{os.path.basename(path.rstrip('/'))}"
    return None


def _outside(path: Sequence[str]) -> list[str]:
    """The folders that are not expctl's own: the hook is on the child's path for a moment."""
    return [folder for folder in path if not (folder + os.sep).startswith(_HERE + os.sep)]


def _known(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}

"""The program within a command: found past what starts it, with the words that are for it.

No program is asked how it reads its words, so this is the reading that fits most commands: ``env A=1 uv run
train.py``, ``torchrun --nproc 4 -m pkg.train``, ``bash -c 'python train.py'``, ``make train LR=0.1``.
"""

from __future__ import annotations

import re

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Programs that run another program or script, by name.
_LAUNCHERS = frozenset({
    "env", "uv", "uvx", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "conda", "mamba", "micromamba",
    "nohup", "nice", "ionice", "time", "timeout", "stdbuf", "taskset", "numactl", "xvfb-run", "sudo", "doas",
    "srun", "mpirun", "mpiexec", "torchrun", "accelerate", "deepspeed", "horovodrun", "composer", "ray",
    "coverage", "kernprof", "nsys", "ncu", "strace", "perf", "caffeinate", "chrt", "setsid", "exec",
    "ipython",
})  # fmt: skip
#: Of these, the ones that run a program only when told to; else they install, list and lock.
_MANAGERS = frozenset({
    "uv", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "conda", "mamba", "micromamba",
})  # fmt: skip
#: Programs that run a command elsewhere; where it begins cannot be told from their own words.
_CARRIERS = frozenset({
    "docker", "podman", "nerdctl", "singularity", "apptainer", "kubectl", "ssh", "sbatch", "qsub", "bsub",
    "dstack", "sky", "parallel", "xargs", "condor_submit", "enroot",
})  # fmt: skip
#: Their own options are no parameters; what follows ``--`` is for the program that they run.
_BUILDERS = frozenset({
    "cargo", "npm", "pnpm", "yarn", "dotnet", "bazel", "swift", "stack", "cabal", "gradle", "mvn", "nix",
})  # fmt: skip
_MAKES = frozenset({"make", "gmake", "just", "task", "ninja", "scons", "rake", "invoke", "nox", "doit"})
#: Well-known programs that train nothing.
_TOOLS = frozenset({
    "true", "false", "test", "echo", "printf", "sleep", "cat", "cp", "mv", "rm", "ln", "ls", "mkdir",
    "touch", "head", "tail", "wc", "sort", "uniq", "cut", "tr", "tee", "date", "find", "grep", "rg", "sed",
    "jq", "yq", "diff", "cmp", "tar", "zip", "unzip", "gzip", "gunzip", "xz", "zstd", "curl", "wget",
    "rsync", "scp", "git", "gh", "dvc", "gto", "aws", "gsutil", "gcloud", "az", "pip", "pip3", "pipx",
    "apt", "apt-get", "brew", "pytest", "tox", "mypy", "ruff", "black", "unittest", "venv", "build",
    "http.server", "json.tool", "jupyter", "jupyter-nbconvert", "nbconvert", "ipykernel", "notebook",
    "tensorboard", "mlflow", "wandb", "snakemake", "nextflow", "airflow", "prefect", "cmake", "gcc", "g++",
    "clang", "ps", "top", "kill", "which", "chmod", "chown", "du", "df", "md5sum", "sha256sum",
    "nvidia-smi", "watch", "compileall", "timeit", "ensurepip",
})  # fmt: skip
#: Python modules that run a script or another module.
_MODULES = frozenset({
    "torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch", "coverage", "pdb",
    "cProfile", "profile", "trace", "line_profiler", "memory_profiler", "kernprof", "scalene", "pyinstrument",
    "debugpy", "horovod.run", "deepspeed.launcher.runner", "mpi4py", "torch.utils.bottleneck", "runpy",
})  # fmt: skip
#: Besides Python: a module follows their ``-m``. To others it is something else (``srun -m``).
_TAKE_MODULES = frozenset({"torchrun", "accelerate", "coverage", "uv", "kernprof", "deepspeed", "ipython"})
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_INTERPRETERS = _SHELLS | {"Rscript", "julia", "node", "perl", "ruby", "fish"}
_SUBCOMMANDS = frozenset({"run", "launch", "exec", "x"})
# Texts, not compiled patterns: re keeps what a run needs of them, and most need few.
_SCRIPT = r"[^=]*\.(?:py|pyc|R|r|jl|sh|bash|pl|rb|js|mjs|ts|ipynb)"
NUMBER = r"(?a)[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
PAIR = r"(?s)\+{0,2}([A-Za-z_][\w.\-/@]*)=(.*)"
#: What a shell would act on: such a text is not one command with its words.
_SHELL_MARKS = r"[;&|<>$`()\n*?~{}]"


class Program(NamedTuple):
    """The program within a command.

    Attributes:
        script: The script, module or program, as it was typed; "" for code given with ``-c``.
        words: What it was given.
    """

    script: str
    words: tuple[str, ...]


def program_of(argv: Sequence[str]) -> Program:
    """Find the program in a command: past ``env``, ``uv run``, ``torchrun --nproc 4``, ``python -u``."""
    name = _name(argv[0]) if argv else ""
    if name in _SHELLS and (place := _place_of_code(argv)):
        return _of_shell(argv[place + 1 : place + 2])
    if (own := _OF_TOOLS.get(name)) is not None:
        return Program(argv[0], own(argv))
    if name not in _LAUNCHERS and name not in _CARRIERS and not _is_interpreter(name):
        return Program(argv[0] if argv else "", tuple(argv[1:]))
    found = _behind(argv, name)
    if found is not None:
        return found
    return Program("", ()) if name in _CARRIERS else _without_script(argv, name)


def _name(word: str) -> str:
    return word.rpartition("/")[2]


def _behind(argv: Sequence[str], name: str) -> Program | None:
    """The script or module behind an interpreter or launcher; None if no word is surely one."""
    takes_code = _is_interpreter(name)
    takes_module = takes_code or name in _TAKE_MODULES
    for place, word in enumerate(argv[1:], 1):
        if takes_code and word == "-c":
            return Program("", tuple(argv[place + 2 :]))
        if takes_module and word == "-m" and place + 1 < len(argv):
            if argv[place + 1] not in _MODULES:
                return _of_module(argv[place + 1 :])
        elif re.fullmatch(_SCRIPT, word):
            return Program(word, tuple(argv[place + 1 :]))
        elif _is_interpreter(name := _name(word)) or (name in _OF_TOOLS and argv[place - 1] in _SUBCOMMANDS):
            return program_of(argv[place:])
    return None


def _of_module(words: Sequence[str]) -> Program:
    own = _OF_TOOLS.get(words[0])
    return Program(words[0], tuple(words[1:]) if own is None else own(words))


def is_python(name: str) -> bool:
    """Whether a program of this name is Python, of whatever version or build."""
    return name.startswith("py") and bool(re.fullmatch(r"(?:python|pypy)[0-9.]*[td]?w?(?:\.exe)?", name))


def _is_interpreter(name: str) -> bool:
    return is_python(name) or name in _INTERPRETERS


def _place_of_code(argv: Sequence[str]) -> int:
    """Where ``-c`` stands among the words of a shell, also as in ``bash -lc`` or ``sh -e -c``; or 0."""
    return next((place for place, word in enumerate(argv[:4]) if re.fullmatch("-[a-z]*c", word)), 0)


def _of_shell(code: Sequence[str]) -> Program:
    text = "".join(code)
    if re.search(_SHELL_MARKS, text):
        return Program("", ())
    import shlex  # only a shell's command needs it

    try:
        words = shlex.split(text)
    except ValueError:
        return Program("", ())
    return program_of(words) if words and "-c" not in words else Program("", ())


def _without_script(argv: Sequence[str], launcher: str) -> Program:
    """The program behind a launcher that is no script: the first word that can be one."""
    if launcher in _MANAGERS and _SUBCOMMANDS.isdisjoint(argv):
        return Program(argv[0], ())
    for place, word in enumerate(argv[1:], 1):
        if (
            word.startswith("-")
            or re.fullmatch(PAIR, word)
            or re.fullmatch(NUMBER, word)
            or word in _SUBCOMMANDS
        ):
            continue
        return program_of(argv[place:])
    return Program("", ())


def _pairs_only(argv: Sequence[str]) -> tuple[str, ...]:
    """``make -s train LR=0.1``: its flags are its own."""
    return tuple(word for word in argv[1:] if re.fullmatch(PAIR, word))


def _nothing(argv: Sequence[str]) -> tuple[str, ...]:
    del argv
    return ()


def _behind_dashes(argv: Sequence[str]) -> tuple[str, ...]:
    return tuple(argv[argv.index("--") + 1 :]) if "--" in argv else ()


def _of_awk(argv: Sequence[str]) -> tuple[str, ...]:
    """``awk -v lr=0.1 -f train.awk data.csv``."""
    return tuple(word for place, word in enumerate(argv) if argv[place - 1] in ("-v", "--assign"))


def _of_papermill(argv: Sequence[str]) -> tuple[str, ...]:
    """``papermill in.ipynb out.ipynb -p lr 0.1 -f params.yaml``."""
    found = []
    for place, word in enumerate(argv):
        given = argv[place + 1 : place + 3]
        if word in ("-p", "--parameters", "-r", "--parameters_raw") and len(given) > 1:
            found.append(f"{given[0]}={given[1]}")
        elif word in ("-f", "--parameters_file") and given:
            found += ["--parameters_file", given[0]]
    return tuple(found)


_OF_TOOLS: dict[str, Callable[[Sequence[str]], tuple[str, ...]]] = {
    **dict.fromkeys(_TOOLS, _nothing),
    **dict.fromkeys(_MAKES, _pairs_only),
    **dict.fromkeys(_BUILDERS, _behind_dashes),
    **dict.fromkeys(("awk", "gawk", "mawk"), _of_awk),
    "papermill": _of_papermill,
}

"""The door to Python interpreters: which one a command will use, and what it says of itself.

Never the one that runs expctl, unless the command uses the same. The surest witness is the hook inside the
child; without it the command's first word is followed to a binary, past ``env``, ``#!`` lines and launchers.
"""

from __future__ import annotations

import contextlib
import os
import re

from expctl.core.programs import is_python
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Tools that keep the environment of a project in its folder ``.venv``.
_PROJECT_TOOLS = frozenset({"uv", "poetry", "pdm", "hatch", "rye", "pipenv"})
#: The first lines of a console script whose interpreter's path is too long for a ``#!`` line.
_LONG_SHEBANG = rb"'''exec' \"?([^\"\n]+?)\"? \"\$0\""
_HEAD = 1024
_DEEPEST = 8
_ASK_S = 10.0
_MOST_PATHS = 200
#: ``-S`` and ``-I``: nothing of the user's, of the folder's or of site-packages is run by the question.
_QUESTION = """
import json, platform, site, sys
try:
    user = site.getusersitepackages()
except Exception:
    user = None
print(json.dumps({"version": platform.python_version(), "implementation": sys.implementation.name,
                  "prefix": sys.prefix, "sites": site.getsitepackages(), "user": user}))
"""


class Interpreter(NamedTuple):
    """A Python interpreter as a command uses it.

    Attributes:
        executable: As it was found; links are not resolved, as a virtual environment is one.
        version: Such as ``3.11.7``.
        implementation: ``cpython`` or ``pypy``.
        prefix: Root of its environment.
        path: Folders that packages are imported from, in that order.
    """

    executable: str
    version: str
    implementation: str
    prefix: str
    path: tuple[str, ...]


def described(executable: str, version: str, prefix: str, path: Sequence[str]) -> Interpreter | None:
    """The interpreter as the hook in it described it; None if the description makes no sense."""
    if not (executable and version and prefix):
        return None
    implementation = "pypy" if "pypy" in os.path.basename(os.path.realpath(executable)) else "cpython"
    return Interpreter(executable, version, implementation, prefix, tuple(path[:_MOST_PATHS]))


def find(argv: Sequence[str], cwd: str | os.PathLike[str], env: Mapping[str, str]) -> str | None:
    """The Python binary that a command will use; None when it uses none, or none that can be told."""
    words = list(argv)
    for _ in range(_DEEPEST):
        if not words:
            return None
        name = os.path.basename(words[0])
        path = which(words[0], cwd, env)
        if name in _PROJECT_TOOLS:
            return _of_project(cwd, env)
        if name == "env":
            words = _after_env(words[1:])
            continue
        if path is None or is_python(name):
            return path
        named = _shebang(path)
        if named is None:
            words = _after_launcher(words[1:])
        elif is_python(os.path.basename(named[0])) and os.path.isabs(named[0]):
            return named[0] if os.access(named[0], os.X_OK) else None
        else:
            words = named
    return None


def silence(argv: Sequence[str]) -> str:
    """Why the hook in a Python child said nothing, and what is not known for it, as a note."""
    lost = "files that were read, seeds and late edits are not known"
    for place, word in enumerate(argv):
        if is_python(os.path.basename(word)):
            for option in argv[place + 1 :]:
                if not option.startswith("-") or option[1:2] in "-cm":
                    break
                if kept := next((letter for letter in option[1:] if letter in "IES"), None):
                    return f"python -{kept} keeps the hook out: {lost}, and --seed has no effect"
            break
    return f"the hook in Python did not answer: {lost}"


def ask(
    executable: str, cwd: str | os.PathLike[str], env: Mapping[str, str], *, cache: str | os.PathLike[str]
) -> Interpreter:
    """Ask an interpreter for its version and folders, or remember what it said last time.

    Args:
        executable: What to run.
        cwd: Where the command runs; relative entries of ``PYTHONPATH`` are meant from there.
        env: Environment of the command.
        cache: Folder to remember in.

    Raises:
        OSError: It cannot be run, or takes too long.
        ValueError: It does not answer as a Python does.
    """
    facts = _remembered(executable, cwd, env, cache)
    venv = _venv_of(executable)
    folders = [os.path.join(cwd, entry) for entry in env.get("PYTHONPATH", "").split(os.pathsep) if entry]
    if venv:
        folders += _sites_of(venv[0])
    if not venv or venv[1]:
        own_user = facts["user"] if isinstance(facts["user"], str) and "PYTHONNOUSERSITE" not in env else None
        folders += [*([own_user] if own_user else []), *facts["sites"]]
    path = tuple(dict.fromkeys(folder for folder in _with_pth(folders) if os.path.isdir(folder)))
    prefix = venv[0] if venv else facts["prefix"]
    return Interpreter(executable, facts["version"], facts["implementation"], prefix, path)


def which(name: str, cwd: str | os.PathLike[str], env: Mapping[str, str]) -> str | None:
    """The file that the system would start for a word, looked for on the command's own ``PATH``."""
    if "/" in name:
        places = [os.path.join(cwd, name)]
    else:
        folders = env.get("PATH", os.defpath).split(os.pathsep)
        places = [os.path.join(cwd, folder, name) for folder in folders]
    return next((place for place in places if os.path.isfile(place) and os.access(place, os.X_OK)), None)


def _shebang(path: str) -> list[str] | None:
    """The words of a script's ``#!`` line; None for a binary."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    if not head.startswith(b"#!"):
        return None
    if long := re.search(_LONG_SHEBANG, head):
        return [os.fsdecode(long[1])]
    return os.fsdecode(head[2:].partition(b"\n")[0].strip()).split() or None


def _after_env(words: list[str]) -> list[str]:
    """The command behind ``env -i -u NAME A=B``."""
    place = 0
    while place < len(words):
        word = words[place]
        if word in ("-S", "--split-string"):
            place += 1
            break
        if word in ("-u", "-C", "--unset", "--chdir"):
            place += 2
        elif word.startswith("-") or "=" in word:
            place += 1
        else:
            break
    return words[place:]


def _after_launcher(words: list[str]) -> list[str]:
    """The command behind a binary that starts another: from the first word on that is a Python."""
    for place, word in enumerate(words):
        if is_python(os.path.basename(word)):
            return words[place:]
    return []


def _of_project(cwd: str | os.PathLike[str], env: Mapping[str, str]) -> str | None:
    folder = os.path.abspath(cwd)
    while True:
        if os.access(place := os.path.join(folder, ".venv", "bin", "python"), os.X_OK):
            return place
        if (parent := os.path.dirname(folder)) == folder:
            break
        folder = parent
    active = env.get("VIRTUAL_ENV")
    place = os.path.join(active or "", "bin", "python")
    return place if active and os.access(place, os.X_OK) else None


def _venv_of(executable: str) -> tuple[str, bool] | None:
    """Root of the virtual environment, and whether it sees the system's packages; None when it is none."""
    for folder in (os.path.dirname(executable), os.path.dirname(os.path.dirname(executable))):
        try:
            with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8", errors="replace") as file:
                text = file.read(1 << 16)
        except OSError:
            continue
        shared = re.search(r"(?im)^include-system-site-packages\s*=\s*true\s*$", text) is not None
        return folder, shared
    return None


def _sites_of(venv: str) -> list[str]:
    """``lib/python3.11/site-packages``, whatever the version: the folders say it."""
    return [
        os.path.join(venv, lib, python, "site-packages")
        for lib in _listed(venv)
        if lib.startswith("lib")
        for python in _listed(os.path.join(venv, lib))
        if python.startswith(("python", "pypy"))
    ]


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _with_pth(folders: list[str]) -> Iterator[str]:
    """Folders, each followed by those that its ``.pth`` files name; their code lines are not run."""
    for folder in folders:
        yield folder
        for file in _listed(folder):
            if not file.endswith(".pth"):
                continue
            try:
                with open(os.path.join(folder, file), encoding="utf-8-sig", errors="replace") as lines:
                    entries = lines.read(1 << 16).splitlines()
            except OSError:
                continue
            for line in entries:
                entry = line.strip()
                if entry and not entry.startswith(("#", "import ", "import\t")):
                    yield os.path.normpath(os.path.join(folder, entry))


def _remembered(
    executable: str, cwd: str | os.PathLike[str], env: Mapping[str, str], cache: str | os.PathLike[str]
) -> dict[str, Any]:
    import json

    from expctl.adapters import files

    real = os.path.realpath(executable)
    facts = os.stat(real)
    key = f"{real}:{facts.st_size}:{facts.st_mtime_ns}"
    store = os.path.join(cache, "interpreters.json")
    try:
        known = json.loads(files.read_plain(store, limit=1 << 20))
    except (OSError, ValueError, RecursionError):
        known = {}
    known = known if isinstance(known, dict) else {}
    if _is_answer(known.get(key)):
        answer: dict[str, Any] = known[key]
        return answer
    answer = _run(executable, cwd, env)
    # A script in front of the binary (pyenv's shim) may choose another one tomorrow.
    if _shebang(real) is None:
        known = {**dict(list(known.items())[-20:]), key: answer}
        with contextlib.suppress(OSError):  # asked again next time
            files.write_atomic(store, json.dumps(known).encode(), top=os.path.dirname(os.path.dirname(cache)))
    return answer


def _run(executable: str, cwd: str | os.PathLike[str], env: Mapping[str, str]) -> dict[str, Any]:
    import json

    from expctl.adapters import process

    own = {name: value for name, value in env.items() if not name.startswith(("PYTHON", "EXPCTL_"))}
    done = process.run([executable, "-S", "-I", "-c", _QUESTION], cwd=cwd, env=own, timeout_s=_ASK_S)
    try:
        answer = json.loads(done.out)
    except (ValueError, RecursionError) as err:
        raise ValueError(f"exit code {done.code}: {done.complaint[-200:] or 'no answer'}") from err
    if not _is_answer(answer):
        raise ValueError("an answer that makes no sense")
    found: dict[str, Any] = answer
    return found


def _is_answer(answer: Any) -> bool:
    return (
        isinstance(answer, dict)
        and all(isinstance(answer.get(name), str) for name in ("version", "implementation", "prefix"))
        and isinstance(answer.get("sites"), list)
        and all(isinstance(site, str) for site in answer["sites"])
        and "user" in answer
    )

"""`import expctl` costs next to nothing, and needs nothing but an interpreter."""

from __future__ import annotations

import ast
import glob
import os
import subprocess
import sys
from pathlib import Path

import pytest

import expctl

PACKAGE = Path(expctl.__file__).parent
#: What runs in the child's interpreter, whichever that is.
CHILD_FILES = [
    "__init__.py",
    "version.py",
    "core/__init__.py",
    "core/events.py",
    "api/__init__.py",
    "api/live.py",
    "api/sink.py",
    "api/seeds.py",
    "api/session.py",
    "hook/__init__.py",
    "hook/expctl_seeds.py",
    "hook/sitecustomize.py",
]


def python(*words: str, flags: tuple[str, ...] = ()) -> str:
    done = subprocess.run(
        [sys.executable, *flags, "-c", *words],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_every_public_name_is_there():
    for name in expctl.__all__:
        if name != "search_runs":
            assert getattr(expctl, name)
    assert set(expctl.__all__) <= set(dir(expctl))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such"):
        expctl.no_such  # noqa: B018 - asking is the test


def test_importing_loads_nothing_else():
    loaded = python("import sys; old = {*sys.modules}; import expctl; print(*sorted({*sys.modules} - old))")

    # An editable install has loaded ``__future__`` before.
    assert {*loaded.split()} - {"__future__"} == {"expctl"}


def test_logging_loads_nothing_but_the_standard_library():
    code = (
        "import sys; before = {*sys.modules}\n"  # an editable install brings its finder
        "import expctl; expctl.log_metric; expctl.run; expctl.seed_everything\n"
        "new = {*sys.modules} - before\n"
        "print(*(m for m in new if getattr(sys.modules[m], '__file__', None)), sep='\\n')"
    )
    loaded = {name.partition(".")[0] for name in python(code).split()}

    assert loaded - {"expctl", "__main__", "sitecustomize", "_distutils_hack"} <= set(sys.stdlib_module_names)
    assert not loaded & {"typing", "dataclasses", "subprocess", "inspect", "logging", "asyncio"}


@pytest.mark.parametrize("name", CHILD_FILES)
def test_what_runs_in_the_child_is_python_3_8(name):
    ast.parse((PACKAGE / name).read_text(encoding="utf-8"), feature_version=(3, 8))


def _interpreters() -> list[str]:
    """Other interpreters on this machine, to try what they make of it."""
    own = glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python"))
    places = own + glob.glob("/usr/bin/python3.[0-9]") + glob.glob("/usr/bin/python3.[0-9][0-9]")
    return sorted(place for place in places if os.access(place, os.X_OK) and _is_new_enough(place))


def _is_new_enough(interpreter: str) -> bool:
    """Whether it is Python 3.8 or later, which the client promises to run in."""
    words = [interpreter, "-c", "import sys; sys.exit(sys.version_info < (3, 8))"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("interpreter", _interpreters() or [sys.executable])
def test_an_older_interpreter_can_log_and_join(interpreter, tmp_path):
    code = (
        "import expctl\n"
        "with expctl.run(params={'lr': 0.1}, tags={'a': 1}) as run: expctl.log_metric('m', 1.0, 2)\n"
        "expctl.seed_everything(7); assert run.joined"
    )
    done = subprocess.run(
        [interpreter, "-B", "-c", code],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), "EXPCTL_RUN_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    text = "".join(path.read_text() for path in tmp_path.iterdir())

    assert (done.returncode, done.stderr) == (0, "")
    assert text.count("\n") == 4

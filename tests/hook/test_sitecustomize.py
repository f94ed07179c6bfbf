"""The hook serves the run and leaves the script's own interpreter as it was."""

from __future__ import annotations

import glob
import os
import subprocess
import sys
from pathlib import Path

import pytest

import expctl
from expctl.capture import hooked

PACKAGE = Path(expctl.__file__).parent
HOOK = PACKAGE / "hook"
#: Interpreters that are too old for the rest of expctl, where the machine has some.
OLD = [
    place
    for version in ("2.7", "3.6", "3.7")
    for place in glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}*/bin/python"))
]


@pytest.fixture
def live(tmp_path: Path) -> Path:
    folder = tmp_path / "live"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter that has nothing installed."""
    place = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    return str(place / "bin" / "python")


def run(python: str, live: Path, *words: str, path: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    places = os.pathsep.join([str(HOOK), *([path] if path else [])])
    return subprocess.run(
        [python, *words],
        env={
            **os.environ,
            "PYTHONPATH": places,
            "EXPCTL_HOOK": "1",
            "EXPCTL_RUN_DIR": str(live),
            "PYTHONDONTWRITEBYTECODE": "1",
            **env,
        },
        cwd="/",  # not where expctl itself can be found
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_interpreter_is_told(bare, live):
    run(bare, live, "-c", "pass")
    run(sys.executable, live, "-c", "pass")

    first, second = hooked.read(live).processes
    assert (first.executable, second.executable) == (bare, sys.executable)
    assert first.version == ".".join(map(str, sys.version_info[:3]))
    assert first.prefix == str(Path(bare).parents[1])
    assert first.base_prefix == sys.base_prefix
    assert str(HOOK) not in first.path
    assert any(place.endswith("site-packages") for place in first.path)
    assert first.started_ns < first.ended_ns < second.started_ns


def test_expctl_can_be_imported_where_it_is_not_installed(bare, live):
    done = run(bare, live, "-c", "import expctl; expctl.log_metric('m', 0.5); print(expctl.__file__)")

    assert done.stdout.strip() == str(PACKAGE / "__init__.py")
    assert done.stderr == ""
    assert len(glob.glob(str(live / "events-*.jsonl"))) == 1


def test_an_installed_expctl_comes_first(bare, live, tmp_path):
    (tmp_path / "expctl.py").write_text("print('mine')")

    assert run(bare, live, "-c", "import expctl", path=str(tmp_path)).stdout == "mine\n"


def test_nothing_else_of_ours_can_be_imported(bare, live):
    done = run(bare, live, "-c", "import pandas")

    assert "No module named 'pandas'" in done.stderr


def test_the_path_is_as_it_would_be_without_the_hook(bare, live, tmp_path):
    code = "import sys; print(sys.path, sorted(m for m in sys.modules if 'expctl' in m))"
    without = run(bare, live, "-c", code, PYTHONPATH=str(tmp_path))

    assert run(bare, live, "-c", code, path=str(tmp_path)).stdout == without.stdout


def test_the_sitecustomize_of_the_user_runs_and_is_the_one_that_is_loaded(bare, live, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.mark = 'mine'")
    code = "import sys, sitecustomize; print(sys.mark, sitecustomize.__file__)"
    done = run(bare, live, "-c", code, path=str(tmp_path))

    assert done.stdout.split() == ["mine", str(tmp_path / "sitecustomize.py")]
    assert len(hooked.read(live).processes) == 1


@pytest.mark.parametrize("fault", ["raise ValueError('mine')", "import not_there_at_all", "1 +"])
def test_a_broken_sitecustomize_of_the_user_fails_as_it_would_without_us(bare, live, tmp_path, fault):
    (tmp_path / "sitecustomize.py").write_text(fault)
    without = run(bare, live, "-c", "print('on')", PYTHONPATH=str(tmp_path))
    done = run(bare, live, "-c", "print('on')", path=str(tmp_path))

    assert without.stderr
    assert (done.stdout, done.stderr, done.returncode) == (without.stdout, without.stderr, without.returncode)


def test_without_a_run_the_hook_does_nothing(bare, tmp_path):
    done = run(bare, tmp_path / "gone", "-c", "import sys; print(len(sys.meta_path))", EXPCTL_SEED="42")
    plain = subprocess.run(
        [bare, "-c", "import sys; print(len(sys.meta_path))"], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == (plain.stdout, "")


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_script(bare, live):
    done = run(bare, live, "-c", "import random; print('on')", EXPCTL_SEED="42", EXPCTL_RUN_DIR="/proc/self")

    assert (done.returncode, done.stdout, done.stderr) == (0, "on\n", "")


def test_a_grandchild_is_hooked_too(bare, live):
    code = (
        f"import subprocess; subprocess.run([{bare!r}, '-c', 'import expctl; expctl.log_metric(\"m\", 1)'])"
    )
    done = run(bare, live, "-c", code)

    assert done.stderr == ""
    assert len(glob.glob(str(live / "events-*.jsonl"))) == 1


def test_every_python_since_2_7_can_read_the_hook(live):
    for python in OLD or [sys.executable]:
        done = run(python, live, "-B", "-c", "print('on')")

        assert (done.stdout, done.stderr) == ("on\n", "")
        assert hooked.read(live).processes[-1].executable == python

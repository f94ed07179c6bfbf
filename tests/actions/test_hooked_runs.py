"""Runs of Python behind launchers, in other environments and many processes, as their manifests tell them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from expctl.adapters import yaml

PYTHONS = [
    place
    for version in ("2.7", "3.6", "3.8", "3.9", "3.10", "3.12", "3.13")
    for place in sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
]


@pytest.fixture(scope="module")
def venvs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two environments with a package each: one of a launcher, one of the project."""
    folder = tmp_path_factory.mktemp("venvs")
    found = {}
    for name in ("tool", "project"):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / name)], check=True)
        site = next((folder / name / "lib").glob("python*/site-packages"))
        (site / f"of_{name}-1.0.dist-info").mkdir()
        found[name] = str(folder / name / "bin" / "python")
    launcher = folder / "tool" / "bin" / "launch"
    launcher.write_text(
        f"#!{found['tool']}\nimport subprocess, sys, random\nrandom.random()\n"
        f"sys.exit(subprocess.run([{found['project']!r}, *sys.argv[1:]]).returncode)\n"
    )
    launcher.chmod(0o755)
    found["launcher"] = str(launcher)
    return found


def record(repo, *command: str, more: tuple[str, ...] = ()) -> dict:
    done = repo.expctl("run", *more, "--", *command)
    assert done.exit_code == 0, done.err
    path = repo.manifests()[-1]
    return yaml.parse(path.read_bytes(), name="manifest")


def packages(repo, manifest: dict) -> set[str]:
    path = repo.path / ".experiments" / manifest["environment"]["packages"]
    return set(yaml.parse(path.read_bytes(), name="packages")["packages"])


@pytest.mark.parametrize("words", [["train.py"], ["-m", "train"], ["-c", "import train"]], ids=" ".join)
def test_the_packages_are_those_of_the_script_and_not_of_its_launcher(repo, venvs, words) -> None:
    repo.write("train.py", "import random, time\nrandom.seed(5)\ntime.sleep(0)\n")
    manifest = record(repo, venvs["launcher"], *words)

    assert packages(repo, manifest) == {"of-project"}
    assert manifest["seeds"] == {"set": {"random": 5}}


def test_the_packages_are_those_of_an_environment_that_a_script_enters(repo, venvs) -> None:
    python = venvs["project"]
    repo.write("train.py", f"import os\nos.execv({python!r}, [{python!r}, 'real.py'])\n")
    repo.write("real.py", "print('on')\n")

    assert packages(repo, record(repo, venvs["tool"], "train.py")) == {"of-project"}


@pytest.mark.parametrize("option", ["-I", "-E", "-sS", "-IBu"])
def test_a_python_that_keeps_the_hook_out_is_said(repo, option: str) -> None:
    repo.write("train.py", "print('loss: 0.5')\n")
    manifest = record(repo, sys.executable, option, "train.py")

    (note,) = [each for each in manifest["capture"]["notes"] if "hook" in each]
    letter = next(each for each in option if each in "IES")
    assert note.startswith(f"python -{letter} keeps the hook out: ")
    assert manifest["environment"]["python"]


def test_without_hooks_the_record_says_so_and_nobody_is_told(repo) -> None:
    manifest = record(repo, sys.executable, "train.py", more=("--no-hooks",))

    assert manifest["capture"]["hooks"] is False
    assert "hook" not in str(manifest["capture"].get("notes"))


def test_of_the_ranks_of_a_job_the_first_counts(repo) -> None:
    repo.write(
        "train.py",
        """
import os, subprocess, sys
if "RANK" not in os.environ:
    start = lambda rank: subprocess.Popen([sys.executable, __file__], env={**os.environ, "RANK": rank})
    sys.exit(max([process.wait() for process in [start(rank) for rank in "012"]]))
import expctl, random
rank = int(os.environ["RANK"])
random.seed(40 + rank)
for step in range(3):
    expctl.log_metric("loss", 10 * rank + step, step=step)
expctl.log_metric(f"only_{rank}", rank)
expctl.log_params({"rank": rank})
""",
    )
    manifest = record(repo, sys.executable, "train.py")

    assert manifest["metrics"]["loss"]["points"] == 3
    assert manifest["metrics"]["loss"]["value"] == 2
    assert {"only_0", "only_1", "only_2"} <= set(manifest["metrics"])
    assert manifest["params"]["rank"] == 0
    assert manifest["seeds"] == {"set": {"random": 40}}


@pytest.mark.parametrize("python", PYTHONS, ids=lambda place: place.parent.parent.name)
def test_every_python_is_recorded(repo, python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # the oldest would put it beside our sources
    repo.write("train.py", "import random, sys\nrandom.seed(3)\nopen('new.txt', 'w').close()\n")
    manifest = record(repo, str(python), "train.py")

    assert manifest["environment"]["python"] == python.parent.parent.name
    modern = tuple(map(int, manifest["environment"]["python"].split(".")[:2])) >= (3, 8)
    assert manifest.get("seeds") == ({"set": {"random": 3}} if modern else None)
    assert os.path.exists(repo.path / "new.txt")


def test_a_source_that_changed_before_its_import_and_after_it_is_a_late_edit(repo) -> None:
    repo.write("early.py", "VALUE = 1")
    repo.write("late.py", "VALUE = 1")
    repo.write(
        "train.py",
        """
import early, os, subprocess, sys
edit = lambda name, value: subprocess.run(["sh", "-c", f"echo 'VALUE = {value}' > {name}"], check=True)
edit("late.py", 2)
import late
edit("late.py", 3); edit("early.py", 3)
print(early.VALUE, late.VALUE)
""",
    )
    repo.commit_all()
    manifest = record(repo, sys.executable, "-B", "train.py")

    assert manifest["code"]["changed_while_running"] == ["early.py", "late.py"]
    (note,) = [each for each in manifest["capture"]["notes"] if each.startswith("late edits: ")]
    assert note.endswith(": late.py")

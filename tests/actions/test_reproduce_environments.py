"""``expctl reproduce --env``: with what is here, and in an environment made anew from wheels made here."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from expctl.store import environments, manifests

if TYPE_CHECKING:
    from pathlib import Path


def wheel(folder: Path, name: str, version: str, code: str) -> Path:
    """A wheel by hand: one module, and the metadata that installers ask for."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as packed:
        for file, text in files.items():
            packed.writestr(file, text)
        listed = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
        packed.writestr(f"{info}/RECORD", listed)
    return path


def install(venv: Path, path: Path) -> None:
    """Install a wheel as pip would, without waiting for pip."""
    site = next(venv.glob("lib/python*/site-packages"))
    for old in site.glob(f"{path.name.split('-')[0]}*"):
        for file in sorted(old.rglob("*"), reverse=True) if old.is_dir() else ():
            file.unlink()
        old.rmdir() if old.is_dir() else old.unlink()
    with zipfile.ZipFile(path) as packed:
        packed.extractall(site)


def last(repo):
    return max(map(manifests.read, repo.manifests()), key=lambda run: run.started_at)


@pytest.fixture
def project(make_repo, tmp_path):
    """A run in an environment of its own in the work tree, which holds version 1 of a package."""
    repo = make_repo(
        files={"sub/train.py": "import tiny\nprint('f1=' + str(tiny.VALUE))\n", ".gitignore": ".venv\n"}
    )
    venv = repo.path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    wheels = tmp_path / "wheels"
    install(venv, wheel(wheels, "tiny", "1.0", "VALUE = 1\n"))
    done = repo.expctl("run", "-n", "first", "--", "../.venv/bin/python", "train.py", cwd=repo.path / "sub")
    assert done.exit_code == 0, done.err
    return repo, wheels


def test_an_environment_is_made_anew_with_exactly_the_packages_that_it_had(project, tmp_path):
    repo, wheels = project
    install(repo.path / ".venv", wheel(tmp_path / "later", "tiny", "2.0", "VALUE = 2  # later\n"))
    original = last(repo)

    done = repo.expctl("--yes", "reproduce", "first", "--env", "recreate", "--wheels", str(wheels))

    assert done.exit_code == 0, done.err
    repeat = last(repo)
    listed = environments.read(repo.path / ".experiments", repeat.environment.packages)
    assert ("tiny", "1.0") in {(each.name, each.version) for each in listed}
    assert repeat.metrics == original.metrics
    assert repeat.command == original.command


def test_as_it_is_now_the_differences_are_listed_and_the_verdict_is_no(project, tmp_path):
    repo, _ = project
    install(repo.path / ".venv", wheel(tmp_path / "later", "tiny", "2.0", "VALUE = 2  # later\n"))

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 3, done.err
    assert "package tiny" in done.err
    assert "1.0 → 2.0" in done.err
    assert "tiny had another version then" in done.out
    assert last(repo).command.argv == ("../.venv/bin/python", "train.py")


def test_a_package_that_cannot_be_had_is_named_and_nothing_runs(project, tmp_path):
    repo, wheels = project
    (wheels / "tiny-1.0-py3-none-any.whl").unlink()
    count = len(repo.manifests())

    done = repo.expctl("--yes", "reproduce", "first", "--env", "recreate", "--wheels", str(wheels))

    assert done.exit_code == 8
    assert "tiny==1.0" in done.err
    assert len(repo.manifests()) == count


def test_a_folder_of_wheels_that_is_not_there_is_said_before_anything_is_made(project):
    repo, wheels = project

    done = repo.expctl("--yes", "reproduce", "first", "--env", "recreate", "--wheels", f"{wheels}/none")

    assert done.exit_code == 2
    assert f'--wheels: there is no folder "{wheels}/none".' in done.err
    assert "installing" not in done.err


def test_a_python_that_is_not_here_is_said(project):
    repo, _ = project
    path = repo.manifests()[-1]
    version = last(repo).environment.python
    path.write_text(path.read_text().replace(f"python: {version}", "python: 3.4.1"))
    (repo.path / ".git" / "expctl" / "finished" / path.name).unlink()

    done = repo.expctl("--yes", "reproduce", "first", "--env", "recreate")

    assert done.exit_code == 8
    assert "Python 3.4.1 is not here" in done.err


def test_what_is_installed_from_the_work_tree_is_imported_from_the_copy(make_repo):
    repo = make_repo(
        files={
            "train.py": "import mine\nprint('f1=' + str(mine.VALUE))\n",
            "src/mine.py": "VALUE = 1\n",
            ".gitignore": ".venv\n",
        }
    )
    venv = repo.path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site = next(venv.glob("lib/python*/site-packages"))
    (site / "_mine.pth").write_text(f"{repo.path}/src\n")
    repo.expctl("run", "-n", "first", "--", ".venv/bin/python", "train.py")
    repo.write("src/mine.py", "VALUE = 2\n")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.out + done.err
    assert last(repo).metrics["f1"].value == 1

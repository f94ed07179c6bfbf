"""``expctl reproduce``: source trees and data from everywhere that they may lie, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from expctl.store import live, manifests

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = sys.executable
READ = "print('f1=' + open('data/x.csv').read().strip())\n"


def last(repo):
    return max(map(manifests.read, repo.manifests()), key=lambda run: run.started_at)


def dvc(folder: Path, *words: str) -> None:
    done = subprocess.run(["dvc", "--quiet", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def versioned(make_repo, tmp_path):
    """A project whose data DVC versions and has pushed; a run read an older version of it."""
    repo = make_repo(files={"train.py": READ})
    dvc(repo.path, "init")
    dvc(repo.path, "remote", "add", "-d", "far", str(tmp_path / "remote"))
    repo.write("data/x.csv", "0.25\n")
    dvc(repo.path, "add", "data/x.csv")
    dvc(repo.path, "push")
    repo.commit_all("Data")
    assert repo.expctl("run", "-n", "first", "--", PYTHON, "train.py").exit_code == 0
    repo.write("data/x.csv", "0.75\n")
    dvc(repo.path, "add", "data/x.csv")
    return repo


def test_data_comes_back_from_the_cache_of_dvc_and_from_its_remote(versioned):
    before = versioned.git("status", "--porcelain", "--", ":(exclude).experiments")

    done = versioned.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert "data/x.csv: in DVC's cache" in done.err
    assert (versioned.path / "data" / "x.csv").read_text() == "0.75\n"
    assert versioned.git("status", "--porcelain", "--", ":(exclude).experiments") == before

    cache = versioned.path / ".dvc" / "cache"
    for path in sorted(cache.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    done = versioned.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert "data/x.csv: to be fetched: DVC's remote" in done.err
    assert last(versioned).data[0].md5 == manifests.read(versioned.manifests()[0]).data[0].md5


@pytest.fixture
def with_module(make_repo):
    """A project with a submodule, and a run at its first commit."""
    library = make_repo("library", files={"lib.py": "VALUE = 1\n"})
    repo = make_repo(
        files={
            "train.py": "import sys\nsys.path.insert(0, 'lib')\nimport lib\nprint('f1=' + str(lib.VALUE))\n"
        }
    )
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library.path), "lib")
    repo.commit_all("Library")
    return repo


def test_submodules_come_back_at_their_commits(with_module):
    repo = with_module
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    (repo.path / "lib" / "lib.py").write_text("VALUE = 2  # later\n")
    subprocess.run(["git", "commit", "-qam", "Later"], cwd=repo.path / "lib", check=True)

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.out + done.err
    assert last(repo).metrics["f1"].value == 1
    assert "VALUE = 2" in (repo.path / "lib" / "lib.py").read_text()


def test_a_submodule_that_was_dirty_stops_it(with_module):
    repo = with_module
    (repo.path / "lib" / "lib.py").write_text("VALUE = 3\n")
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 8
    assert "submodule lib had uncommitted changes" in done.err


def test_a_module_that_git_ignores_stops_it(make_repo):
    repo = make_repo(
        files={"train.py": "import private\nprint('f1=1')\n", ".gitignore": "private.py\n__pycache__\n"}
    )
    repo.write("private.py", "")
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 8
    assert "private.py" in done.err
    assert repo.expctl("--yes", "reproduce", "first", "--allow-changed").exit_code == 0


def forge(repo, old: str, new: str) -> None:
    """Change a record as a stranger could."""
    path = repo.manifests()[0]
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    (repo.path / ".git" / "expctl" / "finished" / path.name).unlink()


@pytest.mark.parametrize("path", ["../evil", "/tmp/evil", "a/../../evil", ".git/hooks"])
def test_a_submodule_of_a_stranger_is_laid_out_nowhere_else(repo, path):
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    commit = repo.git("rev-parse", "HEAD").strip()
    forge(
        repo,
        "  dirty: false\n",
        f"  dirty: false\n  submodules: [{{path: {path}, commit: {commit}, dirty: false}}]\n",
    )

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 8
    assert "path refused" in done.err
    assert repo.expctl("--yes", "reproduce", "first", "--allow-changed").exit_code == 0


@pytest.mark.parametrize("path", ["/", "/proc", "/dev/zero", "/usr"])
def test_a_record_can_name_a_whole_disk_and_is_answered_at_once(repo, path):
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    forge(repo, "environment:\n", f"data:\n  - {{path: {path}, md5: {'a' * 32}, bytes: 5}}\nenvironment:\n")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 8
    assert f"{path}: " in done.err


def test_a_branch_that_git_cannot_name_is_none(repo):
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    forge(repo, "  branch: main\n", "  branch: 'a..b~^:?*[ -x'\n")

    assert repo.expctl("--yes", "reproduce", "first").exit_code == 0


@pytest.mark.parametrize("word", ["./python", "tools/python3"])
def test_nothing_of_a_strangers_branch_is_started_before_a_yes(make_repo, word):
    trap = "#!/bin/sh\ntouch sprung\n"
    repo = make_repo(files={"python": trap, "tools/python3": trap, "train.py": "print('f1=1')\n"})
    for name in ("python", "tools/python3"):
        (repo.path / name).chmod(0o755)
    repo.commit_all("Executable")
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    forge(repo, PYTHON, word)

    done = repo.expctl("reproduce", "first")

    assert done.exit_code == 2
    assert not (repo.path / "sprung").exists()


def test_a_python_version_of_a_stranger_names_no_program(repo):
    repo.write("pythonx/run", "#!/bin/sh\ntouch sprung\n").chmod(0o755)
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    version = last(repo).environment.python
    forge(repo, f"python: {version}", "python: x/run")

    done = repo.expctl("reproduce", "first", "--env", "recreate")

    assert done.exit_code == 8
    assert not (repo.path / "sprung").exists()


def test_a_link_in_the_tree_leads_no_data_out_of_the_copy(make_repo, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.csv").write_text("0.25\n")
    repo = make_repo(files={"train.py": READ, ".gitignore": "/data/\n"})
    repo.write("data/x.csv", "0.25\n")
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    # A stranger's tree has a link where the record has a folder.
    (repo.path / "data" / "x.csv").unlink()
    (repo.path / "data").rmdir()
    (repo.path / "data").symlink_to(outside)
    repo.write(".gitignore", "")
    repo.git("add", "data", ".gitignore")
    tree = repo.git("write-tree").strip()
    text = repo.manifests()[0].read_text()
    forge(repo, next(line for line in text.splitlines() if line.startswith("  tree: ")), f"  tree: {tree}")
    (outside / "x.csv").write_text("mine\n")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 8
    assert (outside / "x.csv").read_text() == "mine\n"


def test_a_killed_repeat_is_sealed_and_its_copy_goes_once_its_command_has_ended(make_repo):
    repo = make_repo(
        files={
            "train.py": "import os, time\nprint('up', flush=True)\ntime.sleep(60 * ('SLOW' in os.environ))\n"
        }
    )
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    words = [PYTHON, "-m", "expctl", "--yes", "reproduce", "first"]
    process = subprocess.Popen(
        words,
        cwd=repo.path,
        env={**os.environ, "SLOW": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout.readline() == b"up\n"
    [run] = live.list_live(repo.path / ".git" / "expctl" / "live")
    child = live.read_json(run.folder / "child.json")["pid"]
    process.kill()
    process.communicate()

    repo.expctl("ls")
    assert run.root.is_dir()
    os.kill(child, signal.SIGKILL)
    while live.alive.start_of(child):
        time.sleep(0.01)
    repo.expctl("ls")

    assert not run.root.exists()
    assert not (repo.path / ".git" / "expctl" / "scratch").exists()
    sealed = manifests.read(repo.manifests()[-1])
    assert sealed.status == "killed"
    assert sealed.parent["reproduces"] == manifests.read(repo.manifests()[0]).id


def test_what_a_repeat_left_that_was_killed_before_its_command_began_goes(make_repo):
    repo = make_repo(files={"train.py": "print('f1=1')\n"})
    repo.expctl("run", "--", PYTHON, "train.py")
    notes = repo.path / ".git" / "expctl" / "scratch"
    left = subprocess.check_output(
        [PYTHON, "-c", f"from expctl.adapters import scratch; print(scratch.make({str(notes)!r}).folder)"],
        text=True,
    ).strip()
    assert os.path.isdir(left)

    repo.expctl("ls")

    assert not os.path.exists(left)
    assert not notes.exists()


def test_what_its_owner_stops_is_no_answer(make_repo):
    script = "import os, time\nprint('up', flush=True)\ntime.sleep(60 * ('SLOW' in os.environ))\n"
    repo = make_repo(files={"train.py": script})
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    process = subprocess.Popen(
        [PYTHON, "-m", "expctl", "--yes", "reproduce", "first"],
        cwd=repo.path,
        env={**os.environ, "SLOW": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGINT)
    process.communicate()

    assert process.returncode == 130
    assert last(repo).status == "interrupted"
    assert not (repo.path / ".git" / "expctl" / "scratch").exists()


def test_a_metrics_file_that_was_named_for_the_run_is_named_again(make_repo):
    repo = make_repo(
        files={"train.py": "open('odd.json', 'w').write('{\"f1\": 0.5}')\n", ".gitignore": "odd.json\n"}
    )
    repo.expctl("run", "-n", "first", "--metrics", "odd.json", "--", PYTHON, "train.py")
    assert last(repo).metrics

    assert repo.expctl("--yes", "reproduce", "first", "--metrics", "odd.json").exit_code == 0


def test_show_says_how_often_a_run_was_repeated_and_with_what_verdict(make_repo):
    repo = make_repo(files={"train.py": "import os\nprint('f1=' + os.environ.get('F1', '1'))\n"})
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    for value in ("1", "1", "0.5"):
        repo.expctl("--yes", "reproduce", "first", env={"F1": value})

    shown = repo.expctl("show", "first").out

    assert "Repeated" in shown
    assert "identical  2 ×" in shown
    assert "different  1 ×" in shown

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest

from expctl.actions import demo
from expctl.errors import ExpctlError


class Heard:
    """Keeps what the walk said."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.commands: list[str] = []

    def title(self, text: str) -> None:
        self.titles.append(text)

    def command(self, line: str) -> None:
        self.commands.append(line)


def lines(*commands: str) -> list[demo.Line]:
    return [demo.Line(command=command) for command in commands]


def test_the_walk_records_at_least_twelve_runs_with_names_of_their_own() -> None:
    runs = [shlex.split(line.command) for line in demo.read_walk() if line.command.startswith("expctl run ")]
    names = [words[words.index("-n") + 1] for words in runs]

    assert len(runs) >= 12
    assert len(set(names)) == len(names)


def test_every_act_of_the_walk_has_a_title_first() -> None:
    walk = demo.read_walk()

    assert walk[0].title
    assert all(bool(line.title) != bool(line.command) for line in walk)


def test_names_that_the_walk_looks_at_were_recorded_before() -> None:
    walk = [line.command for line in demo.read_walk() if line.command]
    recorded = re.findall(r"run -n (\S+)", "\n".join(walk))

    for line in walk:
        if line.startswith("expctl diff "):
            assert set(line.split()[2:4]) <= set(recorded)


def test_commands_run_in_the_folder_and_are_told_before(tmp_path) -> None:
    heard = Heard()

    walked = demo.walk(
        tmp_path / "new", heard, lines("git init -q -b main", "git add -A", "git commit -q -m First")
    )

    assert heard.commands[-1] == "git commit -q -m First"
    assert walked.runs == 0
    tracked = subprocess.check_output(["git", "ls-files"], cwd=tmp_path / "new", text=True).split()
    assert set(tracked) >= {".gitignore", "train.py", "config/experiment.yaml"}


def test_the_idea_fits_the_script(tmp_path) -> None:
    demo.walk(tmp_path / "new", Heard(), lines("git init -q -b main", "git apply --check edges.patch"))

    assert "np.hstack" in (tmp_path / "new" / "edges.patch").read_text()


def test_who_has_told_git_their_name_keeps_it(tmp_path) -> None:
    heard = Heard()

    demo.walk(tmp_path / "new", heard, lines("git init -q -b main"))

    assert heard.commands == ["git init -q -b main"]


def test_who_has_not_told_git_their_name_gets_one_for_this_repository_only(tmp_path, monkeypatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))]:
        monkeypatch.delenv(name)

    demo.walk(tmp_path / "new", Heard(), lines("git init -q -b main", "git add -A", "git commit -q -m First"))

    author = subprocess.check_output(["git", "log", "-1", "--format=%an"], cwd=tmp_path / "new", text=True)
    assert author == "expctl demo\n"


def test_a_surrounding_git_command_does_not_lead_it_astray(repo, tmp_path, monkeypatch) -> None:
    before = repo.git("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(repo.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo.path / ".git" / "index"))

    demo.walk(tmp_path / "new", Heard(), lines("git init -q -b main", "git add -A", "git commit -q -m First"))

    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert repo.git("rev-parse", "HEAD") == before
    assert (tmp_path / "new" / ".git").is_dir()


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(ExpctlError, match="not empty"):
        demo.walk(tmp_path, Heard())

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_way_is_refused(tmp_path) -> None:
    (tmp_path / "demo").write_text("mine")

    with pytest.raises(ExpctlError, match="not empty"):
        demo.walk(tmp_path / "demo", Heard())


def test_a_folder_that_cannot_be_made_is_said(tmp_path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ExpctlError, match="cannot write"):
        demo.walk(tmp_path / "file" / "demo", Heard())


def test_without_scikit_learn_the_line_to_type_is_given(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)

    with pytest.raises(ExpctlError, match="scikit-learn") as caught:
        demo.walk(tmp_path / "new", Heard())

    assert caught.value.hint is not None
    assert "-m pip install scikit-learn" in caught.value.hint
    assert not (tmp_path / "new").exists()


def test_a_command_that_fails_stops_the_walk(tmp_path) -> None:
    heard = Heard()

    with pytest.raises(ExpctlError, match="exit code 1"):
        demo.walk(tmp_path / "new", heard, lines("python -c 'raise SystemExit(1)'", "git init"))

    assert len(heard.commands) == 1


def test_the_scripts_of_the_demo_know_nothing_of_expctl() -> None:
    for name in ("train.py", "prepare.py", "config/experiment.yaml"):
        assert "expctl" not in (demo.FILES / name).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(0)  # some thirty commands: half a minute, and many where the machine is busy
def test_the_whole_demo_runs_and_ends_with_committed_comparable_runs(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "expctl", "demo", "there"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    folder = tmp_path / "there"
    recording = ("expctl run ", "expctl --yes reproduce ")
    runs = sum(line.command.startswith(recording) for line in demo.read_walk())

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    told = done.stdout.replace(" \\\n    ", " ")  # long commands go on beneath
    for line in demo.read_walk():
        assert not line.command or f"$ {line.command}\n" in told
    assert len(list(folder.glob(".experiments/runs/*/*.yaml"))) == runs
    status = subprocess.check_output(["git", "status", "--porcelain"], cwd=folder, text=True)
    assert status == ""
    subprocess.check_call(["git", "fsck", "--strict", "--no-dangling"], cwd=folder)

"""What a shell offers on Tab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from expctl.cli import completion
from expctl.store import manifests
from tests.records import full


@pytest.fixture
def here(repo, monkeypatch: pytest.MonkeyPatch):
    manifests.write(repo.path / ".experiments" / "runs", full("20261122-190546-k3f9qa"))
    manifests.write(repo.path / ".experiments" / "runs", full("20261123-190546-whe6m1"))
    (repo.path / "sub").mkdir()
    monkeypatch.chdir(repo.path / "sub")
    return repo


def test_commands_are_offered_by_their_beginning(here) -> None:
    assert completion.candidates(["co"]) == ["compare", "commit", "config"]
    assert completion.candidates(["-q", "sh"]) == ["show"]


def test_runs_are_offered_newest_first_from_anywhere_in_the_repository(here) -> None:
    assert completion.candidates(["show", ""]) == ["@", "whe6m1", "k3f9qa"]
    assert completion.candidates(["diff", "@", "k3"]) == ["k3f9qa"]


def test_another_folder_is_looked_at_with_its_option(here, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)

    assert completion.candidates(["show", "k"]) == []
    assert completion.candidates(["-C", str(here.path), "show", "k"]) == ["k3f9qa"]


def test_options_of_a_command_are_offered(here) -> None:
    assert completion.candidates(["compare", "--pa"]) == ["--pareto"]
    assert "--no-color" in completion.candidates(["--no"])


def test_settings_are_offered_by_their_beginning() -> None:
    assert completion.candidates(["config", ""]) == ["list", "get", "set", "unset"]
    assert completion.candidates(["config", "set", "keep"]) == ["keep_models", "keep_models_clone"]
    assert completion.candidates(["config", "set", "commit", "t"]) == []
    assert completion.candidates(["config", "list", "c"]) == []


@pytest.mark.parametrize("typed", [["run", "--", "tr"], ["validate", ""], ["nonsense", ""], ["-C", ""]])
def test_files_are_left_to_the_shell(here, typed: list[str]) -> None:
    assert completion.candidates(typed) == []


@pytest.fixture
def shell(tmp_path):
    """Runs a script in a shell that finds expctl on its path; what it printed."""
    program = tmp_path / "expctl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m expctl "$@"\n')
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    def run(*words: str) -> str:
        return subprocess.run(words, capture_output=True, text=True, check=True, env=env).stdout

    return run


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_bash_completes_with_the_script_that_it_is_given(here, shell) -> None:
    script = (
        'eval "$(_EXPCTL_COMPLETE=bash_source expctl)"\n'
        'COMP_WORDS=(expctl show k3); COMP_CWORD=2; _expctl_complete expctl; echo "${COMPREPLY[@]}"\n'
        'COMP_WORDS=(expctl show ""); COMP_CWORD=2; _expctl_complete expctl; echo "${COMPREPLY[@]}"\n'
    )

    assert shell("bash", "-c", script) == "k3f9qa\n@ whe6m1 k3f9qa\n"


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not here")
def test_fish_completes_commands_and_runs_and_leaves_files_to_itself(here, shell) -> None:
    (here.path / "sub" / "train.py").touch()
    script = (
        "_EXPCTL_COMPLETE=fish_source expctl | source; complete -C 'expctl sh'; complete -C 'expctl show '\n"
    )

    assert shell("fish", "--no-config", "-c", script).split() == ["show", "@", "k3f9qa", "whe6m1"]
    script = script.replace("show ", "run -- tr")
    assert shell("fish", "--no-config", "-c", script).split() == ["show", "train.py"]

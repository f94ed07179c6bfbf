"""What a shell offers on Tab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from expctl.actions import offering
from expctl.cli import completion
from expctl.core.manifest import Metric
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


def test_flows_are_offered_before_runs(here) -> None:
    here.write(".experiments/config.yaml", "selections:\n  candidate:\n    - {require: f1 > 0}\n")

    assert completion.candidates(["select", ""]) == ["candidate", "@", "whe6m1", "k3f9qa"]
    assert completion.candidates(["select", "cand"]) == ["candidate"]
    assert completion.candidates(["select", "candidate", "k3"]) == ["k3f9qa"]


def test_another_folder_is_looked_at_with_its_option(here, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)

    assert completion.candidates(["show", "k"]) == []
    assert completion.candidates(["-C", str(here.path), "show", "k"]) == ["k3f9qa"]


def test_options_of_a_command_are_offered(here) -> None:
    assert completion.candidates(["compare", "--pa"]) == ["--pareto"]
    assert "--no-color" in completion.candidates(["--no"])


def test_commands_of_a_command_are_offered_and_runs_behind_them(here) -> None:
    assert completion.candidates(["metrics", ""]) == ["explain", "rules"]
    assert completion.candidates(["metrics", "explain", "@"]) == ["@"]
    assert completion.candidates(["model", ""]) == ["list", "show", "pull"]
    assert completion.candidates(["register", "fraud", "--run", "k3"]) == ["k3f9qa"]


def test_settings_are_offered_by_their_beginning() -> None:
    assert completion.candidates(["config", ""]) == ["list", "get", "set", "unset"]
    assert completion.candidates(["config", "set", "keep_mod"]) == ["keep_models", "keep_models_clone"]
    assert completion.candidates(["config", "set", "commit", "t"]) == []
    assert completion.candidates(["config", "list", "c"]) == []


@pytest.fixture
def looked(here):
    """The index has been filled by a look at three runs with names, tags and an odd metric."""
    run = full(
        "20261124-190546-m1zepe",
        name="wide net",
        metrics={"f1_score": Metric(value=1.0), "val/x": Metric(value=1.0)},
    )
    manifests.write(here.path / ".experiments" / "runs", run._replace(experiment="other"))
    here.git("commit", "-qm", "First", "--allow-empty")
    here.git("branch", "feature/x")
    here.git("tag", "fraud@v1.0.0")
    here.git("tag", "fraud#canary#1")
    assert here.expctl("ls").exit_code == 0
    return here


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["compare", "--where", "f1"], ["f1_score"]),
        (["compare", "--where", "metrics.f"], ["metrics.f1_score"]),
        (["compare", "--where", "f1_score > 0.5 and params.training.l"],
         ["f1_score > 0.5 and params.training.learning_rate"]),
        (["compare", "--columns", "name,f1"], ["name,f1_score"]),
        (["compare", "--group-by", "tags.data"], ["tags.dataset_version"]),
        (["compare", "--spark", ""], ["f1_score"]),
        (["compare", "--baseline", "trans"], ["transformer_baseline"]),
        (["show", "wide"], []),
        (["ls", "-e", "o"], ["other"]),
        (["ls", "--new-since", "feat"], ["feature/x"]),
        (["compare", "-f", "h"], ["html"]),
        (["tag", "@", "data"], ["dataset_version="]),
        (["promote", "fr"], ["fraud", "fraud@v1.0.0"]),
        (["register", "fr"], ["fraud", "fraud@v1.0.0"]),
        (["promote", "fraud", "--to", "c"], ["canary"]),
        (["compare", "--where", "metrics.`va"], []),
    ],
)  # fmt: skip
def test_what_the_index_knows_is_offered(looked, typed: list[str], offered: list[str]) -> None:
    assert completion.candidates(typed) == offered


def test_older_runs_and_those_of_branches_are_offered_once_letters_are_typed(here) -> None:
    folder = here.path / ".experiments" / "runs"
    for at in range(300):
        manifests.write(folder, full(f"20261201-{at // 60:02d}{at % 60:02d}00-zzzz{at // 60}{at % 10}")
                        ._replace(name=f"newer_{at}"))  # fmt: skip
    here.git("add", "-A")
    here.git("commit", "-qm", "Runs")
    here.git("checkout", "-qb", "other")
    manifests.write(folder, full("20261202-000000-brnch1")._replace(name="far"))
    here.git("add", "-A")
    here.git("commit", "-qm", "More")
    here.git("checkout", "-q", "-")
    assert here.expctl("ls").exit_code == 0

    assert completion.candidates(["show", "k3"]) == ["k3f9qa"]
    assert completion.candidates(["show", "transf"]) == ["transformer_baseline"]
    assert completion.candidates(["show", "br"]) == ["brnch1"]
    assert completion.candidates(["show", "fa"]) == ["far"]


def test_nothing_of_it_is_offered_where_no_index_is(here) -> None:
    assert completion.candidates(["compare", "--where", "f1"]) == []
    assert completion.candidates(["show", "trans"]) == []
    assert not (here.path / ".git" / "expctl" / "index.sqlite").exists()


def test_outside_of_a_repository_nothing_is_offered(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert completion.candidates(["compare", "--where", "f1"]) == []
    assert completion.candidates(["compare", "--ref", ""]) == []
    assert completion.candidates(["promote", ""]) == []


def test_every_option_whose_value_is_offered_is_known_to_both() -> None:
    assert {*offering.OPTIONS, "--format", "-f", "--baseline", "--run", "-r"} == completion.VALUED


@pytest.mark.parametrize("typed", ["compare --where f", "show x", "compare --p", "ls --ref x"])
def test_typer_is_not_imported_for_what_people_wait_for(looked, typed: str) -> None:
    asked = f"completion.candidates({typed.split()!r}); print('typer' in sys.modules)"
    code = f"import sys; from expctl.cli import completion; {asked}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


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


def test_bash_completes_with_the_script_that_it_is_given(here, shell) -> None:
    script = (
        'eval "$(_EXPCTL_COMPLETE=bash_source expctl)"\n'
        'COMP_WORDS=(expctl show k3); COMP_CWORD=2; _expctl_complete expctl; echo "${COMPREPLY[@]}"\n'
        'COMP_WORDS=(expctl show ""); COMP_CWORD=2; _expctl_complete expctl; echo "${COMPREPLY[@]}"\n'
    )

    assert shell("bash", "-c", script) == "k3f9qa\n@ whe6m1 k3f9qa\n"


# Only fish itself can tell whether its script works, and the README promises that Python, git and pip are all
# that the tests need. bash, which git brings, is never skipped.
@pytest.mark.skipif(
    shutil.which("fish") is None, reason="fish is not installed, and nothing stands in for it"
)
def test_fish_completes_commands_and_runs_and_leaves_files_to_itself(here, shell) -> None:
    (here.path / "sub" / "train.py").touch()
    script = (
        "_EXPCTL_COMPLETE=fish_source expctl | source; complete -C 'expctl sh'; complete -C 'expctl show '\n"
    )

    assert shell("fish", "--no-config", "-c", script).split() == ["show", "@", "k3f9qa", "whe6m1"]
    script = script.replace("show ", "run -- tr")
    assert shell("fish", "--no-config", "-c", script).split() == ["show", "train.py"]

"""Which line gave which value, of real runs."""

from __future__ import annotations

import json
import sys

import pytest

SCRIPT = """\
print("score: 0.5")  # the echo of a parameter
for epoch in (1, 2, 3):
    print(f"epoch {epoch}/3: loss={1 / epoch:.4f} token=hunter2secret lr=0.1")
print("k=1: accuracy=0.91")
print("k=3: accuracy=0.93")
print("Test F1: 87.5 %")
"""


@pytest.fixture
def ran(repo):
    repo.write("train.py", SCRIPT)
    done = repo.expctl("run", "--", sys.executable, "train.py", "--score", "0.5")
    assert done.exit_code == 0, done.err
    return repo


def lines(repo, *words: str) -> list[dict]:
    done = repo.expctl("metrics", "explain", *words, "--json")
    assert done.exit_code == 0, done.err
    return json.loads(done.out)["lines"]


def test_a_run_has_what_it_printed_marked_as_such(ran) -> None:
    metrics = json.loads(ran.expctl("show", "--json").out)["metrics"]

    assert {name: (each["value"], each["source"]) for name, each in metrics.items()} == {
        "loss": (0.3333, "output"),
        "test_f1": (0.875, "output"),
    }
    assert "from output" in ran.expctl("show").out


def test_each_metric_is_explained_by_its_last_line(ran) -> None:
    found = {each["metric"]: each for each in lines(ran)}

    assert found["loss"]["line"] == 4
    assert (found["loss"]["rule"], found["loss"]["step"], found["loss"]["points"]) == ("progress", 3, 3)
    assert found["loss"]["text"].startswith("epoch 3/3: loss=0.3333")
    assert found["test_f1"]["remark"] == ""
    assert found["accuracy"]["remark"] == "left out: it holds for several settings"
    assert "score" not in found


def test_one_metric_is_explained_by_all_its_lines(ran) -> None:
    assert [(each["line"], each["value"]) for each in lines(ran, "@", "--metric", "loss")] == [
        (2, 1.0),
        (3, 0.5),
        (4, 0.3333),
    ]
    shown = ran.expctl("metrics", "explain", "-m", "loss").out
    assert shown.splitlines()[0].split() == ["value", "step", "line", "rule", "text"]


def test_secrets_of_a_line_are_not_shown(repo) -> None:
    secret = "ghp_" + "a1B2" * 9
    repo.write("train.py", f"print('loss=0.5 {secret}')\n")
    repo.expctl("run", "--", sys.executable, "train.py")

    assert secret not in repo.expctl("metrics", "explain").out


def test_settings_take_effect_and_are_explained(ran) -> None:
    (ran.path / ".experiments" / "config.yaml").write_text(
        "metrics_from_output:\n  rename: {loss: nll}\n  off: [sentence]\n  rules: {f1: 'F1: {value}'}\n"
    )

    assert [each["metric"] for each in lines(ran)] == ["nll", "f1"]
    assert {each["remark"] for each in lines(ran)} == {"not in the record"}
    rules = {each["name"]: each for each in json.loads(ran.expctl("metrics", "rules", "--json").out)["rules"]}
    assert (rules["sentence"]["on"], rules["progress"]["on"]) == (False, True)
    assert (rules["own"]["what"], rules["own"]["example"]) == ("gives f1", "F1: {value}")


def test_nothing_is_read_when_it_is_switched_off(repo) -> None:
    repo.write("train.py", SCRIPT)
    repo.expctl("init")
    repo.expctl("config", "set", "metrics_from_output", "false")
    repo.expctl("run", "--", sys.executable, "train.py")

    assert "metrics" not in json.loads(repo.expctl("show", "--json").out)
    assert "Metrics are not read from output" in repo.expctl("metrics", "explain").err


def test_a_run_without_output_says_so(repo) -> None:
    repo.expctl("run", "--", "true")
    done = repo.expctl("metrics", "explain")

    assert done.exit_code == 8
    assert "No output was kept" in done.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("[]", "not true, false or a mapping"),
        ("{of: [keras]}", "'of' is none of rename, ignore, names, off, rules"),
        ("{off: [kears]}", "off: there is no rule 'kears'"),
        ("{rules: {loss: 'loss is'}}", "rules: loss: needs one {value}"),
        ("{rules: {loss: '{value} {name}'}}", "knows the fields {value}, {step} and {} only"),
        ("{rename: [a]}", "rename: not a mapping"),
    ],
)
def test_a_wrong_setting_is_said(repo, given: str, said: str) -> None:
    repo.expctl("init")
    (repo.path / ".experiments" / "config.yaml").write_text(f"metrics_from_output: {given}\n")

    done = repo.expctl("metrics", "rules")

    assert done.exit_code == 1
    assert said in done.err


def test_lines_of_an_earlier_training_are_told_from_those_of_the_last(repo) -> None:
    repo.write(
        "train.py", "for at in (0, 1, 2) * 2:\n    print(f'[{at}]\\ttrain-rmse:{0.9 - at / 10:.1f}')\n"
    )
    done = repo.expctl("run", "--", sys.executable, "train.py")

    assert "train-rmse began again once" in done.err
    assert [each["remark"] for each in lines(repo, "@", "--metric", "train-rmse")] == [
        *["left out: of an earlier training"] * 3,
        *[""] * 3,
    ]

"""``expctl select`` in a real repository."""

from __future__ import annotations

import pytest

from expctl.core import runid
from expctl.core.manifest import Metric
from expctl.store import manifests
from tests import records

CONFIG = """\
selections:
  candidate:
    - {require: metrics.f1_score > 0.85, otherwise: reject}
    - {require: metrics.inference_time_ms < 50, otherwise: optimise the model and re-evaluate}
    - {require: tags.interpretability >= 3, otherwise: explain or simplify}
    - {then: register}
"""
#: f1, inference time, interpretability of the runs, oldest first.
RUNS = [
    (0.9, 10.0, "4"),
    (0.85, 10.0, "4"),
    (0.9, 50.0, "4"),
    (0.9, 10.0, None),
    (float("nan"), 10.0, "4"),
    (0.99, None, "4"),
]


def suffix(n):
    return f"{n:06d}"


@pytest.fixture
def chosen(repo):
    for n, (f1, ms, score) in enumerate(RUNS):
        metrics = {"f1_score": Metric(value=f1)} | (
            {} if ms is None else {"inference_time_ms": Metric(value=ms)}
        )
        run = records.full(
            f"20261122-19050{n}-{suffix(n)}",
            name=f"run {n}",
            metrics=metrics,
            tags={} if score is None else {"interpretability": score},
        )
        manifests.write(repo.path / ".experiments" / "runs", run)
    repo.write(".experiments/config.yaml", CONFIG)
    return repo


def test_each_run_has_a_verdict_a_reason_and_a_next_step(chosen):
    told = chosen.expctl("select", "--json").json
    by_id = {runid.suffix(run["id"]): run for run in told["runs"]}

    assert {name: (run["verdict"], run["step"]) for name, run in by_id.items()} == {
        suffix(0): ("pass", None),
        suffix(1): ("no", 1),
        suffix(2): ("no", 2),
        suffix(3): ("missing", 3),
        suffix(4): ("missing", 1),
        suffix(5): ("missing", 2),
    }
    assert by_id[suffix(0)]["next"] == "register"
    assert by_id[suffix(1)]["reasons"] == ["f1_score 0.85 is not > 0.85"]
    assert by_id[suffix(2)]["next"] == "optimise the model and re-evaluate"
    assert by_id[suffix(3)]["next"] == f"expctl tag {suffix(3)} interpretability=…"
    assert by_id[suffix(4)]["reasons"] == ["f1_score is nan, which counts as missing"]
    assert by_id[suffix(5)]["next"] == "record inference_time_ms"
    assert told["passed"] == 1
    assert [(branch["no"], branch["missing"]) for branch in told["branches"]] == [(1, 1), (1, 1), (0, 1)]


def test_the_screen_shows_the_table_and_the_tree(chosen):
    done = chosen.expctl("select", "candidate")

    assert done.exit_code == 0
    assert done.out.splitlines()[2].startswith(suffix(0))
    assert "candidate: 6 runs" in done.out
    assert "├─ metrics.f1_score > 0.85\n│  ├─ no       1  reject\n│  └─ missing  1\n" in done.out
    assert done.out.rstrip().endswith("└─ pass        1  register")


def test_a_run_without_a_name_has_a_dash_as_in_every_table(chosen):
    run = records.full(f"20261122-190509-{suffix(9)}", name=None, metrics={"f1_score": Metric(value=0.1)})
    manifests.write(chosen.path / ".experiments" / "runs", run)

    lines = chosen.expctl("select", "candidate").out.splitlines()

    (nameless,) = [line.split() for line in lines if line.startswith(suffix(9))]
    assert nameless[:2] == [suffix(9), "–"]
    assert "name" not in chosen.expctl("select", "candidate", suffix(9)).out.splitlines()[0].split()


def test_named_runs_are_walked_alone_and_in_order(chosen):
    told = chosen.expctl("select", suffix(5), "run 1", "--json")

    assert [runid.suffix(run["id"]) for run in told.json["runs"]] == [suffix(5), suffix(1)]
    assert told.exit_code == 3


def test_nobody_passing_is_an_answer_of_its_own(chosen):
    assert chosen.expctl("select", "--where", "f1_score < 0.86").exit_code == 3
    assert chosen.expctl("select", "--where", "f1_score < 0.1").exit_code == 3
    assert chosen.expctl("select", "--limit", "1").exit_code == 0


def test_a_limit_shows_fewer_and_counts_all(chosen):
    done = chosen.expctl("select", "--limit", "2")

    assert "candidate: 6 runs" in done.out
    assert "2 of 6 runs" in done.err


def test_a_column_that_no_run_has_is_said(chosen):
    chosen.write(".experiments/config.yaml", CONFIG.replace("f1_score", "f1_scor"))
    done = chosen.expctl("select")

    assert done.exit_code == 3
    assert "No run has metrics.f1_scor yet." in done.err


def test_runs_of_another_branch_are_walked_too(chosen):
    chosen.commit_all("Records")
    chosen.git("switch", "-q", "-c", "empty", "HEAD~1")
    chosen.write(".experiments/config.yaml", CONFIG)

    assert chosen.expctl("select", "--json").json["total"] == len(RUNS)
    assert chosen.expctl("select", "--here", "--json").json["total"] == 0
    assert chosen.expctl("select", "--ref", "main", suffix(0)).exit_code == 0
    assert chosen.expctl("report", "--ref", "main").exit_code == 0
    assert chosen.expctl("plot", "--scatter", "inference_time_ms,f1_score").exit_code == 0
    assert chosen.expctl("plot", "--scatter", "inference_time_ms,f1_score", "--here").exit_code != 0


def test_without_a_flow_there_is_one_to_paste(chosen):
    chosen.write(".experiments/config.yaml", "")
    done = chosen.expctl("select")

    assert done.exit_code == 1
    pasted = done.err[done.err.index("selections:") :]
    chosen.write(".experiments/config.yaml", pasted)
    assert chosen.expctl("select").exit_code == 0


def test_of_several_flows_one_must_be_named(chosen):
    chosen.write(".experiments/config.yaml", CONFIG + "  other:\n    - {require: f1_score > 0}\n")

    assert "Name one of them: candidate, other" in chosen.expctl("select").err
    assert "Did you mean candidate?" in chosen.expctl("select", "candid").err
    assert chosen.expctl("select", "other", suffix(1)).exit_code == 0


def test_a_broken_flow_names_file_and_place(chosen):
    chosen.write(".experiments/config.yaml", CONFIG.replace("< 50", "<< 50").replace("{then", "{than"))
    done = chosen.expctl("select")

    assert done.exit_code == 1
    assert ".experiments/config.yaml: selections.candidate[1].require: " in done.err
    assert "inference_time_ms << 50\n" in done.err
    assert "selections.candidate[3].than: no key of a step" in done.err
    checked = chosen.expctl("validate")
    assert checked.exit_code == 1
    assert ".experiments/config.yaml: selections.candidate[1].require: " in checked.out


def test_a_flow_of_a_stranger_says_nothing_to_the_terminal(chosen):
    evil = '"\\x1b[31mred\\u202e"'
    chosen.write(
        ".experiments/config.yaml",
        f"selections:\n  {evil}:\n    - {{require: f1_score > 0.88, otherwise: {evil}}}\n"
        f"    - {{then: {evil}}}\n",
    )
    for words in (["select"], ["select", "--json"], ["select", "--limit", "1"]):
        done = chosen.expctl(*words, env={"FORCE_COLOR": "1"})

        assert done.exit_code == 0
        assert "\x1b[31mred" not in done.out + done.err
        assert "\u202e" not in done.out + done.err

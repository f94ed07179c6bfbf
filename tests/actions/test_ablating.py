"""Causes planted in real runs are put back one at a time, and their effects are those that they have."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from expctl.store import manifests
from tests.planted import FILES, RUN, wheel


def ablate(planted, *more: str) -> dict:
    done = planted.expctl("--yes", "diff", "@-1", "@", "--ablate", "--json", *more)
    assert done.exit_code == 0, done.err
    return done.json


def effects(found: dict) -> dict[str, float]:
    (table,) = found["metrics"]
    return {row["label"]: row["effect"] for row in table["rows"]}


def score(planted) -> float:
    return runs_of(planted)[-1].metrics["f1_score"].value


def runs_of(planted) -> list:
    """By their start: two ids of one second are in no order."""
    return sorted(map(manifests.read, planted.manifests()), key=lambda run: run.started_at)


def test_three_causes_have_the_effects_that_they_have_alone(planted) -> None:
    """Each cause is planted alone first: what the ablation measures afterwards is held against that."""
    base = score(planted)
    alone = {}
    planted.record("train.py", "--seed", "2")
    alone["seed 1 → 2"] = score(planted) - base
    planted.record(python="old")
    alone["tiny-learn 2.0 → 1.0"] = score(planted) - base
    planted.write("data/train.csv", "4\n5\n6\n")
    planted.record()
    alone["data/train.csv"] = score(planted) - base
    planted.write("data/train.csv", "1\n2\n3\n")
    planted.record()
    planted.write("data/train.csv", "4\n5\n6\n")
    planted.record("train.py", "--seed", "2", python="old")
    target = score(planted)
    planted.write("data/train.csv", "7\n")  # neither run's: their bytes are brought back

    found = ablate(planted)

    measured = effects(found)
    assert measured.keys() == alone.keys()
    assert all(math.isclose(measured[name], alone[name], abs_tol=1e-9) for name in alone)
    (table,) = found["metrics"]
    assert table["again"] == base
    assert table["together"]["value"] == target
    assert any("do not add up" in each for each in table["remarks"])
    assert any("to the last digit" in each for each in table["remarks"])
    assert (planted.path / "data/train.csv").read_text() == "7\n"
    # What was run is on record, and is no repeat of the first run.
    ran = runs_of(planted)[-5:]
    assert {run.parent.get("with") for run in ran} >= {*alone, "all together"}
    assert not any("reproduces" in run.parent for run in ran)
    names = {str(run.name).partition(" ")[2] for run in ran}
    assert names >= {"again", "with all", *(f"with {label}" for label in alone)}


def test_a_parameter_and_a_source_file_are_told_apart(planted) -> None:
    planted.write("features.py", "def widen(x):\n    return 3 * x\n")
    planted.write("README.md", "Hello again\n")
    planted.record(*RUN, "--rounds", "9")

    measured = effects(ablate(planted))

    assert measured["features.py"] == pytest.approx(0.1)
    assert measured["rounds absent → 9"] == pytest.approx(0.006)


def test_one_cause_is_not_run_twice(planted) -> None:
    planted.record("train.py", "--seed", "2")
    found = ablate(planted)

    assert set(found["runs"]) == {"nothing: the first run again", "seed 1 → 2"}
    assert found["metrics"][0]["together"] is None


#: Called like ``random.random``, unseeded, but its numbers are known: a true one would lie outside the noise
#: of five repeats in one case of twenty, rightly. It counts by folders, outside of every copy of the tree:
#: those are no data of a run.
DRAW = """
def draw(n=0):
    random.random()
    while True:
        try:
            os.mkdir(COUNT + str(n))
            return (0, 1, 1, 0)[n % 4]
        except FileExistsError:
            n += 1
"""


@pytest.mark.parametrize(("rounds", "is_noise"), [("4", True), ("900", False)])
def test_an_effect_within_the_noise_of_repeats_is_said(
    planted, tmp_path: Path, rounds: str, *, is_noise: bool
) -> None:
    (tmp_path / "draws").mkdir()
    head = f"import os, random\nCOUNT = {str(tmp_path / 'draws')!r} + '/'\n{DRAW}"
    planted.write("train.py", head + FILES["train.py"].replace("random.random()", "draw()"))
    planted.record("train.py")
    planted.record("train.py", "--rounds", rounds)
    found = ablate(planted, "--repeat", "4")

    (row,) = found["metrics"][0]["rows"]
    assert row["is_noise"] == is_noise
    assert len(found["runs"][row["label"]]) == 4
    assert len(list((tmp_path / "draws").iterdir())) == 10


def test_it_shows_how_long_and_refuses_without_a_yes(planted) -> None:
    planted.record("train.py", "--seed", "2")
    count = len(planted.manifests())

    done = planted.expctl("diff", "@-1", "@", "--ablate")

    assert done.exit_code == 2
    assert "2 runs of the first run's command, about " in done.err
    assert "--yes" in done.err
    assert len(planted.manifests()) == count


def test_where_nothing_can_be_put_back_it_says_so(planted) -> None:
    planted.write("README.md", "Hello again\n")
    planted.record()

    done = planted.expctl("--yes", "diff", "@-1", "@", "--ablate")

    assert done.exit_code != 0
    assert "Nothing that differs between the two can be put back." in done.err


def test_a_cause_that_breaks_the_script_is_said(planted) -> None:
    planted.write("features.py", "def widen(x, y):\n    return x\n")
    planted.write("train.py", FILES["train.py"].replace("widen(float(line))", "widen(float(line), 1)"))
    planted.write("other.py", "X = 2\n")
    planted.record("train.py", "--seed", "2")
    done = planted.expctl("--yes", "diff", "@-1", "@", "--ablate", "--json")

    assert done.exit_code == 0
    assert effects(done.json)["source (2 files)"] == pytest.approx(-0.1)
    assert done.json["failed"] == []


def test_an_interpreter_that_is_gone_is_said(planted) -> None:
    planted.record("train.py", "--seed", "2", python="old")
    run = runs_of(planted)[-1]
    path = manifests.path_of(planted.path / ".experiments" / "runs", run.id)
    manifests.write(
        path.parent.parent,
        run._replace(command=run.command._replace(argv=("/gone/bin/python", *run.command.argv[1:]))),
    )
    found = ablate(planted)

    assert set(effects(found)) == {"seed 1 → 2"}
    assert any("/gone/bin/python is not here; --env recreate" in each for each in found["left"])


def test_one_package_is_put_back_into_a_new_environment(planted, tmp_path) -> None:
    wheels = tmp_path / "wheels"
    for name, version, code in (
        ("tiny_learn", "1.0", "3"), ("tiny_learn", "2.0", "5"), ("unused", "1.0", "0"), ("unused", "3.0", "0")
    ):  # fmt: skip
        body = f"def score(rows, depth={code}):\n    return depth * sum(rows) / len(rows) / 100\n"
        wheel(wheels, name, version, body, module={"tiny_learn": "tinylearn"}.get(name, name))
    planted.record(python="old")

    found = ablate(planted, "--env", "recreate", "--wheels", str(wheels))

    measured = effects(found)
    assert measured.keys() == {"tiny-learn 2.0 → 1.0"}
    assert measured["tiny-learn 2.0 → 1.0"] == pytest.approx(-0.08)
    assert any("to the last digit" in each for each in found["metrics"][0]["remarks"])


def test_a_repeat_that_differs_is_explained(planted) -> None:
    """Another version stands now under the interpreter that was recorded."""
    site = next(Path(planted.pythons["changing"]).parent.parent.glob("lib/python*/site-packages"))
    planted.record(python="changing")
    code = site / "tinylearn.py"
    was = code.read_text()
    # Of another length: Python takes its compiled file for current by length and second of the change.
    code.write_text(was.replace("depth=5", "depth=4 "))
    (site / "tiny_learn-2.0.dist-info").rename(site / "tiny_learn-2.1.dist-info")
    done = planted.expctl("--yes", "reproduce", "@", "--explain", "--json")

    assert done.exit_code == 3
    causes = done.json["explanation"]["causes"]
    assert [cause["sentence"] for cause in causes if cause["grade"] == "certain"] == ["tiny-learn 2.0 → 2.1"]


def test_whoever_interrupts_one_run_is_not_given_the_next(planted, tmp_path) -> None:
    flag = tmp_path / "stop"
    stops = f"import os, signal\nif os.path.exists({str(flag)!r}):\n    os.kill(os.getpid(), signal.SIGINT)\n"
    planted.write("train.py", stops + FILES["train.py"])
    planted.record()
    planted.record("train.py", "--seed", "2")
    flag.touch()
    count = len(planted.manifests())

    done = planted.expctl("--yes", "diff", "@-1", "@", "--ablate")

    assert done.exit_code == 130
    assert len(planted.manifests()) == count + 1


def test_a_settings_file_that_git_ignores_cannot_be_put_back(planted) -> None:
    planted.write(".gitignore", "data/\nconf.yaml\n")
    planted.write("train.py", FILES["train.py"].replace("parse_args()", "parse_known_args()[0]"))
    planted.write("conf.yaml", "rate: 1\n")
    planted.record(*RUN, "--config", "conf.yaml")
    planted.write("conf.yaml", "rate: 2\n")
    planted.record("train.py", "--seed", "2", "--config", "conf.yaml")

    found = ablate(planted)

    assert set(effects(found)) == {"seed 1 → 2"}
    assert found["left"] == ["rate 1 → 2: it is not in the source trees"]

"""Causes planted in real runs are named, all of them and no others; what is harmless is not blamed."""

from __future__ import annotations

import pytest

from tests.planted import RUN, SCRIPT


def named(found: dict, grade: str = "certain") -> set[str]:
    return {cause["name"] for cause in found["causes"] if cause["grade"] == grade}


def test_a_seed_alone(planted) -> None:
    planted.record("train.py", "--seed", "2")

    assert named(planted.explain()) == {"seed"}


def test_a_seed_that_was_left_out(planted) -> None:
    planted.record("train.py")
    found = planted.explain()

    assert named(found) == {"seed"}
    assert found["causes"][0]["sentence"] == "The first run had the seed 1, the second one had none"


def test_a_library_with_another_default_alone(planted) -> None:
    planted.record(python="old")
    found = planted.explain()

    assert named(found) == {"tiny-learn"}
    assert found["causes"][0]["sentence"] == "tiny-learn 2.0 → 1.0"
    assert found["causes"][0]["evidence"] == "imported by the run"


def test_data_alone_with_how_much_it_grew(planted) -> None:
    planted.write("data/train.csv", "1\n2\n3\n9\n")
    planted.record()
    found = planted.explain()

    assert named(found) == {"data/train.csv"}
    assert found["causes"][0]["evidence"].endswith(", +1 lines (3 → 4)")


def test_a_parameter_and_a_source_file(planted) -> None:
    planted.write("features.py", "def widen(x):\n    return 3 * x\n")
    planted.record(*RUN, "--rounds", "9")

    assert named(planted.explain()) == {"rounds", "features.py"}


def test_all_at_once(planted) -> None:
    planted.write("data/train.csv", "4\n5\n6\n")
    planted.write("README.md", "Hello again\n")
    planted.record("train.py", "--seed", "7", python="old")
    found = planted.explain()

    assert named(found) == {"seed", "tiny-learn", "data/train.csv"}
    assert named(found, "possible") == set()
    assert found["verdict"] == "3 things that the runs used differ."


def test_what_was_not_used_is_not_blamed(planted) -> None:
    planted.write("README.md", "Hello again\n")
    planted.write("other.py", "X = 2\n")
    planted.write("train.py", SCRIPT.replace("import tinylearn", "import tinylearn  # the learner"))
    planted.record(python="other")
    found = planted.explain()

    assert named(found) == named(found, "possible") == set()
    assert named(found, "harmless") == {"README.md", "other.py", "train.py", "unused"}
    assert found["verdict"] == "The metrics are the same to the last bit."


def test_a_script_without_a_seed_is_noise(planted) -> None:
    planted.record("train.py")
    planted.record("train.py")
    found = planted.explain()

    assert named(found) == {"unset"}
    assert found["verdict"] == "No seed: this is the noise of the script."


def test_what_nobody_looked_at_may_have_mattered(planted) -> None:
    planted.write("other.py", "X = 2\n")
    planted.record(python="other", more=("--no-hooks",))
    found = planted.explain()

    assert named(found, "possible") == {"other.py", "unused"}
    assert "which packages the second run imported" in found["missing"]


def test_a_source_tree_that_is_not_here_is_said(planted) -> None:
    planted.write("features.py", "def widen(x):\n    return 3 * x\n")
    planted.record()
    planted.git("for-each-ref", "refs/expctl")
    for ref in planted.git("for-each-ref", "--format=%(refname)", "refs/expctl").split():
        planted.git("update-ref", "-d", ref)
    planted.git("-c", "gc.pruneExpire=now", "gc", "-q", "--prune=now")
    found = planted.explain()

    assert named(found, "possible") == {"source tree"}
    assert any("expctl pull" in each for each in found["missing"])


def test_the_page_says_it_in_sentences(planted) -> None:
    planted.record("train.py", "--seed", "2", python="other")
    done = planted.expctl("diff", "@-1", "@", "--explain", env={"COLUMNS": "80"})

    lines = done.out.splitlines()
    assert "One thing that the runs used differs." in lines
    assert "  1. Seed 1 → 2 – parameter seed, generator of random." in lines
    assert lines[-1] == "Not blamed: unused 1.0 → 3.0 (not imported)."
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["diff", "@", "@", "--repeat", "3"], "are for --ablate"),
        (["diff", "@", "@", "--explain", "--env", "recreate"], "are for --ablate"),
        (["reproduce", "@", "--wheels", "wheels"], "without --env recreate"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(repo, words, said) -> None:
    done = repo.expctl(*words)

    assert done.exit_code == 2
    assert said in done.err

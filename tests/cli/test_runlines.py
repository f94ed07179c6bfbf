"""The closing line of a run."""

from __future__ import annotations

import pytest

from expctl.actions.record import Recorded
from expctl.cli import runlines
from expctl.core.manifest import Artifact, DataInput, Environment, Seeds
from tests.records import full


@pytest.mark.parametrize("columns", [20, 40, 72, 112])
def test_the_line_is_folded_between_facts(columns):
    done = Recorded(0, full(), None, "0123456789", ("a sentence",))
    whole = runlines.lines_of(done)[0]
    facts = whole.split(" · ")
    folded = runlines.lines_of(done, columns=columns)

    assert facts[-1] == "committed 0123456"
    assert [fact for line in folded for fact in line.strip().split(" · ")][: len(facts)] == facts
    assert all(len(line) <= max(columns, *map(len, facts)) + 2 for line in folded[:2])
    assert folded[-1] == "  a sentence"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0312, "in 0.031 s"), (1.23, "in 1.2 s"), (83.2, "in 1 min 23 s"), (7384, "in 2 h 03 min")],
)
def test_a_duration_is_never_nothing(seconds, shown):
    assert shown in runlines.lines_of(Recorded(0, full(duration_s=seconds), None, None, ()))[0]


def test_what_is_kept_is_said_with_its_size():
    manifest = full(
        artifacts=(
            Artifact(path="m.pt", bytes=1000, stored=True),
            Artifact(path="out", bytes=2000, nfiles=3, stored=True),
            Artifact(path="listed.png", bytes=4000),
        ),
        data=(DataInput(path="a.csv", bytes=500, stored=True), DataInput(path="b.csv", bytes=9)),
    )

    line = runlines.lines_of(Recorded(0, manifest, None, None, ()))[0]

    assert "kept 4 files (3 kB) and 1 input file (500 bytes)" in line


@pytest.mark.parametrize(
    ("seeds", "numeric", "said"),
    [
        (Seeds(requested=4, unset=("default_rng",)), {}, "numpy.random.default_rng() without a seed"),
        (Seeds(requested=4), {"tf_deterministic": False}, "kernels of the GPU, without tf.config"),
        (Seeds(requested=4), {"torch_deterministic": True}, ""),
        (Seeds(unset=("default_rng",)), {"tf_deterministic": False}, ""),
        (None, {}, ""),
    ],
)
def test_what_a_seed_does_not_reach_is_said_in_one_line(seeds, numeric, said):
    manifest = full(seeds=seeds, environment=Environment(gpus=({"name": "H100"},), numeric=numeric))

    lines = [line for line in runlines.lines_of(Recorded(0, manifest, None, None, ())) if "reach" in line]

    assert len(lines) == bool(said)
    assert all(said in line for line in lines)

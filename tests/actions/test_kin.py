"""Which repeats a run has, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from expctl import project
from expctl.actions.reproducing import kin
from expctl.core import runid
from expctl.store import manifests
from tests import records

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


def write(repo, letter: int, *, ms: int, parent=None) -> str:
    at = START + timedelta(milliseconds=ms)
    run = records.full(runid.make(at, bytes([letter] * 6)), started_at=at, parent=parent)
    manifests.write(repo.path / ".experiments" / "runs", run)
    return run.id


def test_repeats_of_one_second_stand_in_the_order_of_their_start(repo):
    original = write(repo, 5, ms=0)
    verdicts = {"identical": (9, 100), "different": (1, 200), None: (7, 300), "noise": (3, 5000)}
    ids = [
        write(repo, letter, ms=ms, parent={"reproduces": original, **({"verdict": how} if how else {})})
        for how, (letter, ms) in verdicts.items()
    ]
    write(repo, 11, ms=400, parent={"reproduces": ids[0]})

    found = kin.tally(project.find(repo.path), original)

    told = ["identical", "different", kin.NOT_JUDGED, "noise"]
    assert list(found.said.items()) == list(reversed(list(zip(ids, told, strict=True))))
    assert found.verdicts == dict.fromkeys(told, 1)

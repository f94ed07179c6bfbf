"""What a log gives: beside better sources, within bounds, and while it grows."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from expctl.capture.metrics import gather, merging, output
from expctl.core import events, series
from expctl.core.timespan import Span

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def take(tmp_path: Path):
    def measure(asked: gather.Asked | None = None) -> gather.Measured:
        place = gather.Place(tmp_path, tmp_path, Span(started))
        return gather.gather(tmp_path, place, [], asked or gather.Asked())

    started = time.time_ns()
    measure.log = tmp_path / "output.log"
    measure.root = tmp_path
    return measure


def test_what_is_printed_is_taken_and_marked_where_nothing_better_says_it(take) -> None:
    (take.root / "events-1-1.jsonl").write_bytes(
        events.encode_metric(events.metric_head("acc"), 0.9, None, 1e9)
    )
    (take.root / "metrics.json").write_text(json.dumps({"f1": 0.8}))
    take.log.write_text("acc=0.1 f1=0.2\nepoch 1: loss=0.5\nepoch 2: loss=0.25\n")

    done = take()

    assert {name: (each.value, each.source) for name, each in done.metrics.items()} == {
        "acc": (0.9, None),
        "f1": (0.8, None),
        "loss": (0.25, "output"),
    }
    assert series.decode(done.series)["loss"].steps == [1, 2]


def test_what_is_printed_can_be_left_alone_and_called_otherwise(take) -> None:
    take.log.write_text("loss=0.5 score=0.25\n")

    assert take(gather.Asked(from_output=False)).metrics == {}
    assert list(take(gather.Asked(params={"model": {"score": 0.25}})).metrics) == ["loss"]
    assert list(take(gather.Asked(from_output={"rename": {"loss": "nll"}})).metrics) == ["nll", "score"]


def test_a_name_that_looks_like_a_secret_is_not_taken(take) -> None:
    take.log.write_text(f"ghp_{'a1B2' * 9}_loss=0.5\nloss=0.5\n")

    assert list(take().metrics) == ["loss"]


def test_of_a_log_that_takes_too_long_the_middle_is_left_out_and_said(take, monkeypatch) -> None:
    monkeypatch.setattr(output, "_MOST_READINGS", 1000)
    monkeypatch.setattr(output, "_TAIL", 1 << 15)
    take.log.write_text("".join(f"step {n}: loss={1 / (n + 1):.9f}\n" for n in range(60_000)))

    done = take()

    loss = done.metrics["loss"]
    assert (loss.step, loss.value) == (59_999, float(f"{1 / 60_000:.9f}"))
    assert 1000 < loss.points < 20_000
    assert done.notes == ("metrics from output: 1 MiB in the middle were not read",)


def test_lines_after_the_middle_keep_their_numbers(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(output, "_MOST_READINGS", 10)
    monkeypatch.setattr(output, "_TAIL", 1 << 12)
    lines = [f"step {n}: loss={1 / (n + 1):.9f}" for n in range(40_000)]
    (tmp_path / "log").write_text("\n".join(lines))
    reader = output.Reader()

    with open(tmp_path / "log", "rb") as file:
        readings = list(output._readings(file, reader, []))

    assert [each.line for each in readings] == [each.step + 1 for each in readings]


def test_more_names_than_a_person_reads_are_data(take) -> None:
    take.log.write_text("".join(f"item{n}_loss=0.5\n" for n in range(201)))

    done = take()

    assert done.metrics == {}
    assert done.notes == ("metrics from output: 201 names, more than 200: taken as data",)


def test_a_growing_log_gives_its_newest_values(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    growing = output.Growing(log)
    assert growing.update() == []

    log.write_bytes(b"epoch 1: loss=0.5\nepoch 2: lo")
    assert [each.value for each in growing.update()] == [0.5]

    with open(log, "ab") as file:
        file.write(b"ss=0.25\n 50%|##  | 1/2 [00:01<00:01, 1.0it/s, acc=0.75]\n")
    assert [(each.name, each.step) for each in growing.update()] == [("loss", 2)]
    assert {name: each.value for name, each in growing.last.items()} == {"loss": 0.25, "acc": 0.75}
    assert growing.update() == []


@pytest.mark.parametrize(
    ("at", "value", "said", "kept"),
    [
        (1.0, -0.019456267, "-0.01945626735687256", -0.01945626735687256),
        (1.0, -0.019456267, "-0.0195", -0.019456267),
        (1.0, -0.019456267, "-0.01946626735687256", -0.019456267),
        (None, 0.1, "0.10000000149011612", 0.1),
        (1.0, 0.5, "1.0000000000000001e+300", 0.5),
    ],
)
def test_an_event_in_single_precision_gets_the_digits_that_were_printed(
    at: float | None, value: float, said: str, kept: float
) -> None:
    known, printed = series.Points(), series.Points()
    known.add(value, at=at)
    printed.add(float(said))
    merging.spell(known, printed)

    assert known.values == [kept]

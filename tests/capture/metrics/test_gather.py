"""What is taken as measured, from real files and real event lines."""

from __future__ import annotations

import json
import math
import os
import time
from typing import TYPE_CHECKING

import pytest

from expctl.capture.metrics import gather
from expctl.core import events, series
from expctl.core.timespan import Span

if TYPE_CHECKING:
    from pathlib import Path

TOO_MANY = json.dumps(dict.fromkeys(map(str, range(501)), 1))


@pytest.fixture
def place(tmp_path: Path):
    live = tmp_path / "live"
    root = tmp_path / "repo"
    live.mkdir()
    root.mkdir()
    started = time.time_ns()

    def measure(
        *files: str, cwd: str = ".", directions: dict[str, str] | None = None, until: int | None = None
    ) -> gather.Measured:
        there = gather.Place(root, root / cwd, Span(started, until))
        return gather.gather(live, there, files, gather.Asked(directions or {}))

    measure.live, measure.root, measure.started = live, root, started
    return measure


def metric_line(name: str, value: float, step: int | None, at: float) -> bytes:
    """A line as the format of events has it, not as today's writer happens to write it."""
    return json.dumps({"e": "metric", "k": name, "v": value, "s": step, "t": at}).encode() + b"\n"


def write_events(live: Path, *lines: bytes, name: str = "events-1-1.jsonl") -> None:
    (live / name).write_bytes(b"".join(lines))


def test_nothing_measured_is_empty(place) -> None:
    assert place() == gather.Measured({}, None, {}, {}, (), {}, (), ())


def test_logged_points_become_a_summary_and_a_series(place) -> None:
    write_events(place.live, *(metric_line("loss", 1 / (n + 1), n, 1e9 + n) for n in range(4)))

    done = place(directions={"l*": "min"})

    loss = done.metrics["loss"]
    assert (loss.value, loss.step, loss.min, loss.max, loss.points) == (0.25, 3, 0.25, 1.0, 4)
    assert loss.direction == "min"
    assert series.decode(done.series)["loss"].steps == [0, 1, 2, 3]


def test_a_single_point_needs_no_series(place) -> None:
    write_events(place.live, metric_line("f1", 0.9, None, 1e9))

    done = place()

    assert done.metrics["f1"].value == 0.9
    assert done.metrics["f1"].min is None
    assert done.series is None


def test_points_of_several_processes_are_put_in_order_of_time(place) -> None:
    write_events(place.live, metric_line("x", 3.0, None, 1e9 + 3), name="events-1-1.jsonl")
    write_events(
        place.live,
        metric_line("x", 1.0, None, 1e9 + 1),
        metric_line("x", 2.0, None, 1e9 + 2),
        name="events-2-1.jsonl",
    )

    assert series.decode(place().series)["x"].values == [1.0, 2.0, 3.0]


def test_a_torn_tail_loses_only_itself(place) -> None:
    write_events(place.live, metric_line("x", 1.0, 0, 1e9), b'{"e":"metric","k":"x","v":2')

    assert place().metrics["x"].points == 1


def test_everything_else_that_was_logged_is_given_back(place) -> None:
    write_events(
        place.live,
        events.encode_params({"model": {"depth": 3}}),
        events.encode_params({"model": {"width": 5}, "db_password": "hunter22"}),
        events.encode_tag("dataset", "v3"),
        events.encode_artifact("/w/model.pt", "model"),
        events.encode_artifact("/w/a.png", ""),
        events.encode_artifact("/w/model.pt", ""),
        events.encode_seed("numpy", 1),
        events.encode_seed("numpy", 42),
    )

    done = place()

    assert done.params == {"model": {"depth": 3, "width": 5}, "db_password": "<redacted>"}
    assert done.tags == {"dataset": "v3"}
    assert done.artifacts == (("/w/model.pt", "model"), ("/w/a.png", ""))
    assert done.seeds == {"numpy": 42}
    assert done.notes == ("secrets hidden in db_password",)


def test_a_metrics_file_is_found_by_its_name(place) -> None:
    (place.root / "metrics.json").write_text(
        json.dumps({"f1_score": 0.87, "val": {"loss": 0.3}, "model": "rf"})
    )

    done = place()

    assert {name: metric.value for name, metric in done.metrics.items()} == {
        "f1_score": 0.87,
        "val.loss": 0.3,
    }
    assert done.read_files == ("metrics.json",)


@pytest.mark.parametrize("name", ["results/eval_scores.yaml", "out/test-metrics.json", "metrics.yml"])
def test_usual_places_are_looked_into(place, name: str) -> None:
    (place.root / name).parent.mkdir(exist_ok=True)
    (place.root / name).write_text('{"acc": 0.5}')

    assert place().metrics["acc"].value == 0.5


@pytest.mark.parametrize(
    "name",
    [
        "package.json",
        "dataset.json",
        "deep/er/results.json",
        "data/metrics.json",
        "mlruns/0/metrics.json",
        "metrics.json.bak",
    ],
)
def test_other_files_are_left_alone(place, name: str) -> None:
    (place.root / name).parent.mkdir(exist_ok=True, parents=True)
    (place.root / name).write_text('{"acc": 0.5}')

    assert place() == gather.Measured({}, None, {}, {}, (), {}, (), ())


def test_numbers_of_an_earlier_run_are_not_taken(place) -> None:
    old = place.root / "metrics.json"
    old.write_text('{"acc": 0.5}')

    later = gather.Place(place.root, place.root, Span(time.time_ns() + 10**9))
    done = gather.gather(place.live, later, ["metrics.json"], gather.Asked())

    assert done.metrics == {}
    assert done.notes == ("metrics file metrics.json: was not written by this run, and is not read",)


def test_a_declared_file_is_found_from_the_working_folder_and_from_the_top(place) -> None:
    (place.root / "sub").mkdir()
    (place.root / "sub" / "a.json").write_text('{"a": 1}')
    (place.root / "b.json").write_text('{"b": 2}')

    done = place("a.json", "b.json", cwd="sub")

    assert sorted(done.metrics) == ["a", "b"]
    assert done.read_files == ("sub/a.json", "b.json")


def test_a_pattern_names_many_files_and_names_that_clash_say_their_file(place) -> None:
    for fold in (1, 2):
        (place.root / f"fold{fold}.json").write_text(json.dumps({"acc": fold / 10}))

    done = place("fold*.json")

    assert {name: metric.value for name, metric in done.metrics.items()} == {
        "fold1.acc": 0.1,
        "fold2.acc": 0.2,
    }


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("m.json", "{", "is not JSON: Expecting property name enclosed in double quotes in line 1"),
        ("m.json", "[1, 2]", "holds no names with numbers"),
        ("m.json", '{"a": "b"}', "holds no numbers"),
        ("m.json", "[" * 100_000, "is nested too deep"),
        ("m.json", "\udcff", "is not UTF-8"),
        ("m.yaml", "a: [", "is not YAML: did not find expected node content in line 2"),
        ("m.yaml", "- " * 5000, "is nested too deep"),
        ("m.csv", "1,2\n3,4\n", "has no header"),
        ("m.txt", "acc=1", "is of a kind that is not read as metrics"),
        ("m.json", TOO_MANY, "holds 501 numbers, more than 500: taken as data"),
    ],
)  # fmt: skip
def test_a_declared_file_that_cannot_be_read_is_said(place, name: str, text: str, reason: str) -> None:
    (place.root / name).write_text(text, errors="surrogateescape")

    done = place(name)

    assert done.metrics == {}
    assert done.notes == (f"metrics file {name}: {reason}",)


def test_a_missing_file_and_a_folder_are_said(place) -> None:
    (place.root / "d.json").mkdir()

    assert place("nope.json", "d.json").notes == (
        "metrics file nope.json: not there",
        "metrics file d.json: not a regular file",
    )


def test_a_pipe_does_not_hang_the_reader(place) -> None:
    os.mkfifo(place.root / "metrics.json")

    assert place("metrics.json").notes == ("metrics file metrics.json: not a regular file",)


def test_a_csv_with_a_step_column_gives_series(place) -> None:
    (place.root / "metrics.csv").write_text("epoch,step,loss,acc\n0,10,0.9,\n0,20,0.7,0.5\n1,30,nan,0.6\n")

    done = place()

    assert done.metrics["loss"].step == 30
    assert math.isnan(done.metrics["loss"].value)
    assert (done.metrics["loss"].min, done.metrics["loss"].max) == (0.7, 0.9)
    assert series.decode(done.series)["acc"].steps == [20, 30]
    assert set(done.metrics) == {"loss", "acc"}


def test_a_logged_metric_wins_over_the_same_name_in_a_file(place) -> None:
    write_events(place.live, metric_line("acc", 0.9, None, 1e9))
    (place.root / "metrics.json").write_text('{"acc": 0.8}')

    done = place()

    assert {name: metric.value for name, metric in done.metrics.items()} == {"acc": 0.9, "metrics.acc": 0.8}


def test_a_file_that_repeats_the_last_value_of_a_series_leaves_it_whole(place) -> None:
    write_events(place.live, *(metric_line("acc", n / 10, n, 1e9 + n) for n in range(5)))
    (place.root / "metrics.json").write_text('{"acc": 0.4}')

    done = place()

    assert {name: metric.points for name, metric in done.metrics.items()} == {"acc": 5}


def test_a_series_in_a_file_replaces_the_single_value_of_another(place) -> None:
    (place.root / "metrics.csv").write_text("epoch,acc\n0,0.1\n1,0.4\n")
    (place.root / "metrics.json").write_text('{"acc": 0.4}')

    assert place().metrics["acc"].points == 2


def test_a_printed_curve_ends_at_the_exact_value_of_a_file(place) -> None:
    (place.live / "output.log").write_text("epoch 0 val_loss=0.5\nepoch 1 val_loss=0.12\n")
    (place.root / "metrics.json").write_text('{"val_loss": 0.1234}')

    done = place()

    assert (done.metrics["val_loss"].value, done.metrics["val_loss"].points) == (0.1234, 2)


def test_a_printed_curve_that_a_file_has_under_its_folder_is_an_echo(place) -> None:
    (place.live / "output.log").write_text("epoch 0 loss=0.51\nepoch 1 loss=0.12\n")
    (place.root / "metrics.csv").write_text("epoch,train/loss,val/loss\n0,0.5123,1\n1,0.1234,2\n")

    assert set(place().metrics) == {"train/loss", "val/loss"}


def test_a_printed_curve_of_some_rounds_is_an_echo_of_all(place) -> None:
    (place.live / "output.log").write_text("0:\ttest: 0.9\tbest: 0.9 (0)\n2:\ttest: 0.71\tbest: 0.9 (0)\n")
    (place.root / "metrics.csv").write_text("step,test/AUC\n0,0.9\n1,0.8\n2,0.7123\n")

    assert "test" not in place().metrics


def test_a_printed_curve_of_something_else_is_left(place) -> None:
    (place.live / "output.log").write_text("epoch 0 val_loss=0.5\nepoch 1 val_loss=0.12\n")
    (place.root / "metrics.json").write_text('{"val_loss": 0.3}')

    done = place()

    assert (done.metrics["val_loss"].value, done.metrics["val_loss"].points) == (0.3, 1)


def test_predictions_and_settings_are_no_metrics(place) -> None:
    (place.root / "results.csv").write_text("id,label,score\n1,0,0.2\n2,1,0.7\n")
    (place.root / "results.json").write_text('[{"id": 1, "pred": 0.5}, {"id": 2, "pred": 0.7}]')
    (place.root / "metrics.json").write_text('{"f1": 0.4, "config": {"lr": 0.1}, "seed": 3}')

    assert set(place().metrics) == {"f1"}


def test_a_million_points_are_gathered_in_seconds(place) -> None:
    line = metric_line("loss", 0.5, 7, 1e9)
    write_events(place.live, line * 200_000)
    before = time.process_time()

    done = place()

    assert done.metrics["loss"].points == 200_000
    assert time.process_time() - before < 30

"""What tools leave behind, read from where they leave it."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from expctl.capture.metrics import gather, tensorboard, written
from expctl.core import series
from expctl.core.timespan import Span

EVENTS = Path(__file__).parent / "events"


@pytest.fixture
def place(tmp_path: Path):
    live = tmp_path / "live"
    root = tmp_path / "repo"
    live.mkdir()
    root.mkdir()
    started = time.time_ns()

    def measure(*tops: str, files: tuple[str, ...] = ()) -> gather.Measured:
        return gather.gather(live, gather.Place(root, root, Span(started), None, tops), files, gather.Asked())

    def write(name: str, text: str) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)

    measure.write, measure.root = write, root
    return measure


def values(done: gather.Measured) -> dict[str, float]:
    return {name: metric.value for name, metric in done.metrics.items()}


def copy_events(source: str, to: Path) -> None:
    shutil.copytree(EVENTS / source, to, copy_function=shutil.copyfile)


def test_events_are_found_wherever_they_lie(place) -> None:
    copy_events("lightning/version_0", place.root / "some" / "where")

    done = place()

    assert set(done.metrics) == {"train_loss", "val_loss"}
    assert (done.metrics["train_loss"].points, done.metrics["train_loss"].step) == (12, 11)
    assert series.decode(done.series)["val_loss"].steps == [3, 7, 11]


def test_sub_runs_are_told_apart_only_where_they_share_a_name(place) -> None:
    copy_events("torch", place.root / "runs" / "Nov22_host")

    done = place()

    assert set(done.metrics) == {
        "train/loss", "val/acc", "odd", "both_a/both", "both_b/both", "hparam/acc",
    }  # fmt: skip
    assert dict(done.hparams) == {"lr": 0.1, "layers": 3, "opt": "adam", "amp": True}


def test_a_sub_run_of_a_part_of_the_data_is_named_after_it(place) -> None:
    copy_events("tbx", place.root / "catboost_info" / "learn")
    copy_events("lightning/version_0", place.root / "catboost_info" / "test")
    for file in (place.root / "catboost_info").glob("*/*"):
        file.rename(file.with_name("events.out.tfevents"))

    assert set(place().metrics) == {"learn/loss", "test/train_loss", "test/val_loss"}


def test_events_beside_a_table_with_the_same_numbers_say_nothing_new(place) -> None:
    copy_events("tbx", place.root / "logs")
    rows = "".join(f"{10 * n},{2.0**-n!r}\n" for n in range(5))
    place.write("logs/metrics.csv", "step,loss\n" + rows)

    assert {name: metric.points for name, metric in place().metrics.items()} == {"loss": 5}


def test_broken_events_are_said(place) -> None:
    copy_events("tbx", place.root / "logs")
    file = next((place.root / "logs").iterdir())
    file.write_bytes(file.read_bytes() + b"\1" * 30)

    done = place()

    assert done.metrics["loss"].points == 5
    assert done.notes == ("events in logs: a record of false length; what follows it is not read",)


def test_dvclive_names_its_series_as_they_were_logged(place) -> None:
    place.write("dvclive/plots/metrics/train/loss.tsv", "step\tloss\n0\t0.5\n1\t0.25\n")
    place.write("dvclive/plots/metrics/acc.tsv", "timestamp\tstep\tacc\n1700000000000\t0\t0.5\n")
    place.write("dvclive/metrics.json", '{"train": {"loss": 0.25}, "acc": 0.5, "step": 1}')

    done = place()

    assert values(done) == {"train/loss": 0.25, "acc": 0.5}
    assert done.metrics["train/loss"].points == 2


def test_hugging_face_leaves_one_history_in_many_places(place) -> None:
    history = [
        {"epoch": 0.5, "step": 10, "loss": 0.9, "learning_rate": 1e-3},
        {"epoch": 1.0, "step": 20, "loss": 0.7, "learning_rate": 0.0},
        {"epoch": 1.0, "step": 20, "eval_loss": 0.8, "eval_accuracy": 0.75},
    ]
    for folder, upto in (("checkpoint-10", 1), ("checkpoint-20", 3)):
        state = {"global_step": 20, "best_metric": 0.8, "max_steps": 20, "log_history": history[:upto]}
        place.write(f"models/tiny/{folder}/trainer_state.json", json.dumps(state))
    place.write("models/tiny/all_results.json", '{"epoch": 1.0, "eval_accuracy": 0.75, "eval_loss": 0.8}')

    done = place()

    assert values(done) == {"loss": 0.7, "learning_rate": 0.0, "eval_loss": 0.8, "eval_accuracy": 0.75}
    assert (done.metrics["loss"].points, done.metrics["eval_loss"].step) == (2, 20)


@pytest.mark.parametrize(
    ("name", "text", "metrics"),
    [
        ("training.log", "epoch,accuracy,loss,val_loss\n0,0.5,0.9,1.0\n1,0.75,0.5,0.6\n",
         {"accuracy": 0.75, "loss": 0.5, "val_loss": 0.6}),
        ("training.log", "epoch 1, loss 0.5\n", {}),
        ("lightning_logs/version_0/metrics.csv", "epoch,step,train_loss,val_loss\n0,9,0.5,\n0,9,,0.4\n",
         {"train_loss": 0.5, "val_loss": 0.4}),
        ("runs/detect/train/results.csv",
         "      epoch,      train/box_loss,   metrics/mAP50(B)\n   1,   1.5,   0.25\n   2,   1.25,   0.5\n",
         {"train/box_loss": 1.25, "metrics/mAP50(B)": 0.5}),
        ("history.json", '{"loss": [0.9, 0.5], "val_loss": [1.0, 0.6]}', {"loss": 0.5, "val_loss": 0.6}),
        ("evals_result.json", '{"eval": {"rmse": [0.9, 0.5]}}', {"eval.rmse": 0.5}),
        ("out/log.txt", '{"train_loss": 0.5, "coco": [1, 2], "epoch": 0, "n_parameters": 9}\n',
         {"train_loss": 0.5}),
        ("out/log.txt", "epoch 1\n", {}),
        ("out/eval_config.json", '{"acc": 1}', {}),
        ("metrics_params.yaml", "acc: 1", {}),
        ("data/train.csv", "epoch,x\n1,2\n", {}),
        ("src/results.json", '{"acc": 1}', {}),
        ("checkpoint-5/metrics.json", '{"acc": 1}', {}),
    ],
)  # fmt: skip
def test_files_of_well_known_tools(place, name: str, text: str, metrics: dict) -> None:
    place.write(name, text)

    assert values(place()) == metrics


def test_files_of_one_name_are_told_apart_by_their_folders(place) -> None:
    for split, acc in (("train", 0.9), ("test", 0.8)):
        place.write(f"out/{split}/metrics.json", json.dumps({"acc": acc, "classes_seen": 10}))

    assert values(place()) == {"train.acc": 0.9, "test.acc": 0.8, "classes_seen": 10}


def test_a_curve_gives_way_to_what_was_said_in_the_end(place) -> None:
    place.write("out/metrics.json", '{"accuracy": 0.75}')
    place.write("out/history.json", '{"accuracy": [0.25, 0.5], "loss": [2, 1]}')
    place.write("out/training.log", "epoch,accuracy,loss\n0,0.25,2\n1,0.5,1\n")

    done = place()

    assert values(done) == {"accuracy": 0.75, "out.history.accuracy": 0.5, "loss": 1}
    assert done.metrics["loss"].points == 2


def test_a_name_that_two_files_fill_differently_is_nobodys(place) -> None:
    place.write("out/train/metrics.json", '{"acc": 0.9}')
    place.write("out/test/metrics.json", '{"acc": 0.8}')
    place.write("out/history.csv", "epoch,acc\n0,0.1\n1,0.9\n")

    assert values(place()) == {"train.acc": 0.9, "test.acc": 0.8}


def test_results_are_usual_beneath_a_folder_that_is_the_runs(place) -> None:
    place.write("a/b/results.json", '{"acc": 0.5}')

    assert values(place()) == {}
    assert values(place("a/b")) == {"acc": 0.5}


def test_a_table_as_large_as_is_read_costs_seconds(place) -> None:
    row = ",".join(f"0.{n}{n}{n}" for n in range(1, 10))
    rows = "".join(f"{n},{row}\n" for n in range(40_000))
    place.write("metrics.csv", f"step,{','.join('abcdefghi')}\n{rows}")
    before = time.process_time()

    assert place().metrics["a"].points == 40_000
    assert time.process_time() - before < 60


def test_events_are_not_read_for_ever(place, monkeypatch) -> None:
    monkeypatch.setattr(tensorboard, "_MOST_SECONDS", -1.0)
    copy_events("tbx", place.root / "logs")

    assert place().metrics["loss"].points == 5  # the end of a file is read, and this one is no longer

    monkeypatch.setattr(tensorboard, "_SECONDS_FOR_ENDS", 0.0)
    done = place()

    assert done.metrics == {}
    assert done.notes == (
        "events in logs: there was no time to read all of them; the middle is left out",
        "events in logs: left out, as their last values were not read: loss",
    )


def test_points_of_events_are_bounded_for_a_run(place, monkeypatch) -> None:
    monkeypatch.setattr(tensorboard.tfevents, "MOST_POINTS", 7)
    monkeypatch.setattr(tensorboard.tfevents, "_RESERVE", 0)
    copy_events("tbx", place.root / "a")
    copy_events("tbx", place.root / "b")

    done = place()

    assert {name: metric.points for name, metric in done.metrics.items()} == {"loss": 5}
    assert done.notes == (
        "events in b: more than 7 points; the middle is left out",
        "events in b: left out, as their last values were not read: loss",
    )


def test_a_file_of_metrics_that_is_too_large_to_be_read_unasked_is_said(place, monkeypatch) -> None:
    monkeypatch.setattr(written, "_MOST_BYTES", 20)
    place.write("metrics.csv", "step,loss\n" + "1,0.5\n" * 9)
    place.write("train.csv", "step,loss\n" + "1,0.5\n" * 9)  # perhaps data

    done = place()

    assert done.metrics == {}
    assert done.notes == ("metrics file metrics.csv: is larger than 0 MiB; see --metrics",)

    done = place(files=("metrics.csv",))

    assert (done.metrics["loss"].points, done.notes) == (9, ())


def test_of_several_trainings_in_one_folder_of_events_the_last_one_counts(place) -> None:
    (place.root / "logs").mkdir()
    (file,) = (EVENTS / "tbx").iterdir()
    for number in (1, 2, 10):
        shutil.copyfile(file, place.root / "logs" / f"{file.name}.{number}")

    done = place()

    assert done.metrics["loss"].points == 5
    assert [note.partition(": several")[0] for note in done.notes] == [
        "events in logs: loss began again 2 times"
    ]


def test_of_several_trainings_in_one_table_the_last_one_counts(place) -> None:
    place.write("history.csv", "epoch,loss\n0,4\n1,3\n2,2\n0,0.5\n1,0.25\n")

    done = place()

    assert (done.metrics["loss"].value, done.metrics["loss"].step, done.metrics["loss"].points) == (
        0.25,
        1,
        2,
    )
    assert [note.partition(": several")[0] for note in done.notes] == [
        "metrics file history.csv: loss began again once"
    ]

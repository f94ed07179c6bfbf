"""A run is followed by what its processes append, whatever they append."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.capture.following import Follower
from expctl.core import events


def metric(name: str, value: float, step: int) -> bytes:
    return events.encode_metric(events.metric_head(name), value, step, 0.0)


def append(path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_each_look_reads_what_is_new_and_waits_for_whole_lines(tmp_path) -> None:
    follower, file = Follower(tmp_path), tmp_path / "events-1-1.jsonl"
    line = metric("loss", 0.5, 1)
    append(file, metric("loss", 1.0, 0) + line[:9])

    assert follower.update()
    assert follower.metrics["loss"].count == 1
    assert not follower.update()
    append(file, line[9:])
    append(tmp_path / "events-2-1.jsonl", metric("acc", 0.9, 1))
    assert follower.update()
    assert {name: (one.value, one.step, one.count) for name, one in follower.metrics.items()} == {
        "loss": (0.5, 1, 2),
        "acc": (0.9, 1, 1),
    }


def test_a_run_that_logged_a_lot_before_is_followed_from_its_last_values(tmp_path) -> None:
    append(tmp_path / "events-1-1.jsonl", b"".join(metric("loss", n, n) for n in range(3000)))
    follower = Follower(tmp_path, far_back=1000)

    follower.update()

    assert follower.metrics["loss"].step == 2999
    assert follower.metrics["loss"].count < 30


def test_a_line_without_end_does_not_hold_it_up(tmp_path) -> None:
    file = tmp_path / "events-1-1.jsonl"
    append(file, b"x" * (5 << 20))
    follower = Follower(tmp_path)
    for _ in range(30):
        follower.update()
    append(file, b"\n" + metric("loss", 1.0, 1))
    for _ in range(3):
        follower.update()

    assert follower.metrics["loss"].value == 1.0


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_may_lie_in_the_folder(tmp_path_factory, data) -> None:
    folder = tmp_path_factory.mktemp("live")
    append(folder / "events-1-1.jsonl", data)
    append(folder / "output.log", data)
    follower = Follower(folder)

    follower.update()
    assert len(follower.tail(3)) <= 3


def test_the_end_of_the_output_stands_as_on_a_screen(tmp_path) -> None:
    log = tmp_path / "output.log"
    append(log, b"one\n\x1b[31mred\x1b[0m\r\n 5%|#\r 9%|##")

    assert Follower(tmp_path).tail(5) == ["one", "red", " 9%|##"]
    assert Follower(tmp_path).tail(1) == [" 9%|##"]
    append(log, b"\n" + b"long\n" * 20_000 + b"last\n")
    assert Follower(tmp_path).tail(2) == ["long", "last"]


def test_metrics_come_from_the_output_too_unless_they_are_logged(tmp_path) -> None:
    follower = Follower(tmp_path, params={"lr": 0.1})
    append(tmp_path / "output.log", b"epoch 1/3: train_loss=0.5 val_acc=0.8\n")
    follower.update()
    append(tmp_path / "output.log", b"epoch 2/3: train_loss=0.25 val_acc=0.9\n")
    append(tmp_path / "events-1-1.jsonl", metric("val_acc", 0.91, 7))
    follower.update()

    seen = {name: (one.value, one.step, one.count) for name, one in follower.metrics.items()}
    assert seen == {"train_loss": (0.25, 2, 2), "val_acc": (0.91, 7, 1)}


def test_a_log_that_is_followed_late_is_read_from_a_whole_line(tmp_path) -> None:
    append(
        tmp_path / "output.log", b"".join(b"epoch %d/9999: loss=0.%d\n" % (n, n) for n in range(1000, 3000))
    )
    follower = Follower(tmp_path, far_back=1010)
    follower.update()

    assert follower.metrics["loss"].step == 2999
    assert follower.metrics["loss"].low > 0.2


def test_a_folder_that_is_gone_shows_nothing(tmp_path) -> None:
    follower = Follower(tmp_path / "gone")

    assert not follower.update()
    assert follower.tail(3) == []

"""TensorBoard's event files: held to what TensorBoard itself reads in files that real tools wrote.

``events/`` holds files by torch.utils.tensorboard (old and new scalars, histogram, image, text, hparams, a
purged restart), tensorboardX and Lightning; ``events/tensorboard.json`` what TensorBoard's
``EventAccumulator`` gave.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import protobuf, tfevents

FOLDER = Path(__file__).parent.parent / "capture" / "metrics" / "events"
TRUTH = json.loads((FOLDER / "tensorboard.json").read_text())


def read(folder: Path) -> tfevents.Events:
    events = tfevents.Events()
    for file in sorted(folder.glob("events*")):
        with file.open("rb") as opened:
            events.feed(opened)
    return events


def single(value: float) -> bytes:
    return struct.pack("<f", value)


def record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return b"".join(
        (
            head,
            struct.pack("<I", protobuf.masked_crc(head)),
            data,
            struct.pack("<I", protobuf.masked_crc(data)),
        )
    )


def message(*parts: tuple[int, bytes | float]) -> bytes:
    """A message of fields with a length (bytes), varints (int) and singles (float)."""
    out = b""
    for number, value in parts:
        if isinstance(value, bytes):
            out += varint(number << 3 | 2) + varint(len(value)) + value
        elif isinstance(value, float):
            out += varint(number << 3 | 5) + single(value)
        else:
            out += varint(number << 3) + varint(value & (2**64 - 1))
    return out


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def scalar_event(tag: str, step: int, value: float) -> bytes:
    return record(message((2, step), (5, message((1, message((1, tag.encode()), (2, value)))))))


@pytest.mark.parametrize("folder", sorted(TRUTH))
def test_all_scalars_are_those_of_tensorboard(folder: str) -> None:
    events = read(FOLDER / folder)

    assert events.faults == []
    assert sorted(events.points) == sorted(TRUTH[folder])
    for tag, truth in TRUTH[folder].items():
        points = events.points[tag]
        assert points.steps == truth["steps"]
        assert points.times == truth["times"]
        assert list(map(single, points.values)) == [single(float(value)) for value in truth["values"]]


def test_a_number_is_the_shortest_that_is_the_same_single() -> None:
    assert read(FOLDER / "torch").points["train/loss"].values[9:] == [0.1, 0.09090909, 0.083333336]


def test_hyperparameters_of_the_plugin_are_read() -> None:
    folder = next(folder for folder in TRUTH if folder.startswith("torch/1"))

    assert read(FOLDER / folder).hparams == {"lr": 0.1, "layers": 3, "opt": "adam", "amp": True}


def test_a_file_that_ends_anywhere_gives_what_stands_before() -> None:
    data = next((FOLDER / "tbx").iterdir()).read_bytes()
    seen = 0
    for end in range(len(data)):
        events = tfevents.Events()
        events.feed(io.BytesIO(data[:end]))
        count = len(events.points["loss"].values) if events.points else 0
        assert seen <= count <= 5
        assert events.faults == []
        seen = count
    assert seen == 5


def test_a_false_checksum_costs_its_record_and_a_false_length_the_rest() -> None:
    first, second, third = (scalar_event("x", n, 1.0) for n in range(3))
    events = tfevents.Events()

    events.feed(io.BytesIO(first + second[:-5] + b"\0" + second[-4:] + third + b"\1" * 12 + first))

    assert events.points["x"].steps == [0, 2]
    assert events.faults == [
        "a record of false length; what follows it is not read",
        "records with a false checksum: 1",
    ]


def test_a_writer_that_begins_where_the_first_one_did_is_of_another_training() -> None:
    version = record(message((3, b"brain.Event:2")))
    folds = [[(step, fold + step / 8) for step in range(steps)] for fold, steps in ((1, 5), (2, 4), (3, 3))]
    events = tfevents.Events()
    for fold in folds:
        events.feed(io.BytesIO(version + b"".join(scalar_event("loss", *point) for point in fold)))

    assert events.points["loss"].steps == [0, 1, 2]
    assert events.points["loss"].values == [3.0, 3.125, 3.25]
    assert events.begun_again == {"loss": 2}


@pytest.mark.parametrize(
    "steps",
    [
        [[0, 1, 2, 3], [2, 3, 4]],  # resumed
        [[0, 1, 2], [3, 4]],
        [[0], [0], [0]],
        [[0, 1, 2, 0, 1, 2]],  # by one writer: batches in each epoch
    ],
)
def test_other_writers_go_on_with_one_training(steps: list[list[int]]) -> None:
    version = record(message((3, b"brain.Event:2")))
    events = tfevents.Events()
    for of_writer in steps:
        events.feed(io.BytesIO(version + b"".join(scalar_event("loss", step, 0.5) for step in of_writer)))

    assert events.points["loss"].steps == list(itertools.chain.from_iterable(steps))
    assert events.begun_again == {}


@pytest.fixture
def long() -> io.BytesIO:
    """Of two tags, one of which ends early."""
    events = [scalar_event("loss" if n % 10 else "early", n, n / 8) for n in range(100)]
    return io.BytesIO(b"".join(events + [scalar_event("loss", n, n / 8) for n in range(100, 200)]))


def test_of_a_file_that_is_too_long_the_last_value_of_a_tag_counts_or_none(long, monkeypatch) -> None:
    monkeypatch.setattr(tfevents, "_TURN", 50)
    monkeypatch.setattr(tfevents, "_TAIL", 1000)
    events = tfevents.Events()

    events.feed(long, go_on=iter([True, False]).__next__)

    steps = events.points["loss"].steps
    assert steps[:45] == [n for n in range(51) if n % 10][:45]
    assert steps[46:] == list(range(200 - len(steps[46:]), 200))
    assert 60 < len(steps) < 90
    assert list(events.points) == ["loss"]
    assert events.faults == [
        "there was no time to read all of them; the middle is left out",
        "left out, as their last values were not read: early",
    ]


def test_tags_are_none_where_there_is_no_time_for_the_end_of_a_file(long, monkeypatch) -> None:
    monkeypatch.setattr(tfevents, "_TAIL", 1000)
    events = tfevents.Events()

    events.feed(long, go_on=lambda: False, finish=lambda: False)

    assert events.points == {}
    assert events.faults[-1] == "left out, as their last values were not read: early, loss"


def test_too_many_points_cost_those_in_the_middle(long, monkeypatch) -> None:
    monkeypatch.setattr(tfevents, "_TAIL", 1000)
    monkeypatch.setattr(tfevents, "MOST_POINTS", 20)
    events = tfevents.Events(20)

    events.feed(long)

    assert events.points["loss"].steps[-1] == 199
    assert events.faults[0] == "more than 20 points; the middle is left out"


def test_large_records_are_stepped_over() -> None:
    events = tfevents.Events()

    events.feed(io.BytesIO(record(b"\xff" * 100_000) + scalar_event("x", -3, math.inf)))

    assert (events.points["x"].steps, events.points["x"].values) == ([-3], [math.inf])


@pytest.mark.parametrize(
    ("dtype", "part", "value"),
    [
        (1, message((5, struct.pack("<f", 0.1))), 0.1),
        (2, message((6, struct.pack("<d", 0.1))), 0.1),
        (1, message((4, struct.pack("<f", 0.1))), 0.1),
        (2, message((4, struct.pack("<d", 1e300))), 1e300),
        (3, message((7, varint(2**64 - 7))), -7.0),
        (9, message((10, 5)), 5.0),
        (19, message((13, varint(0x3800))), 0.5),
        (14, message((4, b"\x00\x3f")), 0.5),
        (10, message((11, b"\x01")), 1.0),
        (1, message((5, struct.pack("<ff", 1, 2))), None),
        (7, message((8, b"text")), None),
    ],
)
def test_tensors_of_one_number_are_scalars(dtype: int, part: bytes, value: float | None) -> None:
    assert tfevents.scalar_of(message((1, dtype)) + part) == value


@given(st.lists(st.binary(max_size=300), max_size=5), st.binary(max_size=20))
@settings(deadline=None, max_examples=100)
def test_framing_gives_back_what_was_framed(framed: list[bytes], tail: bytes) -> None:
    torn = record(tail)[:-1]

    assert list(protobuf.records(io.BytesIO(b"".join(map(record, framed)) + torn), [], largest=200)) == [
        data for data in framed if len(data) <= 200
    ]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=12), st.integers(1, 900))
def test_the_last_records_are_found_from_anywhere(framed: list[bytes], size: int) -> None:
    file = io.BytesIO(b"".join(map(record, framed)))
    is_skipped = protobuf.seek_last_records(file, size, largest=100)
    found = list(protobuf.records(file, [], largest=100))

    fitting = next(n for n in range(len(framed) + 1) if sum(len(each) + 16 for each in framed[n:]) <= size)
    assert found == framed[fitting:]
    assert is_skipped == (sum(len(each) + 16 for each in framed) > size)


@given(st.floats(width=32, allow_nan=False))
@settings(deadline=None, max_examples=200)
def test_the_shortest_number_is_the_same_single(value: float) -> None:
    assert single(tfevents.shortest(single(value))) == single(value)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=200)
def test_no_bytes_break_the_reading(data: bytes) -> None:
    events = tfevents.Events()
    events.feed(io.BytesIO(data))
    events.feed(io.BytesIO(record(data)))
    events.feed(io.BytesIO(record(message((5, message((1, message((1, b"t"), (8, data), (9, data)))))))))

    assert all(points.values for points in events.points.values())

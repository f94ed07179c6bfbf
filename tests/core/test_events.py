"""Events are read back as they were written, whatever is torn or strange between them."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import events

HEAD = events.metric_head("loss")
NUMBERS = st.one_of(st.floats(), st.integers(-(2**80), 2**80).map(float))
PARAMS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(data: bytes) -> list[events.Event]:
    return list(events.read_events(data))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.text(), NUMBERS, st.none() | st.integers(0, 2**60)), max_size=20))
def test_metrics_come_back_as_they_were_logged(points):
    data = b"".join(events.encode_metric(events.metric_head(n), v, s, 1.5) for n, v, s in points)

    assert repr(read(data)) == repr([("metric", n, v, s, 1.5) for n, v, s in points])


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.text(), PARAMS, max_size=5))
def test_params_come_back_as_they_were_logged(params):
    assert read(events.encode_params(params)) == [("params", params)]


@settings(deadline=None, max_examples=100)
@given(st.text(), st.text())
def test_tags_artifacts_and_seeds_come_back(key, value):
    data = (
        events.encode_tag(key, value)
        + events.encode_artifact("/" + key, value)
        + events.encode_seed(key, 42)
        + events.encode_seed(key, None)
    )

    assert read(data) == [
        ("tag", key, value),
        ("artifact", "/" + key, value),
        ("seed", key, 42),
        ("seed", key, None),
    ]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(0, 200))
def test_no_bytes_in_between_harm_the_events_around_them(garbage, cut):
    good = events.encode_metric(HEAD, 0.5, 3, 1.5)
    data = b"".join(each.replace(b"\n", b"") + b"\n" + good for each in garbage)

    found = read(data + good[:cut] if cut < len(good) else data)

    assert [event for event in found if event == ("metric", "loss", 0.5, 3, 1.5)] == found[: len(garbage)]
    assert len(found) >= len(garbage)


@pytest.mark.parametrize("tail", [b"", b"\0" * 5000, b'{"e":"metric","k":"lo', b'{"e":"met\0\0\0'])
def test_a_torn_tail_is_skipped(tail):
    good = events.encode_metric(HEAD, 0.5, None, 1.5)

    assert read(good + good + tail) == [("metric", "loss", 0.5, None, 1.5)] * 2


def test_nuls_that_a_crash_left_in_the_middle_cost_no_line():
    good = events.encode_metric(HEAD, 0.5, None, 1.5)

    assert len(read(good + b"\0" * 4096 + good)) == 2


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"7",
        b'{"e":"metric","k":"a","v":true,"s":null,"t":1}',
        b'{"e":"metric","k":"a","v":"0.5","s":null,"t":1}',
        b'{"e":"metric","k":"a","v":[],"s":null,"t":1}',
        b'{"e":"metric","k":7,"v":1,"s":null,"t":1}',
        b'{"e":"metric","k":"a","v":1,"s":1.5,"t":1}',
        b'{"e":"metric","k":"a","v":1,"s":null,"t":null}',
        b'{"e":"metric","k":"a","v":1' + b"0" * 400 + b',"s":null,"t":1}',
        b'{"e":"params","v":[1]}',
        b'{"e":"tag","k":"a","v":1}',
        b'{"e":"artifact","p":null,"kind":""}',
        b'{"e":"seed","k":"a","v":"1"}',
        b'{"e":"seed","k":"a","v":true}',
        b'{"e":"evil"}',
        b'{"e":["metric"]}',
        b"[" * 100_000,
        b'{"e":"tag","k":"a","v":"b"},{"e":"tag","k":"c","v":"d"}',
        b"\xff\xfe",
        b"9" * 5000,
    ],
)
def test_what_is_no_event_is_skipped(line):
    good = events.encode_tag("k", "v")

    assert read(good + line + b"\n" + good) == [("tag", "k", "v")] * 2


def test_a_long_file_is_read_whole():
    data = b"".join(events.encode_metric(HEAD, i / 7, i, 1.5) for i in range(2000))

    assert [event[3] for event in events.read_events(data)] == list(range(2000))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.array([[0.25]]), 0.25),
        (Decimal("0.1"), 0.1),
        (10**400, math.inf),
        (-(10**400), -math.inf),
    ],
)
def test_numbers_of_every_kind_become_plain(value, number):
    found = events.number(value)

    assert (found, type(found)) == (number, float)


@pytest.mark.parametrize("value", ["0.5", b"1", None, 1j, [1.0], np.array([1.0, 2.0]), {}])
def test_what_is_not_one_number_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        events.number(value)


@dataclass
class Settings:
    lr: float
    layers: tuple[int, ...]


class Weights:
    """As torch has it: more values than anybody wants, and a method for their number."""

    def numel(self) -> int:
        return 100_000_000

    def tolist(self) -> list[float]:
        raise AssertionError("unpacked")

    def __str__(self) -> str:
        return "weights"


def test_parameters_of_every_kind_become_plain():
    found = events.plain(
        {
            "a": np.float32(0.5),
            "b": np.arange(3),
            "c": Settings(0.1, (1, 2)),
            "d": argparse.Namespace(x=1),
            "e": {"z", "y"},
            "f": Weights(),
            "g": int,
            7: None,
            "h": 2**70,
            "i": np.bool_(True),
            "j": b"raw",
        }
    )

    assert found == {
        "a": 0.5,
        "b": [0, 1, 2],
        "c": {"lr": 0.1, "layers": [1, 2]},
        "d": {"x": 1},
        "e": ["y", "z"],
        "f": "weights",
        "g": "<class 'int'>",
        "7": None,
        "h": str(2**70),
        "i": True,
        "j": "b'raw'",
    }


def test_endless_and_huge_parameters_end():
    endless: list[object] = []
    endless.extend([endless, endless])

    line = events.encode_params({"a": endless, "b": "x" * 10**6, "c": list(range(10**6))})

    assert len(line) < 2_000_000
    assert read(line)


def test_parameters_without_names_are_refused():
    with pytest.raises(TypeError, match="list"):
        events.encode_params([1, 2])

"""A long log is read while it grows, by a process of its own, as it would be read at the end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.capture.metrics import gather, longlog, output
from expctl.core.output import collect, columns
from expctl.core.output.reader import Reader, Reading
from expctl.core.series import Points

LOGS = sorted((Path(__file__).parents[2] / "corpus" / "output").glob("*.log"))


def as_lists(found: dict[str, Points]) -> dict[str, tuple[list[int | None], list[str]]]:
    return {name: (points.steps, [str(value) for value in points.values]) for name, points in found.items()}


def at_end(data: bytes) -> list[Reading]:
    reader = Reader()
    return [*reader.feed(data), *reader.finish()]


def test_columns_give_what_lists_of_readings_give() -> None:
    for log in LOGS:
        found = at_end(log.read_bytes())
        gathered = columns.Columns()
        for each in found:
            gathered.add(each)
        whole = {name: collect.points_of(of) for name, of in collect.kept(found).items()}

        assert as_lists(dict(gathered.points())) == as_lists(whole), log.stem


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(
        st.text(min_size=1),
        st.lists(st.tuples(st.floats(), st.none() | st.integers(-(2**62), 2**62))),
        max_size=4,
    ),
    st.lists(st.text(), max_size=3),
)
def test_points_come_back_from_another_process(
    found: dict[str, list[tuple[float, int | None]]], notes: list[str]
) -> None:
    metrics = {}
    for name, pairs in found.items():
        metrics[name] = Points()
        for value, step in pairs:
            metrics[name].add(value, step=step)

    back, said = columns.decode(b"".join(columns.encode(iter(metrics.items()), notes)))

    assert (as_lists(back), said) == (as_lists(metrics), notes)


def test_an_answer_that_is_cut_short_is_none() -> None:
    points = Points()
    points.add(0.5)
    data = b"".join(columns.encode(iter({"loss": points}.items()), []))

    for length in range(len(data)):
        with pytest.raises(ValueError):  # noqa: PT011 of any kind
            columns.decode(data[:length])


def test_a_log_that_grows_is_read_to_its_end(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    lines = [f"step {n}: loss={1 / n}\n" for n in range(1, 2001)]
    log.write_text("".join(lines[:1000]) + lines[1000][:9])
    follower = longlog.Follower(log, asked=True, params={"lr": 0.1})
    with log.open("a") as file:
        file.write(lines[1000][9:] + "".join(lines[1001:]) + "lr: 0.5 acc: 0.75")
    answer = follower.finish()

    assert answer is not None
    found, notes = answer
    assert notes == []
    assert found["loss"].steps == list(range(1, 2001))
    assert found["loss"].values[-1] == 1 / 2000
    assert found["acc"].values == [0.75]
    assert set(found) == {"loss", "acc"}


def test_a_reader_that_fails_leaves_the_log_to_be_read_at_the_end(tmp_path: Path) -> None:
    follower = longlog.Follower(tmp_path / "nowhere", asked=True, params={})

    assert follower.finish() is None


def test_who_reads_on_misses_nothing_of_what_was_read_before(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_text("".join(f"step {n}: loss={1 / n} acc={n}e-3\n" for n in range(1, 100)))
    with log.open("rb") as file:
        following = output.Following(file, Reader(), [], lambda _: True)
        following.read(until=iter([False, False, False, True]).__next__)
        following.read()

    assert as_lists(dict(following.found.points())) == as_lists(output.read(log, notes=[]))


def test_of_several_trainings_the_last_one_counts_beside_the_command_too(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_text("".join(f"[{n}]\ttrain-rmse:{fit - n / 10}\n" for fit in (3, 2, 1) for n in range(5)))
    answer = longlog.Follower(log, asked=True, params={}).finish()

    assert answer is not None
    assert as_lists(answer[0]) == as_lists(output.read(log, notes=[]))
    assert answer[0]["train-rmse"].values == [1 - n / 10 for n in range(5)]
    assert "began again 2 times" in answer[1][0]


#: A process of its own, for elsewhere than on Linux all of it becomes low.
LEISURE = """
import os, sys, threading
from expctl.capture.metrics import longlog, output
from expctl.core.output.reader import Reader

def has_ended(_):
    print(os.nice(0))
    return True

print(os.nice(0))
with open("output.log", "rb") as file:
    following = output.Following(file, Reader(), [], has_ended)
    thread = threading.Thread(target=longlog.read_at_leisure, args=(following, threading.Event()))
    thread.start()
    thread.join()
print(os.nice(0))
"""


def test_only_the_thread_that_reads_beside_the_command_has_the_lowest_priority(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("loss: 0.5\n")
    code = [sys.executable, "-c", LEISURE]
    done = subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, check=True)
    before, beside, after = map(int, done.stdout.split())

    assert beside == 19
    assert after == (before if sys.platform == "linux" else 19)


def test_names_without_end_are_data_beside_the_command_too(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_text("".join(f"loss_{n}: 0.5\n" for n in range(1000)))
    answer = longlog.Follower(log, asked=True, params={}).finish()

    assert answer is not None
    assert answer[0] == {}
    assert "taken as data" in answer[1][0]


def test_what_was_read_beside_the_command_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("loss: 0.5\nacc: 0.25\n")
    found, notes = output.read(tmp_path / "output.log", notes=[]), ["a note"]
    found["loss"].values[0] = 0.125
    place = gather.Place(tmp_path, tmp_path, None, (), ())  # type: ignore[arg-type]
    asked = gather.Asked(printed=(found, notes), params={"acc": 1})

    measured = gather.gather(tmp_path, place, [], asked)

    assert {name: each.value for name, each in measured.metrics.items()} == {"loss": 0.125, "acc": 0.25}
    assert measured.notes == ("a note",)

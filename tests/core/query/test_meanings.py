"""Times, versions and MLflow's datasets mean what people mean by them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import query, row
from expctl.errors import QueryError

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


@pytest.fixture
def seoul(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def began(text: str, moment: str) -> bool:
    at = row.instant(datetime.fromisoformat(moment).astimezone(UTC))
    return query.parse(text).bind(["started_at"], now=NOW).matches({"started_at": at})


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("started_at >= '2026-11-22'", "2026-11-21T23:59:59+09:00", "2026-11-22T00:00:00+09:00"),
        ("started_at > '2026-11-22'", "2026-11-22T23:59:59.9+09:00", "2026-11-23T00:00:00+09:00"),
        ("NOT started_at <= '2026-11-22'", "2026-11-22T23:59:59.9+09:00", "2026-11-23T00:00:00+09:00"),
        ("started_at >= '2026-11-22 14:05'", "2026-11-22T14:04:59+09:00", "2026-11-22T14:05:00+09:00"),
        ("started_at > '2026-11-22T14:05:07'", "2026-11-22T14:05:07.5+09:00", "2026-11-22T14:05:08+09:00"),
        (
            "started_at > '2026-11-22T14:05:07.5Z'",
            "2026-11-22T14:05:07.5+00:00",
            "2026-11-22T14:05:07.6+00:00",
        ),
        ("started_at > '2 days ago'", "2026-11-21T12:30:00+00:00", "2026-11-21T12:30:01+00:00"),
        ("started_at > '1.5h ago'", "2026-11-23T11:00:00+00:00", "2026-11-23T11:00:01+00:00"),
        ("started_at > 'an hour ago'", "2026-11-23T11:30:00+00:00", "2026-11-23T11:30:01+00:00"),
        ("started_at >= 'today'", "2026-11-22T23:59:59+09:00", "2026-11-23T00:00:00+09:00"),
        ("started_at >= 'Yesterday'", "2026-11-21T23:59:59+09:00", "2026-11-22T00:00:00+09:00"),
        (
            "started_at = '2026-12' or started_at = '2027'",
            "2026-11-30T23:00:00+09:00",
            "2027-12-31T23:00:00+09:00",
        ),
        ("created > 1795350600000", "2026-11-22T12:30:00+00:00", "2026-11-22T12:30:00.001+00:00"),
        (
            "started_at NOT IN ('2026-11-22', '2026-11-24')",
            "2026-11-22T20:00:00+09:00",
            "2026-11-23T01:00:00+09:00",
        ),
    ],
)
@pytest.mark.usefixtures("seoul")
def test_a_time_parts_what_came_before_from_what_came_after(text: str, before: str, after: str) -> None:
    assert not began(text, before)
    assert began(text, after)


@pytest.mark.parametrize(
    "value", ["'soon'", "'2026-13-40'", "'3 moons ago'", "true", "''", "'99999999 years ago'", "1e300"]
)
def test_what_is_no_time_is_refused_with_how_to_write_one(value: str) -> None:
    with pytest.raises(QueryError, match="no time") as caught:
        query.parse(f"started_at > {value}").bind([], now=NOW)

    assert "2 days ago" in (caught.value.hint or "")


def test_without_a_clock_nothing_counts_from_now() -> None:
    with pytest.raises(QueryError):
        query.parse("started_at > '2 days ago'").bind([])


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(0, 3))  # noqa: DTZ001
@settings(deadline=None, max_examples=100)
def test_one_of_before_within_and_after_holds(at, days: int) -> None:
    moment = (at + timedelta(days=days)).isoformat()
    day = at.date().isoformat()
    answers = [began(f"started_at {op} '{day}'", moment) for op in ("<", "=", ">")]

    assert sum(answers) == 1
    assert began(f"started_at <= '{day}'", moment) == (answers[0] or answers[1])
    assert began(f"started_at >= '{day}'", moment) == (answers[1] or answers[2])
    assert began(f"started_at != '{day}'", moment) != answers[1]


@pytest.mark.parametrize(
    "text",
    [
        "environment.python > '3.9'",
        "environment.python >= 3.10",
        "environment.python < '3.11.10'",
        "packages.numpy < '2.0'",
        "packages.numpy >= '2.0rc1'",
        "packages.NumPy = '2.0rc1'",
        "packages.scikit_learn = '1.10.0' and packages.scikit_learn > '1.9'",
        "packages.torch > '2.4' and packages.torch >= '2.4.0'",
        "packages.absent is null",
        "not packages.numpy in ('1.0', '2.0')",
    ],
)
def test_versions_compare_number_by_number(text: str) -> None:
    cells = {
        "environment.python": "3.11.7",
        "packages.numpy": "2.0rc1",
        "packages.scikit-learn": "1.10.0",
        "packages.torch": "2.4.0+cpu",
    }

    assert query.parse(text).bind(cells).matches(cells)


@pytest.mark.parametrize("text", ["environment.python > 'three'", "packages.absent > '0'"])
def test_what_is_no_version_has_no_order(text: str) -> None:
    assert not query.parse(text).bind([]).matches({"environment.python": "3.11"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dataset.name = 'train'", {0, 2}),
        ("dataset.name != 'train'", {1, 2}),
        ("NOT dataset.name IN ('train')", {1, 2}),
        ("datasets.name LIKE 'data/%'", {1}),
        ("dataset.digest = 'd1'", {0}),
        ("dataset.digest = 'm1'", {1}),
        ("dataset.context = 'x'", set()),
    ],
)
def test_a_dataset_is_any_of_the_inputs(text: str, found: set[int]) -> None:
    rows = [
        {"data.`s3://x`.name": "train", "data.`s3://x`.digest": "d1"},
        {"data.`data/t.csv`.md5": "m1"},
        {"data.`s3://x`.name": "train", "data.`s3://y`.name": "test"},
        {"metrics.f1": 1.0},
    ]
    bound = query.parse(text).bind({name for one in rows for name in one})

    assert {n for n, one in enumerate(rows) if bound.matches(one)} == found

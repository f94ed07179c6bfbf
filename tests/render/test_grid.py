"""Tables fitted to a width."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.text import clean, width
from expctl.render import grid
from expctl.render.style import Page, Span

HEADS = st.text(st.sampled_from("abcdefgh_.모"), min_size=1, max_size=24)
TEXTS = st.text(max_size=30).map(clean)


def column(head: str, cells: list[str], **more: object) -> grid.Column:
    return grid.Column(head=head, cells=[(Span(cell),) for cell in cells], **more)  # type: ignore[arg-type]


def text_of(drawn: grid.Drawn) -> str:
    return "\n".join(Page(drawn.lines).lines(color=False))


@given(
    st.lists(st.tuples(HEADS, st.lists(TEXTS, min_size=3, max_size=3)), min_size=1, max_size=12),
    st.integers(40, 200),
)
@settings(deadline=None, max_examples=100)
def test_no_line_is_wider_than_asked_for(columns: list[tuple[str, list[str]]], wide: int) -> None:
    drawn = grid.draw([column(head, cells, rank=at) for at, (head, cells) in enumerate(columns)], wide)

    assert all(width(line) <= wide for line in text_of(drawn).split("\n"))


@given(st.lists(st.tuples(HEADS, st.lists(TEXTS, min_size=2, max_size=2)), min_size=1, max_size=12))
@settings(deadline=None, max_examples=50)
def test_nothing_is_cut_or_hidden_where_there_is_room(columns: list[tuple[str, list[str]]]) -> None:
    drawn = grid.draw([column(head, cells) for head, cells in columns], 100_000)

    assert not drawn.hidden
    shown = text_of(drawn)
    assert all(cell.rstrip() in shown for _, cells in columns for cell in cells)


def test_the_highest_rank_goes_first() -> None:
    columns = [column("run", ["k3f9qa"], keep=True, rank=-1)]
    columns += [column(f"number_{at}", ["12345678"], keep=True, rank=at) for at in range(6)]
    drawn = grid.draw(columns, 40)

    assert [gone.head for gone in drawn.hidden] == ["number_3", "number_4", "number_5"]


def test_long_heads_break_at_their_joints_before_a_column_is_lost() -> None:
    columns = [
        column("inference_time_ms", ["12.5"], right=True, sign="↓"),
        column("very.long.name.of_it", ["1"]),
    ]

    drawn = grid.draw(columns, 30)

    assert text_of(drawn).split("\n") == [
        "inference_  very.long.",
        " time_ms ↓  name.of_it",
        "──────────────────────",
        "      12.5  1",
    ]


def test_a_group_has_its_heading_once_and_a_rule_of_its_own() -> None:
    columns = [
        column("run", ["a"]),
        column("lr", ["0.1"], group="params"),
        column("depth", ["3"], group="params"),
        column("f1", ["0.9"], group="metrics"),
    ]

    assert text_of(grid.draw(columns, 80)).split("\n") == [
        "      params       metrics",
        "run   lr   depth   f1",
        "───   ──────────   ───────",
        "a     0.1  3       0.9",
    ]

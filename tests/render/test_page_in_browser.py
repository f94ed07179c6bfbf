"""The page of a report in Chromium: it draws, answers keys, asks no other host, runs no stranger's word."""

from __future__ import annotations

import csv
import io
import math
import random
import time

import pytest

from expctl.core import pareto
from expctl.render import report
from tests import browser as browsers
from tests.render.test_report import EVIL, sheet

pytestmark = pytest.mark.browser

CHANCE = random.Random(7)
MANY = 400
F1 = [round(CHANCE.random(), 3) if at % 50 else math.nan for at in range(MANY)]
MS = [round(CHANCE.uniform(1, 50), 1) if at % 40 else None for at in range(MANY)]
LR = [10 ** -CHANCE.randint(1, 5) for _ in range(MANY)]
KIND = [CHANCE.choice(["forest", "선형 모델", "transformer"]) for _ in range(MANY)]
COLUMNS = [
    ("name", "name", "", None, [f"run {at}" for at in range(MANY)]),
    ("status", "status", "", None, ["failed" if at % 9 == 0 else "completed" for at in range(MANY)]),
    ("metrics.f1_score", "f1_score", "metrics", "max", F1),
    ("metrics.ms", "ms", "metrics", "min", MS),
    ("params.training.lr", "lr", "params", None, LR),
    ("params.kind", "kind", "params", None, KIND),
    ("params.same", "same", "params", None, [3] * MANY),
]
LINES = {at: {"loss": (list(range(30)), [1 / (n + 1 + at) for n in range(30)], None)} for at in range(5)}
ROWS = "#table .row"
NAMES = "#table .row .name"


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    opened = browsers.Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture
def show(window, tmp_path):
    """Open a page, and hold afterwards that the browser complained of nothing and asked for nothing else."""
    opened = []

    def do(made):
        path = tmp_path / "report.html"
        path.write_text(report.page(made).text, encoding="utf-8")
        window.asked_for()
        window.complaints()
        window.open(path)
        opened.append(path.as_uri())
        return window

    yield do
    assert window.complaints() == []
    assert [
        url for url in window.asked_for() if not url.startswith(("chrome://", "about:", "data:"))
    ] == opened


@pytest.fixture
def page(show):
    return show(sheet(COLUMNS, many=MANY, lines=LINES))


def count_of(window):
    return window.texts("#count")[0]


def type_filter(window, text):
    window.run("const box = document.getElementById('filter'); box.value = ''; box.focus()")
    window.press(*text, on="#filter")


def test_it_opens_with_the_runs_in_order(page):
    assert page.texts(NAMES)[:3] == ["run 0", "run 1", "run 2"]
    assert count_of(page) == "400 runs"
    assert len(page.texts(ROWS)) < 60
    heads = page.texts("#table .head button")
    assert heads[:3] == ["run", "f1_score ↑", "ms ↓"]
    assert "same" not in heads


def test_a_click_on_a_head_sorts_the_better_end_up_then_the_other(page):
    page.click("#table .head div:nth-child(2) button")
    best = max(range(MANY), key=lambda at: -1 if math.isnan(F1[at]) else F1[at])
    assert page.texts(NAMES)[0] == f"run {best}"

    page.click("#table .head div:nth-child(2) button")
    worst = min(range(MANY), key=lambda at: 2 if math.isnan(F1[at]) else F1[at])
    assert page.texts(NAMES)[0] == f"run {worst}"
    page.press(browsers.END, on="#table")
    assert math.isnan(F1[int(page.texts(NAMES)[-1].split()[1])])


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("f1_score > 0.5", lambda at: F1[at] > 0.5),
        ("ms <= 20 and f1_score>=0.9", lambda at: (MS[at] or 99) <= 20 and F1[at] >= 0.9),
        ('kind = "선형 모델"', lambda at: KIND[at] == "선형 모델"),
        ("kind != forest lr < 0.001", lambda at: KIND[at] != "forest" and LR[at] < 0.001),
        ("failed transformer", lambda at: at % 9 == 0 and KIND[at] == "transformer"),
        ("status ~ FAIL", lambda at: at % 9 == 0),
        ("f1_score = nan", lambda at: math.isnan(F1[at])),
    ],
)
def test_the_filter_lets_through_what_it_says(page, typed, passes):
    type_filter(page, typed)
    wanted = sum(bool(passes(at)) for at in range(MANY))

    assert 0 < wanted < MANY
    assert count_of(page) == f"{wanted} of 400 runs"


def test_a_column_that_is_not_there_is_said(page):
    type_filter(page, "nosuch > 3")

    assert "no column nosuch" in count_of(page)


def test_the_keyboard_alone_selects_and_compares_runs(page):
    page.press(" ", browsers.ARROW_DOWN, " ", "4", on="#table")

    assert page.texts("#selected") == ["2 selected"]
    assert page.texts("#panel thead th")[1:] == ["000000 run 0", "000001 run 1"]
    assert "metrics.f1_score" in page.texts("#panel tbody th")
    assert "params.same" not in page.texts("#panel tbody th")
    page.press(browsers.ENTER, on="#table")
    assert page.texts("#dialog h2") == ["000001 run 1"]
    assert "params.same" in page.texts("#dialog th")
    page.press(browsers.ESCAPE)
    page.press("t", on="#table")
    assert page.run("return document.documentElement.dataset.theme") == "dark"


def test_a_range_drawn_on_an_axis_filters(page):
    box = page.run(
        "const at = document.querySelector('#panel canvas').getBoundingClientRect();"
        "return [at.left, at.top, at.width, at.height]"
    )
    names = [text.rstrip("×") for text in page.texts(".axis")]
    assert names == ["lr", "kind", "f1_score", "ms"]
    x = round(box[0] + 76 + names.index("f1_score") * (box[2] - 152) / 3)
    top, bottom = box[1] + 44, box[1] + box[3] - 46
    page.drag((x, round(top - 3)), (x, round((top + bottom) / 2)))
    known = [value for value in F1 if not math.isnan(value)]
    middle = (min(known) + max(known)) / 2
    shown = int(count_of(page).split()[0])

    # A pixel is about two thousandths of this axis.
    assert sum(v >= middle + 0.02 for v in F1) <= shown <= sum(v >= middle - 0.02 for v in F1)
    assert "f1_score" in page.texts("#chips")[0]
    page.click("#chips button")
    assert count_of(page) == "400 runs"


def test_a_range_can_be_typed(page):
    box = 'input[aria-label="from f1_score"]'
    page.press(*"0.75", "\ue004", on=box)

    assert count_of(page) == f"{sum(value >= 0.75 for value in F1)} of 400 runs"
    assert page.texts("#chips") == ["0.75 ≤ f1_score ×"]
    assert page.run("return document.activeElement.getAttribute('aria-label')") == "to f1_score"
    page.press(*"0.8", "\ue004")
    assert count_of(page) == f"{sum(0.75 <= value <= 0.8 for value in F1)} of 400 runs"


def test_of_one_run_alone_the_table_shows_everything(show):
    alone = [(*column[:4], [column[4][1]]) for column in COLUMNS]
    page = show(sheet(alone, many=1, tab="curves", lines={0: LINES[0]}))

    assert page.texts("#table .head button")[:3] == ["run", "f1_score ↑", "ms ↓"]
    assert page.texts("#table .row div[role=gridcell]")[1] == str(F1[1])


def test_columns_are_chosen(page):
    page.press("c", on="#table")
    assert "same (the same in all)" in page.texts("#dialog label")
    page.run(
        "const labels = [...document.querySelectorAll('#dialog label')];"
        "labels.find((one) => one.textContent === 'f1_score').click()"
    )
    page.press(browsers.ESCAPE)

    assert page.texts("#table .head button")[:2] == ["run", "ms ↓"]


def test_a_point_of_the_front_says_who_it_is(page):
    page.press("2", on="#table")
    said = page.run(
        """
        const canvas = document.querySelector("#panel canvas"), box = canvas.getBoundingClientRect();
        const tip = document.getElementById("tip");
        for (let x = box.left + 70; x < box.right; x += 5) for (let y = box.top; y < box.bottom; y += 5) {
          canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
          if (!tip.hidden) return tip.textContent;
        }"""
    )

    assert said.startswith("0")
    assert "\nf1_score 0." in said
    assert "\nms " in said


def test_the_front_is_the_front(page):
    page.press("2", on="#table")
    page.click("#controls button[title^='Select']")
    points = [[-f1, ms] if ms is not None else [math.nan, 0] for f1, ms in zip(F1, MS, strict=True)]

    assert page.texts("#selected") == [f"{sum(pareto.front(points))} selected"]


def test_a_front_may_have_more_goals(page):
    page.press("2", on="#table")
    page.run(
        "const select = [...document.querySelectorAll('#controls select')].at(-1);"
        "select.value = 'params.training.lr'; select.dispatchEvent(new Event('change'))"
    )
    page.settle()
    page.click("#controls button[title^='Select']")
    known = [(-F1[at], MS[at], LR[at]) for at in range(MANY) if MS[at] is not None]

    assert page.texts("#selected") == [f"{sum(pareto.front(known))} selected"]


def test_the_saved_table_holds_what_is_shown_and_no_formula(show):
    names = ["=1+1", "@SUM(A1)", 'say "hi", you', "-5", "plain"]
    metrics = ("metrics.f1", "f1", "metrics", "max", [0.5, -0.25, None, math.nan, 1e-9])
    window = show(sheet([("name", "name", "", None, names), metrics], many=5))
    window.run("URL.createObjectURL = (blob) => { window.saved = blob; return '#'; }")
    window.run("HTMLAnchorElement.prototype.click = () => {}")
    window.click("#save")
    rows = list(csv.reader(io.StringIO(window.run("return window.saved.text()"))))

    assert rows[0] == ["id", "name", "metrics.f1"]
    assert [row[1] for row in rows[1:]] == ["'=1+1", "'@SUM(A1)", 'say "hi", you', "'-5", "plain"]
    assert [row[2] for row in rows[1:]] == ["0.5", "-0.25", "", "NaN", "1e-9"]


def test_curves_of_the_selected_runs_are_drawn(page):
    page.press("3", on="#table")
    assert len(page.texts(".legend button")) == 5
    page.press(" ", "3", on="#table")
    assert page.texts(".legend .name") == ["000000 run 0"]


def test_what_a_stranger_wrote_is_shown_and_does_nothing(show):
    columns = [
        ("name", "name", "", None, list(EVIL)),
        *((f"params.{evil}", evil, "params", None, [evil] * (len(EVIL) - 1) + ["x"]) for evil in EVIL),
        *((f"metrics.{evil}", evil, "metrics", "max", [float(n) for n in range(len(EVIL))]) for evil in EVIL),
    ]
    lines = {0: {evil: ([0, 1], [1.0, 2.0], None) for evil in EVIL}}
    window = show(sheet(columns, many=len(EVIL), title=EVIL[0], about=EVIL[1], lines=lines))
    window.press(" ", browsers.ARROW_DOWN, " ", *"1234", browsers.ENTER, on="#table")

    assert window.run("return document.scripts.length") == 2
    assert window.run("return document.images.length") == 0
    assert window.texts("h1") == [EVIL[0]]
    assert window.texts(NAMES)[0] == EVIL[0]
    assert "\u202e" not in "".join(window.texts("#table"))


def test_ten_thousand_runs_stay_quick(show):
    many, chance = 10_000, random.Random(3)
    columns = [
        (f"metrics.m{n}", f"m{n}", "metrics", "max", [chance.random() for _ in range(many)])
        for n in range(12)
    ]
    columns += [
        (f"params.p{n}", f"p{n}", "params", None, [chance.choice("abcd") for _ in range(many)])
        for n in range(8)
    ]
    started = time.perf_counter()
    window = show(sheet(columns, many=many))
    window.click("#table .head div:nth-child(2) button")
    type_filter(window, "m1 > 0.5")
    window.press(browsers.END, "2", on="#table")

    assert int(count_of(window).split()[0].replace(",", "")) > 4000
    # Opened, sorted, filtered letter by letter and drawn as a front: about two seconds here.
    assert time.perf_counter() - started < 120
    assert len(window.texts(ROWS)) < 60


def test_a_page_of_one_run_and_one_without_columns_open(show):
    show(sheet([("name", "name", "", None, ["only"])], many=1)).press(*"1234", on="#table")

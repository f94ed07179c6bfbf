"""Curves and scatters in the terminal: as wide as asked for, told apart without colour, in ASCII too."""

from __future__ import annotations

import math

import pytest

from expctl.core.curves import Curve
from expctl.core.text import width
from expctl.render import curves, scatter
from expctl.render.canvas import Canvas


def falling(label, start, many=50):
    return Curve(label, list(range(many)), [start / (at + 1) for at in range(many)])


PANELS = [
    ("loss", [falling("k3f9qa baseline", 1.0), falling("m1zepe 모델 실험", 2.0)]),
    ("val/loss", [falling("k3f9qa baseline", 1.5)]),
]
RUNS = [(f"run{at}", at / 3, math.sin(at), "ab"[at % 2], at in (3, 8)) for at in range(12)]


def text_of(page):
    return "\n".join(page.lines(color=False))


@pytest.mark.parametrize("wide", [80, 120, 200])
@pytest.mark.parametrize("braille", [True, False])
def test_curves_fit_the_width_and_end_in_letters(golden, wide, braille):
    text = text_of(curves.page(PANELS, wide, by="step", log=False, braille=braille))

    assert max(map(width, text.split("\n"))) <= wide
    golden(f"curves-{wide}{'' if braille else '-ascii'}.txt", text + "\n")


@pytest.mark.parametrize("wide", [80, 120])
@pytest.mark.parametrize("braille", [True, False])
def test_scatters_fit_the_width_and_name_the_front(golden, wide, braille):
    names = ("metrics.ms", "metrics.f1_score", "params.kind")
    text = text_of(scatter.page(RUNS, names, wide, log=False, braille=braille))

    assert max(map(width, text.split("\n"))) <= wide
    golden(f"scatter-{wide}{'' if braille else '-ascii'}.txt", text + "\n")


def test_without_braille_the_drawing_itself_is_ascii():
    text = text_of(curves.page(PANELS, 80, by="step", log=False, braille=False))

    assert not any("\u2800" <= char <= "\u28ff" for char in text)


@pytest.mark.parametrize("ys", [[math.nan] * 3, [math.inf], [-1.0, 0.0]])
def test_a_metric_that_cannot_be_drawn_is_said(ys):
    line = Curve("a", list(range(len(ys))), ys)
    page = curves.page([("loss", [line])], 80, by="step", log=True, braille=True)

    assert "loss: no value above 0" in text_of(page)


def test_one_point_and_a_level_curve_are_drawn():
    level = Curve("a", [0, 1, 2], [5.0, 5.0, 5.0])
    single = Curve("b", [1], [5.0])
    text = text_of(curves.page([("x", [level, single])], 80, by="time", log=False, braille=True))

    assert text.count("A") == 2
    assert text.count("B") == 2


def test_a_label_says_nothing_to_the_terminal():
    panels = [("\x1b[31mloss", [falling("\x1b[31mred\u202e", 1.0)])]
    for wide in (30, 80):
        text = text_of(curves.page(panels, wide, by="step", log=False, braille=True))
        assert "\x1b" not in text
        assert "\u202e" not in text
    points = [("\x1b[31m", 1.0, 1.0, "\x1b[32m", True), ("b", 2.0, 2.0, "\x1b[32m", False)]
    text = text_of(scatter.page(points, ("\x1bx", "y", "\x1bz"), 80, log=False, braille=True))
    assert "\x1b" not in text


def test_more_runs_than_letters_are_drawn_too():
    points = [(f"r{at}", float(at), float(-at), None, True) for at in range(40)]
    text = text_of(scatter.page(points, ("x", "y", None), 100, log=False, braille=True))

    assert "Z" in text
    assert "●" in text


def test_a_canvas_shows_what_is_put_on_it():
    canvas = Canvas(3, 2)
    canvas.line((0, 0), (1, 1), "")
    canvas.sign(0, 1, "x")
    canvas.dot(7, 7)
    drawn = ["".join(span.text for span in line) for line in canvas.lines()]

    assert drawn == ["x⡠⠊", "⡠⠊ "] or drawn[0].startswith("x")
    assert [len(line) for line in drawn] == [3, 3]

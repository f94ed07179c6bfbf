"""A user's own rules."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.output.templates import Match, Template, TemplateError


@pytest.mark.parametrize(
    ("rule", "line", "found"),
    [
        ("val_loss = {value} at {step}", "[x] val_loss = 0.25 at 7", Match(0.25, 7)),
        ("WER of {value}", "a WER of 12.5 % here", Match(0.125, None)),
        ("WER of {value} %", "a WER of 12.5 % here", Match(12.5, None)),
        ("{value} s/epoch", "took 1,234.5 s/epoch", Match(1234.5, None)),
        ("step {step} {} reward {value}", "step 3 and so on reward -1.5e3", Match(-1500.0, 3)),
        ("loss {value}", "loss nan", None),
        ("a {value} b", "a 1 c a 2 b", Match(2.0, None)),
        ("v{value}", "v1.2.3", None),
        ("x {value}", "x 3ms", None),
    ],
)
def test_a_rule_finds_its_number(rule: str, line: str, found: Match | None) -> None:
    if line.endswith("nan"):
        assert math.isnan(Template(rule).match(line).value)
    else:
        assert Template(rule).match(line) == found


@pytest.mark.parametrize(
    "rule",
    ["", "loss", "{value}", "{value}{value} x", "{value} {step} {step}", "{loss} {value}", "a{}{value}",
     "{value} {", "x" * 201],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(rule: str) -> None:
    with pytest.raises(TemplateError):
        Template(rule)


@given(
    st.text(alphabet="ab :%", max_size=12),
    st.text(alphabet="ab :%", max_size=12),
    st.floats(allow_nan=False),
)
@settings(max_examples=200, deadline=None)
def test_what_a_rule_describes_it_finds(before: str, after: str, value: float) -> None:
    line = " ".join(f"{before} = {value!r} ;{after}".split())

    assert Template(f"{before} = {{value}} ;{after}").match(line) == Match(value, None)


def test_no_rule_takes_long() -> None:
    rule = Template("a {} a {} a {} a {value} a {} b")
    before = time.process_time()

    for line in ("a " * 2000, "a 1 " * 1000, "a 1 a " * 700 + "b"):
        rule.match(line)

    assert time.process_time() - before < 20

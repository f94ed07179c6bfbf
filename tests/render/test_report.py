"""The page of a report without a browser: one file, no other host, nothing that a manifest says is markup."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.render import report
from tests import hostile
from tests.records import TEXT

EVIL = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "'\"`${alert(1)}",
    "\u2028\u2029\u202e",
    "@data@ @script@",
    "javascript:alert(1)",
    "__proto__",
    "constructor",
    hostile.POISON,
)


def sheet(columns=(), *, many=2, **facts):
    ids = [f"20261122-190546-{at:06d}" for at in range(many)]
    return report.Sheet(
        **{"title": "runs", "about": "", "ids": ids, "columns": columns, "lines": {}, **facts}
    )


def text_of(*columns, **facts):
    return report.page(sheet(columns, **facts)).text


def metric(name, values, direction="max"):
    return (f"metrics.{name}", name, "metrics", direction, values)


class Tags(HTMLParser):
    """All tags with their attributes, and the text in scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inside, self._open = [], {}, None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open = (tag, dict(attrs).get("id")) if tag in ("script", "style", "title", "h1") else None

    def handle_endtag(self, _tag):
        self._open = None

    def handle_data(self, data):
        if self._open:
            self.inside[self._open] = self.inside.get(self._open, "") + data

    def unknown_decl(self, _data):
        self.tags.append(("unknown", {}))


def payload(text):
    return json.loads(Tags(text).inside["script", "data"])


def test_the_skeleton_does_not_depend_on_what_runs_say():
    plain = Tags(text_of(metric("f1", [0.5, 0.7])))
    for evil in EVIL:
        columns = [(f"params.{evil}", evil, "params", None, [evil, evil * 2]), metric(evil, [1.0, 2.0])]
        found = Tags(
            text_of(
                *columns, title=evil, about=evil, first=[evil], lines={0: {evil: ([0, 1], [1.0, 2.0], None)}}
            )
        )

        assert found.tags == plain.tags
        assert [key for key in found.inside if key[0] != "title"] == [
            key for key in plain.inside if key[0] != "title"
        ]


def test_the_title_is_text():
    found = Tags(text_of(title=EVIL[0]))

    assert found.inside["title", None] == EVIL[0]
    assert found.inside["h1", None] == EVIL[0]


def test_no_other_host_is_named():
    text = text_of(metric("f1", [0.5, 0.7]))

    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]+|@import|url\(", text) == []
    assert [tag for tag, facts in Tags(text).tags if tag in ("link", "img", "iframe", "object", "base")] == []
    assert [facts for _, facts in Tags(text).tags if {"src", "srcset", "action"} & set(facts)] == []


def test_the_policy_lets_the_one_script_and_the_one_style_through_and_nothing_else():
    found = Tags(text_of(metric("f1", [0.5, 0.7])))
    (policy,) = [facts["content"] for _, facts in found.tags if facts.get("http-equiv")]
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    def digest(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert allowed == {
        "default-src": "'none'",
        "script-src": digest(found.inside["script", None]),
        "style-src": digest(found.inside["style", None]),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_script_makes_text_and_never_markup():
    script = Tags(text_of()).inside["script", None]

    for risky in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
    ):
        assert risky not in script
    assert not re.search(r"XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(|localStorage", script)


def test_the_skeleton_has_what_a_reader_of_the_screen_needs():
    found = Tags(text_of())
    by_id = {facts["id"]: (tag, facts) for tag, facts in found.tags if "id" in facts}

    assert dict(found.tags)["html"] == {"lang": "en"}
    assert by_id["table"][1]["role"] == "grid"
    assert by_id["table"][1]["tabindex"] == "0"
    assert all(
        facts.get("type") for tag, facts in found.tags if tag in ("button", "input") and facts.get("id")
    )


def decode(column):
    """What the script makes of a column."""
    if column["type"] == "same":
        return lambda _: column["value"]
    if column["type"] == "number":
        return lambda at: float(v) if isinstance(v := column["values"][at], str) else v
    return lambda at: None if column["at"][at] < 0 else column["words"][column["at"][at]]


_CELL = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(), TEXT, st.sampled_from(EVIL)
)


@settings(deadline=None, max_examples=150)
@given(st.lists(_CELL, min_size=1, max_size=6).filter(lambda cells: any(cell is not None for cell in cells)))
def test_every_value_comes_back(cells):
    text = text_of(("params.x", "x", "params", None, cells), many=len(cells))
    (column,) = payload(text)["columns"]
    back = decode(column)

    for at, cell in enumerate(cells):
        found = back(at)
        if isinstance(cell, bool):
            assert found == str(cell).lower()
        elif cell is None or isinstance(cell, str):
            assert found == cell
        elif isinstance(cell, float) and math.isnan(cell):
            assert found == "nan" or math.isnan(found)
        else:
            assert found == cell or found == str(cell)


def test_long_texts_are_cut_and_said_so():
    (column,) = payload(text_of(("notes", "notes", "", None, ["x" * 5000, "y"])))["columns"]

    assert len(column["words"][0]) == 1000
    assert column["words"][0].endswith("…")


def test_curves_keep_steps_gaps_and_times():
    line = ([0, 1, 2], [0.123456789, math.nan, math.inf], [0.0, 1.5, 3.25])
    found = payload(text_of(lines={1: {"loss": line}}))

    assert found["curves"] == {"1": {"loss": [[0, 1, 2], [0.123457, "nan", "inf"], [0, 1.5, 3.25]]}}
    assert found["metrics"] == ["loss"]


def test_ten_thousand_runs_with_forty_columns_stay_below_the_limit():
    chance = random.Random(1)
    many = 10_000
    columns = [metric(f"m{n}", [chance.random() for _ in range(many)]) for n in range(20)]
    columns += [
        (f"params.p{n}", f"p{n}", "params", None, [chance.choice("abc") for _ in range(many)])
        for n in range(20)
    ]
    page = report.page(sheet(columns, many=many))

    assert len(page.text) < 10_000_000
    assert page.columns_left_out == ()


def test_what_finds_no_room_is_left_out_and_named(monkeypatch):
    monkeypatch.setattr(report, "COLUMN_BYTES", 3_000)
    monkeypatch.setattr(report, "CURVE_BYTES", 500)
    wide = [f"{at:0900d}" for at in range(5)]
    line = ([float(n) for n in range(200)], [n / 3 for n in range(200)], None)
    columns = [metric("f1", [0.1] * 4 + [0.2]), ("params.wide", "wide", "params", None, wide)]
    page = report.page(sheet(columns, many=5, lines={0: {"loss": line}, 1: {"loss": ([0], [1.0], None)}}))

    assert page.columns_left_out == ("params.wide",)
    assert page.curves_left_out == 1
    assert len(page.text) < 100_000
    assert payload(page.text)["columns"][0]["name"] == "metrics.f1"

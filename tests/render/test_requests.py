"""Requests as Markdown: whatever strangers wrote, a real renderer shows it as text, and in its own cell."""

import html
import re

import cmarkgfm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from expctl.core.registry import standing, verdict
from expctl.core.registry.gates import NO_WORSE, Gate, Result
from expctl.core.registry.verdict import Change, Checked, Weighed
from expctl.core.text import clean
from expctl.render import markdown, requests
from tests.core.registry.test_request import SOME

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- expctl promote --check: 0 -->",
    "-->",
    "@octocat and @org/team",
    "#12, GH-12, org/repo#3, !4, %5, $6, &7",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example mail@evil.example",
    "a | b \\| c",
    "```\nfence\n```",
    "`", "``x``", "` `", "\\`",
    "**bold** __bold__ ~~gone~~ _x_",
    "# head\n## head",
    "- [ ] task",
    "line\r\nbreak\u2028and\u2029more",
    "\x1b[2J\x1b]0;title\x07",
    "\u202etxt.exe",
    "&lt;b&gt; &#64;team",
    ":smile: [^1]",
    "/close\n/merge",
    "$`x`$ $$y$$",
    "<details open ontoggle=alert(1)>",
    "x" * 5000,
]  # fmt: skip
COMMONMARK = MarkdownIt("commonmark").enable("table")
#: All tags that our own Markdown comes to.
OURS = {
    *("h2", "h3", "p", "code", "strong", "ul", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def rendered(text: str) -> list[str]:
    return [cmarkgfm.github_flavored_markdown_to_html(text), COMMONMARK.render(text)]


def outside_code(page: str) -> str:
    return re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL)


def weighed(text: str) -> Weighed:
    gate = Gate(NO_WORSE, text, text)
    results = (Result(gate, passed=False, candidate=text, current=text, why=text),)
    changes = (Change("v1.2.0", ("staging",), "production"),)
    request = SOME._replace(reason=text, by=f"{text} <a@b>")
    return Weighed(
        text, "e" * 64, request, verdict.FAILED, text, text, "v1.1.0", changes, results, (text,), 3
    )


def checked(*requests_: Weighed, text: str = "origin/main") -> Checked:
    return Checked(text, "f" * 40, "a" * 40, requests_, (text,), (text,), (text,))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_what_is_hostile_stands_as_text(text):
    fault = Weighed(text, "", None, verdict.FAULT, text, text, code=1)

    for page in rendered(requests.page(checked(weighed(text), fault, text=text))):
        body = page.removeprefix("<!-- expctl promote --check: 2 -->\n")
        plain = outside_code(body)
        assert set(re.findall(r"</?([a-zA-Z][a-zA-Z0-9]*)", body)) <= OURS
        assert set(re.findall(r"<[^>]* (\w+)=", body)) <= {"align", "style"}
        assert not re.search(r"[@#]\w|GH-\d|https?:|www\.|evil", plain)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", page)
        assert not re.search(r"^/", html.unescape(re.sub("<[^>]*>", "", plain)), re.MULTILINE)


@given(st.lists(st.text("\\|`a_* <>&@#[]()!~$\n\x1b-=:/w.h1", max_size=14), min_size=2, max_size=2))
@settings(deadline=None, max_examples=200)
def test_a_cell_is_read_back_whole_by_real_renderers(texts):
    told = markdown.table(["x", "y"], [[markdown.cell(text) for text in texts]], right=[False, True])

    for page in rendered(told):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
        shown = [html.unescape(re.sub("</?code>", "", each)).strip() for each in cells]
        assert shown == [clean(text).strip() for text in texts]


@given(st.text("\\|`a_* <>&@#[]()!~$\n-=:/w.h1", max_size=30))
@settings(deadline=None, max_examples=200)
def test_a_sentence_is_read_back_whole_by_real_renderers(text):
    for page in rendered(f"**Mind:** {markdown.prose(text)}"):
        assert page.count("<p>") == 1
        assert set(re.findall(r"<(\w+)", page)) <= {"p", "code", "strong"}
        shown = html.unescape(re.sub("<[^>]*>", "", page))
        assert shown.split() == ["Mind:", *clean(text).split()]


def test_a_page_says_what_is_asked_what_it_changes_and_what_to_do():
    gate = Gate(NO_WORSE, "f1_score", "train longer", 0.01)
    results = (Result(gate, passed=False, candidate="0.82", current="0.9", why="f1_score is worse by 0.08"),)
    one = weighed("recall")._replace(gates=results, why="1 of 1 gates does not hold")

    page = requests.page(checked(one)._replace(altered=(), removed=(), rules=()))

    assert page.startswith(
        "<!-- expctl promote --check: 1 -->\n\n## This branch asks for one promotion: it may"
    )
    assert "### ✗ `fraud@v1.2.0` → production: does not pass" in page
    assert "| rule | candidate v1.2.0 | production v1.1.0 | Δ | verdict | what to do |" in page
    assert "| 0.82 | 0.9 | -0.08 | ✗ `f1_score is worse by 0.08` | train longer |" in page
    assert "- `v1.2.0`: staging → production" in page


def test_a_page_fits_into_a_comment():
    many = [weighed("|" * 5000)._replace(path=str(at)) for at in range(30)]
    results = many[0].gates * 50
    page = requests.page(checked(*(one._replace(gates=results) for one in many)))

    assert len(page) < 65_536
    assert "left out here" in page


def test_no_request_is_told_in_one_line():
    page = requests.page(Checked("origin/main", "f" * 40, "a" * 40, (), (), (), ()))

    assert page.startswith("<!-- expctl promote --check: 0 -->")
    assert "asks for no promotion" in page


def test_a_screen_says_the_same():
    done = weighed("recall")._replace(state=standing.STALE, gates=(), why="it moved", todo="ask again")

    lines = requests.screen(checked(done), 80).lines(color=False)

    assert "✗ fraud@v1.2.0 → production" in lines
    assert "  is stale: it moved" in lines
    assert "  → ask again" in lines
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize(
    ("candidate", "current", "shown"),
    [
        ("0.92", "0.9", "+0.02"),
        ("3", "3", "0"),
        ("nan", "1", ""),
        ("inf", "1", ""),
        ("a", "1", ""),
        ("1", "", ""),
    ],
)
def test_a_difference_is_told_where_there_is_one(candidate, current, shown):
    result = Result(Gate(NO_WORSE, "f1", "reject"), passed=True, candidate=candidate, current=current)

    assert requests.delta(result) == shown

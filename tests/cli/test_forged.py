"""No name that a script or a stranger chose makes a line of its own on the terminal or in a commit."""

from __future__ import annotations

import shlex

import pytest

SCRIPT = """\
import expctl
expctl.log_params({"lr\\nFORGED 1": 1, "a\\r\\x1b[2JFORGED 2": {"b\\u2028FORGED": 2}})
expctl.log_metric("loss\\nFORGED 3", 0.5)
expctl.log_metric("loss\\nFORGED 3", 0.25)
expctl.set_tag("k\\nFORGED 4", "v\\nFORGED 5")
"""
WORDS = [
    "ls", "ls --all", "show @", "compare @ --all", "compare @ --all --format md",
    "compare @ --all --format csv",
    "tag @", "plot @", "diff @ @-2", "artifacts @", "validate", "validate bad.yaml", "commit", "config list",
    "show nobody", "show first", "ls -e none", "watch @", "metrics @", "select none", "doctor", "rename @ x",
    "compare --columns nothing", "compare --where 'metrics.nothing > 1'", "show best:nothing", "note @ x",
]  # fmt: skip


@pytest.fixture
def strange(make_repo):
    repo = make_repo(files={"train.py": SCRIPT})
    for _ in range(2):
        done = repo.expctl("run", "-e", "exp\nFORGED 6", "-n", "first\nFORGED 7", "--", "python", "train.py")
        assert not forged_lines(done.out + done.err)
    good = repo.manifests()[-1].read_text()
    repo.write(
        "bad.yaml", good.replace("status: completed", "status: bad").replace("value: 0.25", "value: x")
    )
    return repo


def forged_lines(text: str) -> list[str]:
    lines = text.replace("\r", "\n").replace("\u2028", "\n").split("\n")
    return [line for line in lines if line.lstrip("│ ").startswith("FORGED") or "\x1b" in line]


def test_no_name_makes_a_line_of_its_own(strange) -> None:
    found = {}
    for words in WORDS:
        done = strange.expctl(*shlex.split(words))
        assert done.exit_code != 70, done.err
        if bad := forged_lines(done.out + done.err):
            found[words] = bad

    assert found == {}
    assert forged_lines(strange.git("log", "--format=%B")) == []

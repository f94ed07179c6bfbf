"""The reference page and the API say the same."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import expctl
from expctl.core import events

ROOT = Path(expctl.__file__).parents[1]
PAGE = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ `(.+)`$", PAGE, flags=re.MULTILINE)
CALLS = [name for name in expctl.__all__ if name != "__version__"]
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_stands_in_the_reference_with_its_signature(name):
    parameters = inspect.signature(getattr(expctl, name)).parameters.values()
    words = ", ".join(str(each.replace(annotation=each.empty)) for each in parameters)

    assert f"{name}({words})" in HEADINGS


def test_the_reference_names_nothing_that_is_not_there():
    assert {heading.partition("(")[0] for heading in HEADINGS} == set(expctl.__all__)


def test_the_lines_of_the_table_are_events():
    lines = "\n".join(re.findall(r"^\| `(\{.+?\})` \|", PAGE, flags=re.MULTILINE)) + "\n"

    assert [event[0] for event in events.read_events(lines.encode())] == [
        "metric",
        "params",
        "tag",
        "artifact",
        "seed",
    ]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_an_example_runs(block, repo, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block],
        cwd=repo.path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr

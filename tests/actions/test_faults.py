"""Some instants at which expctl can be killed or refused; ``python tests/faults.py --all`` walks all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "faults.py"


@pytest.mark.parametrize(
    ("command", "fault", "first", "step"),
    [
        ("run", "kill", 2, 19),
        ("run", "ENOSPC", 7, 19),
        ("run", "EACCES", 4, 15),
        ("run --commit", "kill", 22, 9),
        ("commit", "kill", 1, 2),
        ("rm", "EIO", 1, 4),
        ("tag", "kill", 1, 4),
    ],
)
def test_a_fault_at_any_change_of_a_file_breaks_no_promise(command, fault, first, step):
    words = [sys.executable, str(PROGRAM), f"{command}:{fault}:{first}:{step}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    [walk] = json.loads(done.stdout or "[{}]")

    assert walk.get("wrong") == [], done.stderr
    assert walk["tried"] >= 3


def test_a_walk_ends_after_the_last_change_and_not_before():
    words = [sys.executable, str(PROGRAM), "run:kill:1000:1"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [{"walk": "run:kill:1000:1", "tried": 0, "wrong": []}]

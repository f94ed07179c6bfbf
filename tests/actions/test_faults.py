"""Some instants at which expctl can be killed or refused; ``python tests/faults.py --all`` walks all."""

from __future__ import annotations

import json
import os
import shutil
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
        ("rm", "EIO", 1, 2),
        ("tag", "kill", 1, 4),
        ("reproduce", "kill", 3, 31),
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


#: A git on a full disk: what one of its commands writes is lost, and its code is 0 all the same. So does
#: git 2.39: ``mktree`` always, and whatever it flushes in batches.
LOSSY_GIT = """\
#!/bin/sh
for word; do
  [ "$word" = {verb} ] || continue
  mv {objects} {aside}; cp -r {aside} {objects}
  {git} "$@"; code=$?
  rm -r {objects}; mv {aside} {objects}
  [ "$word" = mktree ] && echo "error: unable to create temporary file: No space left on device" >&2
  exit $code
done
exec {git} "$@"
"""


@pytest.mark.parametrize("verb", ["update-index", "mktree"])
@pytest.mark.parametrize("words", [("run", "--commit", "--", "true"), ("commit",)], ids=["run", "commit"])
def test_what_git_only_seems_to_write_is_never_committed(repo, tmp_path, verb, words):
    repo.write("new.py", "x = 1\n")
    assert repo.expctl("run", "-n", "first", "--", "true").exit_code == 0
    head = repo.git("rev-parse", "HEAD")
    repo.write("new.py", "x = 2\n")
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    objects = repo.path / ".git/objects"
    fake.write_text(
        LOSSY_GIT.format(verb=verb, objects=objects, aside=tmp_path / "aside", git=shutil.which("git"))
    )
    fake.chmod(0o755)
    done = repo.expctl(*words, env={"PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}"})

    assert repo.git("rev-parse", "HEAD") == head
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert ("not committed: git " in done.err) == (words[0] == "run")
    assert done.exit_code == (0 if words[0] == "run" else 1)
    assert repo.expctl("commit").exit_code == 0
    assert repo.git("fsck", "--strict", "--no-dangling") == ""

"""Two processes at once, and processes that are killed: who wins is told, and nothing is left half done.

``EXPCTL_REGISTRY_ROUNDS=20`` runs more rounds than the suite has time for.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys

import pytest

from expctl.store import registry
from tests import registrylife
from tests.registrylife import CLONES, MODEL, Life, Plain, tags_of

ROUNDS = int(os.environ.get("EXPCTL_REGISTRY_ROUNDS", "1"))
#: Lets git push only when two of them are there to do it.
MEETING = """\
case " $* " in *" push "*)
    touch "$MEETING/$$"
    for _ in $(seq 5000); do
        [ "$(ls "$MEETING" | wc -l)" -ge 2 ] && break
        sleep 0.02
    done
esac
"""
#: Kills who called git at its n-th call: before it does anything, or after.
DYING = """\
n=$(($(cat "$COUNTER") - 1))
echo $n > "$COUNTER"
if [ $n = 0 ]; then
    [ -z "$AFTER" ] || "$GIT" "$@" > /dev/null 2>&1 < /dev/null
    kill -9 $PPID
fi
"""
#: Somebody brings the change here at the moment at which it counts, and the remote is gone for good.
VANISHING = """\
case " $* " in *" push "*)
    "$GIT" "$@" || exit
    "$GIT" update-ref refs/expctl/ledger/fraud.log HEAD
    mv "$HUB" "$HUB.gone"
    exit 0
esac
"""


#: What every test starts from, once it is made.
MADE = []


@pytest.fixture
def made(repo, tmp_path_factory, monkeypatch):
    if not MADE:
        MADE.append(registrylife.begin(repo, tmp_path_factory.mktemp("lives") / "made", monkeypatch))
    return MADE[0]["in service"]


def git_that(folder, script):
    """A folder for the PATH, with a git that does something before it is git."""
    folder.mkdir()
    true = shutil.which("git")
    path = folder / "git"
    path.write_text(f'#!/bin/bash\nGIT={true}\n{script}exec {true} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def start(place, who, env, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "expctl", *words],
        cwd=place / who,
        env={**os.environ, "GIT_COMMITTER_NAME": who, "GIT_AUTHOR_NAME": who, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("stages", [("staging", "staging"), ("staging", "archived")])
def test_of_two_promotions_at_once_exactly_one_wins(made, tmp_path, stages):
    env = git_that(tmp_path / "bin", MEETING)
    winners = []
    for number in range(ROUNDS):
        place = shutil.copytree(made, tmp_path / f"round{number}")
        meeting = tmp_path / f"meeting{number}"
        meeting.mkdir()
        before = tags_of(place / "hub.git")
        orders = dict(zip(CLONES, (("v1.1.0", stages[0]), ("v2.0.0", stages[1])), strict=True))
        jobs = {
            who: start(
                place, who, {**env, "MEETING": str(meeting)}, "promote", f"{MODEL}@{version}", "--to", stage
            )
            for who, (version, stage) in orders.items()
        }
        said = {who: job.communicate()[1] for who, job in jobs.items()}
        codes = {who: job.returncode for who, job in jobs.items()}
        assert sorted(codes.values()) == [0, 5], said
        winner, loser = sorted(CLONES, key=codes.__getitem__)
        version, stage = orders[winner]
        assert f"{winner} <ada@example.com> was quicker: Move {MODEL} {version} to {stage}." in said[loser]
        assert "Nothing of yours was published" in said[loser]
        new = tags_of(place / "hub.git").keys() - before.keys()
        assert new
        assert registry.read(place / "hub.git").models[MODEL].holder(stage) == version
        for who in CLONES:
            assert tags_of(place / who).items() <= tags_of(place / "hub.git").items()
        winners.append(winner)
        shutil.rmtree(place)
    print(f"{stages}: {ROUNDS} rounds, won by {[(who, winners.count(who)) for who in CLONES]}")


@pytest.mark.parametrize(
    "words",
    [("promote", "v1.1.0", "staging"), ("rollback", "production"), ("register", "v3.0.0")],
    ids=" ".join,
)
def test_a_command_that_dies_at_any_call_of_git_can_be_given_again(made, tmp_path, monkeypatch, words):
    for call in range(5, 60, 8):
        plain = Plain()
        for each in registrylife.BEGINNINGS["in service"]:
            plain.order(*each)
        life = Life(made, tmp_path / f"life{call}", plain, monkeypatch)
        came_so_far = life.die("bob", words, call, after=call % 16 == 5)
        life.end()
        shutil.rmtree(life.folder)
        if not came_so_far:
            assert call > 8
            return


def test_a_process_that_is_killed_leaves_what_the_next_one_completes(made, tmp_path):
    env = git_that(tmp_path / "bin", DYING)
    counter = tmp_path / "counter"
    for call, after in ((8, "yes"), (28, "yes"), (29, "")):
        place = shutil.copytree(made, tmp_path / f"life{call}")
        counter.write_text(str(call))
        died = start(place, "ada", {**env, "COUNTER": str(counter), "AFTER": after}, "rollback", MODEL)
        died.communicate()
        again = start(place, "ada", {}, "rollback", MODEL) if died.returncode else died
        said = again.communicate()[1] if died.returncode else ""
        assert (died.returncode, again.returncode) in ((-9, 0), (0, 0)), said
        found = registry.read(place / "hub.git").models[MODEL]
        assert (found.holder("production"), found.holder("archived")) == ("v1.1.0", "v1.2.0")
        assert tags_of(place / "ada").items() <= tags_of(place / "hub.git").items()
        shutil.rmtree(place)


def test_of_a_change_that_counts_nobody_says_that_it_does_not(made, tmp_path):
    env = git_that(tmp_path / "bin", VANISHING)
    place = shutil.copytree(made, tmp_path / "life")

    order = start(place, "ada", {**env, "HUB": str(place / "hub.git")}, "rollback", MODEL)
    said = order.communicate()[1]

    assert order.returncode == 0
    assert "this clone could not keep it: " in said
    assert "hub.git" in said
    assert "Not in effect" not in said
    assert registry.read(place / "hub.git.gone").models[MODEL].holder("production") == "v1.1.0"

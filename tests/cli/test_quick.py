"""The quick roads and Typer read the same words."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from expctl.cli import glance, plain, quick
from expctl.cli.commands import compare, ls, run
from expctl.errors import UsageError

if TYPE_CHECKING:
    import typer


def options_of(app: typer.Typer) -> dict[str, bool]:
    """Option -> whether it is a switch, as Typer has them."""
    found = {}
    for param in get_command(app).params:
        for word in (*param.opts, *param.secondary_opts):
            if word.startswith("-"):
                found[word] = bool(getattr(param, "is_flag", False))
    return found


@pytest.mark.parametrize(
    ("module", "table"),
    [(run, quick.RUN_WORDS), (ls, glance.LS_WORDS), (compare, glance.COMPARE_WORDS)],
    ids=["run", "ls", "compare"],
)
def test_both_roads_know_the_same_options(module, table):
    typers_own = ("--help", "-h", "--install-completion", "--show-completion")
    typed = {word: switch for word, switch in options_of(module.app).items() if word not in typers_own}

    assert {word: isinstance(kind, bool) for word, (_, kind) in table.items()} == typed


def test_both_roads_know_the_same_global_options():
    from expctl.cli.main import app

    typed = {
        word: switch for word, switch in options_of(app).items() if word not in ("--version", "--help", "-h")
    }
    table = {word: isinstance(kind, bool) for word, (_, kind) in plain.GLOBAL_WORDS.items()}
    assert table.items() <= typed.items()


@pytest.mark.parametrize(
    "words",
    [
        ["ls"],
        ["ls", "--json", "-n", "1"],
        ["-q", "compare", "--all", "--format=csv"],
        ["compare", "@", "--columns", "name,status", "--no-color"],
        ["compare", "--where", "status = 'failed'", "--format", "md"],
    ],
)
def test_both_roads_give_the_same_answer(repo, words):
    repo.expctl("run", "-n", "a", "--", "true")
    repo.expctl("run", "-n", "b", "--", "false")
    quickly = repo.expctl(*words)
    # The quick roads leave --debug to Typer.
    through_typer = repo.expctl("--debug", *words)

    assert quickly.exit_code == through_typer.exit_code == 0
    assert quickly.out == through_typer.out
    assert quickly.out


@pytest.mark.parametrize(
    "words",
    [
        ["ls", "x"],
        ["ls", "--limit", "-1"],
        ["compare", "--format", "xml"],
        ["compare", "--help"],
        ["ls", "--wher", "x"],
    ],
)
def test_a_look_that_is_not_plain_is_left_to_typer(words):
    assert glance.run(words) is None


@pytest.mark.parametrize(
    ("words", "argv"),
    [
        (["run", "--", "python", "t.py"], ("python", "t.py")),
        (["run", "python", "t.py", "--lr", "1"], ("python", "t.py", "--lr", "1")),
        (["-q", "-C", "x", "run", "-n", "a", "--", "--odd"], ("--odd",)),
        (["run", "--note=a=b", "--note", "c", "true"], ("true",)),
        (["run", "--", "cmd", "--", "x"], ("cmd", "--", "x")),
    ],
)
def test_plain_words_are_read(words, argv):
    read = quick.read_words(words)

    assert read is not None
    assert read.argv == argv


def test_repeated_options_are_all_kept():
    read = quick.read_words(
        ["run", "--note=a=b", "--note", "c", "-t", "k=v", "--seed", "3", "--no-hooks", "true"]
    )

    assert read is not None
    request = quick.to_request(read.options, read.argv)
    assert (request.notes, request.tags, request.seed, request.hooks) == (("a=b", "c"), {"k": "v"}, 3, False)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["ls"],
        ["run"],
        ["run", "--help"],
        ["run", "--nam", "x", "--", "true"],
        ["run", "--seed"],
        ["run", "--commit=yes", "true"],
        ["--unknown", "run", "true"],
    ],
)
def test_what_is_not_plain_is_left_to_typer(words):
    assert quick.read_words(words) is None


@pytest.mark.parametrize(
    "options",
    [
        {"seed": "-1"},
        {"seed": "4294967296"},
        {"seed": "x"},
        {"timeout": "0"},
        {"timeout": "nan"},
        {"tag": ["novalue"]},
    ],
)
def test_a_value_that_cannot_be_is_a_usage_error(options):
    with pytest.raises(UsageError):
        quick.to_request(options, ("true",))


@pytest.mark.parametrize("words", [("--seed", "-1"), ("--timeout", "soon"), ("-t", "novalue")])
def test_a_mistake_exits_2_and_starts_nothing(repo, words):
    done = repo.expctl("run", *words, "--", "touch", "started")

    assert done.exit_code == 2
    assert not (repo.path / "started").exists()


def test_in_a_large_repository_what_the_end_needs_waits_for_the_start_of_the_command():
    code = """
import sys
import expctl.adapters.gitahead
from expctl.cli import quick

class Started:
    def wait(self):
        print(*(name in sys.modules for name in ("expctl.actions.record", "expctl.actions.finishing")))

quick._load(Started())
print("expctl.actions.finishing" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "False", "True"]


def test_only_who_waits_for_the_command_hears_of_its_end(repo):
    code = """
import os, signal, threading, time
from expctl.__main__ import main
from expctl.cli import quick

run = threading.Thread.run

def load(started):
    while not os.path.exists("began"):
        time.sleep(0.001)

def tell(thread):
    run(thread)
    if os.path.exists("began"):  # else it ended before the command did begin
        print(signal.SIGCHLD in signal.pthread_sigmask(signal.SIG_BLOCK, ()), flush=True)

quick._load = load
threading.Thread.run = tell
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "-q", "run", "--", "touch", "began"],
        cwd=repo.path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert set(done.stdout.split()) == {"True"}

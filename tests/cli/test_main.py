"""The command line as a whole: start-up, help, mistakes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from expctl.cli import foreign, table
from expctl.cli.lazy import build
from expctl.version import VERSION

HEAVY = ("typer", "rich", "yaml", "ruamel", "sqlite3", "dataclasses", "subprocess", "pandas", "dvc", "json")


def modules_after(*words: str) -> set[str]:
    """What is imported once a command line has been answered."""
    code = (
        f"import sys, os; sys.argv = ['expctl', *{words!r}]\n"
        "out = os.dup(1); os.dup2(2, 1)\n"
        "from expctl.__main__ import entry\n"
        "try: entry(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "os.write(out, ' '.join(sys.modules).encode())"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:  # -S hides site-packages, which only commands with Typer need
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_version_is_answered_without_anything_heavy(repo) -> None:
    assert repo.expctl("--version").out == f"expctl {VERSION}\n"
    assert not modules_after("--version") & {*HEAVY, "typing", "re", "pathlib"}


def test_completion_of_commands_needs_nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_EXPCTL_COMPLETE", "complete")
    monkeypatch.setenv("_EXPCTL_TYPED", "sh")

    assert not modules_after() & set(HEAVY)


@pytest.mark.parametrize("words", [("--help",), ("ls", "--help"), ("nonsense",)])
def test_help_and_mistakes_import_neither_rich_nor_a_library(words: tuple[str, ...]) -> None:
    assert not modules_after(*words) & {"rich", "pandas", "dvc", "yaml", "ruamel", "sqlite3"}


def test_help_lists_every_command_by_section(repo) -> None:
    told = repo.expctl("--help").out

    assert all(f"  {name} " in told for name in table.COMMANDS)
    assert all(f"{entry.section}:" in told for entry in table.COMMANDS.values())
    assert repo.expctl().out == told


@pytest.mark.parametrize("name", table.COMMANDS)
def test_the_line_in_the_table_is_the_first_line_of_the_command(name: str) -> None:
    first = (build(name).help or "").strip().split("\n")[0]

    assert first.startswith(table.COMMANDS[name].line)


@pytest.mark.parametrize("name", ["config", "metrics", "model"])
def test_no_line_of_a_group_of_commands_is_cut(repo, name: str) -> None:
    told = repo.expctl(name, "--help", env={"COLUMNS": "80"}).out

    assert "Commands:" in told
    assert "..." not in told.partition("Commands:")[2]


@pytest.mark.parametrize("name", table.COMMANDS)
def test_a_command_takes_no_option_of_typers_own(name: str) -> None:
    options = {option for param in build(name).params for option in param.opts}

    assert not options & {"--install-completion", "--show-completion"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("comapre",), "Did you mean compare?"),
        (("completion",), 'eval "$(_EXPCTL_COMPLETE=bash_source expctl)"'),
        (("ls", "--limt", "3"), "Hint: Did you mean --limit? See: expctl ls --help"),
        (("plot", "--spar"), "Hint: Did you mean --pareto or --scatter? See: expctl plot --help"),
        (("ls", "--filter", "f1 > 1"), "Hint: Did you mean --where? See: expctl ls --help"),
        (("compare", "--top", "5"), "Hint: Did you mean --limit? See: expctl compare --help"),
        (("show", "--run-id", "x"), "Hint: A run is named without an option"),
        (("ls", "x"), "expctl show RUN"),
        (("runs", "list"), "Hint: That is here: expctl ls"),
        (("ui",), "Hint: That is here: expctl report"),
        (("model", "pul"), "Hint: Did you mean pull? See: expctl model --help"),
        (("ls", "--limit", "many"), "many"),
        (("show", "a", "b"), "expctl show --help"),
        (("diff", "a"), "expctl diff --help"),
        (("-q", "compare", "a", "--spark"), "expctl compare --help"),
        (("--quite", "ls"), "Did you mean --quiet?"),
        (("-C", "/no/such/folder", "ls"), "/no/such/folder"),
    ],
)
def test_a_mistake_is_named_with_what_might_be_meant(repo, words: tuple[str, ...], said: str) -> None:
    done = repo.expctl(*words)

    assert done.exit_code == 2
    assert done.err.startswith("Error: ")
    assert said in done.err
    assert done.out == ""


def test_what_other_tools_call_a_thing_is_none_of_our_names_and_means_one_of_them() -> None:
    options = {option for name in table.COMMANDS for param in build(name).params for option in param.opts}

    for word, meant in foreign.BY_COMMAND.items():
        assert word not in table.COMMANDS
        assert meant.split()[0] in {*table.COMMANDS, "--help", "--version"}
    for word, meant in foreign.BY_OPTION.items():
        assert word not in options
        assert meant in options


def test_outside_a_repository_the_way_in_is_shown(repo, tmp_path) -> None:
    done = repo.expctl("ls", cwd=tmp_path)

    assert done.exit_code == 1
    assert "git init" in done.err


def test_global_flags_work_on_both_sides_of_a_command(repo) -> None:
    assert repo.expctl("-q", "ls").err == ""
    assert repo.expctl("ls", "--quiet").err == ""
    assert "No runs yet" in repo.expctl("ls").err


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (("diff", "@"), "diff compares two runs: name both.", "expctl diff @-1 @"),
        (("diff",), "diff compares two runs: name both.", "expctl diff @-1 @"),
        (("rename", "@"), "rename takes a run and its new name.", "expctl rename @ baseline"),
        (("tag",), "Missing argument", "expctl tag --help"),
    ],
)
def test_what_a_command_lacks_is_said_so_that_it_can_be_typed(repo, words, said, hint) -> None:
    done = repo.expctl(*words)

    assert done.exit_code == 2
    assert said in done.err
    assert hint in done.err

"""Source that changes while it runs is named, whatever else it is, and is no output."""

from __future__ import annotations

import sys

import pytest

from expctl.store import manifests

#: Edits as somebody else's editor does, not as a file that the script itself opens; and not within the same
#: tick of the clock that files are stamped by.
EDIT = """\
import subprocess, time
def edit(name, text):
    time.sleep(0.03)
    subprocess.run(["sh", "-c", f"echo '{text}' > {name}"], check=True)
    time.sleep(0.03)
"""


@pytest.fixture
def record(repo):
    def run(body: str, *options: str, files: dict[str, str] | None = None):
        repo.write("train.py", EDIT + body)
        repo.commit_all("Script")
        for name, text in (files or {}).items():
            repo.write(name, text)
        done = repo.expctl("run", *options, "--", sys.executable, "train.py")
        assert done.exit_code == 0, done.err
        return manifests.read(repo.manifests()[-1])

    return run


def outputs(manifest) -> set[str]:
    return {item.path for item in manifest.artifacts}


def late(manifest) -> list[str]:
    return [note for note in manifest.capture.notes if note.startswith("late edits")]


@pytest.mark.parametrize("options", [(), ("--no-hooks",)])
def test_an_untracked_module_that_is_edited_is_named_and_is_no_output(record, options):
    done = record("import mod; edit('mod.py', 'A=2')\n", *options, files={"mod.py": "A=1\n"})

    assert done.code.changed_while_running == ("mod.py",)
    assert outputs(done) == set()
    assert late(done) == []


@pytest.mark.parametrize(
    "options", [("--artifact", "mod.py"), ("--artifact", "*.py"), ("--metrics", "mod.json")]
)
def test_what_is_listed_or_read_as_something_else_is_named_all_the_same(record, options):
    done = record(
        "edit('mod.py', 'A=2'); edit('mod.json', '3')\n", *options, files={"mod.py": "A=1\n", "mod.json": "1"}
    )

    assert done.code.changed_while_running == ("mod.json", "mod.py")


def test_what_was_imported_after_its_edit_did_not_run_as_it_is_recorded(record):
    done = record(
        "import early; edit('early.py', 'A=2'); edit('after.py', 'A=2'); import after\n",
        files={"early.py": "A=1\n", "after.py": "A=1\n"},
    )

    assert done.code.changed_while_running == ("after.py", "early.py")
    assert late(done) == [
        "late edits: imported after a change, so the recorded source is not what ran: after.py"
    ]


def test_a_module_that_came_meanwhile_is_source_and_no_output(record):
    done = record("edit('new.py', 'A=1'); edit('notes.csv', '1'); import new\n")

    assert done.code.changed_while_running == ("new.py",)
    assert outputs(done) == {"notes.csv"}
    assert late(done)


def test_what_the_run_wrote_itself_is_an_output_and_no_edit(record, repo):
    repo.write("metrics.json", '{"acc": 1}')
    done = record("open('metrics.json', 'w').write('{\"acc\": 2}')\n")

    assert done.metrics["acc"].value == 2
    assert done.code.changed_while_running == ()


def test_what_it_wrote_and_then_ran_is_both_said_and_named(record):
    done = record(
        "import time; open('mod.py', 'w').write('A=2'); time.sleep(.03); import mod\n",
        files={"mod.py": "A=1\n"},
    )

    assert done.code.changed_while_running == ("mod.py",)
    assert late(done)


def test_imported_modules_that_git_ignores_are_said_to_be_left_out(record, repo):
    repo.write(".gitignore", "settings.py\n")
    done = record("import settings\n", files={"settings.py": "A=1\n"})

    assert [(item.path, item.why) for item in done.code.left_out] == [
        ("settings.py", "imported, but git ignores it")
    ]
    assert not done.code.dirty


def test_a_module_that_is_gone_by_the_end_is_passed_over(record):
    done = record("edit('new.py', 'A=1'); import new, os; os.remove('new.py')\n")

    assert done.code.changed_while_running == ()
    assert done.code.left_out == ()


def test_modules_of_a_submodule_are_not_left_out(record, repo, make_repo):
    lib = make_repo("lib", files={"inner.py": "A=1\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(lib.path), "lib")
    done = record("from lib import inner\n")

    assert done.code.left_out == ()
    assert done.code.changed_while_running == ()

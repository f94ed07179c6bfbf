"""Whatever the command does to the repository, its output and exit code arrive, and its record is kept."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from expctl import project as projects
from expctl.actions import beginning, beside, finishing, placing, record, setup
from expctl.actions.request import Request
from expctl.adapters import child, clock
from expctl.store import live, manifests

PYTHON = sys.executable
#: Of the run itself: another day may have begun since.
TODAY = "$(echo $EXPCTL_RUN_ID | sed -E 's/^(....)(..)(..).*/\\1-\\2-\\3/')"


@pytest.fixture
def repo(make_repo):
    made = make_repo()
    assert made.expctl("run", "-n", "first", "--", "true").exit_code == 0
    made.commit_all("Record")
    return made


def ruin(repo, script: str, *words: str):
    """Run a command that says something, does harm, and fails with 4."""
    done = repo.expctl("run", "-n", "ruin", *words, "--", "sh", "-c", f"echo out; {script}; exit 4")
    assert (done.exit_code, done.out) == (4, "out\n"), done.err
    assert "Traceback" not in done.err
    return done


def statuses(repo) -> dict[str, str]:
    """Status by name, as the user sees it."""
    listed = repo.expctl("ls", "--all", "--json")
    assert listed.exit_code == 0, listed.err
    return {row["name"]: row["status"] for row in listed.json["runs"]}


def is_sound(repo) -> bool:
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert repo.expctl("run", "-n", "next", "--", "true").exit_code == 0
    assert list((repo.path / ".git/expctl/live").iterdir()) == []
    return repo.expctl("validate").exit_code == 0


@pytest.mark.parametrize(
    "script",
    [
        "rm -rf .git/expctl",
        "rm -rf $EXPCTL_RUN_DIR/* $EXPCTL_RUN_DIR",
        ": > $EXPCTL_RUN_DIR/state.json",
        'echo \'{"schema": "expctl/live/v1"}\' > $EXPCTL_RUN_DIR/state.json',
        "mkdir $EXPCTL_RUN_DIR/outcome.json",
        "cd $EXPCTL_RUN_DIR; for f in environment data python child; do echo '[[{' > $f.json; done",
        "rm -rf .experiments",
        "git clean -fdxq",
        "git checkout -q -b other",
        "git rm -rfq --cached . ; rm -rf .git/index",
    ],
    ids=lambda script: script[:32],
)
def test_a_command_that_wrecks_what_is_ours_is_recorded_all_the_same(repo, script):
    ruin(repo, script)

    assert statuses(repo)["ruin"] == "failed"
    assert is_sound(repo)


@pytest.mark.parametrize("script", ["rm -rf .git", "rm -rf * .e* .g*", "cd ..; rm -rf repo"])
def test_a_repository_that_is_gone_is_not_made_again(repo, script):
    begin, _, remove = script.rpartition("; ")
    done = ruin(repo, f"{begin or ':'}; until {remove}; do :; done")  # rm fails where a file comes

    assert "the record could not be saved: " in done.err
    assert "tries again" not in done.err
    assert not (repo.path / ".git").exists()
    assert script != "cd ..; rm -rf repo" or not repo.path.exists()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (
            f"mkdir out; rm -rf .experiments/runs/{TODAY}; ln -s $PWD/out .experiments/runs/{TODAY}",
            "is a link",
        ),
        ("mkdir out; rm -r .experiments/runs; ln -s $PWD/out .experiments/runs", "is a link"),
        ("mkdir out; rm -r .experiments; ln -s $PWD/out .experiments", "is a link"),
        ("mkdir out; rm -r .experiments; echo x > .experiments", "is no folder"),
        (
            f"mkdir -p out .experiments/runs/{TODAY}; echo x > .experiments/runs/{TODAY}/$EXPCTL_RUN_ID.yaml",
            "is something else",
        ),
        (f"mkdir -p out .experiments/runs/{TODAY}/$EXPCTL_RUN_ID.yaml", "is something else"),
        (
            f"mkdir -p out .experiments/runs/{TODAY}; mkfifo .experiments/runs/{TODAY}/$EXPCTL_RUN_ID.yaml",
            "is something else",
        ),
    ],
)
def test_a_record_whose_place_is_taken_goes_aside_and_through_no_link(repo, script, why):
    done = ruin(repo, script)

    assert why in done.err
    assert list((repo.path / "out").iterdir()) == []
    [copy] = [p for p in (repo.path / ".git/expctl/finished").glob("*.yaml") if "ruin" in p.read_text()]
    kept = manifests.read(copy)
    assert (kept.status, kept.command.exit_code) == ("failed", 4)
    assert kept.outputs["log"]
    assert copy.with_suffix(".dvc").exists()
    assert list((repo.path / ".git/expctl/live").iterdir()) == []


def test_doctor_brings_back_what_went_aside_once_its_place_is_free(repo):
    runs = repo.path / ".experiments/runs"
    ruin(repo, "mkdir out; mv .experiments/runs real; ln -s $PWD/out .experiments/runs")
    seen = repo.expctl("doctor")
    assert seen.exit_code == 1
    assert "is a link" in seen.out
    assert "Traceback" not in seen.err
    runs.unlink()
    (repo.path / "real").rename(runs)

    assert "1 brought back" in repo.expctl("doctor").out
    assert {manifests.read(path).name for path in repo.manifests()} == {"first", "ruin"}
    assert len(list(runs.glob("*/*.dvc"))) == 1


def test_package_lists_and_settings_are_not_written_through_links(repo):
    outside = repo.path / "outside"
    outside.mkdir()
    (repo.path / ".experiments/environments").symlink_to(outside)
    (repo.path / ".experiments/.dvc/config.local").unlink()
    (repo.path / ".experiments/.dvc/config").rename(repo.path / "moved")
    (repo.path / ".experiments/.dvc/.gitignore").unlink()
    (repo.path / ".experiments/.dvc").rmdir()
    (repo.path / ".experiments/.dvc").symlink_to(outside)
    done = repo.expctl("run", "--", PYTHON, "-c", "open('model.pt', 'w').write('w')")

    assert done.exit_code == 0
    assert "package list: Too many levels of symbolic links" in done.err
    assert list(outside.iterdir()) == []


def test_an_empty_cache_setting_is_none(repo):
    (repo.path / ".experiments/.dvc/config.local").unlink()
    repo.write(".experiments/.dvc/config", "[cache]\n    dir =\n")
    assert setup.cache_dir(projects.find(repo.path)) == repo.path / ".git/expctl/dvc-cache"


def test_a_work_tree_that_is_removed_meanwhile_leaves_its_record_in_the_clone(repo):
    repo.git("worktree", "add", "-q", "../side")
    script = "echo out; git worktree remove --force $PWD; exit 4"
    done = repo.expctl("run", "-n", "side", "--", "sh", "-c", script, cwd=repo.path.parent / "side")

    assert (done.exit_code, done.out) == (4, "out\n")
    assert not (repo.path.parent / "side").exists()
    assert statuses(repo)["side"] == "failed"
    assert "1 brought back" in repo.expctl("doctor").out


@pytest.mark.parametrize("delay", [0, 0.5])
def test_a_command_that_removes_expctl_itself_keeps_its_exit_code(repo, tmp_path, delay):
    shutil.copytree(Path(projects.__file__).parent, tmp_path / "packages/expctl")
    script = f"sleep {delay}; rm -rf {tmp_path}/packages; echo out; exit 4"
    env = {"PYTHONPATH": str(tmp_path / "packages")}
    done = repo.expctl("run", "-n", "removed", "--", "sh", "-c", script, env=env)

    assert (done.exit_code, done.out) == (4, "out\n")
    assert "Traceback" not in done.err
    assert statuses(repo)["removed"] == "failed"


# -- What goes wrong within expctl after the start


def recorded(repo, *argv: str, **changes) -> record.Recorded:
    return record.record(projects.find(repo.path), Request(argv=argv, **changes))


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied", "/some/file")


@pytest.mark.parametrize(
    "fault", [PermissionError(13, "Permission denied"), KeyError("x"), KeyboardInterrupt()]
)
def test_no_fault_of_ours_changes_the_exit_code(repo, monkeypatch, fault):
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(finishing, "_Finish", fail)
    done = recorded(repo, "sh", "-c", "exit 4")

    assert done.exit_code == 4
    assert done.manifest is None
    assert "the next expctl command tries again" in done.said[0]
    assert ("Permission denied" in done.said[0]) == isinstance(fault, PermissionError)


def test_a_fault_while_committing_leaves_the_record_and_the_exit_code(repo):
    (repo.path / ".git/expctl/commit.lock").mkdir()
    done = repo.expctl("run", "--commit", "--", "sh", "-c", "exit 4")

    assert done.exit_code == 4
    assert "not committed: Is a directory" in done.err
    assert len(repo.manifests()) == 2


@pytest.mark.parametrize("door", ["write_child", "beat", "write_environment"])
def test_notes_that_cannot_be_written_while_it_runs_are_done_without(repo, monkeypatch, door):
    monkeypatch.setattr(live, door, refuse)
    done = recorded(repo, "sh", "-c", "exit 4")

    assert (done.exit_code, done.manifest.status) == (4, "failed")
    assert done.path.exists()


def test_an_outcome_that_cannot_be_written_is_known_to_the_next_command(repo, monkeypatch):
    monkeypatch.setattr(finishing, "_Finish", refuse)
    with monkeypatch.context() as full:
        # The folder itself takes no file any more, as on a full disk.
        write = live._write_json
        full.setattr(
            live, "_write_json", lambda path, *a: (refuse if "outcome" in path.name else write)(path, *a)
        )
        assert recorded(repo, "sh", "-c", "exit 4", name="full").exit_code == 4
    monkeypatch.undo()
    [left] = live.list_live(repo.path / ".git/expctl/live")
    state = left.folder / "state.json"
    state.write_text(state.read_text().replace(f'"pid": {os.getpid()}', '"pid": 0'))

    assert statuses(repo)["full"] == "failed"
    assert manifests.read(repo.manifests()[-1]).command.exit_code in (0, 4)


def test_without_threads_everything_is_looked_up_at_the_end(repo, monkeypatch):
    class Exhausted(beside.threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(beside.threading, "Thread", Exhausted)
    monkeypatch.setattr(child.streams.threading, "Thread", beside.threading.Thread.__mro__[1])
    done = recorded(repo, PYTHON, "-c", "raise SystemExit(4)")

    assert (done.exit_code, done.manifest.status) == (4, "failed")
    assert done.manifest.environment.packages


def test_nothing_is_left_of_a_run_that_did_not_start(repo):
    repo.write(".experiments/config.yaml", "keep_models: [\n")
    assert repo.expctl("run", "--", "touch", "started").exit_code == 125
    repo.write(".experiments/config.yaml", "")
    assert repo.expctl("run", "--", "no-such-command").exit_code == 127
    assert repo.expctl("run", "--", "").exit_code == 127
    (repo.path / ".git/expctl/clone-id").unlink()
    (repo.path / ".git/expctl/clone-id").mkdir()
    assert repo.expctl("run", "--", "touch", "started").exit_code == 125

    assert not (repo.path / "started").exists()
    assert list((repo.path / ".git/expctl/live").iterdir()) == []


# -- The clock


def test_outputs_are_found_though_the_clock_was_set_back(repo):
    begun = beginning.begin(projects.find(repo.path), Request(argv=("true",)))
    (repo.path / "model.pt").write_text("w")
    begun.run.state["started_ns"] += 3600 * 10**9
    outcome = {"status": "completed", "exit_code": 0, "duration_s": 0.1, "notes": []}
    done = finishing.finish(projects.find(repo.path), begun.folder, run=begun.run._replace(outcome=outcome))

    assert [item.path for item in done.manifest.artifacts if item.kind == "model"] == ["model.pt"]
    assert any("the clock was set back by 3600 s" in note for note in done.manifest.capture.notes)


def test_times_are_compared_by_the_clock_of_the_file_system(repo, monkeypatch):
    ahead = clock.wall_ns() + 3600 * 10**9
    monkeypatch.setattr(beginning.clock, "wall_ns", lambda: ahead)
    begun = beginning.begin(projects.find(repo.path), Request(argv=("true",)))

    assert begun.run.state["started_ns"] < ahead - 3000 * 10**9
    live.remove(begun.folder)


# -- The work tree cannot take it


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda top: top.rmdir(), "is gone"),
        (lambda top: (top / ".experiments").symlink_to("/tmp"), "is a link"),
        (lambda top: (top / ".experiments").write_text(""), "is no folder"),
        (lambda top: (top / ".experiments").mkdir(), None),
        (lambda _: None, None),
    ],
)
def test_the_place_of_a_record_is_the_work_tree_if_that_can_take_it(repo, tmp_path, make, why):
    top = tmp_path / "top"
    top.mkdir()
    make(top)
    place = placing.choose(projects.find(repo.path), top, "20261122-190546-k3f9qa")

    if why is None:
        assert (place.fault, place.experiments) == (None, top / ".experiments")
        assert place.pointer == Path(top / ".experiments/runs/2026-11-22/20261122-190546-k3f9qa.dvc")
    else:
        assert why in place.fault
        assert place.manifest.parent == repo.path / ".git/expctl/finished"

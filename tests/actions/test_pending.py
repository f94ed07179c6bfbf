from __future__ import annotations

import subprocess

import pytest

from expctl import project as projects
from expctl.actions import pending
from expctl.core import manifest as m
from expctl.errors import ConflictError, RunNotFoundError
from expctl.store import manifests
from tests import records

IDS = [f"20261122-19054{number}-k3f9q{number}" for number in range(5)]


def add_run(repo, number, *, packages=None, pointer=True, **changes):
    """Write the files of a run as recording leaves them."""
    environment = m.Environment(python="3.11.7", packages=packages)
    record = records.full(IDS[number], environment=environment, **changes)
    path = manifests.write(repo.path / ".experiments" / "runs", record)
    if pointer:
        path.with_suffix(".dvc").write_text("outs: []\n")
    if packages:
        repo.write(f".experiments/{packages}", "packages: []\n")
    return record


def commit(repo, *references, **more):
    return pending.commit_pending(projects.find(repo.path), references, **more)


def committed(repo):
    """Paths in the last commit, without the common folder."""
    names = repo.git("show", "--format=", "--name-only", "HEAD").split()
    return sorted(name.removeprefix(".experiments/") for name in names)


def files_of(*numbers):
    return sorted(f"runs/2026-11-22/{IDS[n]}.{end}" for n in numbers for end in ("yaml", "dvc"))


def test_all_pending_records_are_one_commit(repo):
    packages = "environments/5b0c7d21e9aa.yaml"
    for number in range(2):
        add_run(repo, number, packages=packages)
    repo.write("train.py", "edited by the user")

    report = commit(repo)

    assert report.runs == tuple(IDS[:2])
    assert committed(repo) == sorted([packages, *files_of(0, 1)])
    assert repo.git("log", "-1", "--format=%s") == "Record 2 runs of fraud_detection_v2\n"
    assert IDS[1] in repo.git("log", "-1", "--format=%b")
    assert repo.git("status", "--porcelain") == " M train.py\n"


def test_failures_without_metrics_are_left_out_and_counted(repo):
    add_run(repo, 0)
    add_run(repo, 1, status="failed", metrics={})
    add_run(repo, 2, status="interrupted", metrics={})
    add_run(repo, 3, status="failed")

    report = commit(repo)

    assert report.runs == (IDS[0], IDS[3])
    assert report.left_out == (IDS[1], IDS[2])
    assert "Left out 2 runs" in report.remarks()[0]
    assert commit(repo, everything=True).runs == (IDS[1], IDS[2])
    assert repo.git("status", "--porcelain") == ""


def test_named_runs_are_committed_alone_even_if_they_failed(repo):
    repo.write(".experiments/config.yaml", "# settings\n")
    add_run(repo, 0)
    add_run(repo, 1, status="failed", metrics={})

    report = commit(repo, IDS[1][-6:])

    assert report.runs == (IDS[1],)
    assert committed(repo) == files_of(1)


def test_the_settings_of_init_go_along_and_later_edits_of_them_do_not(repo):
    for name in ("config.yaml", ".gitignore", ".gitattributes", ".dvc/config", ".dvc/.gitignore"):
        repo.write(f".experiments/{name}", "# made by init\n")
    add_run(repo, 0, pointer=False)
    commit(repo)
    assert ".dvc/config" in committed(repo)
    repo.write(".experiments/config.yaml", "experiment: half-typed\n")
    add_run(repo, 1)

    commit(repo)

    assert committed(repo) == files_of(1)
    assert repo.git("status", "--porcelain") == " M .experiments/config.yaml\n"


def test_a_changed_record_is_pending_again(repo):
    add_run(repo, 0)
    commit(repo)
    add_run(repo, 0, name="renamed")

    assert [run.id for run in pending.pending(projects.find(repo.path))] == [IDS[0]]
    assert commit(repo).runs == (IDS[0],)
    assert commit(repo).commit is None


def test_a_record_that_was_staged_is_pending_still(repo):
    add_run(repo, 0)
    repo.git("add", ".experiments")

    assert commit(repo).runs == (IDS[0],)
    assert repo.git("status", "--porcelain") == ""


def test_nothing_pending_makes_no_commit(repo):
    before = repo.git("rev-parse", "HEAD")

    report = commit(repo)

    assert report.sentence() == "Nothing to commit: no new records."
    assert repo.git("rev-parse", "HEAD") == before


def test_deleted_records_stay_the_users_to_commit(repo):
    add_run(repo, 0)
    add_run(repo, 1)
    commit(repo)
    (repo.path / ".experiments" / "runs" / "2026-11-22" / f"{IDS[0]}.yaml").unlink()
    add_run(repo, 2)

    commit(repo)

    assert committed(repo) == files_of(2)
    assert repo.git("status", "--porcelain").startswith(" D ")


def test_what_cannot_be_read_is_not_committed_and_named(repo):
    add_run(repo, 0)
    repo.write(f".experiments/runs/2026-11-22/{IDS[1]}.yaml", "<<<<<<< HEAD\n")
    repo.write(".experiments/runs/2026-11-22/notes.yaml", "not a run")
    repo.write(f".experiments/runs/2020-01-01/{IDS[2]}.yaml", "wrong day")

    report = commit(repo)

    assert report.runs == (IDS[0],)
    assert [run for run, _ in report.unreadable] == [IDS[1]]
    assert committed(repo) == files_of(0)


def test_a_manifest_cannot_draw_other_files_into_the_commit(repo):
    path = manifests.write(repo.path / ".experiments" / "runs", records.full(IDS[0]))
    text = path.read_text().replace("environments/5b0c7d21e9aa.yaml", "../secret.yaml")
    path.write_text(text)
    repo.write("secret.yaml", "s")

    commit(repo)

    assert "secret.yaml" not in repo.git("ls-tree", "-r", "--name-only", "HEAD").split()


def test_names_of_runs_cannot_forge_the_message(repo):
    add_run(repo, 0, name="x\x1b[31m", experiment="a\n\nCo-authored-by: Eve")

    commit(repo)

    message = repo.git("log", "-1", "--format=%B")
    assert "\x1b" not in message
    assert "\nCo-authored-by" not in message


def test_an_unknown_run_is_an_error_and_nothing_moves(repo):
    add_run(repo, 0)
    before = repo.git("rev-parse", "HEAD")

    with pytest.raises(RunNotFoundError):
        commit(repo, "zzzzzz")

    assert repo.git("rev-parse", "HEAD") == before


def test_settings_that_did_not_apply_are_said(repo):
    add_run(repo, 0)
    repo.git("config", "commit.gpgSign", "true")
    hook = repo.path / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    assert commit(repo).skipped == ("commit signing", "the pre-commit hook")


def test_a_merge_under_way_leaves_everything(repo):
    add_run(repo, 0)
    (repo.path / ".git" / "MERGE_HEAD").touch()

    with pytest.raises(ConflictError):
        commit(repo)


def test_the_command_says_what_it_did(repo):
    add_run(repo, 0)
    add_run(repo, 1, status="failed", metrics={})

    done = repo.expctl("commit")
    again = repo.expctl("commit")

    assert done.exit_code == 0, done.err
    assert done.err.splitlines()[0].startswith("Committed 1 run as ")
    assert "expctl commit --all" in done.err
    assert again.err.splitlines()[0] == "Nothing to commit: no new records."


def test_a_lock_in_the_way_is_exit_code_five(repo):
    add_run(repo, 0)
    (repo.path / ".git" / "index.lock").touch()

    done = repo.expctl("commit")

    assert done.exit_code == 5
    assert "holds the index" in done.err
    assert subprocess.run(["git", "diff", "--cached", "--quiet"], cwd=repo.path, check=False).returncode == 0


def test_a_commit_to_another_branch_than_the_run_began_on_is_said(repo):
    repo.git("switch", "-q", "-c", "old")
    done = repo.expctl("run", "--commit", "--", "git", "switch", "-q", "main")

    assert "committed to main, which is checked out now, not to old" in done.err
    assert repo.git("log", "-1", "--format=%s", "main").startswith("Record run")


def test_what_does_not_apply_to_the_commit_of_a_run_is_said(repo):
    hook = repo.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    done = repo.expctl("run", "--commit", "--", "true")

    assert "committed" in done.err
    assert "did not apply to the commit: the pre-commit hook" in done.err


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 run that did not complete and has"), (2, "2 runs that did not complete and have")],
)
def test_what_is_left_out_is_said_in_good_words(number, said):
    [remark] = pending.CommitReport(left_out=("x",) * number).remarks()

    assert f"Left out {said} no metrics" in remark


def test_a_run_tells_of_settings_that_nobody_knows(repo):
    repo.write(".experiments/config.yaml", "experiment_: fraud\n" + "".join(f"x{n}: 1\n" for n in range(9)))
    done = repo.expctl("run", "--", "true")

    assert done.exit_code == 0
    assert "unknown setting 'experiment_'. Did you mean experiment?" in done.err
    assert done.err.count("unknown setting") == 5

"""Two clones, a git remote, a DVC remote, and the stock tools."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from expctl import project as projects
from expctl.actions import setup, sharing
from expctl.errors import DvcError, IncompleteError
from expctl.store import cache, objects, snapshots
from tests import shelf
from tests.conftest import Repo


def dvc(where: Path, *words: str) -> str:
    return subprocess.run(["dvc", *words], cwd=where, capture_output=True, text=True, check=True).stdout


@dataclass
class Team:
    """Ada's clone, the remotes, and how to make Bob's clone."""

    ada: Repo
    store: Path
    origin: Path

    def share(self) -> None:
        self.ada.commit_all()
        self.ada.git("push", "-q", "origin", "main")

    def clone(self, name: str = "bob") -> Repo:
        path = self.origin.parent / name
        self.ada.git("clone", "-q", str(self.origin), str(path))
        return Repo(path)


@pytest.fixture
def team(repo, tmp_path) -> Team:
    origin = tmp_path / "origin.git"
    repo.git("init", "-q", "--bare", "-b", "main", str(origin))
    repo.git("remote", "add", "origin", str(origin))
    store = tmp_path / "store"
    # The project's own DVC, written as `dvc init` and `dvc remote add` do, without their second of start-up.
    repo.write(".dvc/config", f"[core]\n    remote = store\n['remote \"store\"']\n    url = {store}\n")
    repo.write(".dvc/.gitignore", "/config.local\n/tmp\n/cache\n")
    repo.commit_all()
    repo.git("push", "-q", "-u", "origin", "main")
    return Team(repo, store, origin)


def push(repo, *references: str) -> sharing.Sent:
    project = projects.find(repo.path)
    return sharing.push(project, sharing.plan_push(project, references))


def test_a_run_travels_to_a_second_clone(team: Team) -> None:
    name = shelf.put_run(team.ada, 1)
    other = shelf.put_run(team.ada, 2, {"model.pt": b"other"})
    team.share()

    sent = push(team.ada)
    bob = team.clone()
    brought = sharing.pull(projects.find(bob.path), [name])

    assert (sent.runs, sent.remote) == (2, f"{team.store}/expctl")
    assert brought.folders == (f".experiments/runs/2026-11-22/{name}",)
    assert (bob.path / brought.folders[0] / "artifacts" / "model.pt").read_bytes() == b"weights"
    assert bob.git("status", "--short") == ""
    # What stock DVC thinks of it, and of the one that was not asked for.
    assert "up to date" in dvc(bob.path / ".experiments", "status", f"runs/2026-11-22/{name}.dvc")
    assert not (bob.path / f".experiments/runs/2026-11-22/{other}").exists()


def test_stock_dvc_pull_brings_what_we_pushed(team: Team) -> None:
    name = shelf.put_run(team.ada, 1)
    team.ada.write(
        ".experiments/.dvc/config", f"[core]\n    remote = s\n['remote \"s\"']\n    url = {team.store}/own\n"
    )
    team.share()

    assert push(team.ada).remote == f"{team.store}/own"
    bob = team.clone()
    dvc(bob.path / ".experiments", "pull", "-q", f"runs/2026-11-22/{name}.dvc")

    assert (bob.path / f".experiments/runs/2026-11-22/{name}/artifacts/model.pt").read_bytes() == b"weights"


def test_we_pull_what_stock_dvc_pushed(team: Team) -> None:
    name = shelf.put_run(team.ada, 1)
    team.ada.write(
        ".experiments/.dvc/config", f"[core]\n    remote = s\n['remote \"s\"']\n    url = {team.store}/own\n"
    )
    team.share()
    dvc(team.ada.path / ".experiments", "push", "-q", f"runs/2026-11-22/{name}.dvc")

    bob = projects.find(team.clone().path)

    assert sharing.pull(bob, []).fetched == 1
    assert len(list(cache.walk(setup.cache_dir(bob)))) == 3


def test_nothing_of_the_borrowed_remote_stays_behind(team: Team, tmp_path, monkeypatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    shelf.put_run(team.ada, 1)

    push(team.ada)

    assert os.listdir(tmp_path / "tmp") == []
    assert (team.ada.path / ".experiments/.dvc/config").read_text() == ""


def test_a_push_of_bytes_that_are_damaged_sends_nothing_and_says_so(team: Team) -> None:
    name = shelf.put_run(team.ada, 1)
    project = projects.find(team.ada.path)
    place = setup.cache_dir(project)
    md5 = dict(
        cache.read_dir(place, objects.read_pointer(objects.pointer_path(project.runs, name), name).md5 or "")
    )
    path = cache.path_of(place, md5["artifacts/model.pt"])
    os.chmod(path, 0o644)
    Path(path).write_bytes(b"WEIGHTS")

    sent = push(team.ada, name)

    assert (sent.runs, sent.remote) == (0, None)
    assert "not in this clone" in sent.notes[0]
    assert not team.store.exists()


def test_without_a_remote_it_is_said_what_to_type(repo) -> None:
    shelf.put_run(repo, 1)

    done = repo.expctl("push")

    assert done.exit_code == 1
    assert "dvc remote add -d" in done.err


def test_nobody_is_asked_to_publish_what_cannot_be_sent(team: Team) -> None:
    shelf.put_run(team.ada, 1, tree=shelf.snapshot(team.ada, secret_py="x = 1"))
    team.ada.git("remote", "remove", "origin")
    assert sharing.plan_push(projects.find(team.ada.path), []).untracked == ()

    (team.ada.path / ".dvc" / "config").unlink()
    done = team.ada.expctl("push")

    assert "dvc remote add -d" in done.err
    assert "secret.py" not in done.err


def test_what_a_colleague_sent_is_not_sent_back(team: Team) -> None:
    one, other = shelf.put_run(team.ada, 1), shelf.put_run(team.ada, 2, {"model.pt": b"other"})
    team.share()
    push(team.ada)
    bob = projects.find(team.clone().path)
    sharing.pull(bob, [one])

    plan = sharing.plan_push(bob, [])

    assert (plan.runs, plan.known) == ((), 1)
    assert plan.notes == ("1 run lies in other clones only, and can be sent from there",)
    sharing.pull(bob, [])
    assert sharing.plan_push(bob, []) == sharing.PushPlan((), (), (), 2, ())
    # Asked for by name it is looked at again.
    assert sharing.plan_push(bob, [other]).runs == (other,)


def test_a_tree_that_a_colleague_sent_is_not_called_missing(team: Team) -> None:
    shelf.put_run(team.ada, 1, tree=shelf.snapshot(team.ada, a_py="x"))
    team.share()
    push(team.ada)
    bob = projects.find(team.clone().path)
    before = sharing.plan_push(bob, []).notes

    sharing.pull(bob, [])

    assert any("1 source tree" in note for note in before)
    assert sharing.plan_push(bob, []).notes == ()


def test_what_was_sent_is_not_looked_at_again(team: Team) -> None:
    shelf.put_run(team.ada, 1)
    push(team.ada)
    shelf.put_run(team.ada, 2)

    plan = sharing.plan_push(projects.find(team.ada.path), [])

    assert (plan.runs, plan.known) == ((shelf.run_id(2),), 1)


def test_another_remote_has_none_of_what_was_sent(team: Team) -> None:
    shelf.put_run(team.ada, 1)
    push(team.ada)
    team.ada.write(".dvc/config", f"[core]\n    remote = b\n['remote \"b\"']\n    url = {team.store}-2\n")

    assert push(team.ada).remote == f"{team.store}-2/expctl"


def test_files_that_were_never_committed_are_only_published_after_a_yes(team: Team) -> None:
    tree = shelf.snapshot(team.ada, secret_py="x = 1")
    shelf.put_run(team.ada, 1, tree=tree)

    asked = team.ada.expctl("push")
    assert asked.exit_code == 2
    assert "secret.py" in asked.err
    assert "snapshots" not in team.ada.git("ls-remote", "origin")

    agreed = team.ada.expctl("--yes", "push")
    assert agreed.exit_code == 0
    assert "refs/expctl/snapshots/" in team.ada.git("ls-remote", "origin")
    assert sharing.plan_push(projects.find(team.ada.path), []).untracked == ()


def test_only_trees_of_pushed_runs_are_sent_and_the_other_clone_gets_them(team: Team) -> None:
    one, two = (shelf.snapshot(team.ada, **{name: "x"}) for name in ("a_py", "b_py"))
    shelf.put_run(team.ada, 1, tree=one)
    shelf.put_run(team.ada, 2, tree=two)
    team.share()

    push(team.ada, shelf.run_id(1))
    bob = team.clone()
    sharing.pull(projects.find(bob.path), [])

    assert bob.git("cat-file", "-t", one).strip() == "tree"
    assert bob.git("cat-file", "-t", two, check=False) == ""


def test_a_copied_clone_does_not_push_its_twin_s_trees_away(team: Team) -> None:
    one, two = (shelf.snapshot(team.ada, **{name: "x"}) for name in ("a_py", "b_py"))
    shelf.put_run(team.ada, 1, tree=one)
    twin = Repo(team.ada.path.parent / "twin")
    subprocess.run(["cp", "-r", str(team.ada.path), str(twin.path)], check=True)
    push(team.ada)
    shelf.put_run(twin, 2, tree=two)

    push(twin, shelf.run_id(2))

    project = projects.find(twin.path)
    twin.git("fetch", "-q", "origin", "+refs/expctl/snapshots/*:refs/check/*")
    assert snapshots.pinned(twin.path, ref=f"refs/check/{snapshots.clone_id(project.state)}") == {one, two}


def test_a_pull_of_what_nobody_pushed_names_the_run(team: Team) -> None:
    name = shelf.put_run(team.ada, 1)
    team.share()

    with pytest.raises((IncompleteError, DvcError)) as caught:
        sharing.pull(projects.find(team.clone().path), [name])
    assert "dvc fetch failed" in str(caught.value) or name in str(caught.value)


def test_a_link_in_the_way_is_refused_before_dvc_sees_it(team: Team, tmp_path) -> None:
    name = shelf.put_run(team.ada, 1)
    team.share()
    push(team.ada)
    bob = team.clone()
    (tmp_path / "elsewhere").mkdir()
    (bob.path / f".experiments/runs/2026-11-22/{name}").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(DvcError, match="link"):
        sharing.pull(projects.find(bob.path), [name])
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_pointer_that_leads_astray_is_not_given_to_dvc(team: Team) -> None:
    name = shelf.put_run(team.ada, 1)
    pointer = team.ada.path / f".experiments/runs/2026-11-22/{name}.dvc"
    pointer.write_text(pointer.read_text().replace(f"path: {name}", "path: ../../../.git/hooks"))

    brought = sharing.pull(projects.find(team.ada.path), [name])

    assert brought.runs == ()
    assert "not a plain DVC pointer" in brought.notes[0]


def test_pull_from_the_command_line_prints_the_folder(team: Team) -> None:
    name = shelf.put_run(team.ada, 1)

    done = team.ada.expctl("pull", name)

    assert done.out == f".experiments/runs/2026-11-22/{name}\n"
    assert "1 run complete in this clone, 0 fetched now." in done.err


def test_without_a_git_remote_the_bytes_still_travel(team: Team) -> None:
    shelf.put_run(team.ada, 1, tree=shelf.snapshot(team.ada))
    team.ada.git("remote", "remove", "origin")

    sent = push(team.ada)

    assert (sent.runs, sent.git_remote) == (1, None)
    assert "no git remote" in sent.notes[0]

"""Runs on other branches are seen from here: local ones, tracked ones, whatever is checked out."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl import project
from expctl.actions import editing, removing, runbytes, runs, seeing
from expctl.core import runid
from expctl.core.manifest import Environment, Metric
from expctl.errors import ConflictError, UsageError
from expctl.store import manifests
from tests import records

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


def a_run(n, **changes):
    at = START + timedelta(hours=7 * n)
    values = {"metrics": {"f1": Metric(value=n / 10)}, "name": f"run {n}", "experiment": "a"}
    return records.full(runid.make(at, bytes([n % 32] * 6)), started_at=at, **{**values, **changes})


def commit(repo, *some):
    for run in some:
        manifests.write(repo.path / ".experiments" / "runs", run)
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Record runs", "--allow-empty")


@pytest.fixture
def place(repo):
    """Run 0 on main, 1 and 2 on a branch from it, 3 on a tracked one; main is checked out."""
    repo.git("checkout", "-q", "-B", "main")
    commit(repo, a_run(0))
    repo.git("checkout", "-q", "-b", "wider")
    commit(repo, a_run(1), a_run(2))
    repo.git("checkout", "-q", "-b", "colleague", "main")
    commit(repo, a_run(3))
    repo.git("update-ref", "refs/remotes/origin/deeper", "colleague")
    repo.git("checkout", "-q", "main")
    repo.git("branch", "-qD", "colleague")
    return project.find(repo.path)


def seen(place, scope=seeing.EVERYWHERE, **asked):
    found = runs.select(place, scope=scope, limit=None, **asked)
    return {int(row.id[-1], 32): row.values.get("on_branch") for row in found.rows}


def test_runs_of_all_branches_are_seen_with_the_branch_that_has_them(place):
    assert seen(place) == {0: None, 1: "wider", 2: "wider", 3: "origin/deeper"}


def test_a_switch_hides_nothing(place, repo):
    repo.git("checkout", "-q", "wider")

    assert seen(place) == {0: None, 1: None, 2: None, 3: "origin/deeper"}


def test_a_detached_head_sees_all(place, repo):
    repo.git("checkout", "-q", "--detach", "wider")

    assert seen(place) == {0: None, 1: None, 2: None, 3: "origin/deeper"}


def test_the_copy_that_this_clone_keeps_does_not_hide_the_branch(place):
    for run in (a_run(1), a_run(6)):
        place.finished.mkdir(parents=True, exist_ok=True)
        (place.finished / f"{run.id}.yaml").write_bytes(manifests.encode(run))

    for _ in range(2):
        assert seen(place) == {0: None, 1: "wider", 2: "wider", 3: "origin/deeper", 6: None}
    with pytest.raises(ConflictError, match="wider"):
        editing.rename(place, "run 1", "x")


def test_a_branch_can_be_asked_for(place):
    assert seen(place, where="on_branch = 'wider' and f1 > 0.1") == {2: "wider"}
    assert seen(place, where="on_branch is null") == {0: None}


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (seeing.Scope(here=True), {0}),
        (seeing.Scope(ref="wider"), {0, 1, 2}),
        (seeing.Scope(ref="origin/deeper"), {0, 3}),
        (seeing.Scope(ref="wider", new_since="main"), {1, 2}),
        (seeing.Scope(new_since="wider"), set()),
        (seeing.Scope(new_since="main~1"), {0}),
    ],
)
def test_what_is_looked_at_can_be_narrowed(place, scope, found):
    assert seen(place, scope) == dict.fromkeys(found)


def test_new_runs_of_a_branch_are_told_from_those_of_its_base(place, repo):
    repo.git("checkout", "-q", "wider")
    manifests.write(place.runs, a_run(4))

    assert seen(place, seeing.Scope(new_since="main")) == dict.fromkeys([1, 2, 4])


def test_what_is_no_branch_is_refused_with_how_to_fetch_it(place):
    with pytest.raises(UsageError, match="origin/elsewhere") as caught:
        seen(place, seeing.Scope(new_since="origin/elsewhere"))

    assert "git fetch origin elsewhere" in (caught.value.hint or "")


def test_a_run_that_was_removed_here_is_gone_from_branches_that_go_on_from_here(place, repo):
    repo.git("checkout", "-q", "wider")
    manifests.path_of(place.runs, a_run(0).id).unlink()

    assert seen(place) == {1: None, 2: None, 3: "origin/deeper"}


def test_what_a_sparse_work_tree_lacks_was_not_removed(place, repo):
    repo.git("sparse-checkout", "set", "nothing")

    assert seen(place) == {0: "main", 1: "wider", 2: "wider", 3: "origin/deeper"}
    with pytest.raises(ConflictError) as caught:
        editing.rename(place, "run 0", "x")
    assert "git sparse-checkout add .experiments" in (caught.value.hint or "")


def test_what_a_sparse_work_tree_lacks_is_that_of_its_own_branch_first(place, repo):
    repo.git("checkout", "-q", "wider")
    repo.git("sparse-checkout", "set", "nothing")

    with pytest.raises(ConflictError) as caught:
        editing.rename(place, "run 0", "x")
    assert "git sparse-checkout add .experiments" in (caught.value.hint or "")


def test_the_main_branch_tells_what_a_run_is_where_branches_differ(place, repo):
    repo.git("checkout", "-q", "wider")
    commit(repo, a_run(0, name="renamed on wider"))
    repo.git("checkout", "-q", "--orphan", "empty")
    repo.git("rm", "-rqf", ".")

    assert seen(place) == {0: "main", 1: "wider", 2: "wider", 3: "origin/deeper"}
    assert runs.find(place, "run 0").branch == "main"


def test_a_run_on_a_branch_is_read_whole(place):
    found = runs.find(place, "run 3")

    assert found.manifest == a_run(3)
    assert (found.path, found.branch) == (None, "origin/deeper")


def test_a_run_on_a_branch_is_not_changed_from_here(place):
    with pytest.raises(ConflictError, match="origin/deeper"):
        editing.rename(place, "run 3", "x")
    with pytest.raises(ConflictError, match="wider"):
        removing.plan(place, ["run 1"])


def test_a_branch_that_moved_is_looked_at_again(place, repo):
    assert set(seen(place)) == {0, 1, 2, 3}
    repo.git("checkout", "-q", "wider")
    commit(repo, a_run(4), a_run(1, name="better known"))
    repo.git("checkout", "-q", "main")

    assert seen(place) == {0: None, 1: "wider", 2: "wider", 3: "origin/deeper", 4: "wider"}
    assert runs.find(place, "better known").row.values["metrics.f1"] == 0.1

    repo.git("branch", "-qD", "wider")
    assert set(seen(place)) == {0, 3}


def test_what_is_no_manifest_on_a_branch_is_named_and_hides_nothing(place, repo):
    repo.git("checkout", "-q", "wider")
    bad = place.runs / "2026-11-22" / "20261122-190546-k3f9qa.yaml"
    bad.write_text("schema: [")
    (bad.parent / "20261122-190547-k3f9qa.yaml").symlink_to("/etc/passwd")
    (bad.parent / "20261122-190548-k3f9qa.yaml").write_text("x" * 1_100_000)
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Break one")
    repo.git("checkout", "-q", "main")

    for _ in range(2):
        found = runs.select(place, limit=None)

        assert len(found.rows) == 4
        assert [item.path for item in found.unreadable] == [
            f"wider:.experiments/runs/2026-11-22/20261122-19054{n}-k3f9qa.yaml" for n in (6, 8)
        ]


@pytest.mark.parametrize("kind", ["blob", "symlink", "none"])
def test_a_branch_with_something_else_in_that_place_has_no_runs(place, repo, kind):
    repo.git("checkout", "-q", "--orphan", "odd")
    repo.git("rm", "-rqf", ".")
    (repo.path / ".experiments").mkdir(exist_ok=True)
    if kind == "blob":
        (repo.path / ".experiments" / "runs").write_text("x")
    elif kind == "symlink":
        (repo.path / ".experiments" / "runs").symlink_to("/")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Odd", "--allow-empty")
    repo.git("checkout", "-qf", "main")
    shutil.rmtree(place.state, ignore_errors=True)

    assert set(seen(place)) == {0, 1, 2, 3}


def test_the_manifests_that_a_partial_clone_lacks_are_named_and_not_fetched(place, repo, tmp_path):
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.path}", str(clone))
    repo.path.rename(tmp_path / "gone")

    found = runs.select(project.find(clone), limit=None)

    assert [int(row.id[-1], 32) for row in found.rows] == [0]
    assert {item.reason for item in found.unreadable} == {"not in this partial clone"}
    assert len(found.unreadable) == 2


def test_a_package_list_on_a_branch_is_looked_up_there(place, repo):
    from expctl.core.packages import Package
    from expctl.store import environments

    repo.git("checkout", "-q", "wider")
    name = environments.write(place.experiments, [Package("numpy", "2.1.0")])
    commit(repo, a_run(5, environment=Environment(packages=name)))
    repo.git("checkout", "-q", "main")

    assert seen(place, where="packages.numpy >= '2.1'") == {5: "wider"}


def test_two_runs_of_a_branch_are_told_apart_by_their_package_lists_there(place, repo):
    from expctl.actions import differing
    from expctl.core.packages import Package
    from expctl.store import environments

    repo.git("checkout", "-q", "wider")
    for n, version in ((5, "2.0.0"), (6, "2.1.0")):
        name = environments.write(place.experiments, [Package("numpy", version)])
        commit(repo, a_run(n, environment=Environment(packages=name)))
    repo.git("checkout", "-q", "main")

    found = differing.differ(place, a_run(5).id, a_run(6).id, code=False)

    assert [each.key for each in found.sections[3].changes] == ["package numpy"]
    assert found.notes == ()


def test_bytes_of_a_run_on_a_branch_are_refused_with_the_way_to_its_record(place):
    notes = []

    (only,) = runs.select(place, where="name = 'run 1'").rows
    assert not runbytes.can_read(place, only, notes)
    assert notes == [f"{only.id[-6:]}: its record is on branch wider; bring it here with: git merge wider"]


def test_where_nothing_is_new_it_is_not_said_that_there_are_no_runs(place, repo):
    for command in ("ls", "compare"):
        done = repo.expctl(command, "--new-since", "wider")
        assert done.exit_code == 0
        assert done.err == "No run with --new-since wider; without it: expctl ls\n"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("switch"), st.sampled_from(["main", "one", "two"])),
        st.tuples(st.just("write"), st.integers(0, 5)),
        st.tuples(st.just("edit"), st.integers(0, 5)),
        st.tuples(st.just("remove"), st.integers(0, 5)),
        st.tuples(st.just("commit"), st.just(0)),
        st.tuples(st.just("look"), st.just(0)),
    ),
    min_size=3,
    max_size=10,
)


@given(STEPS)
@settings(deadline=None, max_examples=12)
def test_the_cache_never_changes_the_answer(tmp_path_factory, steps):
    from tests.conftest import Repo

    repo = Repo(tmp_path_factory.mktemp("walk"))
    repo.git("init", "-q", "-b", "main")
    commit(repo, a_run(0))
    repo.git("branch", "one")
    repo.git("branch", "two")
    place = project.find(repo.path)
    for what, which in [*steps, ("look", 0)]:
        if what == "switch":
            repo.git("add", "-A")
            repo.git("commit", "-qm", "x", check=False)
            repo.git("checkout", "-q", which)
        elif what == "write":
            manifests.write(place.runs, a_run(which))
        elif what == "edit":
            manifests.write(place.runs, a_run(which, name="edited"))
        elif what == "remove":
            manifests.path_of(place.runs, a_run(which).id).unlink(missing_ok=True)
        elif what == "commit":
            commit(repo)
        else:
            warm = answer(place)
            kept = place.index.read_bytes()
            place.index.unlink()
            place.index.mkdir()
            assert answer(place) == warm
            place.index.rmdir()
            place.index.write_bytes(kept)


def answer(place):
    found = runs.select(place, limit=None)
    with seeing.see(place) as all_seen:
        columns = sorted(all_seen.view.columns())
        cells = {name: {all_seen.ids[n]: v for n, v in all_seen.column(name).items() if n in all_seen.ids}
                 for name in ("name", "on_branch")}  # fmt: skip
    return [repr(sorted(row.values.items())) for row in found.rows], columns, cells

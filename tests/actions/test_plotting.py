"""``expctl plot`` in a real repository: curves from the cache and from a run in progress, and scatters."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from expctl import project as projects
from expctl.actions import curves, runs, setup
from expctl.errors import DvcError, IncompleteError
from expctl.store import cache

SCRIPT = """\
import sys
import expctl
for step in range(20):
    expctl.log_metric("loss", float(sys.argv[1]) / (step + 1), step=step)
    expctl.log_metric("val/accuracy", step / 20, step=step)
expctl.log_metric("f1", float(sys.argv[1]))
expctl.log_metric("ms", 4 - float(sys.argv[1]))
"""


@pytest.fixture
def trained(make_repo):
    repo = make_repo(files={"train.py": SCRIPT})
    for at, name in enumerate(("첫째", "second", "third"), 1):
        assert repo.expctl("-q", "run", "-n", name, "--", "python", "train.py", str(at)).exit_code == 0
    return repo


def test_curves_of_several_runs_are_drawn(trained):
    done = trained.expctl("plot", "첫째", "second", "-m", "loss", env={"COLUMNS": "80"})

    assert done.exit_code == 0, done.err
    assert "    loss\n" in done.out
    assert "첫째" in done.out
    assert " B " in done.out


def test_without_words_the_latest_run_is_drawn_and_the_rest_named(trained):
    done = trained.expctl("plot")

    assert "loss" in done.out
    assert "val/accuracy" in done.out
    assert "third" in done.out
    assert "second" not in done.out


WAYS = [
    ["--smooth", "0.9"],
    ["--log"],
    ["--x", "time"],
    ["-m", "*oss,accuracy"],
    ["--scatter", "ms,f1"],
    ["--pareto", "f1:max,ms:min", "--color", "name"],
]


@pytest.mark.parametrize("environment", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {}])
def test_every_way_of_drawing_draws(trained, environment):
    for words in WAYS:
        done = trained.expctl("plot", *words, env=environment)

        assert done.exit_code == 0, done.err
        assert len(done.out.splitlines()) > 10
        assert done.out.isascii() or not environment


def test_the_front_is_in_letters(trained):
    done = trained.expctl("plot", "--pareto", "f1:max,ms:min")

    assert "A " in done.out
    assert "third" in done.out
    assert "1 of 3 runs on the front" in done.err


def test_what_cannot_be_drawn_is_said(trained):
    for words, code, said in (
        (["-m", "lss"], 1, "Did you mean loss?"),
        (["-m", "f1"], 1, "There is no curve of f1"),
        (["--smooth", "1"], 2, "from 0 to below 1"),
        (["--scatter", "ms"], 2, "two columns"),
        (["--scatter", "ms,nosuch"], 1, "No run has nosuch"),
        (["--scatter", "ms,name"], 1, "finite numbers"),
        (["--scatter", "ms,f1", "-m", "loss"], 2, "no curves"),
        (["--color", "ms"], 2, "--scatter"),
    ):
        done = trained.expctl("plot", *words)

        assert (done.exit_code, said in done.err) == (code, True), done.err


def test_a_run_without_curves_says_how_to_log_them(repo):
    repo.expctl("run", "--", "true")
    done = repo.expctl("plot")

    assert done.exit_code == 1
    assert "expctl.log_metric" in done.err


def test_a_run_in_progress_is_drawn(make_repo):
    script = SCRIPT + "import subprocess\nsubprocess.run(['expctl', 'plot', '@', '-m', 'loss'], check=True)\n"
    repo = make_repo(files={"train.py": script})
    done = repo.expctl("run", "--", "python", "train.py", "1")

    assert done.exit_code == 0, done.err
    assert "    loss" in done.out


def test_what_a_run_in_progress_printed_is_drawn_too(make_repo):
    script = (
        "import subprocess\n"
        "for n in range(9): print(f'epoch {n}: train_loss={1 / (n + 1):.4f}', flush=True)\n"
        "subprocess.run(['expctl', 'plot', '@', '-m', 'train_loss'], check=True)\n"
    )
    repo = make_repo(files={"train.py": script})
    done = repo.expctl("run", "--", "python", "train.py")

    assert done.exit_code == 0, done.err
    assert "    train_loss" in done.out


def test_series_that_are_gone_are_said_and_damaged_ones_not_drawn(trained):
    project = projects.find(trained.path)
    run = runs.find(project, "second").manifest
    path = cache.path_of(setup.cache_dir(project), run.outputs["series"])
    os.chmod(path, 0o644)
    with open(path, "ab") as file:
        file.write(b"x")
    with pytest.raises(cache.DamagedError):
        curves.read(project, run)
    os.remove(path)
    assert curves.read(project, run, fetch=False) == {}
    assert trained.expctl("plot", "second").exit_code == 1


def test_series_are_fetched_on_demand(trained, tmp_path):
    trained.expctl("-q", "commit")
    store = tmp_path / "store"
    store.mkdir()
    trained.git("init", "-q", "--bare", str(tmp_path / "origin.git"))
    trained.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    subprocess.run(
        ["dvc", "--cd", ".experiments", "remote", "add", "-q", "-d", "store", str(store)],
        cwd=trained.path,
        check=True,
    )
    assert trained.expctl("--yes", "push").exit_code == 0
    project = projects.find(trained.path)
    run = runs.find(project, "second").manifest
    shutil.rmtree(setup.cache_dir(project))
    done = trained.expctl("plot", "second", "-m", "loss")

    assert done.exit_code == 0, done.err
    assert "    loss\n" in done.out
    # The list of what the run kept and its series; not its output, nor any model.
    assert len([path for path in setup.cache_dir(project).rglob("*") if path.is_file()]) == 2
    assert run.outputs["series"][2:] in {path.name for path in setup.cache_dir(project).rglob("*")}
    shutil.rmtree(setup.cache_dir(project))
    assert "(--fetch)" in trained.expctl("report").err
    assert "(--fetch)" not in trained.expctl("report", "--fetch").err


@pytest.mark.parametrize("is_packed", [False, True])
def test_series_of_a_run_that_only_a_branch_has_are_fetched_by_its_pointer_there(
    trained, tmp_path, is_packed
):
    store = tmp_path / "store"
    store.mkdir()
    trained.git("commit", "-q", "--allow-empty", "-m", "First")
    trained.git("checkout", "-q", "-b", "theirs")
    trained.expctl("-q", "commit")
    add = ["dvc", "--cd", ".experiments", "remote", "add", "-q", "--local", "-d", "store", str(store)]
    subprocess.run(add, cwd=trained.path, check=True)
    trained.git("init", "-q", "--bare", str(tmp_path / "origin.git"))
    trained.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    if is_packed:
        assert trained.expctl("pack", "--all").exit_code == 0
        assert trained.expctl("-q", "commit").exit_code == 0
    assert trained.expctl("--yes", "push").exit_code == 0
    trained.git("checkout", "-q", "-")
    place = projects.find(trained.path)
    shutil.rmtree(setup.cache_dir(place))
    assert not list(place.runs.glob("*/*.dvc"))

    done = trained.expctl("plot", "second", "third", "-m", "loss")

    assert done.exit_code == 0, done.err
    assert "  loss\n" in done.out
    # For each run the list of what it kept, and its series.
    assert len([path for path in setup.cache_dir(place).rglob("*") if path.is_file()]) == 4
    assert not list(place.runs.glob("*/*"))


def test_where_the_latest_run_has_no_curve_the_latest_that_has_one_is_drawn(trained):
    assert trained.expctl("-q", "run", "-n", "plain", "--", "true").exit_code == 0
    latest = runs.find(projects.find(trained.path), "plain").manifest.id
    done = trained.expctl("plot", "-m", "loss")

    assert done.exit_code == 0, done.err
    assert " third" in done.out
    assert f"The latest run, {latest[-6:]}, has no curve." in done.err
    assert "has no curve" not in trained.expctl("plot", "second", "-m", "loss").err
    refused = trained.expctl("plot", "plain")
    assert refused.exit_code == 1
    assert f"Run {latest[-6:]} has no metric with more than one point." in refused.err


def test_printed_metrics_have_steps_and_no_times_which_is_said(make_repo):
    code = "for i in range(3): print(f'epoch {i + 1}/3 loss={1 / (i + 1)}')"
    repo = make_repo()
    assert repo.expctl("-q", "run", "--", "python", "-c", code).exit_code == 0

    assert "loss: only its steps are known; leave out --x time" in repo.expctl("plot", "--x", "time").out


def test_series_that_no_remote_has_are_said(trained):
    project = projects.find(trained.path)
    run = runs.find(project, "second").manifest._replace(outputs={"series": "0" * 32})
    with pytest.raises(DvcError, match="no DVC remote"):
        curves.read(project, run)
    with pytest.raises(IncompleteError, match="pointer of run"):
        curves.read(project, run._replace(id="20200101-000000-abcdef"))

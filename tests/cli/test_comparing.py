"""compare: groups, baseline, curves, HTML, and drawn again and again."""

from __future__ import annotations

import csv
import io
import sys
from html.parser import HTMLParser

import pytest

from expctl.core.manifest import Environment, Metric
from expctl.core.packages import Package
from expctl.store import environments, manifests
from tests.records import full
from tests.terminal import Terminal

IDS = tuple(f"20261122-19050{n}-k3f9q{n}" for n in range(6))


@pytest.fixture
def runs(repo):
    """Two models, three seeds each; the names hold what HTML must not show as it is."""
    for n, run_id in enumerate(IDS):
        run = full(
            run_id,
            capture=None,
            name=f"<b>run {n}</b>",
            params={"model": "net" if n < 3 else "tree", "seed": n % 3},
            metrics={"f1": Metric(value=0.5 + n / 10), "loss": Metric(value=1.0, min=0.5, max=2.0, points=9)},
            outputs={},
        )
        manifests.write(repo.path / ".experiments" / "runs", run)
    return repo


def test_seeds_vanish_in_groups(runs) -> None:
    done = runs.expctl("compare", "--group-by", "params.model", "--columns", "f1")

    rows = [line.split() for line in done.out.splitlines()[-2:]]
    assert rows == [["net", "3", "0.6", "±", "0.1"], ["tree", "3", "0.9*", "±", "0.1"]]
    assert "2 groups of 6 runs" in done.err


def test_columns_that_groups_have_no_room_for_are_told_with_the_way_to_them(repo) -> None:
    for n, run_id in enumerate(IDS[:2]):
        metrics = {f"a_rather_long_metric_{at}": Metric(value=n + at / 10) for at in range(12)}
        run = full(run_id, capture=None, params={"model": "net"}, metrics=metrics, outputs={})
        manifests.write(repo.path / ".experiments" / "runs", run)

    done = repo.expctl("compare", "--group-by", "params.model", env={"COLUMNS": "80"})

    assert "more (--columns picks some, --format csv has all)." in done.err


def test_groups_can_be_filtered_sorted_and_limited(runs) -> None:
    told = runs.expctl(
        "compare", "-g", "model,seed", "-w", "seed < 2", "-s", "f1 DESC", "-n", "2", "--json"
    ).json

    assert [each["key"] for each in told["groups"]] == [
        {"params.model": "tree", "params.seed": 1},
        {"params.model": "tree", "params.seed": 0},
    ]
    assert told["groups"][0]["metrics"]["metrics.f1"] == {
        "mean": 0.9,
        "std": None,
        "n": 1,
        "min": 0.9,
        "max": 0.9,
    }
    assert told["groups"][0]["runs"] == [IDS[4]]


@pytest.mark.parametrize("form", ["csv", "md", "html"])
def test_groups_are_printed_for_other_programs(runs, form: str) -> None:
    out = runs.expctl("compare", "-g", "model", "--format", form).out

    if form == "csv":
        (header, net, _) = csv.reader(io.StringIO(out))
        assert dict(zip(header, net, strict=True))["metrics.f1 mean"].startswith("0.6")
    else:
        assert "0.6" in out
        assert "± 0.1" in out


def test_groups_refuse_what_is_about_single_runs(runs) -> None:
    assert runs.expctl("compare", "-g", "model", "--baseline", "@").exit_code == 2
    assert runs.expctl("compare", "-g", " ").exit_code == 2
    assert "Did you mean" in runs.expctl("compare", "-g", "modle").err


def test_the_baseline_comes_first_and_the_others_are_held_against_it(runs) -> None:
    done = runs.expctl("compare", "--baseline", IDS[2], "--sort", "f1", "--columns", "f1,loss", "-n", "3")

    lines = [line.split() for line in done.out.splitlines()[-3:]]
    assert [line[1:3] for line in lines] == [["0.7*", "1"], ["0.5", "-0.2"], ["0.6", "-0.1"]]
    told = runs.expctl("compare", "--baseline", IDS[2], "--json").json
    assert told["baseline"] == IDS[2] == told["runs"][0]["id"]
    assert told["deltas"][IDS[0]]["metrics.f1"] == pytest.approx(-0.2)
    assert told["deltas"][IDS[2]] == {}
    header = runs.expctl("compare", "--baseline", IDS[2], "--format", "csv").out.splitlines()[0]
    assert "metrics.f1 - baseline" in header
    assert "0.5 (-0.2)" in runs.expctl("compare", "--baseline", IDS[2], "--format", "md").out


def test_curves_are_drawn_from_this_clone_else_their_extent_is_told(runs) -> None:
    script = "import expctl\nfor n in range(20): expctl.log_metric('loss', 1 / (n + 1), step=n)"
    done = runs.expctl("run", "-n", "curved", "--", "python", "-c", script)
    assert done.exit_code == 0, done.err

    out = runs.expctl("compare", "--spark", "loss", "--all", "--columns", "name,loss").out
    by_columns = runs.expctl("compare", "--columns", "name,loss~", "--all").out

    for text in (out, by_columns):
        lines = {line.split()[1]: line for line in text.splitlines()[3:]}
        assert "█▄▂" in lines["curved"]
        assert "0.5…2" in lines["<b>run"]
    assert "~" not in runs.expctl("compare", "--spark", "loss", "--format", "csv").out.splitlines()[0]
    assert runs.expctl("compare", "--spark", "model").exit_code == 2


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)
        assert not any(name in ("src", "href") or name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_curve_that_was_asked_for_has_room_before_anything_else(runs) -> None:
    done = runs.expctl("compare", "--spark", "loss", env={"COLUMNS": "40"})

    assert "loss~" in done.out
    assert "did not fit" in done.err


def test_a_metric_that_repeats_another_is_shown_once(repo) -> None:
    for n, run_id in enumerate(IDS[:3]):
        metrics = {"f1_score": Metric(value=0.8264 + n / 30), "macro_avg_f1_score": None, "recall": None}
        metrics |= {name: Metric(value=round(0.8264 + n / 30, 2)) for name in list(metrics)[1:]}
        run = full(run_id, capture=None, metrics=metrics, outputs={})
        manifests.write(repo.path / ".experiments" / "runs", run)

    done = repo.expctl("compare")

    assert "macro" not in done.out
    assert "recall" in done.out
    assert "Shown once: f1_score = macro_avg_f1_score (--all shows them)." in done.err
    assert "macro_avg_f1_score" in repo.expctl("compare", "--all").out.replace("_\n", "_")
    assert "macro_avg_f1_score" in repo.expctl("compare", "--sort", "macro_avg_f1_score").out
    assert "Shown once" in repo.expctl("compare", "--format", "md").out
    grouped = repo.expctl("compare", "--group-by", "status")
    assert "macro" not in grouped.out
    assert "Shown once" in grouped.err
    assert "macro" in repo.expctl("compare", "--group-by", "status", "--all").out
    assert "macro_avg_f1_score" in repo.expctl("compare", "--format", "csv").out


def test_versions_of_packages_are_columns_and_orders_as_well_as_conditions(repo) -> None:
    for run_id, version in zip(IDS, ("1.9.0", "1.10.0", "1.26.4"), strict=False):
        name = environments.write(repo.path / ".experiments", [Package("numpy", version)])
        run = full(run_id, capture=None, environment=Environment(packages=name), outputs={})
        manifests.write(repo.path / ".experiments" / "runs", run)

    sort = ("--sort", "packages.numpy")
    told = repo.expctl("compare", *sort, "--columns", "packages.numpy,name", "--format", "csv").out

    assert [line.split(",")[1] for line in told.splitlines()[1:]] == ["1.9.0", "1.10.0", "1.26.4"]
    assert "1.26.4" in repo.expctl("compare", *sort).out
    keys = [each["key"] for each in repo.expctl("compare", "-g", "packages.numpy", "--json").json["groups"]]
    assert keys == [{"packages.numpy": text} for text in ("1.9.0", "1.10.0", "1.26.4")]


def test_a_package_that_no_run_had_is_refused_with_the_nearest_wherever_it_is_asked_for(repo) -> None:
    listed = [Package("numpy", "2.1.0"), Package("scikit-learn", "1.9.1")]
    name = environments.write(repo.path / ".experiments", listed)
    run = full(IDS[0], capture=None, environment=Environment(packages=name), outputs={})
    manifests.write(repo.path / ".experiments" / "runs", run)

    for option in ("--columns", "--sort", "--group-by", "--where"):
        typed = "packages.scikit" + (" > '1'" if option == "--where" else "")
        refused = repo.expctl("compare", option, typed)
        assert refused.exit_code == 1, option
        assert "No run has packages.scikit." in refused.err
        assert "Did you mean packages.scikit-learn?" in refused.err
        good = typed.replace("scikit", "scikit-learn")
        assert repo.expctl("compare", option, good).exit_code == 0, option
    found = repo.expctl("compare", "--columns", "packages.*", "--format", "csv").out
    assert found.splitlines()[0] == "id,packages.numpy,packages.scikit-learn"
    assert "1.9.1" in found
    assert repo.expctl("ls", "--where", "packages.absent is null", "--json").json


def test_what_goes_with_a_metric_is_told_by_how_much(runs) -> None:
    done = runs.expctl("compare", "--effects", "f1", env={"COLUMNS": "80"})
    rows = [line.split() for line in done.out.splitlines()[3:]]

    assert [row[0] for row in rows] == ["model", "seed"]
    assert rows[0][2:] == ["71", "%", "tree", "0.90", "3", "net", "0.60", "3"]
    assert "over 6 runs goes with each alone" in done.err
    told = runs.expctl("compare", "--effects", "f1", "--json").json
    assert [each["column"] for each in told["effects"]] == ["params.model", "params.seed"]
    assert told["effects"][0]["levels"][0] == {
        "low": "tree",
        "high": "tree",
        "n": 3,
        "mean": pytest.approx(0.9),
    }


def test_effects_say_what_they_cannot_tell(runs) -> None:
    assert "too few to tell" in runs.expctl("compare", "--effects", "f1", "--where", "seed = 1").err
    for option in (["--pareto", "f1"], ["--ranks"], ["--limit", "3"]):
        done = runs.expctl("compare", "--effects", "f1", *option)
        assert (done.exit_code, option[0] in done.err) == (2, True)
    assert runs.expctl("compare", "--effects", "f1", "--format", "md").exit_code == 2
    assert "Did you mean" in runs.expctl("compare", "--effects", "los").err
    assert "the same in all 6 runs" in runs.expctl("compare", "--effects", "loss").err
    assert "No parameter can tell" in runs.expctl("compare", "--effects", "f1", "--columns", "name").err


def test_html_is_one_file_and_holds_names_as_text(runs) -> None:
    read = _Cells()
    read.feed(runs.expctl("compare", "--format", "html", "--baseline", "@").out)

    assert "script" not in read.tags
    assert "b" not in read.tags
    assert "<b>run 5</b>" in read.words
    assert read.tags.count("tr") == 2 + 6  # groups and heads above the runs


def test_watch_draws_again_when_a_run_comes_and_ends_with_ctrl_c(runs) -> None:
    terminal = Terminal(runs.path)
    try:
        terminal.type(f"{sys.executable} -m expctl compare --watch --columns name; echo ended=$?\n")
        terminal.wait_for(r"(?s)run 5</b>.*run 0</b>.*q ends this")
        manifests.write(runs.path / ".experiments" / "runs", full("20261124-190500-k3f9q0", name="newcomer"))
        terminal.wait_for(r"(?s)newcomer.*run 5</b>")
        terminal.type("\x03")
        terminal.wait_for(r"ended=0")
    finally:
        terminal.close()


def test_watch_needs_a_terminal(runs) -> None:
    done = runs.expctl("compare", "--watch")

    assert done.exit_code == 2
    assert "terminal" in done.err

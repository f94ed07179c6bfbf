"""``expctl report`` in a real repository."""

from __future__ import annotations

import json
import os
import re

import pytest

from expctl.core.manifest import Metric
from expctl.store import manifests
from tests import hostile, records
from tests.render.test_report import payload

SCRIPT = """\
import sys
import expctl
for step in range(20):
    expctl.log_metric("loss", float(sys.argv[1]) / (step + 1), step=step)
expctl.log_metric("f1", float(sys.argv[1]))
"""


def data_of(repo, name="report.html"):
    return payload((repo.path / name).read_text(encoding="utf-8"))


@pytest.fixture
def trained(make_repo):
    repo = make_repo(files={"train.py": SCRIPT})
    for at, name in enumerate(("첫째", "second"), 1):
        assert repo.expctl("-q", "run", "-n", name, "--", "python", "train.py", str(at)).exit_code == 0
    return repo


def test_a_report_holds_all_runs_with_their_curves(trained):
    done = trained.expctl("report")

    assert done.exit_code == 0, done.err
    assert "report.html: 2 runs" in done.err
    data = data_of(trained)
    names = {column["name"]: column for column in data["columns"]}
    assert names["name"]["words"] == ["second", "첫째"]
    assert names["metrics.f1"]["values"] == [2.0, 1.0]
    assert set(data["curves"]) == {"0", "1"}
    assert data["curves"]["0"]["loss"][0] == list(range(20))
    assert data["selected"] == []


def test_runs_that_are_named_stand_first_and_are_selected(trained):
    trained.expctl("report", "첫째", "-o", "a.html")
    data = data_of(trained, "a.html")

    assert data["selected"] == [0]
    assert next(c for c in data["columns"] if c["name"] == "name")["words"] == ["첫째", "second"]


def test_a_report_is_filtered_sorted_limited_and_titled(trained):
    trained.expctl("report", "--sort", "f1", "--limit", "1", "--curves", "0", "--title", "<b>T</b>")
    data = data_of(trained)

    assert len(data["ids"]) == 1
    assert data["curves"] == {}
    assert "<title>&lt;b&gt;T&lt;/b&gt;</title>" in (trained.path / "report.html").read_text()
    trained.expctl("report", "--where", "f1 > 1.5", "--pareto", "f1:max")
    assert data_of(trained)["objectives"] == [{"column": "metrics.f1", "direction": "max"}]
    assert trained.expctl("report", "--where", "f1 > 5").exit_code == 1


def test_a_report_replaces_a_report_and_nothing_else(trained):
    assert trained.expctl("report").exit_code == 0
    assert trained.expctl("report").exit_code == 0
    done = trained.expctl("report", "-o", "train.py")

    assert done.exit_code == 5
    assert (trained.path / "train.py").read_text() == SCRIPT
    assert trained.expctl("report", "-o", "train.py/report.html").exit_code == 1
    assert trained.expctl("report", "-o", "train.py", "--force").exit_code == 0


def test_a_report_makes_no_later_run_dirty(make_repo):
    repo = make_repo(files={"train.py": "print('done')\n"})
    assert repo.expctl("-q", "run", "--", "python", "train.py").exit_code == 0
    assert repo.expctl("report").exit_code == 0
    assert repo.expctl("-q", "run", "--", "python", "train.py").exit_code == 0

    trees = [json.loads(repo.expctl("show", ref, "--json").out)["code"] for ref in ("@", "@-1")]
    assert [tree["dirty"] for tree in trees] == [False, False]
    assert trees[0]["tree"] == trees[1]["tree"]


def test_only_a_file_is_written_and_a_link_is_followed(trained):
    os.mkfifo(trained.path / "pipe")
    (trained.path / "link.html").symlink_to("real.html")

    for name in ("pipe", ".", "/dev/null"):
        assert trained.expctl("report", "-o", name, "--force").exit_code == 5
    assert trained.expctl("report", "-o", "link.html").exit_code == 0
    assert (trained.path / "link.html").is_symlink()
    assert len(data_of(trained, "real.html")["ids"]) == 2


def test_a_report_can_go_through_a_pipe(trained):
    done = trained.expctl("report", "-o", "-")

    assert done.exit_code == 0
    assert len(payload(done.out)["ids"]) == 2


def test_a_plot_becomes_a_page(trained):
    assert trained.expctl("plot", "second", "-m", "loss", "--smooth", "0.5", "-o", "c.html").exit_code == 0
    data = data_of(trained, "c.html")

    assert (data["tab"], len(data["ids"]), data["selected"]) == ("curves", 1, [0])
    assert data["view"] == {"metric": "loss", "smooth": 0.5, "log": False, "time": False}
    assert trained.expctl("plot", "--scatter", "duration_s,f1", "-o", "s.html").exit_code == 0
    goals = [goal["column"] for goal in data_of(trained, "s.html")["objectives"]]
    assert goals == ["metrics.f1", "duration_s"]


def test_hostile_manifests_are_named_and_poisoned_ones_are_text(repo):
    evil = hostile.POISON + "</script><script>alert(1)</script>"
    run = records.full(
        name=evil, tags={evil: evil}, params={evil: {evil: evil}}, metrics={evil: Metric(value=1.0)}
    )
    manifests.write(repo.path / ".experiments" / "runs", run)
    other = repo.path / ".experiments" / "runs" / "2026-11-22" / "20261122-200000-aaaaaa.yaml"
    other.write_text("<<<<<<< HEAD\n")
    done = repo.expctl("report")

    assert done.exit_code == 0, done.err
    assert "20261122-200000-aaaaaa" in done.err
    text = (repo.path / "report.html").read_text(encoding="utf-8")
    assert "alert(1)" not in re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)
    assert len(re.findall("</script>", text)) == 2
    names = [column for column in payload(text)["columns"] if column["name"] == "name"]
    assert names[0]["value"] == evil
    assert "\\u003c" in json.dumps(text) or "\\\\u003c" in json.dumps(text)


def test_a_repository_without_runs_has_no_report(repo):
    done = repo.expctl("report")

    assert done.exit_code == 1
    assert not (repo.path / "report.html").exists()

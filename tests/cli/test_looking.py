"""ls, show, compare, diff, tag, note and rename, as a user types them."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata

import pytest

from expctl.core.manifest import CodeState, Metric
from expctl.store import manifests
from tests import hostile
from tests.records import full

IDS = ("20261122-190546-k3f9qa", "20261122-190601-k3fwe6", "20261122-190701-m1zepe")


@pytest.fixture
def runs(repo):
    """Three runs that are told apart by name, a parameter and a metric; hostile text in the last."""
    names = ("baseline", "모델 실험", "\x1b[31mred [bold]x[/] \u202eevil")
    for at, run_id in enumerate(IDS):
        run = full(run_id, capture=None, code=CodeState())
        run = run._replace(
            name=names[at],
            params={"lr": 0.1 * (at + 1), "epochs": 10},
            metrics={"f1_score": Metric(value=0.8 + at / 20), "time_ms": Metric(value=10.0 + at)},
            environment=None,
            code=None,
        )
        manifests.write(repo.path / ".experiments" / "runs", run)
    return repo


def test_ls_shows_the_newest_first(runs) -> None:
    lines = runs.expctl("ls").out.split("\n")

    assert [line[:6] for line in lines if line[:6] in {run_id[-6:] for run_id in IDS}] == [
        "m1zepe",
        "k3fwe6",
        "k3f9qa",
    ]


def test_ls_as_json_is_typed(runs) -> None:
    told = runs.expctl("ls", "--json").json

    assert told["schema"] == "expctl/runs/v1"
    assert [run["id"] for run in told["runs"]] == list(reversed(IDS))
    assert told["runs"][0]["metrics.f1_score"] == pytest.approx(0.9)


def test_compare_marks_the_best_and_hides_what_is_constant(runs) -> None:
    done = runs.expctl("compare")

    assert "0.90*" in done.out
    assert "10*" in done.out
    assert "epochs" not in done.out
    assert "epochs = 10" in done.err


def test_compare_filters_sorts_and_limits(runs) -> None:
    done = runs.expctl("compare", "--where", "f1_score > 0.82", "--sort", "lr DESC", "--limit", "1", "--json")

    assert [run["id"] for run in done.json["runs"]] == [IDS[2]]


def test_compare_marks_the_front(runs) -> None:
    done = runs.expctl("compare", "--pareto", "f1_score:max,time_ms:min")

    assert done.out.count("●") == 3
    assert "3 runs on the front" in done.err


@pytest.mark.parametrize("form", ["csv", "md", "json"])
def test_compare_prints_for_other_programs(runs, form: str) -> None:
    done = runs.expctl("compare", "--format", form)

    assert done.exit_code == 0
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(done.out)))) == 4
    elif form == "md":
        table, _, same = done.out.strip().partition("\n\n")
        assert all(line.startswith("| ") for line in table.split("\n"))
        assert same.startswith("The same in all 3 runs: epochs = 10")
    else:
        assert json.loads(done.out)["schema"] == "expctl/comparison/v1"


@pytest.mark.parametrize(("form", "around"), [("csv", 1), ("md", 4)])
def test_what_is_exported_is_not_cut_to_a_screenful(repo, form: str, around: int) -> None:
    for n in range(30):
        run = full(f"20261122-1905{n:02}-k3f9qa", params={"lr": n, "epochs": 10}, name=None)
        manifests.write(repo.path / ".experiments" / "runs", run)

    assert repo.expctl("compare", "--format", form).out.count("\n") == 30 + around
    assert repo.expctl("compare", "--format", form, "--limit", "7").out.count("\n") == 7 + around
    assert repo.expctl("compare").out.count("k3f9qa") == 20


def test_csv_and_json_have_columns_that_are_constant(runs) -> None:
    header, *rows = csv.reader(io.StringIO(runs.expctl("compare", "--format", "csv").out))
    told = runs.expctl("compare", "--format", "json").json

    assert {row[header.index("params.epochs")] for row in rows} == {"10"}
    assert told["constant"]["params.epochs"] == 10
    assert all(run["values"]["params.epochs"] == 10 for run in told["runs"])


@pytest.mark.parametrize("form", [[], ["--format", "csv"], ["--format", "md"], ["--json"]])
@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}, {"COLUMNS": "60"}, {"LC_ALL": "C"}])
def test_no_hostile_name_reaches_the_terminal_whole(
    runs, form: list[str], environment: dict[str, str]
) -> None:
    done = runs.expctl("compare", *form, env=environment)

    assert done.exit_code == 0
    assert "\x1b[31mred" not in done.out
    assert "\u202e" not in done.out
    assert "[bold]x" in done.out or "COLUMNS" in environment


@pytest.mark.parametrize("command", ["ls", "compare", "show", "diff"])
def test_an_ascii_terminal_is_served_too(runs, command: str) -> None:
    words = ("@-1", "@") if command == "diff" else ()
    done = runs.expctl(command, *words, env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})

    assert done.exit_code == 0
    assert done.out.isascii()


def test_show_says_everything_and_is_found_in_many_ways(runs) -> None:
    pages = {runs.expctl("show", name).out for name in ("@", "m1z", IDS[2], "best:f1_score", "@-0")}

    assert len(pages) == 1
    assert "Hyperparameters" in pages.pop()


def test_show_as_yaml_is_the_file(runs) -> None:
    path = runs.path / ".experiments" / "runs" / "2026-11-22" / f"{IDS[0]}.yaml"

    assert runs.expctl("show", "baseline", "--yaml").out == path.read_text()


def test_show_as_json_has_the_sections_of_the_file(runs) -> None:
    assert runs.expctl("show", "baseline", "--json").json["params"] == {"lr": 0.1, "epochs": 10}


def test_show_takes_one_form_only(runs) -> None:
    assert runs.expctl("show", "--json", "--yaml").exit_code == 2


def test_an_output_that_is_not_here_is_said_with_how_to_get_it(runs) -> None:
    done = runs.expctl("show", "@", "--log")

    assert done.exit_code == 8
    assert f"expctl pull {IDS[2]}" in done.err


def test_of_a_run_that_failed_it_is_said_where_the_reason_stands(repo) -> None:
    said = "What it printed: expctl show "

    for code in (0, 3):
        done = repo.expctl("run", "--", "sh", "-c", f"echo because; exit {code}")
        assert done.exit_code == code
        shown = repo.expctl("show")
        assert (said in shown.err) is bool(code)
    assert repo.expctl(*shown.err.strip().removeprefix("What it printed: expctl ").split()).out == "because\n"


def test_an_ambiguous_reference_lists_both(runs) -> None:
    done = runs.expctl("show", "k3f")

    assert done.exit_code == 2
    assert IDS[0] in done.err
    assert IDS[1] in done.err


def test_a_run_that_is_not_there_is_an_error_in_json_too(runs) -> None:
    done = runs.expctl("show", "nosuch", "--json")

    assert done.exit_code == 1
    assert done.out == ""
    assert json.loads(done.err)["kind"] == "RunNotFoundError"


def test_a_wrong_filter_shows_where(runs) -> None:
    done = runs.expctl("compare", "--where", "f1_scor > 0.8")

    assert done.exit_code == 1
    assert "f1_score" in done.err
    assert "^" in done.err


def test_diff_tells_the_two_apart(runs) -> None:
    done = runs.expctl("diff", "baseline", "모델 실험")

    assert "0.1" in done.out
    assert "0.2" in done.out
    assert "better" in done.out
    assert runs.expctl("diff", "@-2", "@-1", "--json").json["schema"] == "expctl/diff/v1"


def test_tags_notes_and_names_are_changed_and_shown(runs) -> None:
    assert runs.expctl("tag", "baseline", "grade=5", "why=a=b").exit_code == 0
    assert runs.expctl("note", "baseline", "two", "words").exit_code == 0
    assert runs.expctl("rename", "baseline", "새 이름").exit_code == 0
    tags = runs.expctl("tag", "새 이름").out

    assert "grade=5\n" in tags
    assert "why=a=b\n" in tags
    assert "two words" in runs.expctl("show", "새 이름").out
    assert runs.expctl("tag", "새 이름", "--remove", "grade").exit_code == 0
    assert "grade" not in runs.expctl("tag", "새 이름").out


def test_a_tag_without_a_value_is_explained(runs) -> None:
    done = runs.expctl("tag", "baseline", "grade")

    assert done.exit_code == 2
    assert "--remove grade" in done.err


def test_an_unreadable_manifest_is_named_and_the_others_listed(runs) -> None:
    path = runs.path / ".experiments" / "runs" / "2026-11-22" / "20261122-200000-aaaaaa.yaml"
    path.write_text("<<<<<<< HEAD\n")
    done = runs.expctl("ls")

    assert done.exit_code == 0
    assert "20261122-200000-aaaaaa" in done.err
    assert "m1zepe" in done.out


@pytest.mark.parametrize("command", ["ls", "compare"])
def test_every_hostile_manifest_is_named_and_none_speaks_to_the_terminal(runs, command: str) -> None:
    folder = runs.path / ".experiments" / "runs" / "2026-11-21"
    folder.mkdir()
    for at, case in enumerate(hostile.cases().values()):
        hostile.plant(folder / f"20261121-00{at // 60:02}{at % 60:02}-h0st1e.yaml", case)
    done = runs.expctl(command, env={"FORCE_COLOR": "1", "COLUMNS": "150"})
    told = re.sub("\x1b\\[[0-9;]*m", "", done.out + done.err)

    assert done.exit_code == 0
    assert "m1zepe" in told
    assert "expctl validate" in done.err
    assert not [char for char in told if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"]


def test_a_poisoned_run_is_shown_as_text_by_every_command(runs) -> None:
    evil = hostile.POISON
    run = full("20261122-200000-ev11rq", name=evil, experiment=evil, tags={evil: evil}, notes=(evil,),
               params={evil: {evil: evil}}, metrics={evil: Metric(value=1.0)})  # fmt: skip
    manifests.write(runs.path / ".experiments" / "runs", run)
    for words in (["show"], ["ls", "--all"], ["compare", "--all"], ["diff", "@-1", "@"], ["tag", "@"]):
        done = runs.expctl(*words, env={"FORCE_COLOR": "1", "COLUMNS": "150"})
        told = re.sub("\x1b\\[[0-9;]*m", "", done.out + done.err)

        assert done.exit_code == 0
        assert not [
            char for char in told if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"
        ]
        assert "\x1b[31mred" not in done.out


def test_compare_ranks_every_run(runs) -> None:
    ranked = runs.expctl("compare", "--pareto", "f1_score:max,lr:max", "--ranks")

    assert ranked.out.splitlines()[1].split()[:2] == ["run", "rank"]
    assert [line.split()[1] for line in ranked.out.splitlines()[3:]] == ["1", "2", "3"]
    told = runs.expctl("compare", "--pareto", "f1_score:max,lr:max", "--ranks", "--json").json
    assert list(told["ranks"].values()) == [1, 2, 3]
    assert "rank" in runs.expctl("compare", "--pareto", "lr:min", "--ranks", "--format", "md").out
    assert runs.expctl("compare", "--ranks").exit_code == 2

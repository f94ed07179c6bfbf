"""The commands ``validate`` and ``config``, as a user types them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import ID, cases, plant


@pytest.fixture
def runs(repo) -> Path:
    folder = repo.path / ".experiments" / "runs" / "2026-11-22"
    folder.mkdir(parents=True)
    return folder


def test_validate_says_that_all_is_well(repo):
    done = repo.expctl("validate")

    assert (done.exit_code, done.out, done.err) == (0, "", "0 files checked, no faults\n")


def test_validate_prints_no_control_byte_whatever_a_file_holds(repo, runs):
    bad = 'status: "\\e[31m"\ntags: {"\\e]0;owned\\a": 1, "\\u202e": 2}\n'
    (runs / f"{ID}.yaml").write_text(f"schema: expctl/run/v1\n{bad}", encoding="utf-8")
    done = repo.expctl("validate")

    assert done.exit_code == 1
    assert "tags." in done.out
    assert not [
        char for char in done.out + done.err if (ord(char) < 32 and char != "\n") or 0x7E < ord(char) < 0xA0
    ]
    assert "\u202e" not in done.out


def test_validate_tells_all_hostile_files_in_one_go(repo, runs):
    made = 0
    for number, (name, case) in enumerate(cases().items()):
        if isinstance(case, bytes) and len(case) > 2_000_000:
            continue
        plant(runs / f"20261122-190546-{number:06d}.yaml", case)
        made += 1
        assert name
    done = repo.expctl("validate", "--json")
    found = done.json

    assert done.exit_code == 1
    assert found["schema"] == "expctl/validate/v1"
    assert found["checked"] == made
    assert len({finding["file"] for finding in found["findings"]}) == made >= 40
    assert all(set(finding) == {"file", "path", "message"} for finding in found["findings"])


def test_validate_works_as_a_hook_of_pre_commit(repo, runs):
    """The hook that we publish is run as pre-commit runs it: from the top, with the files of the commit."""
    hooks = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert "entry: expctl validate" in hooks
    good, bad = runs / "20261122-190546-aaaaaa.yaml", runs / f"{ID}.yaml"
    good.write_bytes(b"schema: expctl/run/v9\n")
    bad.write_bytes(b"a: 1\n")
    done = repo.expctl("validate", str(bad.relative_to(repo.path)))

    assert done.exit_code == 1
    assert done.out == f".experiments/runs/2026-11-22/{ID}.yaml: schema: missing: not a manifest of expctl\n"


def test_config_list_shows_every_setting_and_where_it_was_set(repo):
    repo.write(".experiments/config.yaml", "experiment: fraud\nkeep_models: 1 GiB\n")
    done = repo.expctl("config", "list", "--show-origin", env={"EXPCTL_COMMIT": "yes"})

    assert done.exit_code == 0
    rows = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert rows["experiment"].split() == [".experiments/config.yaml", "fraud"]
    assert rows["commit"].split() == ["EXPCTL_COMMIT", "true"]
    assert rows["keep_models"].split(maxsplit=1) == [".experiments/config.yaml", "1 GiB"]
    assert rows["hooks"].split() == ["default", "true"]


def test_config_list_as_json_holds_plain_values(repo):
    settings = repo.expctl("config", "list", "--json").json["settings"]

    assert settings["log"] == {"value": 64 << 20, "origin": "default"}
    assert settings["selections"] == {"value": {}, "origin": "default"}


def test_config_set_keeps_comments_and_get_reads_it_back(repo):
    repo.write(".experiments/config.yaml", "# mine\nexperiment: a  # why\n")
    assert repo.expctl("config", "set", "experiment", "2024").exit_code == 0
    assert repo.expctl("config", "set", "directions.rmse", "min").exit_code == 0

    text = (repo.path / ".experiments" / "config.yaml").read_text(encoding="utf-8")
    assert text == "# mine\nexperiment: '2024' # why\ndirections:\n  rmse: min\n"
    assert repo.expctl("config", "get", "experiment").out == "2024\n"
    assert repo.expctl("config", "unset", "directions").exit_code == 0
    assert repo.expctl("config", "get", "directions").out == "{}\n"


def test_config_set_makes_the_file_where_there_is_none(repo):
    assert repo.expctl("config", "set", "commit", "true").exit_code == 0
    assert (repo.path / ".experiments" / "config.yaml").read_text(encoding="utf-8") == "commit: true\n"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["set", "commit", "maybe"], 1, ".experiments/config.yaml: commit: not true or false"),
        (["set", "log", "lots"], 1, "log: not a size such as 500 MiB"),
        (
            ["set", "directions.rmse", "down"],
            1,
            "directions: not a mapping from a metric's name or pattern to max",
        ),
        (["set", "kommit", "true"], 2, "Did you mean commit?"),
        (["get", "zzz"], 2, "expctl config list"),
        (["unset", "commit"], 2, "does not set commit"),
    ],
)
def test_config_refuses_what_cannot_be_and_changes_nothing(repo, words, code, message):
    repo.write(".experiments/config.yaml", "# mine\n")
    done = repo.expctl("config", *words)

    assert done.exit_code == code
    assert message in done.err
    assert (repo.path / ".experiments" / "config.yaml").read_text(encoding="utf-8") == "# mine\n"


def test_a_link_in_the_place_of_the_settings_is_not_written_through(repo, tmp_path):
    (tmp_path / "outside").write_text("a: 1\n", encoding="utf-8")
    (repo.path / ".experiments").mkdir()
    (repo.path / ".experiments" / "config.yaml").symlink_to(tmp_path / "outside")
    done = repo.expctl("config", "set", "commit", "true")

    assert done.exit_code == 1
    assert (tmp_path / "outside").read_text(encoding="utf-8") == "a: 1\n"


def test_two_at_once_lose_nothing(repo):
    words = [["experiment", "x"], ["commit", "true"], ["log", "1 MiB"], ["hooks", "false"]]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "expctl", "config", "set", *pair], cwd=repo.path,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for pair in words
    ]  # fmt: skip
    assert [process.wait() for process in started] == [0, 0, 0, 0]

    text = (repo.path / ".experiments" / "config.yaml").read_text(encoding="utf-8")
    assert sorted(text.splitlines()) == ["commit: true", "experiment: x", "hooks: false", "log: 1 MiB"]

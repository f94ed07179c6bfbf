"""Settings: five places, one order, every fault named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from expctl import config
from expctl.core import settings
from expctl.errors import ConfigError


@pytest.fixture
def load(tmp_path):
    """Write settings files (the project's, pyproject.toml, the user's) and load them."""

    def loaded(text: str = "", *, pyproject: str = "", user: str = "") -> config.Config:
        places = {
            tmp_path / ".experiments" / "config.yaml": text,
            tmp_path / "pyproject.toml": pyproject,
            Path(config.user_file()): user,
        }
        for path, content in places.items():
            if content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
        return config.load(tmp_path / ".experiments" / "config.yaml", root=tmp_path)

    return loaded


def test_without_any_file_every_setting_has_its_default(load):
    held = load()

    assert (held.experiment, held.commit, held.hooks) == ("default", False, True)
    assert held.keep_models_bytes == 500 * 2**20
    assert held.origin("experiment") == "default"
    assert held.warnings == ()


def test_the_nearer_place_wins_and_says_so(load, monkeypatch):
    monkeypatch.setenv("EXPCTL_LOG", "1 KiB")
    held = load(
        "experiment: project\nlog: 2 MiB\n",
        pyproject="[tool.expctl]\nexperiment = 'toml'\ncommit = true\n",
        user="experiment: user\ncommit: false\nhooks: false\n",
    )

    assert (held.experiment, held.commit, held.hooks, held.log_bytes) == ("project", True, False, 1024)
    assert held.origin("experiment") == ".experiments/config.yaml"
    assert held.origin("commit") == "pyproject.toml"
    assert held.origin("hooks") == config.user_file()
    assert held.origin("log") == held.origin("log_bytes") == "EXPCTL_LOG"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("500 MiB", 500 << 20),
        ("1.5GiB", 3 << 29),
        ("10kb", 10_000),
        ("7", 7),
        (7, 7),
        ("0", 0),
        ("2 TB", 2 * 10**12),
    ],
)
def test_a_size_may_be_written_as_people_write_it(text, count):
    assert settings.size(text) == count


@pytest.mark.parametrize("text", ["", "-1", "MiB", "1 potato", "1e3", True, 1.5, None, -1, "٣"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(settings.WrongError):
        settings.size(text)


@pytest.mark.parametrize("count", [0, 1, 1000, 1024, 1 << 20, 3 << 30, 5 << 40])
def test_a_size_is_shown_so_that_it_can_be_written_again(count):
    assert settings.size(settings.size_text(count)) == count


def test_all_faults_are_told_at_once(load):
    with pytest.raises(ConfigError) as caught:
        load("commit: maybe\nlog: lots\ndata: 5\ndirections: {f1: up}\nexperiment: ''\nselections: []\n")

    assert str(caught.value).splitlines() == [
        ".experiments/config.yaml: commit: not true or false",
        ".experiments/config.yaml: log: not a size such as 500 MiB",
        ".experiments/config.yaml: data: not a list of texts",
        ".experiments/config.yaml: directions: not a mapping from a metric's name or pattern to max or min",
        ".experiments/config.yaml: experiment: not a text",
        ".experiments/config.yaml: selections: not a mapping from a name to the steps of a flow",
    ]


def test_an_unknown_setting_is_a_warning_with_the_nearest_name(load):
    held = load("expriment: x\nzzz: 1\n")

    assert held.experiment == "default"
    assert held.warnings == (
        ".experiments/config.yaml: unknown setting 'expriment'. Did you mean experiment?",
        ".experiments/config.yaml: unknown setting 'zzz'.",
    )


@pytest.mark.parametrize("key", ["params_files", "metrics_files", "artifacts"])
@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "~/.ssh/id_rsa",
        "../x",
        "a/../../x",
        "./../x",
        "*/../../x",
        "link/id_rsa",
        "link/*",
        "C:\\x",
    ],
)
def test_a_repository_names_no_file_outside_of_itself(load, tmp_path, key, name):
    (tmp_path / "link").symlink_to("/etc")
    held = load(f"{key}: ['{name}', inside/a.yaml, 'x/../y/*']\n")

    assert getattr(held, key) == ("inside/a.yaml", "x/../y/*")
    [said] = held.ignored
    assert "is outside of the repository" in said
    assert said in held.warnings


def test_a_person_names_files_wherever_they_are(load):
    assert load("commit: true\n", user="params_files: [/etc/x.yaml]\n").params_files == ("/etc/x.yaml",)


def test_too_many_patterns_are_a_fault(load):
    with pytest.raises(ConfigError, match="more than 200 texts"):
        load(f"artifacts: {['a'] * 201}\n")


def test_a_file_of_comments_sets_nothing(load):
    assert load("# experiment: x\n\n   # more\n") == load()


@pytest.mark.parametrize(
    "text", ["[1]\n", "just words\n", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", "\x00", "<<<<<<< a\n"]
)
def test_a_broken_file_is_named(load, text):
    with pytest.raises(ConfigError, match=r"^\.experiments/config\.yaml: "):
        load(text)


def test_a_link_in_the_place_of_the_settings_is_not_followed(load, tmp_path):
    (tmp_path / ".experiments").mkdir()
    (tmp_path / ".experiments" / "config.yaml").symlink_to("/etc/passwd")

    with pytest.raises(ConfigError, match="a symbolic link"):
        load()


def test_a_pyproject_that_is_broken_or_of_others_does_not_matter(load):
    assert load(pyproject="[tool.expctl\n").warnings == ()
    assert load(pyproject="[project]\nname = 'expctl-user'\n").experiment == "default"


def test_simple_settings_are_read_without_a_yaml_library(load, tmp_path):
    load("# words\nexperiment: fraud\n\ndirections:\n  rmse: min\nlog: 64 MiB\n")
    script = """
import sys
from pathlib import Path
from expctl import config
held = config.load(Path(sys.argv[1]) / ".experiments/config.yaml", root=Path(sys.argv[1]))
print(held.experiment, held.log_bytes, sorted({"yaml", "tomllib", "difflib", "tempfile"} & set(sys.modules)))
"""
    top = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True, cwd=top
    )

    assert done.stdout == "fraud 67108864 []\n"


def test_every_setting_has_a_field_and_every_field_a_setting():
    fields = set(config.Config._fields) - {"warnings", "ignored", "origins"}
    assert fields == {settings.field_of(key) for key in settings.KEYS}
    assert settings.key_of("keep-models") == settings.key_of("keep_models_bytes") == "keep_models"
    assert settings.key_of("experiment_bytes") is None


def test_what_the_repository_sets_is_told_from_what_a_person_sets(load):
    assert load("data: [a]\n").came_with_repository("data")
    assert not load(user="experiment: mine\n").came_with_repository("experiment")

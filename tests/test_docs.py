"""The docs are held to the code: commands, examples, links, settings of the project."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from expctl.cli.main import app
from expctl.cli.table import COMMANDS

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: Pages with terminal sessions. The README's is the demo, which has a test of its own.
SESSIONS = [
    path for path in PAGES if path.parent != ROOT and "```console" in path.read_text(encoding="utf-8")
]
#: Their examples are walked elsewhere: minutes of training, or two machines.
WALKED_ELSEWHERE = {"demo": "tests/actions/test_demo.py", "push": "tests/actions", "pull": "tests/actions"}

_IN_PRODUCTION = tuple(
    line
    for version in ("v1.1.0", "v1.2.0")
    for line in (
        f"register fraud_detector --version {version}",
        f"promote fraud_detector@{version} --to staging",
        f"promote fraud_detector@{version} --to production",
    )
)
#: What must have happened before the example of a command makes sense.
BEFORE = {
    "promote": _IN_PRODUCTION[:-1],
    **dict.fromkeys(("archive", "rollback", "history", "model", "alias", "monitor"), _IN_PRODUCTION),
}


def of_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def command(name: str):
    group = get_command(app)
    return group.get_command(group.make_context("expctl", [], resilient_parsing=True), name)


def leaves(name: str):
    """A command, or the commands under it."""
    found = command(name)
    if hasattr(found, "list_commands"):
        return [found.get_command(None, inner) for inner in found.list_commands(None)]
    return [found]


def example_of(leaf) -> list[str]:
    assert leaf.epilog, f"{leaf.name} has no example"
    assert leaf.epilog.startswith("Example: expctl ")
    return shlex.split(leaf.epilog.removeprefix("Example: expctl "))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_in_our_form(name: str) -> None:
    for leaf in leaves(name):
        first = (leaf.help or "").split("\n", 1)[0]

        assert re.match(r"[A-Z][a-z]+ ", first), "the help begins with an imperative"
        for param in leaf.params:
            line = getattr(param, "help", "") or ""
            if param.name != "help":
                assert line, f"{name}: {param.name} has no help"
                assert not line.endswith("."), f"{name}: {param.name}: no full stop"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_an_example_that_names_itself(name: str) -> None:
    for leaf in leaves(name):
        words = example_of(leaf)

        assert words[0] == name


def test_the_page_of_commands_is_not_stale() -> None:
    maker = _load(ROOT / "docs" / "make_commands.py")

    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "run: python docs/make_commands.py"


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in WALKED_ELSEWHERE])
def test_the_example_of_a_command_runs(name: str, examples) -> None:
    for words in BEFORE.get(name, ()):
        assert examples.expctl(*words.split()).exit_code == 0, words
    for leaf in leaves(name):
        latest = examples.manifests()[-1].stem[-6:]
        words = [latest if word == "k3f9qa" else word for word in example_of(leaf)]
        done = examples.expctl("--yes", *words)

        assert done.exit_code == 0, f"{' '.join(words)}\n{done.out}{done.err}"
        assert "Traceback" not in done.err


@pytest.mark.parametrize("path", SESSIONS, ids=of_path)
def test_the_sessions_of_a_page_run(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()

    played = _load(ROOT / "docs" / "make_sessions.py").play(path.read_text(encoding="utf-8"), folder)

    assert played.failures == []


@pytest.mark.parametrize("path", PAGES, ids=of_path)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    dead = [
        t
        for t in targets
        if "://" not in t and not t.startswith("mailto:") and not (path.parent / t).exists()
    ]

    assert dead == []


def test_every_page_is_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md", ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        waiting += [(page.parent / target).resolve() for target in targets if "://" not in target]

    fragments = {path for path in PAGES if path.parent.name == "changelog"}
    assert [of_path(path) for path in set(PAGES) - seen - fragments] == []


def test_the_readme_gives_both_commands_as_one_line_each() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for marker, ending in (("demo", ".venv/bin/expctl demo"), ("tests", "pytest")):
        block = re.search(rf"<!-- command: {marker} -->\n```sh\n(.+)\n```\n", readme)
        assert block, f"no block marked {marker}"
        assert block[1].startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert ending in block[1]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    reader = script[script.index("readme_command()") : script.index("test_command=")]
    done = subprocess.run(
        ["bash", "-c", f"{reader}\nreadme_command tests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "pytest" in done.stdout
    assert done.stdout.strip() in (ROOT / "README.md").read_text(encoding="utf-8")
    assert done.stdout.count("\n") == 1


def test_changelog_fragments_have_names_that_towncrier_reads() -> None:
    kinds = {kind["directory"] for kind in _pyproject()["tool"]["towncrier"]["type"]}
    names = [path.name for path in (ROOT / "docs" / "changelog").iterdir() if path.name != "README.md"]

    assert names
    assert [name for name in names if not re.fullmatch(rf"\d+\.({'|'.join(kinds)})(\.\d+)?\.md", name)] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_exit_code_of_an_error_is_documented() -> None:
    errors = _load(ROOT / "expctl" / "errors.py")
    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)}

    assert {code for code in codes if f"| {code} |" not in page} == set()


def test_files_of_the_package_that_are_no_modules_are_in_the_wheel() -> None:
    patterns = _pyproject()["tool"]["setuptools"]["package-data"]["expctl"]
    packed = {path for pattern in patterns for path in (ROOT / "expctl").glob(pattern)}
    modules = {path for path in (ROOT / "expctl").rglob("*.py") if (path.parent / "__init__.py").exists()}
    files = {
        path for path in (ROOT / "expctl").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }

    assert {of_path(path) for path in files - packed - modules} == set()


def _pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"loaded_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def examples(make_repo):
    """A repository in which every example makes sense: the names that they use are there."""
    repo = make_repo(
        files={"train.py": _TRAIN, ".gitignore": "metrics.json\nmodel.joblib\n", "params.yaml": "lr: 0.1\n"}
    )
    for name in ("baseline", "deeper", "wider"):
        done = repo.expctl("run", "-e", "fraud", "-n", name, "--", sys.executable, "train.py", "--lr", "0.01")
        assert done.exit_code == 0, done.err
    repo.write(".experiments/config.yaml", _FLOW)
    return repo


_FLOW = """\
selections:
  production-candidate:
    - {require: metrics.f1_score > 0.85, otherwise: reject}
    - {then: register}
"""
_TRAIN = """\
import json
json.dump({"f1": 0.87, "f1_score": 0.87, "loss": 0.2, "inference_time_ms": 3.0}, open("metrics.json", "w"))
open("model.joblib", "wb").write(b"weights")
print("val_loss=0.25")
import expctl
for step in range(5):
    expctl.log_metric("loss", 0.2 + 1 / (step + 1), step=step)
"""

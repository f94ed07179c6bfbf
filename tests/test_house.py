"""The rules of the house that no linter holds: sizes, start-up, the syntax of what runs anywhere."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "expctl"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

#: What takes long to import: none of it before it is needed.
HEAVY = {"asyncio", "dvc", "numpy", "pandas", "pydantic", "ruamel", "sklearn", "sqlite3", "tomllib", "yaml"}
#: What the road of ``expctl run`` may not import either, while the user waits for their command to start.
SLOW_FOR_RUN = HEAVY | {
    "concurrent", "csv", "dataclasses", "hashlib", "http", "importlib.metadata", "inspect", "logging", "rich",
    "shutil", "tempfile", "typer", "typing", "urllib.request",
}  # fmt: skip
#: Runs in the child's interpreter, whatever its age.
FOR_ANY_INTERPRETER = [
    *sorted((PACKAGE / "hook").glob("*.py")),
    PACKAGE / "api" / "live.py",
    PACKAGE / "core" / "events.py",
]
#: Traces of a workplace, spelled so that this file does not find itself.
TRACES = r"/wor[k]/|/far[m]/|/tmp/la[b]|/roo[t]/|far[m]-[a-z]|subagen[t]|\bthis [s]ession\b|\bhelper agen[t]"


def of_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=of_path)
def test_a_module_is_short_and_says_first_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 300
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "no docstring"


@pytest.mark.parametrize("path", TESTS, ids=of_path)
def test_a_test_file_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_functions_are_short() -> None:
    long = [
        f"{of_path(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _body_lines(node) > 50
    ]

    assert long == []


def test_classes_have_few_public_methods() -> None:
    wide = [
        f"{of_path(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and _public_methods(node) > 10
    ]

    assert wide == []


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "types"}

    assert [of_path(path) for path in MODULES if path.stem in vague or path.parent.name in vague] == []


def test_every_folder_of_modules_is_a_package() -> None:
    bare = {path.parent for path in MODULES if not (path.parent / "__init__.py").exists()}

    assert bare <= {PACKAGE, PACKAGE / "demo"}
    assert PACKAGE not in bare


@pytest.mark.parametrize("path", FOR_ANY_INTERPRETER, ids=of_path)
def test_what_runs_in_the_childs_interpreter_is_old_python(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))

    assert isinstance(tree, ast.Module)
    beside = {module.stem for module in (PACKAGE / "hook").glob("*.py")}
    assert _absolute_imports(tree) <= sys.stdlib_module_names | beside | {"expctl"}


@pytest.mark.parametrize(
    ("words", "forbidden"),
    [
        (["--version"], SLOW_FOR_RUN | {"dataclasses", "json", "subprocess"}),
        (["--help"], HEAVY | {"rich.table"}),
        (["ls", "--help"], HEAVY | {"rich.table"}),
        (["run", "--", "true"], SLOW_FOR_RUN),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_only_what_it_needs(words: list[str], forbidden: set[str], repo) -> None:
    repo.expctl("init")

    loaded = _modules_after(words, repo.path)

    assert {name for name in forbidden if name in loaded} == set()


def test_import_expctl_is_light() -> None:
    loaded = _modules_after(None, ROOT)

    assert {name for name in SLOW_FOR_RUN | {"subprocess", "dataclasses"} if name in loaded} == set()


def test_the_project_speaks_of_itself_only() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    assert listed.returncode == 0, "run the tests in a git checkout: git knows what belongs to the project"
    traces = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in listed.stdout.decode().split("\0")
        if name and (ROOT / name).is_file()
        for number, line in enumerate(
            (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if re.search(TRACES, line, flags=re.IGNORECASE)
    ]

    assert traces == []


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and its docstring; the words of a command are no work."""
    first, last = node.body[0].lineno, node.end_lineno or node.lineno
    if ast.get_docstring(node) and len(node.body) > 1:
        first = node.body[1].lineno
    return last - first + 1


def _public_methods(node: ast.ClassDef) -> int:
    return sum(
        isinstance(child, ast.FunctionDef) and not child.name.startswith("_") and not child.decorator_list
        for child in node.body
    )


def _absolute_imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _modules_after(words: list[str] | None, folder: Path) -> set[str]:
    """The modules that an interpreter has loaded after one command line, or after ``import expctl``."""
    call = (
        f"from expctl.__main__ import entry\nentry({words!r})"
        if words
        else "import expctl; expctl.log_metric"
    )
    # -S would be purer and would not find an editable install: what site itself loads is taken off instead.
    code = (
        f"import sys\nbefore = set(sys.modules)\n{call}\nprint('\\n' + ' '.join(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())

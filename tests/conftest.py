"""Real repositories for the tests, and no way to the true home directory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import browser

# The same examples every time: a change is refused for what it broke, not for what chance found that day.
# --hypothesis-profile=default hunts among others. How slow a busy machine is says nothing of a test.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}
#: Names of the surrounding environment that a test may see; everything else is dropped.
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@pytest.fixture(autouse=True)
def _no_true_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process of a test sees an empty home and no configuration of the machine's owner."""
    home = tmp_path_factory.mktemp("home-of-nobody")
    for name in list(os.environ):
        if name not in KEPT and not name.startswith(("PYTEST", "COV_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(home / "dvc-site-cache"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"])
    for name, value in AUTHOR.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """A shell ignores these signals for what it starts in the background, and children inherit that."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, usual)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        return json.loads(self.out)


@dataclass(frozen=True)
class Repo:
    """A git repository in a temporary folder."""

    path: Path

    def git(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(["git", *words], cwd=self.path, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def expctl(self, *words: str, cwd: Path | None = None, env: dict[str, str] | None = None,
               stdin: str | None = None) -> Ended:  # fmt: skip
        """Run expctl as a user does: a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "expctl", *words],
            cwd=cwd or self.path,
            env={**os.environ, **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def commit_all(self, message: str = "Change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def manifests(self) -> list[Path]:
        """Manifests in the work tree, oldest first: of one second the ids say nothing of the order."""
        found = (self.path / ".experiments" / "runs").glob("*/*.yaml")
        return sorted(found, key=lambda path: (_started_at(path), path.name))


def _started_at(manifest: Path) -> str:
    text = manifest.read_text(encoding="utf-8", errors="replace") if manifest.is_file() else ""
    return next((line for line in text.splitlines() if line.startswith("started_at:")), "")


def ok(done: Ended) -> str:
    """What a command printed that must have succeeded."""
    assert done.exit_code == 0, done.err
    return done.out


def stock(folder: Path, *words: str) -> str:
    """What somebody else's command printed that must have succeeded."""
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def make_repo(tmp_path: Path):
    def make(name: str = "repo", *, files: dict[str, str] | None = None) -> Repo:
        path = tmp_path / name
        path.mkdir()
        repo = Repo(path)
        repo.git("init", "-q", "-b", "main")
        for file, text in (files if files is not None else {"train.py": "print('hello')\n"}).items():
            repo.write(file, text)
        if files is None or files:
            repo.commit_all("First commit")
        return repo

    return make


@pytest.fixture
def repo(make_repo) -> Repo:
    """A repository with one committed script, ``train.py``."""
    return make_repo()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none; CONTRIBUTING says how to get one."""
    if browser.CHROMIUM and browser.DRIVER:
        return
    without = [item for item in items if item.get_closest_marker("browser")]
    if without:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if not item.get_closest_marker("browser")]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="Write golden texts instead of comparing")


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Hold a text against the file of that name under ``tests/golden``."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--golden-update"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"no golden text {name}; write it with --golden-update and look at it"
        assert text == path.read_text(encoding="utf-8")

    return check


@pytest.fixture(scope="module")
def mould(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where ``promotions.moulded`` keeps what it makes once for a file of tests."""
    return tmp_path_factory.mktemp("mould")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """Where a bare repository is to come that clones share."""
    return tmp_path / "hub.git"

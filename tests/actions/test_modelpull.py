"""The bytes of registered versions: by stage, in other clones, from other repositories."""

import subprocess
import sys
from pathlib import Path

import pytest

import expctl
from expctl.errors import AnswerIsNoError, UsageError
from expctl.store import cache
from tests.conftest import ok, stock


@pytest.fixture
def served(repo, tmp_path):
    """Two versions of a model, the first in production, bytes pushed; the hub beside it."""
    repo.write("train.py", "import sys\nopen('model.pt', 'w').write(sys.argv[1])\n")
    repo.write(".gitignore", "model.pt\n")
    stock(repo.path, "dvc", "init", "-q")
    stock(repo.path, "dvc", "remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    repo.commit_all()
    stock(tmp_path, "git", "init", "-q", "-b", "main", "--bare", str(tmp_path / "hub.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    repo.git("push", "-q", "origin", "HEAD")
    for word in ("one", "two"):
        ok(repo.expctl("run", "--", sys.executable, "train.py", word))
        ok(repo.expctl("register", "fraud"))
    ok(repo.expctl("promote", "fraud@v1.0.0", "--to", "staging"))
    ok(repo.expctl("promote", "fraud", "--to", "production"))
    ok(repo.expctl("push", "--yes"))
    return repo


def test_a_clone_without_records_and_a_folder_without_a_repository_get_the_bytes(served, tmp_path, make_repo):
    stock(tmp_path, "git", "clone", "-q", "hub.git", "clone")
    stock(
        tmp_path / "clone",
        sys.executable,
        "-m",
        "expctl",
        "model",
        "pull",
        "fraud",
        "--stage",
        "production",
        "-o",
        "a.pt",
    )
    (tmp_path / "plain").mkdir()
    hub = str(tmp_path / "hub.git")

    printed = stock(
        tmp_path / "plain", sys.executable, "-m", "expctl", "model", "pull", "fraud@1.1.0", "--repo", hub
    )

    assert (tmp_path / "clone/a.pt").read_text() == "one"
    place = printed.strip()
    assert place.endswith("/model.pt")
    assert Path(place).read_text() == "two"
    assert not list((tmp_path / "plain").iterdir())


def test_a_program_is_given_a_path(served, monkeypatch):
    monkeypatch.chdir(served.path)

    path = expctl.model_path("fraud", stage="production")

    assert Path(path).read_text() == "one"
    assert path == expctl.model_path("fraud", version="v1.0.0")
    with pytest.raises(AnswerIsNoError, match="No version of fraud is in staging"):
        expctl.model_path("fraud", stage="staging")
    with pytest.raises(UsageError):
        expctl.model_path("fraud")


def test_what_is_nowhere_to_be_had_is_said(served, tmp_path):
    stock(tmp_path, "git", "clone", "-q", "hub.git", "clone")
    (tmp_path / "store").rename(tmp_path / "gone")

    done = subprocess.run(
        [sys.executable, "-m", "expctl", "model", "pull", "fraud", "--stage", "production"],
        cwd=tmp_path / "clone", capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode in (1, 8)
    assert "Traceback" not in done.stderr
    assert "fraud@v1.0.0" in done.stderr or "dvc" in done.stderr


def test_a_file_that_is_there_is_not_replaced(served):
    served.write("mine.pt", "mine")

    done = served.expctl("model", "pull", "fraud", "--stage", "production", "-o", "mine.pt")

    assert done.exit_code == 5
    assert (served.path / "mine.pt").read_text() == "mine"


def test_damaged_bytes_are_not_handed_out(served):
    run = served.expctl("model", "show", "fraud", "--json").json["versions"][1]["run"]
    place = ok(served.expctl("artifacts", run, "--get", "model.pt", "-o", "copy.pt"))
    cache = served.path / ".git/expctl/dvc-cache"
    (target,) = [path for path in cache.rglob("*") if path.is_file() and path.read_bytes() == b"one"]
    target.chmod(0o644)
    target.write_text("0ne")

    done = served.expctl("model", "pull", "fraud", "--stage", "production", "-o", "new.pt")

    assert place
    assert done.exit_code == 6
    assert "damaged" in done.err
    assert not (served.path / "new.pt").exists()


def test_a_model_of_stock_gto_is_not_guessed_at(served):
    stock(served.path, "gto", "register", "churn", "--version", "v0.1.0")

    done = served.expctl("model", "pull", "churn@v0.1.0")

    assert done.exit_code == 1
    assert "dvc artifacts get . churn" in done.err


@pytest.mark.parametrize("words", [["fraud"], ["fraud@v1.0.0", "--stage", "production"]])
def test_one_of_stage_and_version_must_be_said(served, words):
    assert served.expctl("model", "pull", *words).exit_code == 2


def test_a_folder_that_could_not_be_written_whole_is_never_given_out(repo, tmp_path, monkeypatch):
    repo.write("train.py", "import os\nos.mkdir('net')\n[open(f'net/{x}', 'w').write(x) for x in 'ab']\n")
    repo.write(".gitignore", "net/\n")
    repo.commit_all()
    ok(repo.expctl("run", "--artifact", "net", "--", sys.executable, "train.py"))
    ok(repo.expctl("register", "fraud"))
    monkeypatch.chdir(repo.path)
    true_get, given = cache.get, []

    def fails_after_one(*words):
        if given:
            raise KeyboardInterrupt
        given.append(words)
        return true_get(*words)

    with monkeypatch.context() as patch:
        patch.setattr(cache, "get", fails_after_one)
        with pytest.raises(KeyboardInterrupt):
            expctl.model_path("fraud", version="v1.0.0")

    place = Path(expctl.model_path("fraud", version="v1.0.0"))

    assert sorted(each.name for each in place.iterdir()) == ["a", "b"]
    assert [each.name for each in place.parent.iterdir()] == ["net"]

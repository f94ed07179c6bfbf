"""What a command reads: found, hashed, stored where nothing else holds it, and brought back."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from expctl.store import manifests

PYTHON = sys.executable
READS = "import sys\nfor name in sys.argv[1].split('+'):\n    print(len(open(name, 'rb').read()))\n"


@pytest.fixture
def repo(make_repo):
    made = make_repo(files={"reads.py": READS, ".gitignore": "*.csv\n*.dat\n/sets/\n", "tracked.json": "{}"})
    made.write("a.csv", "1\n2\n")
    return made


def run(repo, *words: str):
    done = repo.expctl("run", *words)
    assert done.exit_code == 0, done.err
    return done


def data(repo):
    return {item.path: item for item in manifests.read(repo.manifests()[-1]).data}


def test_what_a_python_command_opens_is_its_data_though_nothing_names_it(repo):
    run(repo, "--", PYTHON, "reads.py", "a.csv+tracked.json+reads.py")

    [item] = data(repo).values()
    assert (item.path, item.md5, item.bytes, item.changed) == (
        "a.csv", hashlib.md5(b"1\n2\n").hexdigest(), 4, False,
    )  # fmt: skip


def test_secrets_and_what_the_run_itself_wrote_are_no_data(repo):
    repo.write(".env", "TOKEN=1")
    repo.write("later.py", "open('new.dat', 'w').write('x')\nopen('new.dat').read()\nopen('.env').read()\n")
    run(repo, "--", PYTHON, "later.py")

    assert data(repo) == {}


def test_an_input_that_was_read_and_then_written_is_flagged(repo):
    repo.write(
        "slow.py", "import subprocess\nopen('a.csv').read()\nsubprocess.run('echo 3 >> a.csv', shell=True)\n"
    )
    run(repo, "--no-keep", "--data", "a.csv", "--", PYTHON, "slow.py")

    assert data(repo)["a.csv"].changed


def test_many_files_of_one_folder_are_one_input(repo):
    for n in range(30):
        repo.write(f"sets/part/{n}.dat", str(n))
    run(repo, "--", PYTHON, "reads.py", "+".join(f"sets/part/{n}.dat" for n in range(30)))

    [item] = data(repo).values()
    assert (item.path, item.nfiles) == ("sets/part", 30)


def test_a_folder_of_dvc_s_is_one_input_and_is_not_stored_again(repo):
    repo.write("set/x.bin", "x")
    repo.write("set/deep/y.bin", "y")
    for words in (["init", "-q"], ["add", "-q", "set"]):
        subprocess.run(["dvc", *words], cwd=repo.path, check=True, capture_output=True)
    repo.write("named.py", "open('set/deep/y.bin').read()\n")
    run(repo, "--", PYTHON, "named.py")

    [item] = data(repo).values()
    assert (item.path, item.dvc, item.stored) == ("set", "set.dvc", False)


def test_an_input_that_neither_git_nor_dvc_holds_is_stored_once_and_comes_back(repo):
    for _ in range(2):
        run(repo, "--", PYTHON, "reads.py", "a.csv")
    (repo.path / "a.csv").unlink()

    assert data(repo)["a.csv"].stored
    listed = repo.expctl("artifacts", "@")
    assert "input" in listed.out
    assert repo.expctl("artifacts", "@", "--get", "a.csv", "-o", "back.csv").exit_code == 0
    assert (repo.path / "back.csv").read_text() == "1\n2\n"


def test_a_folder_that_was_stored_comes_back_whole(repo):
    repo.write("sets/a/1.dat", "one")
    repo.write("sets/a/deep/2.dat", "two")
    run(repo, "--data", "sets/a", "--", "true")

    assert data(repo)["sets/a"].stored
    assert repo.expctl("artifacts", "@", "--get", "sets/a", "-o", "back").exit_code == 0
    assert (repo.path / "back/deep/2.dat").read_text() == "two"


def test_what_the_source_tree_holds_is_not_stored_again(repo):
    repo.write("small.tsv", "1\t2\n")
    run(repo, "--", PYTHON, "reads.py", "small.tsv+tracked.json")

    assert [(item.path, item.stored) for item in data(repo).values()] == [("small.tsv", False)]


@pytest.mark.parametrize(("setting", "said"), [("2", "dvc init && dvc add a.csv"), ("0", None)])
def test_what_is_too_large_to_store_is_not_stored_and_the_line_to_type_is_said(repo, setting, said):
    repo.write(".experiments/config.yaml", f"keep_data: {setting}\n")
    done = run(repo, "--", PYTHON, "reads.py", "a.csv")

    assert not data(repo)["a.csv"].stored
    assert (said in done.err) if said else ("dvc add" not in done.err)


def test_stored_inputs_travel_with_the_run(repo, tmp_path):
    repo.git("init", "-q", "-b", "main", "--bare", str(tmp_path / "hub.git"))
    repo.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    for words in (["init", "-q"], ["remote", "add", "-q", "-d", "store", str(tmp_path / "store")]):
        subprocess.run(["dvc", *words], cwd=repo.path, check=True, capture_output=True)
    run(repo, "--", PYTHON, "reads.py", "a.csv")
    repo.commit_all("Record")
    repo.git("push", "-q", "-u", "origin", "main")
    assert repo.expctl("--yes", "push").exit_code == 0
    subprocess.run(["git", "clone", "-q", tmp_path / "hub.git", tmp_path / "bob"], check=True)

    got = repo.expctl("artifacts", "@", "--get", "a.csv", cwd=tmp_path / "bob")

    assert got.exit_code == 0, got.err
    assert (tmp_path / "bob" / "a.csv").read_text() == "1\n2\n"
    pointer = next((tmp_path / "bob").glob(".experiments/runs/*/*.dvc"))
    subprocess.run(["dvc", "pull", "-q", pointer], cwd=pointer.parent, check=True)
    assert (pointer.with_suffix("") / "data" / "a.csv").read_text() == "1\n2\n"

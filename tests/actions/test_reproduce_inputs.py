"""Inputs of a repeat that lie elsewhere: objects whose version is compared, files outside of the tree."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from expctl.store import manifests

PYTHON = sys.executable
#: Runs until what was asked about its inputs is answered: the end of a run waits for that only a while.
UNTIL_ANSWERED = """\
import os, time
while not os.path.exists(os.path.join(os.environ["EXPCTL_RUN_DIR"], "uris.json")):
    time.sleep(0.01)
print("f1=1")
"""


@pytest.fixture
def server():
    """A server of one object, whose version a test can change."""

    class Handler(BaseHTTPRequestHandler):
        etag = '"one"'
        asked = 0

        def do_HEAD(self):
            Handler.asked += 1
            self.send_response(200)
            self.send_header("ETag", Handler.etag)
            self.send_header("Content-Length", "5")
            self.end_headers()

        def log_message(self, *_):
            pass

    found = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{found.server_port}/x.csv", Handler
    found.shutdown()
    found.server_close()
    thread.join()


def test_an_object_elsewhere_must_have_its_recorded_version(make_repo, server):
    url, handler = server
    repo = make_repo(files={"train.py": UNTIL_ANSWERED})
    repo.expctl("run", "-n", "first", "--data", url, "--", PYTHON, "train.py")
    [known] = manifests.read(repo.manifests()[0]).data
    assert known.etag == '"one"'

    assert repo.expctl("--yes", "reproduce", "first").exit_code == 0
    handler.etag = '"two"'
    before = handler.asked
    assert repo.expctl("reproduce", "first").exit_code == 2
    assert handler.asked == before, "nobody had said yes"
    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 8
    assert "has another etag now" in done.err


def test_an_object_that_cannot_be_reached_is_said_and_does_not_stop_it(make_repo):
    repo = make_repo(files={"train.py": "print('f1=1')\n"})
    repo.expctl("run", "-n", "first", "--data", "http://127.0.0.1:9/x.csv", "--", PYTHON, "train.py")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert "http://127.0.0.1:9/x.csv: not checked" in done.err


def test_a_file_outside_is_used_where_it_is_if_its_hash_is_the_same(make_repo, tmp_path):
    outside = tmp_path / "x.csv"
    outside.write_text("0.25\n")
    repo = make_repo(files={"train.py": "import sys\nprint('f1=' + open(sys.argv[1]).read().strip())\n"})
    repo.expctl("run", "-n", "first", "--data", str(outside), "--", PYTHON, "train.py", str(outside))

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert f"{outside}: outside, same hash" in done.err
    outside.write_text("0.75\n")
    assert "has other bytes now" in repo.expctl("--yes", "reproduce", "first").err


@pytest.mark.parametrize("by", ["expctl", "dvc"])
def test_an_input_that_was_brought_back_is_no_output_of_the_repeat(make_repo, by):
    repo = make_repo(files={"train.py": "print('f1=' + open('d.csv').read())\n", ".gitignore": "/d.csv\n"})
    repo.write("d.csv", "0.25\n")
    if by == "dvc":
        for words in (["init"], ["add", "d.csv"]):
            subprocess.run([PYTHON, "-m", "dvc", "-q", *words], cwd=repo.path, check=True)
        repo.commit_all()
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    (repo.path / "d.csv").unlink()

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    repeat = manifests.read(repo.manifests()[-1])
    assert [each.path for each in repeat.data] == ["d.csv"]
    assert repeat.artifacts == ()


def test_a_folder_of_inputs_comes_back_whole(make_repo):
    script = "import os\nprint(f'f1={len(os.listdir(\"data\"))}')\n"
    repo = make_repo(files={"train.py": script, ".gitignore": "data/\n"})
    for name in ("a", "b"):
        repo.write(f"data/{name}.csv", "0.25\n")
    repo.expctl("run", "-n", "first", "--data", "data", "--", PYTHON, "train.py")
    repo.write("data/c.csv", "0.25\n")
    repo.write("data/a.csv", "0.5\n")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.out + done.err
    assert sorted(path.name for path in (repo.path / "data").iterdir()) == ["a.csv", "b.csv", "c.csv"]


def test_settings_that_commit_runs_commit_the_repeat_with_its_verdict(make_repo):
    repo = make_repo(files={"train.py": "print('f1=1')\n"})
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    repo.write(".experiments/config.yaml", "commit: true\n")
    repo.commit_all()

    assert repo.expctl("--yes", "reproduce", "first").exit_code == 0

    assert repo.git("status", "--porcelain") == ""
    path = repo.manifests()[-1].relative_to(repo.path)
    assert "verdict: identical" in repo.git("show", f"HEAD:{path}")


def test_an_input_whose_name_no_record_holds_is_no_input_called_none(make_repo):
    repo = make_repo(
        files={"train.py": "import sys\nprint('f1=' + open(sys.argv[1]).read())\n", "a\nb": "0.5"}
    )
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py", "a\nb")

    done = repo.expctl("--yes", "reproduce", "first")

    assert (done.exit_code, "None" in done.err) == (0, False)


def test_a_word_that_is_no_text_stops_a_repeat_before_it_begins(make_repo):
    repo = make_repo(files={"train.py": "print('f1=0.5')\n"})
    assert repo.expctl("run", "-n", "first", "--", PYTHON, "train.py", "lat\udce9.txt").exit_code == 0

    done = repo.expctl("--yes", "reproduce", "first")

    assert (done.exit_code, len(repo.manifests())) == (8, 1)
    assert "word 2 of its command, lat" in done.err
    assert "is not UTF-8" in done.err


def test_filters_and_exclusions_of_one_clone_hold_in_the_copy_too(make_repo):
    repo = make_repo(
        files={"train.py": "print('f1=' + open('x.bin').read() + open('d.csv').read())\n", "x.bin": "0.5"}
    )
    repo.write(".git/info/attributes", "*.bin filter=upside\n")
    repo.write(".git/info/exclude", "d.csv\n")
    repo.write("d.csv", "1")
    for way in ("clean", "smudge"):
        repo.git("config", f"filter.upside.{way}", "tr 01 10")
    with (repo.path / ".git" / "config").open("a") as settings:
        settings.write('[filter "upside"]\n\trequired\n')
    (repo.path / "x.bin").unlink()
    repo.git("checkout", "--", "x.bin")
    assert (repo.path / "x.bin").read_text() == "1.5"
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")

    done = repo.expctl("--yes", "reproduce", "first")

    assert (done.exit_code, "not quite the recorded one" in done.err) == (0, False), done.err
    trees = [manifests.read(path).code for path in repo.manifests()]
    assert trees[0] == trees[1]._replace(branch=trees[0].branch)


@pytest.mark.parametrize("way", ["file", "pipe"])
def test_what_came_through_standard_input_is_said_and_stops_a_repeat(make_repo, way):
    repo = make_repo(files={"train.py": "import sys\nprint('f1=' + sys.stdin.read())\n", "in.txt": "0.5"})
    words = [PYTHON, "-m", "expctl", "run", "-n", "first", "--", PYTHON, "train.py"]
    if way == "file":
        with (repo.path / "in.txt").open() as source:
            done = subprocess.run(words, cwd=repo.path, stdin=source, capture_output=True, check=True)
    else:
        read, write = os.pipe()
        os.write(write, b"0.5")
        os.close(write)
        done = subprocess.run(words, cwd=repo.path, stdin=read, capture_output=True, check=True)
        os.close(read)

    repeat = repo.expctl("--yes", "reproduce", "first")
    allowed = repo.expctl("--yes", "reproduce", "first", "--allow-changed")

    assert b"not captured: what was read from standard input" in done.stderr
    assert (repeat.exit_code, allowed.exit_code) == (8, 3)
    assert "standard input was not recorded" in repeat.err
    assert "standard input is not recorded" in repo.expctl("check", "first").out


def test_input_that_nobody_read_is_not_spoken_of(make_repo):
    repo = make_repo(files={"train.py": "print('f1=0.5')\n", "in.txt": "0.5"})
    words = [PYTHON, "-m", "expctl", "run", "--", PYTHON, "train.py"]
    with (repo.path / "in.txt").open() as source:
        done = subprocess.run(words, cwd=repo.path, stdin=source, capture_output=True, check=True)

    assert b"standard input" not in done.stderr
    assert "standard input" not in repo.manifests()[-1].read_text()


def test_a_repeat_that_misses_an_ignored_file_says_which_and_how_to_record_it(make_repo):
    files = {"train.sh": ". ./conf/env.sh\necho f1=$F1\n", ".gitignore": "conf\n"}
    repo = make_repo(files=files)
    repo.write("conf/env.sh", "F1=0.5\n")
    assert repo.expctl("run", "-n", "first", "--no-hooks", "--", "sh", "train.sh").exit_code == 0

    done = repo.expctl("--yes", "reproduce", "first")
    repo.expctl("run", "-n", "second", "--data", "conf/env.sh", "--", "sh", "train.sh")

    assert done.exit_code == 3
    assert "conf/env.sh is in your work tree, but no record names it" in done.err
    assert "expctl run --data conf/env.sh -- CMD" in done.err
    assert repo.expctl("--yes", "reproduce", "second").exit_code == 0

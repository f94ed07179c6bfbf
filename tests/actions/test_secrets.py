"""What a run is given in secret stands in no file that expctl writes, however the run ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from expctl.store import live, manifests

PW, KEY, URL_PW, TAG, NOTE = "hunter2!argv", "k3y-of-the-env", "pw-of-an-url", "tag!s3cret", "note!s3cret"
EVERY = (PW, KEY, URL_PW, TAG, NOTE)
SCRIPT = """\
import os, sys, time, expctl
key = os.environ["WANDB_API_KEY"]
print("loss 0.5", sys.argv, flush=True)
sys.stdout.write("key " + key[:7]); sys.stdout.flush()
sys.stdout.write(key[7:] + " end\\n"); sys.stdout.flush()
expctl.log_params({"innocent": key, "db": {"password": key}})
expctl.set_tag("also", key)
print("ready", flush=True)
time.sleep(float(sys.argv[1]))
"""


def words(seconds: str) -> list[str]:
    return [
        "run", "-n", f"try {KEY}", "-t", f"password={TAG}", "--note", f"with password={NOTE}",
        "--param", f"x={KEY}", "--data", f"https://me:{URL_PW}@h.org/data", "--metrics", f"{KEY}.json", "--",
        sys.executable, "job.py", seconds, "--api-key", PW, f"--other={KEY}",
    ]  # fmt: skip


@pytest.fixture
def secretive(repo, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    repo.write("job.py", SCRIPT)
    repo.commit_all("Add a job")
    return repo


def holders(repo, secrets=EVERY) -> list[str]:
    """Files below the repository in which a secret stands, git's objects unpacked."""
    found = []
    for top, _, names in os.walk(repo.path):  # passes over a folder that goes meanwhile
        for path in (Path(top, name) for name in names):
            if not path.is_file() or path.is_symlink():
                continue
            try:
                data = path.read_bytes()
            except FileNotFoundError:  # of a writer that ends just now
                continue
            if path.parent.parent.name == "objects":
                data = zlib.decompressobj().decompress(data)  # as much as git has written yet
            found += [f"{path}: {secret}" for secret in secrets if secret.encode() in data]
    return found


def test_no_secret_is_written_by_a_run(secretive) -> None:
    done = secretive.expctl(*words("0"))

    assert done.exit_code == 0
    assert KEY in done.out
    assert holders(secretive) == []
    [manifest] = map(manifests.read, secretive.manifests())
    assert manifest.name == "try <redacted>"
    assert manifest.command.argv[-3:] == ("--api-key", "<redacted>", "--other=<redacted>")
    assert manifest.params["innocent"] == "<redacted>"
    assert manifest.tags == {"also": "<redacted>", "password": "<redacted>"}
    assert [each.uri for each in manifest.data] == ["https://h.org/data"]
    assert any("3 places of the kept output" in note for note in manifest.capture.notes)


def test_no_secret_is_written_by_a_run_that_another_command_seals(secretive, monkeypatch) -> None:
    argv = [sys.executable, "-m", "expctl", *words("60")]
    process = subprocess.Popen(argv, cwd=secretive.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while b"ready" not in process.stdout.readline():
        pass
    [run] = live.list_live(secretive.path / ".git" / "expctl" / "live")
    child = live.read_json(run.folder / "child.json")["pid"]
    while b"ready" not in (run.folder / "output.log").read_bytes():
        time.sleep(0.01)
    in_live = holders(secretive)
    mode = stat.S_IMODE(os.stat(run.folder).st_mode)
    process.kill()
    os.kill(child, signal.SIGKILL)
    process.communicate()
    while live.alive.start_of(child):
        time.sleep(0.01)
    monkeypatch.delenv("WANDB_API_KEY")
    secretive.expctl("ls")

    # The script's own words lie in a folder that nobody else can open; the record cannot know all of them.
    assert mode == 0o700
    assert {line.rpartition("/")[2].partition("-")[0] for line in in_live} == {"events"}
    [manifest] = map(manifests.read, secretive.manifests())
    assert manifest.status == "killed"
    assert manifest.params["db"] == {"password": "<redacted>"}
    assert holders(secretive, (PW, URL_PW, TAG, NOTE)) == []
    assert [line for line in holders(secretive) if "dvc-cache" in line] == []


def test_a_sealed_run_hides_what_the_sealing_command_knows(secretive) -> None:
    argv = [sys.executable, "-m", "expctl", *words("60")]
    process = subprocess.Popen(argv, cwd=secretive.path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               start_new_session=True)  # fmt: skip
    while b"ready" not in process.stdout.readline():
        pass
    [run] = live.list_live(secretive.path / ".git" / "expctl" / "live")
    child = live.read_json(run.folder / "child.json")["pid"]
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    while live.alive.start_of(child):
        time.sleep(0.01)
    secretive.expctl("ls")

    assert holders(secretive) == []
    [manifest] = map(manifests.read, secretive.manifests())
    assert manifest.params["innocent"] == "<redacted>"


@pytest.mark.parametrize("name", ["{}/private.csv", "link/private.csv"])
def test_a_branch_has_no_bytes_from_outside_of_the_repository_kept(repo, tmp_path, name) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "private.csv").write_text("bytes-of-the-home")
    (repo.path / "link").symlink_to(tmp_path / "home")
    repo.write(".experiments/config.yaml", f"data: ['{name.format(tmp_path / 'home')}']\n")

    done = repo.expctl("run", "--", "true")

    assert "only the repository's settings name it" in done.err
    assert holders(repo, ("bytes-of-the-home",)) == []
    [manifest] = map(manifests.read, repo.manifests())
    assert [each.stored for each in manifest.data] == [False]

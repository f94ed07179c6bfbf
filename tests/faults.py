"""Make the k-th change of a file fail, or kill expctl there, and look what is left.

A program of its own: it forks, so that each expctl command costs no start. Every system call that changes
something, as Python makes it, is a point at which expctl can be stopped (``kill``) or refused (an errno).
``python tests/faults.py --all`` walks all points of all commands; the suite walks some.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import expctl as package
from expctl import __main__ as program

#: Names in ``os`` that change something. ``open`` counts where it makes a file.
CALLS = ("replace", "rename", "link", "symlink", "unlink", "rmdir", "mkdir", "fsync", "utime", "open")
FAULTS = ("kill", "ENOSPC", "EIO", "EACCES")
CHILD = ("sh", "-c", "echo out; echo weights > model.pt; exit 3")
COMMANDS = {
    "run": ("run", "-n", "second", "--", *CHILD),
    "run --commit": ("run", "--commit", "-n", "second", "--", *CHILD),
    "commit": ("commit",),
    "tag": ("tag", "first", "k=v"),
    "rm": ("--yes", "rm", "first"),
    "doctor": ("doctor",),
    "reproduce": ("--yes", "reproduce", "first"),
}


class Ended(NamedTuple):
    """How a forked expctl ended, and the calls that it made until then."""

    code: int
    out: str
    err: str
    calls: list[str]


def load() -> None:
    """Import all that the commands use, once and before any fork."""
    for path in sorted(Path(package.__file__).parent.rglob("*.py")):
        name = ".".join(path.relative_to(Path(package.__file__).parents[1]).with_suffix("").parts)
        if not name.startswith(("expctl.hook", "expctl.demo")):
            importlib.import_module(name.removesuffix(".__init__"))


def expctl(repo: Path, words: tuple[str, ...], *, fault: str = "", at: int = 0) -> Ended:
    """Run expctl in a fork, with a fault at its ``at``-th change of a file."""
    out, err, calls = (repo.parent / name for name in ("out", "err", "calls"))
    calls.write_text("")
    pid = os.fork()
    if pid == 0:
        code = 71
        try:
            os.chdir(repo)
            for number, path in ((1, out), (2, err)):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            _arm(fault, at, os.open(calls, os.O_WRONLY | os.O_APPEND))
            code = program.entry(list(words))
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    texts = [path.read_text(errors="replace") for path in (out, err)]
    return Ended(os.waitstatus_to_exitcode(status), *texts, calls.read_text().splitlines())


def _arm(fault: str, at: int, journal: int) -> None:
    count = 0

    def guard(name: str) -> None:
        real = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            if name != "open" or (len(args) > 1 and args[1] & os.O_CREAT):
                count += 1
                os.write(journal, f"{name} {args}\n".encode(errors="replace"))
                if count == at and fault == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if count == at and fault:
                    number = getattr(errno, fault)
                    raise OSError(number, os.strerror(number))
            return real(*args, **kwargs)

        setattr(os, name, call)

    for name in CALLS:
        guard(name)


def make_template(path: Path, command: str) -> None:
    """A repository with a record, and with changes of its owner's, staged and not."""
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    git(path, "config", "user.name", "Ada")
    git(path, "config", "user.email", "ada@example.com")
    (path / "train.py").write_text("print(1)\n")
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "First")
    assert expctl(path, ("run", "-n", "first", "--", "sh", "-c", "echo weights > model.pt")).code == 0
    if command != "commit":
        git(path, "add", ".experiments")
        git(path, "commit", "-q", "-m", "Record")
    (path / "model.pt").unlink()
    (path / "staged.py").write_text("staged\n")
    (path / "train.py").write_text("print(2)\n")
    git(path, "add", "staged.py", "train.py")
    (path / "train.py").write_text("print(3)\n")
    (path / "new.py").write_text("new\n")


def git(repo: Path, *words: str) -> str:
    """What git says of a repository."""
    return subprocess.run(["git", *words], cwd=repo, capture_output=True, text=True, check=True).stdout


def owned(repo: Path) -> list[str]:
    """What is the owner's: index, branch, work tree; our own files left out."""
    status = git(repo, "status", "--porcelain", "--untracked-files=all").splitlines()
    index = git(repo, "ls-files", "-s").splitlines()
    mine = [line for line in (*status, *index) if ".experiments/" not in line and "model.pt" not in line]
    sources = [path.read_text() for path in sorted(repo.glob("*.py"))]
    return [*mine, *sources, git(repo, "symbolic-ref", "HEAD"), git(repo, "stash", "list")]


def look(repo: Path, command: str, fault: str, ended: Ended, before: list[str]) -> list[str]:
    """Everything that is wrong after a fault; nothing, if all promises were kept."""
    wrong = []
    started = (repo / "model.pt").exists()
    if "Traceback" in ended.err or "expctl itself failed" in ended.err:
        wrong.append(f"not one clear sentence: {ended.err}")
    if fault != "kill" and command.startswith("run"):
        expected = (3, "out\n") if started else (125, "")
        if (ended.code, ended.out) != expected:
            wrong.append(f"exit code and output are {ended.code}, {ended.out!r}: {ended.err}")
    if owned(repo) != before:
        wrong.append("something of the owner's changed")
    if git(repo, "log", "--format=", "--name-only", "main", "--", ":!.experiments").split() != ["train.py"]:
        wrong.append("something else was committed")
    if git(repo, "fsck", "--strict", "--no-dangling"):
        wrong.append("git fsck complains")
    return wrong + _look_by_expctl(repo, command, fault, started=started)


def _look_by_expctl(repo: Path, command: str, fault: str, *, started: bool) -> list[str]:
    wrong = []
    listed = expctl(repo, ("ls", "--all", "--json"))
    if listed.code:
        return [f"ls fails: {listed.err}"]
    statuses = {row.get("name"): row["status"] for row in json.loads(listed.out)["runs"]}
    if command.startswith("run"):
        allowed = {"failed"} if fault != "kill" else {"failed", "killed"}
        if started and statuses.get("second") not in allowed:
            wrong.append(f"the run is reported as {statuses.get('second')}")
    if "first" not in statuses and command != "rm":
        wrong.append("an earlier run is lost")
    for words in (("validate",), ("run", "-n", "third", "--", "true"), ("commit", "--all")):
        after = expctl(repo, words)
        if after.code or "not captured" in after.err:
            wrong.append(f"{words} afterwards: {after.code} {after.out} {after.err}")
    # A folder in which nothing is noted yet may stay for an hour: it could be that of a run that begins.
    left = [each.name for each in (repo / ".git/expctl/live").iterdir() if (each / "state.json").exists()]
    left += [path.name for path in (repo / ".experiments/runs").rglob(".*.tmp") if command.startswith("run")]
    left += [path.name for path in (repo / ".git").rglob("*.lock") if path.parent.name != "expctl"]
    left += [path.name for path in _copies(repo)]
    return wrong + [f"left behind: {left}"] * bool(left)


def _copies(repo: Path) -> list[Path]:
    """Notes of copies of the source tree, and the copies that they name."""
    notes = [*(repo / ".git/expctl/scratch").glob("*")]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "expctl/reproduce"
    return [*notes, *cache.glob("expctl-*")]


def walk(command: str, fault: str, top: Path, *, step: int = 1, first: int = 1) -> tuple[int, list[str]]:
    """Fail every ``step``-th point of a command.

    Returns:
        How many points were tried, and what was wrong.
    """
    template, repo = top / "template", top / "repo"
    make_template(template, command)
    before, tried, wrong, at = owned(template), 0, [], first
    while True:
        shutil.copytree(template, repo, symlinks=True)
        git(repo, "status")  # the copy has other inodes: let git look once, as its owner's next command would
        ended = expctl(repo, COMMANDS[command], fault=fault, at=at)
        if len(ended.calls) < at:
            break
        tried += 1
        where = f"{command}: {fault} at {at}, {ended.calls[at - 1][:120]}: "
        wrong += [where + what for what in look(repo, command, fault, ended, before)]
        shutil.rmtree(repo)
        at += step
    shutil.rmtree(repo)
    shutil.rmtree(template)
    return tried, wrong


def main() -> int:
    """Walk what was asked for; the exit code says whether all promises were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("walks", nargs="*", metavar="COMMAND:FAULT:FIRST:STEP")
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    load()
    walks = (
        [f"{command}:{fault}:1:1" for command in COMMANDS for fault in FAULTS] if given.all else given.walks
    )
    result = []
    for each in walks:
        command, fault, first, step = each.split(":")
        with tempfile.TemporaryDirectory() as folder:
            tried, wrong = walk(command, fault, Path(folder), first=int(first), step=int(step))
        result.append({"walk": each, "tried": tried, "wrong": wrong})
        if given.all:
            print(each, tried, *wrong, sep="\n  ", file=sys.stderr, flush=True)
    print(json.dumps(result))
    return int(any(each["wrong"] for each in result))


if __name__ == "__main__":
    sys.exit(main())

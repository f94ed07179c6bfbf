"""Run the terminal sessions of pages and put their real output in: python docs/make_sessions.py PAGE PAGE.

A block ``console`` holds lines that begin with ``$``, run in order in one scratch folder, and their output.
A block with ``title="FILE"`` is written to that file. A page with the line ``<!-- starts: NAME -->`` starts
in a repository made by ``docs/starts/NAME.sh``; every other page in an empty folder. ``tests/test_docs.py``
runs the same pages and fails when a command does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
_BLOCK = re.compile(
    r"^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_START = re.compile(r"<!-- starts: (\S+) -->")
#: Wide enough for tables, narrow enough for a page.
_COLUMNS = "100"


class Failure(NamedTuple):
    """A command of a page that did not end with 0, and what it said."""

    command: str
    code: int
    output: str


class Played(NamedTuple):
    """A page after its sessions ran: with the real output, and what failed."""

    text: str
    failures: list[Failure]


def play(text: str, folder: Path) -> Played:
    """Run every session of a page.

    Args:
        text: The page.
        folder: An empty folder to run in; sessions may write beside it.
    """
    failures: list[Failure] = []
    start = _START.search(text)
    if start:
        script = HERE / "starts" / f"{start[1]}.sh"
        code, output = _shell(f"set -e; . {script}", folder)
        if code:
            return Played(text, [Failure(script.name, code, output)])

    def replace(block: re.Match[str]) -> str:
        if block["title"]:
            path = folder / block["title"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["body"], encoding="utf-8")
        elif block["kind"] == "console":
            return f"```console\n{_session(block['body'], folder, failures)}```"
        return block[0]

    return Played(_BLOCK.sub(replace, text), failures)


def _session(body: str, folder: Path, failures: list[Failure]) -> str:
    parts = []
    for line in body.splitlines():
        if not line.startswith("$ "):
            continue
        code, output = _shell(line[2:], folder)
        if code:
            failures.append(Failure(line[2:], code, output))
        parts.append(f"{line}\n{output}")
    return "".join(part if part.endswith("\n") else part + "\n" for part in parts)


def _shell(command: str, folder: Path) -> tuple[int, str]:
    env = {
        **os.environ,
        "COLUMNS": _COLUMNS,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace").replace(str(folder.parent), "~")
    return done.returncode, "\n".join(line.rstrip() for line in output.splitlines()) + (
        "\n" if output else ""
    )


def main() -> int:
    """Rewrite the pages named on the command line."""
    worst = 0
    for name in sys.argv[1:]:
        page = Path(name)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "project"
            folder.mkdir()
            played = play(page.read_text(encoding="utf-8"), folder)
        for failure in played.failures:
            worst = 1
            sys.stderr.write(f"{name}: exit {failure.code}: {failure.command}\n{failure.output}\n")
        page.write_text(played.text, encoding="utf-8")
    return worst


if __name__ == "__main__":
    sys.exit(main())

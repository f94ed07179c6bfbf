"""Start an interpreter with the hook in it, as ``expctl run`` does, and read what it left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import expctl
from expctl.capture import hooked
from expctl.core import events

HOOK = Path(expctl.__file__).parent / "hook"


class Hooks:
    """A live folder, and scripts that run in a work folder beside it.

    Attributes:
        live: The live folder.
        work: The top of the repository, and where scripts run.
    """

    def __init__(self, folder: Path) -> None:
        self.live = folder / "live"
        self.work = folder / "work"
        self.live.mkdir()
        self.work.mkdir()
        (self.live / "state.json").write_text(f'{{"root": "{self.work}"}}')

    def write(self, name: str, text: str = "") -> Path:
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(
        self, *words: str, python: str = sys.executable, path: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        places = os.pathsep.join([str(HOOK), *([path] if path else [])])
        given = {"PYTHONPATH": places, "EXPCTL_HOOK": "1", "EXPCTL_RUN_DIR": str(self.live), **env}
        return subprocess.run(
            [python, *words],
            env={**os.environ, **given},
            cwd=self.work,
            capture_output=True,
            text=True,
            check=False,
        )

    def script(self, text: str, *words: str, **env: str) -> str:
        """Run a script that must end well and say nothing on its standard error."""
        self.write("train.py", text)
        done = self.run("train.py", *words, **env)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def read(self) -> hooked.Hooked:
        return hooked.read(self.live)

    def inside(self, paths: tuple[str, ...]) -> list[str]:
        """Those of the paths that lie in the work folder, as seen from there."""
        return [os.path.relpath(each, self.work) for each in paths if each.startswith(f"{self.work}/")]

    def events(self) -> list[events.Event]:
        found = []
        for path in sorted(self.live.glob("events-*.jsonl")):
            found += list(events.read_events(path.read_bytes()))
        return found

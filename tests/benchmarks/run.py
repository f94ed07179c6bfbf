"""What `expctl run` and starting expctl cost, against the floor in the same run.

Run it: python tests/benchmarks/run.py [--times 15] [--files 50000]

Budgets: `expctl run -- true` in a small repository with an untracked file takes twice a script that writes
one YAML file, adds and commits it; `expctl --version` twice `python -c pass`; the help of a command 1.2 times
`import typer`; `import expctl` 20 ms more than nothing. In a repository of 50 000 files the command starts
after 1.5 times the time of `git status` there. Both sides start the same interpreter on the same path, in
turn.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
NAMES = {
    f"GIT_{who}_{what}": "b@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
PLAIN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
ENV = {**os.environ, **NAMES, **PLAIN, "PYTHONPATH": str(ROOT)}
#: What pip writes as the command, less what depends on where it was installed.
COMMAND = "import sys\nfrom expctl.__main__ import main\nsys.exit(main())\n"
SCRIPT = """\
import subprocess, time, yaml
with open("run.yaml", "w") as file:
    yaml.safe_dump({"id": time.time_ns(), "params": {"lr": 0.1}, "metrics": {"loss": 0.5}}, file)
subprocess.run(["git", "add", "-A"], check=True)
subprocess.run(["git", "commit", "-q", "-m", "Record"], check=True)
"""


def start(where: Path, *words: str) -> float:
    begin = time.perf_counter()
    subprocess.run(words, cwd=where, env=ENV, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begin) * 1000


def wait(where: Path, *words: str) -> float:
    """Milliseconds from here to the start of the command that the words wrap: `date`."""
    begin = time.time_ns()
    done = subprocess.run(
        [*words, "date", "+%s%N"], cwd=where, env=ENV, check=True, stdout=subprocess.PIPE, text=True
    )
    return (int(done.stdout) - begin) / 1e6


def compare(
    name: str, budget: str, times: int, ours: Callable[[], float], floor: Callable[[], float]
) -> None:
    ours(), floor()  # once for the caches
    pairs = [(ours(), floor()) for _ in range(times)]
    own, least = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(
        f"{name:34} floor {least:6.1f} ms   expctl {own:6.1f} ms   "
        f"ratio {ratio:4.2f}   more {own - least:5.1f} ms   budget {budget}",
        flush=True,
    )


def make(where: Path, files: int) -> Path:
    where.mkdir()
    for n in range(files):
        path = where / f"part{n // 1000}/group{n // 100 % 10}/module{n}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"VALUE = {n}\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Sources"]):
        subprocess.run(["git", *words], cwd=where, env=ENV, check=True)
    (where / "untracked.py").write_text("VALUE = -1\n")
    return where


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--files", type=int, default=50_000)
    asked = parser.parse_args()
    compileall.compile_dir(ROOT / "expctl", quiet=1)  # as pip leaves it
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "expctl").write_text(COMMAND)
        (top / "script.py").write_text(SCRIPT)
        expctl = (PYTHON, str(top / "expctl"))
        one, two, large = make(top / "one", 20), make(top / "two", 20), make(top / "large", asked.files)

        def line(name: str, budget: str, ours: Callable[[], float], floor: Callable[[], float]) -> None:
            compare(name, budget, asked.times, ours, floor)

        def bare(code: str) -> Callable[[], float]:
            return lambda: start(top, PYTHON, "-c", code)

        line("expctl run -- true", "2", lambda: start(one, *expctl, "-q", "run", "--", "true"),
             lambda: start(two, PYTHON, str(top / "script.py")))  # fmt: skip
        line("expctl --version", "2", lambda: start(one, *expctl, "--version"), bare("pass"))
        line(
            "expctl rename --help",
            "1.2",
            lambda: start(one, *expctl, "rename", "--help"),
            bare("import typer"),
        )
        line("import expctl", "20 ms more", bare("import expctl; expctl.log_metric"), bare("pass"))
        line(f"start after, {asked.files} files", "1.5", lambda: wait(large, *expctl, "-q", "run", "--"),
             lambda: start(large, "git", "status"))  # fmt: skip


if __name__ == "__main__":
    main()

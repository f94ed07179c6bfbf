"""What the hook costs in a Python child, with it and without it in turn.

Run it: python tests/benchmarks/hook.py [--times 11] [--python PYTHON]

Budgets: 3 ms at the start of an interpreter; 3 % of a script that opens 10 000 files of 4 KiB and parses
them. The other lines have no budget: they say what a file costs to a script that does nothing else. Times are
those of the processor, user and system, of the whole child; medians of pairs.
"""

from __future__ import annotations

import argparse
import compileall
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOOK = ROOT / "expctl" / "hook"
FILES = 10_000
LOOP = f"import json\nfor n in range({FILES}):\n    with open(f'data/{{n}}.json') as file: "


def cpu_ms(python: str, where: Path, code: str, **more: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([python, "-c", code], cwd=where, env={**os.environ, **more}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=11)
    parser.add_argument("--python", default=sys.executable)
    asked = parser.parse_args()
    compileall.compile_dir(HOOK, quiet=1)  # as pip leaves it
    with tempfile.TemporaryDirectory() as name:
        where = Path(name)
        (where / "data").mkdir()
        (where / "live").mkdir()
        values = ", ".join(["0.53125"] * 450)
        for number in range(FILES):
            (where / "data" / f"{number}.json").write_text(f'{{"id": {number}, "values": [{values}]}}')
        hook = {"PYTHONPATH": str(HOOK), "EXPCTL_HOOK": "1", "EXPCTL_RUN_DIR": str(where / "live")}

        def line(title: str, code: str, budget: str, each: int = 0) -> None:
            def both() -> tuple[float, float]:
                return cpu_ms(asked.python, where, code), cpu_ms(asked.python, where, code, **hook)

            both()  # once for the caches
            pairs = [both() for _ in range(asked.times)]
            bare = statistics.median(one for one, _ in pairs)
            more = statistics.median(two - one for one, two in pairs)
            per = f"{more / each * 1000:5.2f} µs each" if each else ""
            print(
                f"{title:40} bare {bare:6.1f} ms   more {more:6.1f} ms {more / bare:6.1%}  {per:14} {budget}",
                flush=True,
            )

        line("start of an interpreter", "pass", "≤ 3 ms")
        line(f"{FILES} JSON files opened and parsed", f"{LOOP}json.load(file)", "≤ 3 %", FILES)
        line(f"{FILES} files opened and read", f"{LOOP}file.read()", "", FILES)
        line(f"one file opened {FILES} times", LOOP.replace("{n}", "1") + "pass", "", FILES)
        line("1 000 000 calls of id()", "for n in range(1_000_000): id(n)", "", 1_000_000)


if __name__ == "__main__":
    main()

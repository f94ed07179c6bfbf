"""What the hook costs in a Python child, with it and without it in turn.

Run it: python tests/benchmarks/hook.py [--times 11] [--python PYTHON]

Budgets: 3 ms at the start of an interpreter; 3 % of a script that opens 10 000 files of 4 KiB and parses
them. The other lines have no budget: they say what a file costs to a script that does nothing else. Beside
them stands what an audit hook costs there that is written in C and does nothing: no hook can cost less.

Times are those of the processor, user and system, of the whole child, and by the wall; medians of pairs, and
the middle half of them in brackets.
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
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOOK = ROOT / "expctl" / "hook"
FILES = 10_000
EMPTY = "import sys, operator\nsys.addaudithook(operator.is_)\n"
LOOP = f"import json\nfor n in range({FILES}):\n    with open(f'data/{{n}}.json') as file: "


def spent_ms(python: str, where: Path, code: str, **more: str) -> tuple[float, float]:
    """Of the processor, and by the wall."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([python, "-c", code], cwd=where, env={**os.environ, **more}, check=True)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu_s * 1000, (end - begin) * 1000


def of_pairs(pairs: list[tuple[float, float]]) -> str:
    more = sorted(two - one for one, two in pairs)
    middle, bare = statistics.median(more), statistics.median(one for one, _ in pairs)
    low, high = more[len(more) // 4], more[-1 - len(more) // 4]
    return f"bare {bare:6.1f} ms   more {middle:5.1f} ms [{low:5.1f} to {high:5.1f}] {middle / bare:6.1%}"


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

        def line(title: str, code: str, budget: str = "", *, front: str = "", **more: str) -> None:
            def both() -> list[tuple[float, float]]:
                bare = spent_ms(asked.python, where, code)
                return list(zip(bare, spent_ms(asked.python, where, front + code, **more), strict=True))

            both()  # once for the caches
            rounds = [both() for _ in range(asked.times)]
            for number, what in enumerate(("cpu", "wall")):
                pairs = of_pairs([each[number] for each in rounds])
                print(
                    f"{'' if number else title:40} {what:4} {pairs}  {'' if number else budget}", flush=True
                )

        one = LOOP.replace("{n}", "1") + "pass"
        line("start of an interpreter", "pass", "≤ 3 ms", **hook)
        line(f"{FILES} JSON files opened and parsed", f"{LOOP}json.load(file)", "≤ 3 %", **hook)
        line(f"{FILES} files opened and read", f"{LOOP}file.read()", **hook)
        line("   the same with an empty hook in C", f"{LOOP}file.read()", front=EMPTY)
        line(f"one file opened {FILES} times", one, **hook)
        line("   the same with an empty hook in C", one, front=EMPTY)
        line("1 000 000 calls of id()", "for n in range(1_000_000): id(n)", **hook)


if __name__ == "__main__":
    main()

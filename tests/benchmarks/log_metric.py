"""What a call of log_metric costs, against the floor in the same run.

Run it: python tests/benchmarks/log_metric.py

Budgets: 5 µs a call (median of 100 batches of 10 000), 1 000 000 calls in 10 s, the import in 20 ms over bare
Python, the hook in 3 ms. The floor is what one would write by hand: a JSON line and a flush.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BATCHES, CALLS = 100, 10_000

MEASURE = f"""
import statistics, sys, time
def median(call):
    took = []
    for batch in range({BATCHES}):
        start = time.perf_counter()
        for i in range({CALLS}):
            call("loss", i / 7, batch * {CALLS} + i)
        took.append((time.perf_counter() - start) / {CALLS})
    return statistics.median(took)
"""
OURS = (
    MEASURE
    + "import expctl\n"
    + "start = time.perf_counter(); print(median(expctl.log_metric), time.perf_counter() - start)"
)
FLOOR = (
    MEASURE
    + """
import json, os
file = open(os.path.join(os.environ["EXPCTL_RUN_DIR"], "floor"), "a")
def call(name, value, step):
    file.write(json.dumps({"k": name, "v": value, "s": step, "t": time.time()}) + "\\n")
    file.flush()
start = time.perf_counter(); print(median(call), time.perf_counter() - start)
"""
)


def python(code: str, folder: str, **env: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), "EXPCTL_RUN_DIR": folder, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(word) for word in done.stdout.split()]


def start_ms(folder: str, code: str, **env: str) -> float:
    """Median wall time of a whole interpreter."""
    took = []
    for _ in range(21):
        start = time.perf_counter()
        python(code, folder, **env)
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def together(folder: str, processes: int) -> float:
    """Calls a second of several processes at once, two threads each."""
    code = (
        "import expctl, threading\n"
        f"def work():\n    for i in range({CALLS * 5}): expctl.log_metric('loss', i / 7, i)\n"
        "threads = [threading.Thread(target=work) for _ in range(2)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "EXPCTL_RUN_DIR": folder}
    start = time.perf_counter()
    children = [subprocess.Popen([sys.executable, "-c", code], env=env) for _ in range(processes)]
    for child in children:
        child.wait()
    return processes * 2 * CALLS * 5 / (time.perf_counter() - start)


def say(what: str, value: str, budget: str, *, held: bool) -> None:
    print(f"{what:<44} {value:>22}   {budget:<22} {'ok' if held else 'OVER'}")


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        floor, _ = python(FLOOR, folder)
        each, whole = python(OURS, folder)
        say("log_metric, median a call", f"{each * 1e6:.2f} µs", "≤ 5 µs", held=each <= 5e-6)
        say(f"{BATCHES * CALLS} calls", f"{whole:.2f} s", "≤ 10 s", held=whole <= 10)
        ratio = each / floor
        say("against a JSON line and a flush", f"{ratio:.2f} x {floor * 1e6:.2f} µs", "≤ 1", held=ratio <= 1)
        rate = together(folder, 4)
        say("4 processes of 2 threads", f"{rate:,.0f} calls/s", "≥ 100 000 calls/s", held=rate >= 1e5)
        bare = start_ms(folder, "pass")
        for code in ("import expctl", "import expctl; expctl.log_metric"):
            more = start_ms(folder, code) - bare
            say(code, f"{more:.1f} over {bare:.1f} ms", "≤ 20 ms", held=more <= 20)
        more = start_ms(folder, "pass", PYTHONPATH=str(ROOT / "expctl" / "hook"), EXPCTL_HOOK="1") - bare
        say("the hook in a Python child", f"{more:.1f} over {bare:.1f} ms", "≤ 3 ms", held=more <= 3)
        written = [path for path in Path(folder).glob("events-*") if path.stat().st_size]
        lines = sum(path.read_bytes().count(b"\n") for path in written)
        assert lines == BATCHES * CALLS + 4 * 2 * CALLS * 5, "lines were lost"
        assert json.loads(written[0].open("rb").readline())["e"] == "metric"


if __name__ == "__main__":
    main()

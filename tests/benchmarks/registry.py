"""What the state of a registry of 5 000 tags costs, beside git reading the same tags and beside stock gto.

Run it: python tests/benchmarks/registry.py [--tags 5000] [--times 9] [--no-gto]

Budget: `expctl model list` takes at most twice as long as the one `git for-each-ref` that reads all of them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from expctl.adapters import gittags  # noqa: E402  the checkout, not what may be installed

MODELS = 50
#: A change of production in three tags, and a registration: four tags a version.
MESSAGE = """\
Move {model} {version} to production

Expctl-Event: promotion
Expctl-Seq: {counter}
Expctl-Run: 20261122-190546-k3f9qa
"""
ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PYTHONPATH": str(ROOT),
}


def make(where: Path, many: int) -> None:
    """A repository with so many tags of models, each with versions that replaced each other in production."""
    where.mkdir()
    git(where, "init", "-q", "-b", "main")
    who, parts, at, mark = "Ada <ada@example.com>", [], 1_700_000_000, 0
    last: dict[str, int] = {}
    counters: dict[str, int] = {}
    number = 0
    while many > 0:
        model, version = f"model{number % MODELS:02d}", f"v1.{number // MODELS}.0"
        mark, at = mark + 1, at + 10
        parts.append(f"commit refs/heads/made\nmark :{mark}\ncommitter {who} {at} +0000\ndata 1\nx\n")
        counter = counters.get(model, 0)
        wanted = [(f"{model}@{version}", mark)]
        if model in last:
            wanted += [(f"{model}#production!#{counter + 1}", last[model])]
            wanted += [(f"{model}#archived#{counter + 2}", last[model])]
        wanted += [(f"{model}#production#{counter + 3}", mark)]
        for name, target in wanted[:many]:
            at += 1
            text = MESSAGE.format(model=model, version=version, counter=counter)
            parts.append(f"tag {name}\nfrom :{target}\ntagger {who} {at} +0000\ndata {len(text)}\n{text}")
        many -= len(wanted)
        last[model], counters[model] = mark, counter + 3
        number += 1
    git(where, "fast-import", "--quiet", stdin="\n".join(parts) + "\n")
    git(where, "gc", "--quiet")


def git(where: Path, *words: str, stdin: str | None = None) -> None:
    subprocess.run(
        ["git", *words], cwd=where, env=ENV, check=True, input=stdin, text=True, capture_output=True
    )


def seconds(where: Path, *words: str) -> float:
    start = time.perf_counter()
    subprocess.run(words, cwd=where, env=ENV, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tags", type=int, default=5000)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--no-gto", action="store_true", help="it takes a minute")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(scratch) / "repository"
        make(where, asked.tags)
        expctl = (sys.executable, "-m", "expctl", "model", "list")
        read = ("git", "for-each-ref", f"--format={gittags._FORMAT}", "refs/tags/")
        names = ("git", "for-each-ref", "refs/tags/")
        cache = where / ".git" / "expctl" / "models.cache"
        taken: dict[str, list[float]] = {}
        for _ in range(asked.times):
            cache.unlink(missing_ok=True)
            for name, words in (("first", expctl), ("again", expctl), ("read", read), ("names", names)):
                taken.setdefault(name, []).append(seconds(where, *words))
        floor = statistics.median(taken["read"])
        print(f"git for-each-ref, all of {asked.tags} tags: {floor * 1000:.0f} ms")
        print(f"git for-each-ref, names alone: {statistics.median(taken['names']) * 1000:.0f} ms")
        for name, what in (("again", "expctl model list"), ("first", "the same, for the first time")):
            median = statistics.median(taken[name])
            ratios = sorted(one / base for one, base in zip(taken[name], taken["read"], strict=True))
            print(
                f"{what}: {median * 1000:.0f} ms, {statistics.median(ratios):.2f} times reading all "
                f"({ratios[0]:.2f} to {ratios[-1]:.2f}), budget 2"
            )
        if not asked.no_gto:
            print(f"gto show: {seconds(where, str(Path(sys.executable).parent / 'gto'), 'show'):.0f} s")


if __name__ == "__main__":
    main()

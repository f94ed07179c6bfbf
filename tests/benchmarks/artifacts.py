"""What it costs to keep and to send the bytes of runs, against the plain tools in the same run.

Run it: python tests/benchmarks/artifacts.py [FOLDER]

Budgets: one file of 1 GiB within 1.2 × (md5sum + cp --reflink=auto); 10 000 files of 4 KiB within 1.5 ×; a
push of 40 runs to a local remote within 10 s. FOLDER says on which file system; it needs 8 GiB.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from expctl.store import objects  # noqa: E402 - the path must be set first

if TYPE_CHECKING:
    from collections.abc import Callable

RUN = "20261122-190546-k3f9qa"
ROUNDS = 3


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def shell(line: str, cwd: Path) -> None:
    subprocess.run(["bash", "-ec", line], cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def compare(name: str, budget: float, floor: Callable[[int], object], ours: Callable[[int], object]) -> None:
    floors, owns = [], []
    for n in range(ROUNDS):
        os.sync()
        floors.append(timed(lambda n=n: floor(n)))  # type: ignore[misc]
        os.sync()
        owns.append(timed(lambda n=n: ours(n)))  # type: ignore[misc]
    one, two = statistics.median(floors), statistics.median(owns)
    print(f"{name:28} floor {one:6.2f} s   expctl {two:6.2f} s   ratio {two / one:4.2f}   budget {budget}")


def keep_large(top: Path) -> None:
    with open(top / "large", "wb") as file:
        file.writelines(os.urandom(1 << 20) for _ in range(1024))
    compare(
        "one file of 1 GiB",
        1.2,
        lambda n: shell(f"md5sum large; cp --reflink=auto large copy; rm -f copy{n}; mv copy copy{n}", top),
        lambda n: objects.store_run(
            top / f"cache{n}", top / f"{RUN}.dvc", RUN, {"artifacts/large": top / "large"}
        ),
    )
    shell("rm -rf large copy* cache*", top)


def keep_many(top: Path) -> None:
    (top / "small").mkdir()
    for n in range(10_000):
        (top / "small" / str(n)).write_bytes(os.urandom(4096))
    files = {f"artifacts/{n}": f"{top}/small/{n}" for n in range(10_000)}
    compare(
        "10 000 files of 4 KiB",
        1.5,
        lambda n: shell(f"ls small | (cd small; xargs md5sum); cp -r --reflink=auto small copies{n}", top),
        lambda n: objects.store_run(top / f"cache{n}", top / f"{RUN}.dvc", RUN, files),
    )
    shell("rm -rf small copies* cache*", top)


def push(top: Path) -> None:
    repo = top / "repo"
    repo.mkdir()
    shell("git init -q; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x", repo)
    expctl = f"{sys.executable} -m expctl"
    os.environ["PYTHONPATH"] = str(ROOT)
    line = "head -c 100000 /dev/urandom >model.pt"
    shell(f"for i in $(seq 40); do {expctl} -q run -- sh -c '{line}'; done", repo)
    settings = f"[core]\n    remote = s\n['remote \"s\"']\n    url = {top}/store\n"
    (repo / ".experiments/.dvc/config").write_text(settings)
    took = timed(lambda: shell(f"{expctl} --yes push", repo))
    print(f"{'push of 40 runs':28} {took:.2f} s   budget 10 s")


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        for part in (keep_large, keep_many, push):
            part(Path(folder))


if __name__ == "__main__":
    main()

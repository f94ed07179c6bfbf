"""A script with causes that can be planted one by one: a seed, data, a parameter, and a library's default."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conftest import Repo

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import argparse, random
import tinylearn
from features import widen
parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
parser.add_argument("--rounds", type=int, default=3)
args = parser.parse_args()
if args.seed is not None:
    random.seed(args.seed)
rows = [widen(float(line)) for line in open("data/train.csv")]
noise = random.random() / 100
print(f"f1_score={tinylearn.score(rows) + noise + args.rounds / 1000:.8f}")
"""
FILES = {
    "train.py": SCRIPT,
    "features.py": "def widen(x):\n    return 2 * x\n",
    "other.py": "X = 1\n",
    "README.md": "Hello\n",
    ".gitignore": "data/\n",
}
RUN = ("train.py", "--seed", "1")


def make_pythons(folder: Path) -> dict[str, str]:
    """Environments: ``old`` has an older library, ``other`` another package that nothing imports."""
    return {
        "new": _make_venv(folder / "new", "2.0", "1.0"),
        "old": _make_venv(folder / "old", "1.0", "1.0"),
        "other": _make_venv(folder / "other", "2.0", "3.0"),
        "changing": _make_venv(folder / "changing", "2.0", "1.0"),
    }


def _make_venv(place: Path, tiny: str, unused: str) -> str:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    site = next((place / "lib").glob("python*/site-packages"))
    depth = {"1.0": 3, "2.0": 5}[tiny]
    # The default acts on the data, so that the two causes do not add up.
    (site / "tinylearn.py").write_text(
        f"def score(rows, depth={depth}):\n    return depth * sum(rows) / len(rows) / 100\n"
    )
    (site / "unused.py").write_text("")
    for package, module, version in (("tiny_learn", "tinylearn", tiny), ("unused", "unused", unused)):
        info = site / f"{package}-{version}.dist-info"
        info.mkdir()
        (info / "RECORD").write_text(f"{module}.py,,\n{info.name}/METADATA,,\n")
    return str(place / "bin" / "python")


@dataclass(frozen=True)
class Planted(Repo):
    """A repository with such a script, and how to run it."""

    pythons: dict[str, str]

    def record(self, *words: str, python: str = "new", more: tuple[str, ...] = ()) -> None:
        done = self.expctl("run", *more, "--", self.pythons[python], *(words or RUN))
        assert done.exit_code == 0, done.err

    def explain(self) -> dict:
        done = self.expctl("diff", "@-1", "@", "--explain", "--json")
        assert done.exit_code == 0, done.err
        return done.json


def plant(repo: Repo, pythons: dict[str, str]) -> Planted:
    """The repository with one run."""
    found = Planted(repo.path, pythons)
    found.write("data/train.csv", "1\n2\n3\n")
    found.record()
    return found


def wheel(folder: Path, name: str, version: str, code: str, *, module: str) -> None:
    """A wheel by hand: one module, and the metadata that installers ask for."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{module}.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as packed:
        for file, text in files.items():
            packed.writestr(file, text)
        packed.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"]))

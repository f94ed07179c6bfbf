"""What the tests of the source tree share: taking it, and git's own answer to hold it against."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from expctl.adapters import git
from expctl.capture import code

if TYPE_CHECKING:
    from pathlib import Path


def take(root: Path, scratch: Path, **more: object) -> code.Before:
    """Take the tree as a run does; the user's index, refs and files must be as before."""
    places = git.find_places(root)
    assert places is not None
    scratch.mkdir(exist_ok=True)
    before = state(root)
    taken = code.take(root, _path(root, places.git_dir), scratch, **more)
    assert state(root) == before
    return taken


def state(root: Path) -> tuple[object, ...]:
    """All that a snapshot may not touch."""
    places = git.find_places(root)
    assert places is not None
    index = _path(root, places.git_dir) / "index"
    return (
        (index.read_bytes(), index.stat().st_mtime_ns) if index.exists() else None,
        run(root, "for-each-ref"),
        run(root, "stash", "list"),
        (_path(root, places.git_dir) / "HEAD").read_bytes(),
        sorted(os.listdir(places.git_dir)),
    )


def oracle(root: Path, scratch: Path) -> str:
    """The tree that ``git add -A`` would make, without our folder."""
    scratch.mkdir(exist_ok=True)
    places = git.find_places(root)
    assert places is not None
    index = scratch / "oracle"
    source = _path(root, places.git_dir) / "index"
    if source.exists():
        shutil.copy2(source, index)
    env = {**os.environ, "GIT_INDEX_FILE": str(index)}
    run(root, "-c", "core.safecrlf=false", "-c", "advice.addEmbeddedRepo=false", "add", "-A", env=env)
    run(root, "rm", "-r", "-q", "-f", "--cached", "--ignore-unmatch", ".experiments", env=env)
    return run(root, "write-tree", env=env).strip()


def contents(root: Path, tree: str) -> dict[str, bytes]:
    """Every file of a tree with its bytes."""
    entries = git.ls_tree(root, tree, recursive=True)
    blobs = git.read_blobs(root, [entry.id for entry in entries])
    return {entry.path: blobs[entry.id] for entry in entries if entry.kind == "blob"}


def run(root: Path, *words: str, env: dict[str, str] | None = None) -> str:
    """Run git as the user does."""
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode("utf-8", "surrogateescape")


def _path(root: Path, name: str) -> Path:
    return root / name

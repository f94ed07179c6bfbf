"""A team with a hub: two versions of a model, the older one in production, and a policy with gates."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from expctl.actions import promoting, registering
from expctl.project import find
from tests import shelf

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
schema: expctl/policy/v1
gates:
  production:
    - {require: metrics.f1 > 0.85, otherwise: reject}
    - {no_worse: f1, by: 0.01}
"""
PATH = ".experiments/policy/registry.yaml"


def found(team, hub: Path, *scores: int) -> None:
    """Fill a repository and its hub: a version for each score in per cent, the first one in production."""
    subprocess.run(["git", "init", "-q", "-b", "main", "--bare", str(hub)], check=True)
    runs = [shelf.put_run(team, score) for score in scores]
    team.write(PATH, POLICY)
    team.commit_all("Records and policy")
    team.git("remote", "add", "origin", str(hub))
    team.git("push", "-q", "-u", "origin", "main")
    project = find(team.path)
    for at, run in enumerate(runs):
        registering.register(project, "fraud", run)
        promoting.promote(project, "fraud", None, "staging")
        if at == 0:
            promoting.promote(project, "fraud", None, "production")


def moulded(make_repo, mould: Path, hub: Path, *scores: int):
    """The same, made once and copied from then on: a repository and its hub."""
    if not (mould / "team").exists():
        team = make_repo("team")
        found(team, mould / "hub.git", *scores)
        team.path.rename(mould / "team")
    team = make_repo("ada", files={})
    shutil.rmtree(team.path)
    shutil.copytree(mould / "team", team.path, symlinks=True)
    shutil.copytree(mould / "hub.git", hub)
    team.git("remote", "set-url", "origin", str(hub))
    return team


def cloned(team, hub: Path, name: str):
    """Another clone of the hub, as CI makes one."""
    path = team.path.parent / name
    subprocess.run(["git", "clone", "-q", str(hub), str(path)], check=True)
    return type(team)(path)


def refs(repository: Path) -> set[str]:
    """All that a repository says of its registry: each ref with what it points at."""
    words = ["git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags", "refs/expctl"]
    done = subprocess.run(words, cwd=repository, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())

"""Runs for tests without running anything: a manifest, bytes in the cache, a pointer, a source tree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from expctl import project as projects
from expctl.actions import setup
from expctl.core import manifest as m
from expctl.store import manifests, objects, snapshots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.project import Project


def project_of(repo) -> Project:
    found = projects.find(repo.path)
    setup.ensure(found)
    return found


def run_id(number: int) -> str:
    return f"20261122-19{number // 60:02d}{number % 60:02d}-{number:06d}"


def put_run(
    repo, number: int = 1, files: Mapping[str, bytes] | None = None, *, tree: str | None = None
) -> str:
    """Record a run that left these artifacts; its id."""
    project = project_of(repo)
    name = run_id(number)
    wanted = {f"artifacts/{path}": data for path, data in (files or {"model.pt": b"weights"}).items()}
    stored = objects.store_run(
        setup.cache_dir(project),
        objects.pointer_path(project.runs, name),
        name,
        {"output.log": b"hi\n", **wanted},
    )
    artifacts = tuple(
        m.Artifact(
            path=path, md5=stored.md5s[f"artifacts/{path}"], bytes=len(data), kind="model", stored=True
        )
        for path, data in (files or {"model.pt": b"weights"}).items()
    )
    head = repo.git("rev-parse", "HEAD").strip()
    manifest = m.Manifest(
        id=name,
        status="completed",
        started_at=datetime(2026, 11, 22, 19, number // 60, number % 60, tzinfo=UTC),
        duration_s=1.0,
        command=m.Command(argv=("true",), exit_code=0),
        code=m.CodeState(commit=head, tree=tree),
        metrics={"f1": m.Metric(value=number / 100)},
        artifacts=artifacts,
        outputs={"log": stored.md5s["output.log"]},
    )
    manifests.write(project.runs, manifest)
    if tree is not None:
        ref = snapshots.LOCAL.format(snapshots.clone_id(project.state))
        snapshots.pin(project.root, project.common, tree, ref=ref)
    return name


def snapshot(repo, **untracked: str) -> str:
    """The id of a tree of HEAD with some more files (``name=text``, with ``_`` for a dot)."""
    entries = repo.git("ls-tree", "HEAD")
    for name, text in untracked.items():
        path = repo.write(".git/x", text)
        blob = repo.git("hash-object", "-w", str(path)).strip()
        entries += f"100644 blob {blob}\t{name.replace('_', '.')}\n"
    (repo.path / ".git" / "entries").write_text(entries)
    import subprocess

    done = subprocess.run(
        ["git", "mktree"], cwd=repo.path, input=entries, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()

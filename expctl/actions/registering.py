"""Register a run's artifact as a version of a model: one commit that only its tag reaches, no branch moved.

The tagged commit is a child of the run's own commit. It holds the record of the run, the version's file, and
what stock DVC needs to hand out the bytes: an entry in ``dvc.yaml`` and the settings of the remote.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs, transition, unfinished
from expctl.adapters import clock, dvc, git, gittags, yamledit
from expctl.core import dvcconfig, dvcfile, runid, yamltext
from expctl.core.registry import moves, record, tags, versions
from expctl.errors import ConflictError, ExpctlError, GitError, ManifestError, UsageError
from expctl.store import manifests, packpointers

if TYPE_CHECKING:
    from expctl.core.manifest import Artifact, Manifest
    from expctl.core.registry.state import Model
    from expctl.project import Project

VERSION_SCHEMA = "expctl/version/v1"
_FOLDER = ".experiments"
_FILE_MODE = "100644"
_SETTINGS_LIMIT = 1 << 20


class Registered(NamedTuple):
    """What was registered.

    Attributes:
        model: Its name.
        version: The new version.
        run: Id of the run.
        artifact: Path of the artifact as the manifest has it.
        tag: The tag that says so.
        remote: Where it counts; None for this clone alone.
        notes: What must be said about it.
    """

    model: str
    version: str
    run: str
    artifact: str
    tag: str
    remote: str | None
    notes: tuple[str, ...]


def register(
    project: Project,
    model: str,
    reference: str,
    *,
    artifact: str | None = None,
    version: str | None = None,
    bump: str | None = None,
) -> Registered:
    """Register what a run produced.

    Args:
        project: The repository.
        model: Name of the model; made with its first version.
        reference: The run.
        artifact: Path of one of its kept artifacts; may be left out where it kept one model.
        version: Such as ``v1.2.0``; otherwise counted up.
        bump: Which part is counted up: ``major``, ``minor`` (also when nothing is said) or ``patch``.

    Raises:
        UsageError: A name or version that stock tools would refuse.
        RunNotFoundError: The reference names no run.
        ExpctlError: The run kept no such artifact.
        ConflictError: The version exists, or somebody was quicker.
        RefusedError: The server refused it.
    """
    why = tags.model_fault(model) or (version is not None and tags.version_fault(version))
    if why:
        name = model if tags.model_fault(model) else version
        raise UsageError(f'"{name}" {why}.')
    located = runs.find(project, reference)
    found = _choose(located.manifest, artifact)
    ground = transition.stand(project, model)
    run = located.manifest.id
    before = unfinished.found(project, ground.model, run, found.path, version)
    if before is not None:
        unfinished.forget(project, model)
        said = f"{model}@{before} was registered by an attempt that was cut off; nothing was left to do"
        return Registered(
            model, before, run, found.path, _tag(model, before), ground.remote, (*ground.notes, said)
        )
    chosen = _version(ground.model, model, version, bump)
    by = gittags.identity(project.root)
    at = max(clock.wall_ns() // 10**9, ground.model.last_at + 1 if ground.model else 0)
    entry = record.Record(
        seq=ground.seq + 1,
        model=model,
        event="registration",
        version=chosen,
        to=None,
        came_from=(),
        displaced=(),
        run=run,
        at=at,
        by=by,
        reason="",
        tags={},
    )
    data = located.path.read_bytes() if located.path else located.data or manifests.encode(located.manifest)
    commit = _commit(project, entry, located.manifest, data, found)
    tag = _tag(model, chosen)
    with unfinished.attempt(project, model, unfinished.Attempt(run, found.path, chosen)):
        done = transition.publish(project, ground, entry, [moves.Step(tag, commit, at)], [])
    notes = (*ground.notes, *done.notes, *_twins(ground.model, entry), *_for_others(project, ground.remote))
    return Registered(model, chosen, run, found.path, tag, ground.remote, notes)


def _tag(model: str, version: str) -> str:
    return tags.text(tags.Name(model, tags.REGISTRATION, version=version))


def _for_others(project: Project, remote: str | None) -> list[str]:
    """What keeps others from the bytes: a path that only this clone can follow."""
    settings = dvcconfig.parse(dvc.published_settings(project.root, project.experiments))
    url = settings.get('remote "expctl"', {}).get("url", "")
    if remote is None or not url.startswith("../"):
        return []
    shown = url.removeprefix("../../.dvc/").removesuffix(f"/{dvc.SUB_PATH}")
    who = "which `dvc artifacts get` and `model pull --repo` cannot follow"
    way = "dvc remote modify NAME url with an absolute path or a URL, then register again"
    return [f"the DVC remote is a relative path ({shown}), {who}: {way}"]


def _choose(manifest: Manifest, path: str | None) -> Artifact:
    kept = [one for one in manifest.artifacts if one.stored and one.md5]
    if path is not None:
        named = [one for one in kept if one.path == path] or [
            one for one in kept if posixpath.basename(one.path) == path
        ]
    else:
        named = [one for one in kept if one.kind == "model"] or kept
    if len(named) == 1:
        return named[0]
    run = runid.suffix(manifest.id)
    if not kept:
        raise ExpctlError(
            f"Run {run} kept no artifact that could be registered.",
            hint="Keep it when you run: expctl run --artifact model.pt -- CMD",
        )
    listed = ", ".join(one.path for one in kept)
    what = "kept nothing of that name" if path is not None and not named else "kept more than one"
    raise UsageError(f"Run {run} {what}: it has {listed}.", hint="Name one with: --artifact PATH")


def _version(model: Model | None, name: str, version: str | None, bump: str | None) -> str:
    known = [one for one in model.versions if versions.is_valid(one)] if model else []
    chosen = version or versions.bump(versions.latest(known), bump or "minor")
    if chosen in known:
        raise ConflictError(
            f"{name}@{chosen} is registered already, and a version never changes.",
            hint=f"The next free one is {versions.bump(versions.latest(known), 'patch')}",
        )
    return chosen


def _twins(model: Model | None, entry: record.Record) -> list[str]:
    same = [
        one.version
        for one in (model.versions.values() if model else ())
        if one.registered and f"Expctl-Run: {entry.run}" in one.registered.message
    ]
    return [f"{' and '.join(same)} came from the same run"] if same else []


def _commit(project: Project, entry: record.Record, manifest: Manifest, data: bytes, found: Artifact) -> str:
    """Write the commit that the tag points at, and give its id."""
    root = project.root
    base = manifest.code.commit if manifest.code and manifest.code.commit else None
    if base is None or not git.exist(root, [base])[0]:
        base = git.head(root)[0]
    contents = _record_files(project, manifest, data)
    folder = f"{_FOLDER}/runs/{runid.day_of(manifest.id)}/{manifest.id}"
    stored = f"{folder}/artifacts/{found.path}"
    version = {
        "schema": VERSION_SCHEMA,
        "model": entry.model,
        "version": entry.version,
        "run": entry.run,
        "artifact": {"path": found.path, "md5": found.md5, "bytes": found.bytes, "kind": found.kind},
        "registered_by": entry.by,
    }
    contents[f"{_FOLDER}/registry/{tags.stem(entry.model)}/{entry.version}.yaml"] = yamltext.dump(
        version
    ).encode()
    contents |= _for_dvc(project, base, entry, stored)
    edits = {path: (_FILE_MODE, git.write_blob(root, text)) for path, text in contents.items()}
    tree = git.graft(root, git.tree_of(root, base) if base else None, edits)
    who, _, address = entry.by.rstrip(">").partition(" <")
    env = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", who), ("EMAIL", address), ("DATE", f"{entry.at} +0000"))
    }
    return git.commit_tree(root, tree, [base] if base else [], record.message(entry) + "\n", env=env)


def _record_files(project: Project, manifest: Manifest, data: bytes) -> dict[str, bytes]:
    """The run's own files, by path: manifest, pointer, package list, and what our DVC repository needs."""
    day = runid.day_of(manifest.id)
    contents = {f"{_FOLDER}/runs/{day}/{manifest.id}.yaml": data}
    packages = manifest.environment.packages if manifest.environment else None
    wanted = [f"runs/{day}/{manifest.id}.dvc", ".gitignore", ".gitattributes", ".dvc/.gitignore"]
    for name in [*wanted, *([packages] if packages else [])]:
        for place in (project.experiments / name, project.finished / name.rpartition("/")[2]):
            if place.is_file() and not place.is_symlink():
                contents[f"{_FOLDER}/{name}"] = place.read_bytes()
                break
    out = packpointers.everything(project.runs).get(manifest.id)
    if out is not None:
        contents.setdefault(f"{_FOLDER}/runs/{day}/{manifest.id}.dvc", dvcfile.pointer_text(out).encode())
    return contents


def _for_dvc(project: Project, base: str | None, entry: record.Record, stored: str) -> dict[str, bytes]:
    """What ``dvc artifacts get`` reads: an entry in ``dvc.yaml``, and settings that name the remote."""
    root = project.root
    folder, _, name = entry.model.rpartition(":")
    place = f"{folder}/dvc.yaml" if folder else "dvc.yaml"
    names = [f"{base}:{place}", f"{base}:.dvc/config"] if base else []
    there = git.read_blobs(root, names, limit=_SETTINGS_LIMIT) if names else {}
    text = there.get(names[0], b"").decode("utf-8", "replace") if names else ""
    value = {"path": posixpath.relpath(stored, folder or "."), "type": "model"}
    try:
        written = yamledit.edit(text, ("artifacts", name), value)
    except ManifestError as err:
        raise GitError(f"{place} of {base} cannot be extended: {err}") from err
    contents = {place: written.encode()}
    if not names or names[1] not in there:
        contents[".dvc/config"] = b""
    contents[f"{_FOLDER}/.dvc/config"] = dvc.published_settings(root, project.experiments).encode()
    return contents

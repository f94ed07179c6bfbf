"""Bring the bytes of a registered version: by version or by stage, never another one instead.

Nothing is loaded or unpickled: what is given is a file whose hash is the registered one.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.actions import models, registrygaps, setup
from expctl.adapters import dvc, dvcapart, git, gitremote, yaml
from expctl.capture import hashing
from expctl.core import dvcconfig, dvcfile, relpath, runid
from expctl.core.registry import tags
from expctl.errors import ConflictError, DvcError, ExpctlError, IncompleteError, ManifestError
from expctl.project import Project
from expctl.store import cache, objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.core.registry.state import Model

_FOLDER = ".experiments"
_LIMIT = 1 << 20
_WHERE = ("url", "endpointurl", "region")


class Version(NamedTuple):
    """One registered version and where its bytes come from.

    Attributes:
        model: Its name.
        version: Such as ``v1.2.0``.
        run: Id of the run that made it.
        path: Of the artifact, as the run's manifest has it.
        md5: Of its bytes; with ``.dir`` behind it for a folder.
        pointer: The text of the run's pointer.
        settings: The DVC settings that were published with it.
    """

    model: str
    version: str
    run: str
    path: str
    md5: str
    pointer: bytes
    settings: dvcconfig.Settings


class Pulled(NamedTuple):
    """What was brought: which version of what, from which run, and where it lies."""

    model: str
    version: str
    run: str
    md5: str
    path: str


def pull(project: Project, model: str, version: str | None, stage: str | None, target: str | None) -> Pulled:
    """Bring the bytes of a version.

    Args:
        project: The repository; that of ``borrowed`` for another one.
        model: Its name.
        version: Which, or an alias of it; None to go by the stage.
        stage: Whose holder is meant; None to go by the version.
        target: Absolute path of a file or folder to write, or of an existing folder to write into; None for a
            place of expctl's own, which is made once and then given again.

    Raises:
        ExpctlError: There is no such model or version, or it was not registered by expctl.
        AnswerIsNoError: Nothing stands in the stage.
        IncompleteError: The bytes are nowhere to be had.
        ConflictError: Something of that name is there already.
        DamagedError: The bytes are not the registered ones; nothing was written.
    """
    shown = models.one_model(project, model)
    known = shown.models[model]
    chosen = (known.called(version) or version) if version else models.version_of(project, model, stage or "")
    found = _read(project, known, chosen)
    folder = setup.cache_dir(project)
    name = os.path.basename(found.path)
    if target is None:
        place = project.state / "models" / tags.stem(model) / chosen / found.md5 / name
        if not _is_whole(project, place, found.md5):
            md5s = _bring(project, folder, found)
            _put_away(place)
            _write(folder, md5s, place)
    else:
        place = Path(target) / name if os.path.isdir(target) else Path(target)
        if os.path.lexists(place):
            raise ConflictError(f"{place} is there already.", hint="Choose another place with -o")
        _write(folder, _bring(project, folder, found), place)
    return Pulled(model, chosen, found.run, found.md5, str(place))


@contextlib.contextmanager
def borrowed(url: str) -> Iterator[Project]:
    """Another repository's registry, fetched without its history: what ``--repo`` means.

    Yields:
        A project that lives under the user's cache folder.

    Raises:
        GitError: It cannot be reached.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    place = Path(home) / "expctl" / "registries" / hashlib.sha256(url.encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    git.call(place, "init", "--quiet", "--bare", ".")
    gitremote.fetch_refs(place, url, ["+refs/tags/*:refs/tags/*"], depth=1, prune=True)
    yield Project(root=place, git_dir=place, common=place, prefix="")


def _is_whole(project: Project, place: Path, md5: str) -> bool:
    """Whether what was given out before is there as it was: somebody may have written into it."""
    try:
        return hashing.hash_path(place, project.state / "cache").md5 == md5
    except OSError:
        return False


def _put_away(place: Path) -> None:
    """Make room for a folder that is given out anew; a file is replaced as it is written."""
    if place.is_dir() and not place.is_symlink():
        aside = place.with_name(f"{place.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
        place.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def _read(project: Project, model: Model, version: str) -> Version:
    one = model.versions.get(version)
    if one is None or one.registered is None or not one.active:
        registrygaps.refuse(project, model.name, f"Whether there is a version {version}")
        raise ExpctlError(
            f"{model.name} has no version and no alias {version}.",
            hint=f"See its versions with: expctl model show {model.name}",
        )
    label = f"{one.commit}:{_FOLDER}/registry/{tags.stem(model.name)}/{version}.yaml"
    settings_label = f"{one.commit}:{_FOLDER}/.dvc/config"
    found = git.read_blobs(project.root, [label, settings_label], limit=_LIMIT)
    if label not in found:
        raise ExpctlError(
            f"{model.name}@{version} was not registered by expctl, which therefore does not know its bytes.",
            hint=f"Try: dvc artifacts get . {model.name} --rev {version}",
        )
    data = _checked(found[label], label)
    run, artifact = data["run"], data["artifact"]
    pointer = f"{one.commit}:{_FOLDER}/runs/{runid.day_of(run)}/{run}.dvc"
    text = git.read_blobs(project.root, [pointer], limit=_LIMIT).get(pointer, b"")
    out = dvcfile.parse_plain(text.decode("ascii", "replace"))
    if out is None or not out.is_folder or out.path != run:
        raise IncompleteError(f"{model.name}@{version} holds no plain pointer to the bytes of its run.")
    settings = dvcconfig.parse(found.get(settings_label, b"").decode("utf-8", "replace"))
    return Version(model.name, version, run, artifact["path"], artifact["md5"], text, settings)


def _checked(data: bytes, label: str) -> dict[str, Any]:
    """The version's file, which may be a stranger's."""
    try:
        plain = yaml.parse(data, name=label)
    except ManifestError as err:
        raise IncompleteError(f"The file of the version cannot be read: {err}") from err
    artifact = plain.get("artifact") if isinstance(plain, dict) else None
    run = plain.get("run") if isinstance(plain, dict) else None
    path = artifact.get("path") if isinstance(artifact, dict) else None
    if (
        not isinstance(run, str)
        or not runid.is_valid(run)
        or not isinstance(path, str)
        or relpath.check(path)
    ):
        raise IncompleteError("The file of the version names no run, or a path that is refused.")
    if not isinstance(artifact, dict) or not dvcfile.is_md5(artifact.get("md5")):
        raise IncompleteError("The file of the version names no bytes.")
    return {"run": run, "artifact": artifact}


def _bring(project: Project, folder: Path, found: Version) -> dict[str, str]:
    """Make sure the bytes are here; MD5 by path inside the artifact (empty for a file)."""
    is_folder = found.md5.endswith(".dir")
    if not is_folder and cache.has(folder, found.md5):
        return {"": found.md5}
    out = dvcfile.parse_plain(found.pointer.decode("ascii"))
    whole = out.md5 if out is not None and out.md5 is not None else ""
    if objects.missing(folder, whole):
        _fetch(project, folder, found)
    if objects.missing(folder, whole):
        raise IncompleteError(
            f"The remote lacks bytes of {found.model}@{found.version}.",
            hint=f"Ask who registered it to type: expctl push {found.run}",
        )
    top = f"artifacts/{found.path}"
    entries = cache.read_dir(folder, whole)
    inside = {name.removeprefix(f"{top}/"): md5 for name, md5 in entries if name.startswith(f"{top}/")}
    if not is_folder:
        inside = {"": found.md5} if (top, found.md5) in entries else {}
    elif dvcfile.dir_md5(inside.items()) != found.md5 or any(map(relpath.check, inside)):
        inside = {}
    if not inside:
        raise IncompleteError(f"The bytes of {found.path} are not among what run {found.run} kept.")
    return inside


def _fetch(project: Project, folder: Path, found: Version) -> None:
    name = f"{found.run}.dvc"
    if project.experiments.is_dir():
        with dvc.remote(project.root, project.experiments) as source:
            own = {} if source.settings else dvc.own_settings(project.experiments)
            dvcapart.fetch(folder, name, found.pointer, source=source, settings=own)
        return
    remote = found.settings.get("core", {}).get("remote")
    url = found.settings.get(f'remote "{remote}"', {}).get("url")
    if not remote or not url:
        raise DvcError(
            f"{found.model}@{found.version} names no remote for its bytes.",
            hint="Register it again once the project has a DVC remote: dvc remote add -d NAME URL",
        )
    # Only what says where: settings of a stranger could name programs and key files.
    where = {
        key: found.settings[f'remote "{remote}"'][key]
        for key in _WHERE
        if key in found.settings[f'remote "{remote}"']
    }
    source = dvc.Remote("expctl", url, None)
    dvcapart.fetch(folder, name, found.pointer, source=source, settings={'remote "expctl"': where})


def _write(folder: Path, md5s: dict[str, str], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if "" in md5s:
        cache.get(folder, md5s[""], place)
        return
    # Beside, and renamed when it is whole: a folder that is half there would pass for the model.
    beside = place.with_name(f"{place.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        beside.mkdir()
        for name, md5 in md5s.items():
            objects.make_real_folders(beside, os.path.dirname(name))
            cache.get(folder, md5, beside / name)
        beside.rename(place)
    except OSError as err:
        if err.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        raise ConflictError(
            f"{place} was made by somebody else meanwhile.", hint="Repeat the command"
        ) from err
    finally:
        shutil.rmtree(beside, ignore_errors=True)

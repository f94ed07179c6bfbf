"""Check manifests, package lists, pointers and settings, and name every fault with its file and its place."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl import config
from expctl.actions import checkpacks, rulebook
from expctl.core import dvcfile, packages, runid
from expctl.core.fields import Fault
from expctl.errors import ConfigError, ManifestError
from expctl.project import FOLDER
from expctl.store import manifests, trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from expctl.project import Project

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Finding(NamedTuple):
    """One fault.

    Attributes:
        file: Relative to the top of the repository where it lies inside, else absolute.
        path: The key inside the file, in dots; empty for the file as a whole.
        message: What is wrong.
    """

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(filter(None, self))


class Verdict(NamedTuple):
    """How many files were looked at, what is wrong, and what is only strange (unknown settings)."""

    checked: int
    findings: list[Finding]
    warnings: list[str]

    def sentence(self) -> str:
        """What to tell a person at the end."""
        files = f"{self.checked} {'file' if self.checked == 1 else 'files'} checked"
        faults = len(self.findings)
        return f"{files}, {faults or 'no'} {'fault' if faults == 1 else 'faults'}"


def validate(project: Project, names: Sequence[str] = ()) -> Verdict:
    """Check the files that are named, or all of ``.experiments``.

    Args:
        project: The repository.
        names: Files as the user typed them; what a pre-commit hook is given.
    """
    files = [project.relative(name) for name in names] or list(_everything(project.root))
    warnings: list[str] = []
    findings: list[Finding] = []
    for name in files:
        findings += [Finding(name, *fault) for fault in _faults(project, name, warnings)]
    if not names:
        findings += _twins(files)
    return Verdict(len(files), findings, warnings)


def _everything(root: Path) -> Iterator[str]:
    """Files under ``.experiments`` that are records or settings, and whatever lies in their place."""
    yield from _listed(root, FOLDER, lambda name: name == "config.yaml")
    yield from _listed(root, f"{FOLDER}/environments", lambda name: name.endswith(".yaml"))
    yield from _listed(root, os.path.dirname(rulebook.POLICY), lambda name: name == "registry.yaml")
    yield from _requests(root)
    for day in _names(root, f"{FOLDER}/runs"):
        folder = f"{FOLDER}/runs/{day}"
        if stat.S_ISDIR(os.lstat(root / folder).st_mode):
            yield from _listed(root, folder, lambda name: name.endswith((".yaml", ".dvc")))
        elif day.endswith(".yaml") or _DAY.fullmatch(day):
            yield folder


def _requests(root: Path) -> Iterator[str]:
    """Files in the place of requests, links to folders themselves and not what lies behind them."""
    top = os.path.join(root, FOLDER, "requests")
    for folder, folders, names in os.walk(top if not os.path.islink(top) else ""):
        inside = os.path.relpath(folder, root)
        links = (one for one in folders if os.path.islink(os.path.join(folder, one)))
        yield from sorted(f"{inside}/{name}" for name in (*names, *links))


def _listed(root: Path, folder: str, wanted: Any) -> Iterator[str]:
    return (f"{folder}/{name}" for name in _names(root, folder) if wanted(name))


def _names(root: Path, folder: str) -> list[str]:
    """Names in a folder of which no part is a link; none if it is missing."""
    at = os.fspath(root)
    for part in folder.split("/"):
        at = os.path.join(at, part)
        if os.path.islink(at):
            return []
    try:
        return sorted(os.listdir(at))
    except OSError:
        return []


def _faults(project: Project, name: str, warnings: list[str]) -> list[Fault]:
    """What is wrong with one file, which is judged by where it lies and how it is called."""
    parts = name.split("/")
    try:
        if linked := _link_on_the_way(project.root, parts[:-1]):
            return [Fault("", f"lies behind the symbolic link {linked}")]
        if name == f"{FOLDER}/config.yaml":
            return _settings(project, project.root / name, name, warnings)
        if name == rulebook.POLICY:
            manifests.read_bytes(project.root / name, name=name)
            rulebook.policy_here(project)
            return []
        return _record(project, name, parts)
    except (ManifestError, ConfigError) as err:
        return [Fault("", line.removeprefix(f"{name}: ")) for line in str(err).splitlines()]


def _record(project: Project, name: str, parts: Sequence[str]) -> list[Fault]:
    place = parts[1] if parts[0] == FOLDER and len(parts) > 1 else ""
    if place == "runs" and parts[2:-1] == [trees.PACKED]:
        return checkpacks.faults(project, name)
    data = manifests.read_bytes(project.root / name, name=name)
    if place in ("environments", "requests"):
        return (_package_list if place == "environments" else _request)(data, name)
    if name.endswith(".dvc"):
        return _pointer(data, name)
    return [*_manifest(project, data, name), *(_misplaced(parts) if place == "runs" else ())]


def _link_on_the_way(root: Path, folders: Sequence[str]) -> str | None:
    for depth in range(1, len(folders) + 1):
        part = "/".join(folders[:depth])
        if part and os.path.islink(root / part):
            return part
    return None


def _settings(project: Project, path: Path, name: str, warnings: list[str]) -> list[Fault]:
    manifests.read_bytes(path, name=name)
    settings = config.load(path, root=project.root)
    warnings.extend(settings.warnings)
    if settings.origin("selections") != name:
        return []
    from expctl.core import flows  # only settings with flows need the filter language

    return [Fault(fault.path, fault.message) for fault in flows.check(settings.selections)]


def _package_list(data: bytes, name: str) -> list[Fault]:
    from expctl.adapters import yaml

    try:
        packages.from_dict(yaml.parse(data, name=name))
    except ValueError as err:
        return [Fault("", str(err))]
    digest = hashlib.sha256(data).hexdigest()[:12]
    if os.path.basename(name) != f"{digest}.yaml":
        return [Fault("", f"its name is not the beginning of its content's SHA-256, {digest}")]
    return []


def _request(data: bytes, name: str) -> list[Fault]:
    from expctl.core.registry import request
    from expctl.store import requests

    fault = "" if request.is_approval(name) else requests.check(name, data).fault
    return [Fault("", fault)] if fault else []


def _pointer(data: bytes, name: str) -> list[Fault]:
    """A run's pointer names one output, the folder beside it, and does nothing else."""
    from expctl.adapters import yaml

    run_id = os.path.basename(name).removesuffix(".dvc")
    plain = yaml.parse(data, name=name)
    paths = [out.path for out in dvcfile.outs_of(plain)]
    faults = [] if runid.is_valid(run_id) else [Fault("", "its name is not a run id")]
    if paths != [run_id]:
        faults.append(Fault("outs", f"not one output with the path {run_id}"))
    others = sorted(set(plain) - {"outs", "meta", "desc"}) if isinstance(plain, dict) else []
    return [*faults, *(Fault(key, "does not belong into a run's pointer") for key in others)]


def _manifest(project: Project, data: bytes, name: str) -> list[Fault]:
    stem = os.path.basename(name).removesuffix(".yaml")
    expected = stem if runid.is_valid(stem) or "/runs/" in name else None
    return checkpacks.manifest_faults(project, data, name, expected)


def _misplaced(parts: Sequence[str]) -> Iterable[Fault]:
    stem = parts[-1].removesuffix(".yaml")
    if not runid.is_valid(stem):
        yield Fault("", "its name is not a run id")
    elif (home := f"{FOLDER}/runs/{runid.day_of(stem)}") != "/".join(parts[:-1]):
        yield Fault("", f"belongs into {home}")


def _twins(files: Sequence[str]) -> Iterator[Finding]:
    """Manifests of one id in two folders: both are named, neither wins."""
    places: dict[str, list[str]] = {}
    for name in files:
        if name.startswith(f"{FOLDER}/runs/2") and name.endswith(".yaml"):
            places.setdefault(os.path.basename(name), []).append(name)
    for twins in places.values():
        for name in twins if len(twins) > 1 else ():
            others = ", ".join(other for other in twins if other != name)
            yield Finding(name, "id", f"stands in {others} too")

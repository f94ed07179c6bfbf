"""Make ``.experiments/``: settings, ignore rules, and a DVC repository of its own beside the project's.

DVC's files are written here and not by ``dvc init``, which takes a second and stages files in the user's
index.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from expctl.adapters import files
from expctl.errors import ConfigError
from expctl.project import FOLDER
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from expctl.project import Project

_CONFIG = """\
# Settings of expctl for this repository. All have defaults: see `expctl config list`.
#
# experiment: default              # what a run belongs to when -e is not given
# commit: false                    # commit each run's files at once
# directions: {f1_score: max}      # which way a metric is better, where its name does not say
# data: [data/train.parquet]       # inputs of every run
# artifacts: ['reports/*.png']     # outputs that every run keeps
# keep_models: 500 MiB             # models kept per run without being named
# keep_data: 512 MiB               # inputs kept that neither git nor DVC holds
"""
_GITIGNORE = """\
# Bytes of runs, brought here by `expctl pull`: DVC keeps them, git does not.
# (Not `*/*/`: the reader of this file in DVC takes the last star for nothing, and DVC would see no pointer.)
/runs/*/?*/
.*.tmp
"""
_GITATTRIBUTES = """\
# No line endings are changed here, and records stay folded in pull requests.
* -text
runs/** linguist-generated -diff
environments/** linguist-generated -diff
"""
_FILES = {
    "config.yaml": _CONFIG,
    ".gitignore": _GITIGNORE,
    ".dvc/config": "",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    # Last: who finds this one finds all of them.
    ".gitattributes": _GITATTRIBUTES,
}
_LOCAL = "config.local"
_CACHE_LINE = "[cache]\n    dir = "
_QUOTED = frozenset("\n#'\",%")
_SETTINGS_LIMIT = 1 << 20


def ensure(project: Project) -> list[str]:
    """Make whatever of ``.experiments/`` is not there yet; nothing that is there is touched.

    What git holds of it comes back as it was: a sparse work tree leaves the settings of the team out.

    Returns:
        The paths that were made, relative to the top of the repository.

    Raises:
        ConfigError: A link stands where a folder of ours should be.
        OSError: The folder cannot be written.
    """
    top = str(project.experiments)
    for folder in (top, f"{top}/.dvc", f"{top}/runs"):
        _refuse_link(folder)
    lacking = [name for name in _FILES if not os.path.lexists(f"{top}/{name}")]
    known = _known_to_git(project, lacking) if lacking else {}
    made = [
        os.path.relpath(f"{top}/{name}", project.home)
        for name in lacking
        if _write_new(f"{top}/{name}", known.get(name, _FILES[name].encode()))
    ]
    restored = _restore_local(project)
    return [*made, *([os.path.relpath(restored, project.home)] if restored else [])]


def cache_dir(project: Project) -> Path:
    """The folder that holds the bytes of runs: ``cache.dir`` of our DVC repository, which DVC reads too.

    The setting of this clone is restored where it is missing, as after a clone. What came with a branch may
    name no folder outside of the repository.
    """
    chosen, _ = _chosen_cache(project)
    if chosen is None and project.experiments.is_dir():
        # Read-only: the bytes are still where they would be.
        with contextlib.suppress(OSError):
            _restore_local(project)
    return chosen or _default_cache(project)


def ignored_cache(project: Project) -> str | None:
    """Which setting of a cache is not believed, and why, for the person to read.

    None once the settings of this clone name a cache, which stand above those of a branch for DVC, too.
    """
    return _chosen_cache(project)[1]


def _chosen_cache(project: Project) -> tuple[Path | None, str | None]:
    """The cache that settings name, and what is ignored of them."""
    folder = str(project.experiments / ".dvc")
    ignored = None
    for name in (_LOCAL, "config"):
        if not (found := _cache_setting(f"{folder}/{name}")):
            continue
        # DVC reads a relative path from the folder of the file that says it.
        place = Path(os.path.normpath(os.path.join(folder, os.path.expanduser(found))))
        is_ours = place == _default_cache(project) or (name == _LOCAL and not _is_committed(project, name))
        if is_ours or _is_within(project, place):
            return place, ignored
        ignored = (
            f"cache.dir in {FOLDER}/.dvc/{name} is ignored: {found} is outside of the repository, "
            f"and a branch may not choose that. You may: dvc --cd {FOLDER} cache dir --local PATH"
        )
    return None, ignored


def _is_within(project: Project, place: Path) -> bool:
    """Whether a folder lies in the work tree, through links as well, and not among git's own files."""
    inside = os.path.relpath(os.path.realpath(place), os.path.realpath(project.home)).split(os.sep)
    return inside[0] not in ("..", ".") and ".git" not in [part.lower() for part in inside]


def _is_committed(project: Project, name: str) -> bool:
    """Whether a file that belongs to one clone came with a branch after all."""
    from expctl.adapters import git  # only where somebody chose a cache
    from expctl.errors import GitError

    try:
        return bool(git.ls_tree(project.home, "HEAD", f"{FOLDER}/.dvc/{name}"))
    except GitError:
        return False  # no commit yet


def advice(project: Project) -> list[str]:
    """What to add to the configuration of other tools, so that a recorded run does not start a build."""
    lines = [
        "Formatters and linters: leave .experiments/ out, machines write it.",
        "CI path filters: a commit of .experiments/** alone needs no build.",
    ]
    if (project.root / ".github" / "workflows").is_dir():
        lines.append("  GitHub: under `on: push:` add  paths-ignore: ['.experiments/**']")
    if (project.root / ".gitlab-ci.yml").is_file():
        lines.append("  GitLab: name the folders that matter under `rules: - changes:`")
    if (project.root / ".pre-commit-config.yaml").is_file():
        lines.append("  pre-commit: at the top level add  exclude: ^\\.experiments/")
    if (project.root / ".prettierrc").exists() or (project.root / ".prettierignore").exists():
        lines.append("  Prettier: add  .experiments/  to .prettierignore")
    return lines


def _default_cache(project: Project) -> Path:
    # In the common git directory: shared by all work trees, out of reach of `git clean -fdx`.
    return project.state / "dvc-cache"


def _restore_local(project: Project) -> str | None:
    """Name our cache in the settings of this clone, unless a setting names another one."""
    folder = str(project.experiments / ".dvc")
    local = f"{folder}/{_LOCAL}"
    if not _is_real(folder) or _cache_setting(local) or _chosen_cache(project)[0]:
        return None
    from expctl.core import dvcconfig  # once a clone

    where = os.path.relpath(_default_cache(project), folder)
    try:
        text = dvcconfig.format_settings({"cache": {"dir": where}})
    except ValueError:
        # A folder above the repository has a name that DVC's settings cannot hold: its own default holds.
        return None
    before = _read(local)
    gap = "\n" if before and not before.endswith("\n") else ""
    # Somebody's credentials may be in there already.
    mode = stat.S_IMODE(os.stat(local).st_mode) if before else 0o644
    files.write_atomic(local, f"{before}{gap}{text}".encode(), mode=mode)
    return local


def _cache_setting(path: str) -> str | None:
    text = _read(path)
    if "dir" not in text:
        return None
    plain = text.removeprefix(_CACHE_LINE).removesuffix("\n")
    if text == f"{_CACHE_LINE}{plain}\n" and plain.startswith(".") and _QUOTED.isdisjoint(plain):
        return plain  # as we write it ourselves: the road of every run, spared the reader
    from expctl.core import dvcconfig

    return dvcconfig.parse(text).get("cache", {}).get("dir")


def _read(path: str) -> str:
    try:
        return files.read_plain(path, limit=_SETTINGS_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""


def _known_to_git(project: Project, names: Iterable[str]) -> dict[str, bytes]:
    """What the user's index says of our files."""
    from expctl.adapters import git  # once a work tree
    from expctl.errors import GitError

    try:
        found = git.read_blobs(project.home, [f":{FOLDER}/{name}" for name in names], limit=_SETTINGS_LIMIT)
    except GitError:
        return {}  # a partial clone without its remote
    return {name.removeprefix(f":{FOLDER}/"): data for name, data in found.items()}


def _write_new(path: str, data: bytes) -> bool:
    try:
        files.write_atomic(path, data, exclusive=True)
    except FileExistsError:
        # Another run was quicker.
        return False
    return True


def _is_real(folder: str) -> bool:
    """Whether it is a folder, with no link on the way from ours."""
    return (
        os.path.isdir(folder) and not os.path.islink(folder) and not os.path.islink(os.path.dirname(folder))
    )


def _refuse_link(folder: str) -> None:
    try:
        facts = os.lstat(folder)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(facts.st_mode):
        raise ConfigError(
            f"{folder} is not a folder, and expctl follows no links there.",
            hint="Move it away, then try again.",
        )

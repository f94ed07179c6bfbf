"""Can the environment be made again?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.checklist.lines import FAIL, OK, WARN, Line, named
from expctl.core.packages import OURS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from expctl.core.manifest import Environment
    from expctl.core.packages import Package


def lines(
    found: Environment | None,
    packages: Sequence[Package] | None,
    fault: str,
    *,
    in_tree: Collection[str] = (),
) -> list[Line]:
    """Judge the environment of a run.

    Args:
        found: What the manifest says.
        packages: The package list; None where it cannot be read.
        fault: Why it cannot.
        in_tree: Places that packages were installed from and that the source tree holds.
    """
    if found is None:
        return [Line("environment", FAIL, "not recorded", "record it again: expctl run -- CMD")]
    if found.python is None:
        if found.container:
            return [Line("environment", OK, f"no Python; in container {found.container[:19]}")]
        said = "no Python, and so no list of what was installed"
        return [Line("environment", WARN, said, "run it in a container, whose digest is recorded")]
    if packages is None:
        why = fault or "the packages could not be listed"
        return [Line("environment", FAIL, f"Python {found.python}, but {why}", "git fetch, or ask its owner")]
    many = f"{len(packages)} package{'' if len(packages) == 1 else 's'}"
    lines = [Line("environment", OK, f"Python {found.python} and {many} by version: can be made again")]
    if found.container:
        lines.append(Line("environment", OK, f"in container {found.container[:19]}"))
    return [*lines, *_strangers(packages, in_tree)]


def _strangers(packages: Sequence[Package], in_tree: Collection[str]) -> list[Line]:
    """What no index has: each kind of origin on one line."""
    kinds: dict[str, list[str]] = {}
    for each in packages:
        if each.name != OURS:
            kinds.setdefault(_kind(each, in_tree), []).append(each.name)
    said = {
        "inside": (
            WARN,
            "installed from a folder of this repository: {}",
            "pip install it from the snapshot",
        ),
        "editable": (
            FAIL,
            "editable, from a folder that is not in the repository: {}",
            "publish it, or install it from git: pip install 'git+URL@COMMIT'",
        ),
        "local": (
            FAIL,
            "installed from a local file or folder: {}",
            "publish it, or keep the wheels: expctl reproduce --wheels DIR",
        ),
        "git": (OK, "from git at a commit: {}", ""),
        "conda": (WARN, "installed by conda: {}; pip may build it otherwise", "conda env export > env.yaml"),
        "unnamed": (WARN, "without a version: {}", "give it a version in its pyproject.toml"),
        "unknown": (FAIL, "nobody can tell where it came from: {}", "install it again from an index"),
    }
    return [
        Line("environment", state, text.format(named(sorted(kinds[kind]))), mend)
        for kind, (state, text, mend) in said.items()
        if kind in kinds
    ]


def local_place(package: Package) -> str | None:
    """The folder or file that a package was installed from, as recorded; None for another origin."""
    kind, _, place = (package.source or "").partition(":")
    return place.partition("#")[0] if kind in ("editable", "file") else None


def _kind(package: Package, in_tree: Collection[str]) -> str:
    source = package.source
    if source is None:
        return "" if package.version else "unnamed"
    place = local_place(package)
    if place is not None:
        if place in in_tree:
            return "inside"
        return "editable" if source.startswith("editable:") else "local"
    if source.startswith("conda:"):
        return "conda"
    if "+" in source.partition("://")[0]:
        return "git" if source.rpartition("@")[2] else "unknown"
    return "" if "://" in source else "unknown"

"""Names of registry tags, in the grammar of GTO: one event a tag.

``fraud@v1.2.0`` registers a version, ``fraud#production#7`` puts what the tag points at into a stage, and
``fraud#production!#8`` takes it out again. What is shaped otherwise is somebody else's tag and none of ours.

Source: gto 1.10 ``gto/constants.py``; the tests hold every name against ``gto.tag.parse_name``.
"""

from __future__ import annotations

import re

from expctl.core.registry import versions
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

REGISTRATION = "registration"
DEREGISTRATION = "deregistration"
ASSIGNMENT = "assignment"
UNASSIGNMENT = "unassignment"
DEPRECATION = "deprecation"
#: Ours alone, and outside of GTO's grammar: see ``aliases``.
ALIAS, UNALIAS = "alias", "unalias"

_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9/_-]*[a-zA-Z0-9])?"
_FOLDER = r"[a-zA-Z0-9_./-]+"
_TAG = re.compile(
    rf"(?P<model>(?:{_FOLDER}=)?{_NAME})"
    rf"(?:#(?P<stage>{_NAME})(?P<out>!?)|@(?P<version>v{versions.SEMVER})(?P<gone>!?)|@(?P<word>deprecated))"
    r"(?:#(?P<counter>[0-9]+))?",
    re.ASCII,
)
_STAGE = re.compile(_NAME, re.ASCII)
_MODEL = re.compile(rf"(?:{_FOLDER}:)?{_NAME}", re.ASCII)
#: git's own limit is that of a file name; a page of a tag is no name.
LONGEST = 200


class Name(NamedTuple):
    """What the name of a tag says.

    Attributes:
        model: As people type it; in a tag the ``:`` after its folder is a ``=``.
        event: One of the words above.
        version: Of a registration and its end.
        stage: Of an assignment and its end.
        counter: Makes names of the same event differ; None where there is none.
        alias: Of an alias and its end.
    """

    model: str
    event: str
    version: str | None = None
    stage: str | None = None
    counter: int | None = None
    alias: str | None = None


def parse(tag: str) -> Name | None:
    """Read the name of a tag (without ``refs/tags/``); None when it is none of the registry's."""
    found = _TAG.fullmatch(tag) if len(tag) <= LONGEST else None
    if found is None:
        return None
    counter = int(found["counter"]) if found["counter"] else None
    model = found["model"].replace("=", ":")
    if found["stage"]:
        event = UNASSIGNMENT if found["out"] else ASSIGNMENT
        return Name(model, event, stage=found["stage"], counter=counter)
    if found["version"]:
        event = DEREGISTRATION if found["gone"] else REGISTRATION
        return Name(model, event, version=found["version"], counter=counter)
    return Name(model, DEPRECATION, counter=counter)


def stem(model: str) -> str:
    """How the name of a model is spelled in tags, refs and paths: no ``:`` can stand there."""
    return model.replace(":", "=")


def text(name: Name) -> str:
    """The name of the tag that says this; ``parse`` reads it back."""
    mark = "!" if name.event in (UNASSIGNMENT, DEREGISTRATION) else ""
    said = f"#{name.stage}" if name.stage else f"@{name.version}" if name.version else "@deprecated"
    counter = "" if name.counter is None else f"#{name.counter}"
    return f"{stem(name.model)}{said}{mark}{counter}"


def model_fault(model: str) -> str | None:
    """Why no model can have this name; None when one can.

    git forbids more than GTO does: a tag that GTO reads must also be one that git takes.
    """
    if len(model) > LONGEST // 2:
        return f"is longer than {LONGEST // 2} characters"
    if not _MODEL.fullmatch(model):
        return "must be letters, digits, '-', '_' and '/', and begin and end with a letter or a digit"
    return _path_fault(stem(model))


def stage_fault(stage: str) -> str | None:
    """Why no stage can have this name; None when one can."""
    if len(stage) > LONGEST // 4:
        return f"is longer than {LONGEST // 4} characters"
    if not _STAGE.fullmatch(stage):
        return "must be letters, digits, '-', '_' and '/', and begin and end with a letter or a digit"
    return _path_fault(stage)


def version_fault(version: str) -> str | None:
    """Why no version can be called this; None when one can."""
    if not versions.is_valid(version):
        return "must be a semantic version with a 'v' in front, such as v1.2.0"
    return _path_fault(version)


def _path_fault(path: str) -> str | None:
    """What ``git check-ref-format`` has against a name whose characters are fine."""
    if path.startswith("/") or "//" in path or ".." in path:
        return "must not begin with '/' or hold '//' or '..', which git forbids in tags"
    if any(part.startswith(".") or part.endswith((".lock", ".")) for part in path.split("/")):
        return "must have no part that begins with '.' or ends with '.lock', which git forbids in tags"
    return None


def next_counter(names: Iterable[Name]) -> int:
    """The number of the next event of a model, whose events so far are given."""
    return max((name.counter or 0 for name in names), default=0) + 1

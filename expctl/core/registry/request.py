"""A request to move a version to a stage: a file on a branch, named after its own bytes and never changed.

::

    .experiments/requests/<model>/<id>.yaml
    .experiments/requests/<model>/<id>.<role>.approval
    .experiments/requests/<model>/<id>.<role>.approval.sig

The id is the beginning of the file's SHA-256, so whoever approves an id approves these bytes. Each file is of
its own name: two branches never conflict, and what a squash or a rebase does to commits does not matter.
Approvals have their place beside it; nothing reads them yet.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import runid, yamltext
from expctl.core.registry import record, tags

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "expctl/request/v1"
FOLDER = ".experiments/requests"
#: Nobody's request is larger.
LIMIT = 64 << 10
#: Most characters of a reason.
LONGEST_REASON = 2_000
_DIGITS = 12
_PATH = re.compile(rf"{re.escape(FOLDER)}/(?P<model>.+)/(?P<id>[0-9a-f]{{{_DIGITS}}})\.yaml", re.ASCII)
_APPROVAL = re.compile(
    rf"{re.escape(FOLDER)}/.+/[0-9a-f]{{{_DIGITS}}}\.[a-z][a-z0-9-]*\.approval(?:\.sig)?", re.ASCII
)
_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_LATER = re.compile(r"expctl/request/v[1-9][0-9]{0,5}", re.ASCII)
_MOST_STAGES = 50
#: The last second of the year 9999.
_LAST = 253_402_300_799
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class NewerError(ValueError):
    """A file that may be a request, of a format that this expctl does not know."""


class Request(NamedTuple):
    """What somebody asks for, and what they saw when they did.

    Attributes:
        model: As people type it.
        version: The version that shall move.
        came_from: Stages that it stood in.
        to: Where it shall go.
        in_place: Versions that stood there.
        reason: Why; empty for none.
        by: ``Name <address>`` of who asks.
        at: When, in seconds since 1970.
        run: Id of the run that made the version; empty where its registration names none.
        commit: What the version's tag points at.
        tag: Id of that tag's object.
        manifest: ``sha256:`` and the digest of the run's manifest in that commit; empty without a run.
        seq: Number of the ledger's latest entry; 0 for an empty ledger.
        tip: That entry's commit; empty for an empty ledger.
    """

    model: str
    version: str
    came_from: tuple[str, ...]
    to: str
    in_place: tuple[str, ...]
    reason: str
    by: str
    at: int
    run: str
    commit: str
    tag: str
    manifest: str
    seq: int
    tip: str


def encode(request: Request) -> bytes:
    """Its file: the same request, the same bytes."""
    tree: dict[str, Any] = {
        "schema": SCHEMA,
        "model": request.model,
        "version": request.version,
        "from": list(request.came_from),
        "to": request.to,
        "in_place": list(request.in_place),
        "reason": request.reason,
        "requested_by": request.by,
        "requested_at": datetime.fromtimestamp(request.at, UTC).strftime(_TIME),
        "run": request.run,
        "commit": request.commit,
        "tag": request.tag,
        "manifest": request.manifest,
        "ledger": {"seq": request.seq, **({"tip": request.tip} if request.tip else {})},
    }
    return yamltext.dump({key: value for key, value in tree.items() if value not in ("", [])}).encode()


def digest(data: bytes) -> str:
    """What a request is known by: the SHA-256 of its file, in hex digits."""
    return hashlib.sha256(data).hexdigest()


def id_of(full: str) -> str:
    """The short form of a digest, which names the file."""
    return full[:_DIGITS]


def path_of(model: str, full: str) -> str:
    """Where the request of this digest lies, from the top of the repository."""
    return f"{FOLDER}/{tags.stem(model)}/{id_of(full)}.yaml"


def place(path: str) -> tuple[str, str] | None:
    """The model and the id that a path names; None when it is no request's."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    model = found["model"].replace("=", ":", 1)
    return None if tags.model_fault(model) else (model, found["id"])


def is_approval(path: str) -> bool:
    """Whether a path is that of an approval or its signature."""
    return _APPROVAL.fullmatch(path) is not None


def decode(data: Any, *, model: str) -> Request:
    """A request from its parsed file, which may be a stranger's; keys that are not known are passed over.

    Args:
        data: What the file holds.
        model: The model whose folder it lies in; it must be about that one.

    Raises:
        ValueError: It is none; the message says why.
    """
    schema = data.get("schema") if isinstance(data, dict) else None
    if isinstance(schema, str) and schema != SCHEMA and _LATER.fullmatch(schema):
        raise NewerError(f"written by a newer expctl ({schema}); this one reads {SCHEMA}")
    if not isinstance(data, dict) or schema != SCHEMA:
        raise ValueError(f"does not begin with schema: {SCHEMA}")
    if data.get("model") != model or tags.model_fault(model):
        raise ValueError(f"model: is not {model}, whose folder it lies in")
    ledger = data.get("ledger")
    if not isinstance(ledger, dict):
        raise ValueError("ledger: must be a mapping")  # noqa: TRY004 - one kind of fault for the caller
    request = Request(
        model=model,
        version=_text(data, "version"),
        came_from=_texts(data, "from"),
        to=_text(data, "to"),
        in_place=_texts(data, "in_place"),
        reason=_text(data, "reason", ""),
        by=_text(data, "requested_by"),
        at=_moment(data),
        run=_text(data, "run", ""),
        commit=_matching(data, "commit", _OBJECT),
        tag=_matching(data, "tag", _OBJECT),
        manifest=_matching(data, "manifest", _DIGEST) if "manifest" in data else "",
        seq=_whole(ledger, "seq"),
        tip=_matching(ledger, "tip", _OBJECT) if "tip" in ledger else "",
    )
    _check(request)
    return request


def _check(request: Request) -> None:
    for key, why in (
        ("version", tags.version_fault(request.version)),
        ("to", tags.stage_fault(request.to)),
        *(("from", tags.stage_fault(one)) for one in request.came_from),
        *(("in_place", tags.version_fault(one)) for one in request.in_place),
        ("run", None if not request.run or runid.is_valid(request.run) else "is no run"),
    ):
        if why:
            raise ValueError(f"{key}: {why}")
    who = request.by
    # It is written into tags and commits, where a line break would begin another line of their header.
    if len(who) > LONGEST_REASON or not who.isprintable() or not _is_identity(who):
        raise ValueError("requested_by: must be a name and an address")
    if len(request.reason) > LONGEST_REASON or not record.is_one_line(request.reason):
        raise ValueError(f"reason: must be one line of at most {LONGEST_REASON} characters")
    for key, names in (("from", request.came_from), ("in_place", request.in_place)):
        if len(set(names)) != len(names):
            raise ValueError(f"{key}: names one twice")
    if bool(request.run) != bool(request.manifest) or bool(request.seq) != bool(request.tip):
        raise ValueError("run and manifest, and seq and tip, come together")


def _is_identity(who: str) -> bool:
    """Whether it is a name, which may not be empty, and an address."""
    name, _, address = who.partition("<")
    return bool(name.strip()) and address.endswith(">") and not {"<", ">"}.intersection(address[:-1])


def _text(data: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{key}: must be text")  # noqa: TRY004 - one kind of fault for the caller
    return value


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or len(value) > _MOST_STAGES:
        raise ValueError(f"{key}: must be a list")
    if not all(isinstance(one, str) for one in value):
        raise ValueError(f"{key}: must be a list of texts")
    return tuple(value)


def _matching(data: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{key}: must be a digest in hex digits")
    return value


def _whole(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{key}: must be a whole number")
    return value


def _moment(data: Mapping[str, Any]) -> int:
    try:
        at = datetime.strptime(_text(data, "requested_at"), _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("requested_at: must be a moment such as 2026-11-22T14:30:00Z") from None
    return min(int(at.timestamp()), _LAST)

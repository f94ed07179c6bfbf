"""One line of a model's ledger: what changed, who did it, and every tag that says so.

A record holds all that its tags are made of: whoever finds one missing can write the very same object.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import text, yamltext
from expctl.core.registry import aliases, observation, tags

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "expctl/transition/v1"
FILE = "record.yaml"
#: What a ledger can tell of.
EVENTS = ("registration", "promotion", "rollback", "archive", "alias", "unalias", "observation")
_HEX = frozenset("0123456789abcdef")
_MOST_TAGS = 100
#: What moves, colours or turns the line around of whoever reads a tag with git alone.
_UNFIT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


class Written(NamedTuple):
    """One tag: its object's id, what it points at, and its date in seconds since 1970."""

    id: str
    commit: str
    at: int


class Record(NamedTuple):
    """One change of a model.

    Attributes:
        seq: 1 for the first; no number is left out.
        model: As people type it.
        event: One of ``EVENTS``.
        version: The version that it is about.
        to: The stage that it went to; None for a registration.
        came_from: Stages that it left.
        displaced: Versions that made room.
        run: Id of the run that made it.
        at: Seconds since 1970, of the ledger's own entry.
        by: ``Name <address>``.
        reason: As given; empty for none.
        tags: By name, in the order of their dates.
        gates: The rules that it passed; behind a command's the digest of its output.
        alias: The name that the version got or lost.
        request: SHA-256 of the request that was applied, in hex digits; empty for none.
        asked_by: ``Name <address>`` of whose request it was.
        observed: What its live metrics said, where that is what it tells of, or why it was done.
    """

    seq: int
    model: str
    event: str
    version: str
    to: str | None
    came_from: tuple[str, ...]
    displaced: tuple[str, ...]
    run: str | None
    at: int
    by: str
    reason: str
    tags: Mapping[str, Written]
    gates: tuple[str, ...] = ()
    alias: str | None = None
    request: str = ""
    asked_by: str = ""
    observed: observation.Observation | None = None


def subject(record: Record) -> str:
    """One line that says it."""
    what = f"{record.model} {record.version}"
    if record.alias is not None:
        return (
            f"Call {what} {record.alias}"
            if record.event == tags.ALIAS
            else f"Call {what} {record.alias} no more"
        )
    if record.event == "observation" and record.observed is not None:
        return f"Observe {what} in {record.observed.stage}: {record.observed.verdict}"
    if record.to is None:
        return f"Register {what}"
    return f"Move {what} to {record.to}"


def message(record: Record) -> str:
    """What a tag of it says: one line, the reason, and trailers for whoever reads tags alone."""
    trailers = [f"Expctl-Event: {record.event}", f"Expctl-Seq: {record.seq}"]
    if record.run is not None:
        trailers.append(f"Expctl-Run: {record.run}")
    if record.request:
        trailers += [f"Expctl-Request: {record.request}", f"Expctl-Asked-By: {record.asked_by}"]
    parts = [subject(record), *([record.reason] if record.reason else []), "\n".join(trailers)]
    return "\n\n".join(parts)


def trailer(message: str, key: str) -> str | None:
    """The value of a trailer of such a message; None where there is none.

    Only its last paragraph is looked at: a reason may look like anything.
    """
    start = f"{key}: "
    last = message.rstrip().rpartition("\n\n")[2]
    return next((line[len(start) :].strip() for line in last.splitlines() if line.startswith(start)), None)


def one_line(said: str) -> str:
    r"""What somebody typed as it is kept: on one line, and what is no character for reading as ``\x1b``."""
    return _UNFIT.sub(lambda found: text.clean(found[0]), " ".join(said.split()))


def is_one_line(said: str) -> bool:
    """Whether a text can be kept as it stands."""
    return _UNFIT.search(said) is None


def encode(record: Record) -> bytes:
    """Its file: the same record, the same bytes."""
    tree: dict[str, Any] = {"schema": SCHEMA, **record._asdict()}
    tree["came_from"], tree["displaced"] = list(record.came_from), list(record.displaced)
    tree["gates"] = list(record.gates)
    tree["observed"] = observation.to_tree(record.observed) if record.observed else None
    tree["tags"] = {name: one._asdict() for name, one in record.tags.items()}
    kept = {key: value for key, value in tree.items() if value not in (None, "", [])}
    return yamltext.dump(kept).encode()


def decode(data: Any, *, model: str) -> Record:
    """A record from its parsed file, which may be a stranger's.

    Args:
        data: What the file holds.
        model: Whose ledger it is in; it must be about that one.

    Raises:
        ValueError: It is none; the message says why.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"does not begin with schema: {SCHEMA}")
    listed = data.get("tags")
    if not isinstance(listed, dict) or len(listed) > _MOST_TAGS:
        raise ValueError("tags: must be a mapping")
    if data.get("model") != model:
        raise ValueError(f"model: is not {model}")
    record = Record(
        seq=_number(data, "seq"),
        model=model,
        event=_text(data, "event"),
        version=_text(data, "version"),
        to=_text(data, "to") if "to" in data else None,
        came_from=_texts(data, "came_from"),
        displaced=_texts(data, "displaced"),
        run=_text(data, "run") if "run" in data else None,
        at=_number(data, "at"),
        by=_text(data, "by"),
        reason=_text(data, "reason") if "reason" in data else "",
        tags={name: _written(one, name, model) for name, one in listed.items()},
        gates=_texts(data, "gates"),
        alias=_text(data, "alias") if "alias" in data else None,
        request=_text(data, "request") if "request" in data else "",
        asked_by=_text(data, "asked_by") if "asked_by" in data else "",
        observed=observation.from_tree(data["observed"]) if "observed" in data else None,
    )
    if record.event not in EVENTS or tags.model_fault(model) or tags.version_fault(record.version):
        raise ValueError("event, model or version is none")
    if "\n" in record.by or record.by.count("<") != 1 or not record.by.endswith(">"):
        raise ValueError("by: must be a name and an address")
    if "\n" in record.request or "\n" in record.asked_by:
        raise ValueError("request and asked_by: must be one line")
    return record


def _written(value: Any, name: str, model: str) -> Written:
    said = aliases.any_tag(name)
    if said is None or said.model != model:
        raise ValueError(f"tags: {name!r} is no tag of {model}")
    if not isinstance(value, dict):
        raise ValueError(f"tags.{name}: must be a mapping")  # noqa: TRY004 - one kind of fault for the caller
    ids = [_text(value, key) for key in ("id", "commit")]
    if not all(len(one) in (40, 64) and _HEX.issuperset(one) for one in ids):
        raise ValueError(f"tags.{name}: id and commit must be object ids")
    return Written(ids[0], ids[1], _number(value, "at"))


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key}: must be text")  # noqa: TRY004 - one kind of fault for the caller
    return value


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{key}: must be a list of texts")
    return tuple(value)


def _number(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{key}: must be a whole number")
    return value

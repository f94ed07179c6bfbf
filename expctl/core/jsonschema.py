"""The schema of a manifest as JSON Schema, for editors and for programs that are not expctl.

Made from the very table that checks manifests; what the two cannot both say (that a path stays inside, that
a key stands once) is in the reference page.
"""

from __future__ import annotations

import re
from typing import Any

from expctl.core import manifest, schema
from expctl.core.fields import Kind, Named, Several

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ENTRY = re.compile(r"^ {8}(\w+): (.+(?:\n {12,}.+)*)", re.MULTILINE)


def build() -> dict[str, Any]:
    """JSON Schema 2020-12 of ``expctl/run/v1``; keys that it does not name are allowed everywhere."""
    sections: dict[str, schema.Section] = {}
    _collect(schema.MANIFEST, sections)
    top = _object(sections.pop(manifest.Manifest.__name__))
    return {
        "$schema": DIALECT,
        "title": f"Manifest of a run ({manifest.SCHEMA})",
        **top,
        "$defs": {name: _object(section) for name, section in sorted(sections.items())},
    }


def _collect(kind: Kind | None, found: dict[str, schema.Section]) -> None:
    if isinstance(kind, schema.Section):
        found[kind.target.__name__] = kind
        for rule in kind.rules.values():
            _collect(rule.kind, found)
    elif isinstance(kind, (Several, Named)):
        _collect(kind.kind, found)


def _object(section: schema.Section) -> dict[str, Any]:
    told = _descriptions(section.target)
    properties = {}
    for key, rule in section.rules.items():
        shape = rule.kind.shape()
        shape = shape if rule.required else _or_null(shape)
        properties[key] = {"description": told[key], **shape} if key in told else shape
    described: dict[str, Any] = {"type": "object", "properties": properties}
    if summary := (section.target.__doc__ or "").strip().splitlines():
        described = {"description": summary[0], **described}
    return {**described, "required": list(section.required)} if section.required else described


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    """A key without content may be left out, or be null."""
    if "type" in shape:
        return {**shape, "type": [shape["type"], "null"]}
    if "enum" in shape:
        return {**shape, "enum": [*shape["enum"], None]}
    return {"anyOf": [shape, {"type": "null"}]}


def _descriptions(target: type[Any]) -> dict[str, str]:
    """What the docstring of a section says of its attributes."""
    found = _ENTRY.findall(target.__doc__ or "")
    return {name: " ".join(text.split()).replace("``", "`") for name, text in found}

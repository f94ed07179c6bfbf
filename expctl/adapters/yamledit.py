"""The door to YAML that a person keeps by hand: one value set, comments and order kept."""

from __future__ import annotations

import io
from typing import Any

import ruamel.yaml

from expctl.errors import ManifestError


def edit(text: str, keys: tuple[str, ...], value: Any) -> str:
    """Set one value in a settings file, comments and order kept.

    Args:
        text: The file; may be empty or hold only comments.
        keys: The way to the value from the top; mappings that are missing are made.
        value: What to set; None takes the key out.

    Raises:
        ManifestError: The file cannot be edited in place.
    """
    editor = ruamel.yaml.YAML()
    editor.preserve_quotes = True
    editor.width = 4096
    editor.indent(mapping=2, sequence=4, offset=2)
    try:
        document = editor.load(text)
    except (ruamel.yaml.error.YAMLError, ValueError, RecursionError) as err:
        raise ManifestError("The file cannot be edited in place.") from err
    if document is None:
        # ruamel drops the comments of a document that holds nothing else.
        if value is None:
            return text
        return text + ("\n" if text and not text.endswith("\n") else "") + _fresh(editor, keys, value)
    target = document
    for key in keys[:-1]:
        if not isinstance(target, dict):
            break
        if not isinstance(target.get(key), dict):
            target[key] = {}
        target = target[key]
    if not isinstance(target, dict):
        raise ManifestError("The file cannot be edited in place: it is not a mapping.")
    if value is None:
        target.pop(keys[-1], None)
        return _dumped(editor, document) if document else ""
    target[keys[-1]] = value
    return _dumped(editor, document)


def _fresh(editor: Any, keys: tuple[str, ...], value: Any) -> str:
    for key in reversed(keys):
        value = {key: value}
    return _dumped(editor, value)


def _dumped(editor: Any, document: Any) -> str:
    out = io.StringIO()
    editor.dump(document, out)
    return out.getvalue()

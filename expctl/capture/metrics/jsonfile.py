"""Metrics from JSON documents and JSON lines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from expctl.adapters import files, userfiles
from expctl.core import nested, tabular

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.core.series import Points


class JsonReader:
    """``metrics.json``: names with numbers, nested as they like."""

    name = "JSON"
    limit = 16 << 20

    def matches(self, path: str) -> bool:
        """By suffix."""
        return path.endswith(".json")

    def read(self, path: str, *, declared: bool) -> Mapping[str, Points]:
        """See ``Reader.read``."""
        tree = userfiles.parse_json(files.read_plain(path, limit=self.limit))
        if "history" in os.path.basename(path).lower() and isinstance(tree, dict) and "history" not in tree:
            tree = {"history": tree}  # Keras's ``History.history``, as scripts dump it
            found = nested.from_tree(tree, declared=declared)
            return {name.removeprefix("history."): points for name, points in found.items()}
        return nested.from_tree(tree, declared=declared)


class TrainerStateReader:
    """``trainer_state.json`` of Hugging Face's Trainer: its ``log_history``."""

    name = "trainer state"
    limit = 64 << 20

    def matches(self, path: str) -> bool:
        """By name."""
        return os.path.basename(path) == "trainer_state.json"

    def read(self, path: str, *, declared: bool) -> Mapping[str, Points]:
        """See ``Reader.read``."""
        del declared
        state = userfiles.parse_json(files.read_plain(path, limit=self.limit))
        rows = state.get("log_history") if isinstance(state, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise tabular.NotMetricsError("has no log_history")
        return tabular.from_rows(rows, numbered=True)


class JsonLinesReader:
    """``metrics.jsonl``: one object a line, with a step or without."""

    name = "JSON lines"
    limit = 64 << 20

    def matches(self, path: str) -> bool:
        """By suffix."""
        return path.endswith((".jsonl", ".ndjson", "/log.txt"))

    def read(self, path: str, *, declared: bool) -> Mapping[str, Points]:
        """See ``Reader.read``. A torn last line is left out: the program may have been killed."""
        lines = files.read_plain(path, limit=self.limit).splitlines()
        rows: list[Mapping[str, Any]] = []
        for place, line in enumerate(lines):
            if not line.strip():
                continue
            try:
                row = userfiles.parse_json(line)
            except ValueError:
                if place == len(lines) - 1:
                    break
                raise
            if not isinstance(row, dict):
                raise tabular.NotMetricsError(f"line {place + 1} is no object")
            rows.append(row)
        return tabular.from_rows(rows, numbered=declared)

"""Metrics from YAML documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.adapters import files, userfiles
from expctl.core import nested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.core.series import Points


class YamlReader:
    """``metrics.yaml``: names with numbers, nested as they like."""

    name = "YAML"
    limit = 4 << 20

    def matches(self, path: str) -> bool:
        """By suffix."""
        return path.endswith((".yaml", ".yml"))

    def read(self, path: str, *, declared: bool) -> Mapping[str, Points]:
        """See ``Reader.read``."""
        tree = userfiles.parse_yaml(files.read_plain(path, limit=self.limit))
        return nested.from_tree(tree, declared=declared)

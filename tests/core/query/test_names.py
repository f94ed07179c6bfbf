"""Names of columns as people type them."""

from __future__ import annotations

from expctl.core import query
from expctl.core.query.names import Names

COLUMNS = ["metrics.f1", "environment.python"]
PACKAGES = ["packages.python", "packages.torch", "packages.f1"]


def test_packages_that_are_known_change_no_bare_name():
    without, with_them = Names(COLUMNS), Names([*COLUMNS, *PACKAGES])

    for name in ("f1", "python"):
        assert with_them.find(query.parse_name(name), name) == without.find(query.parse_name(name), name)
    assert with_them.find(query.parse_name("packages.python"), "packages.python") == "packages.python"

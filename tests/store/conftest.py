"""What tests of the index share."""

from __future__ import annotations

import pytest

from expctl.store import listing, manifests
from tests.store.places import Place


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def opened(monkeypatch):
    """Names of manifests that were parsed."""
    found = []
    parse = manifests.parse

    def noted(data, *, name, expect_id=None):
        if name != expect_id:  # else the writer proves what it wrote
            found.append(expect_id)
        return parse(data, name=name, expect_id=expect_id)

    monkeypatch.setattr(manifests, "parse", noted)
    return found


@pytest.fixture
def settled(monkeypatch):
    """Files count as settled at once."""
    monkeypatch.setattr(listing, "FRESH_NS", -(10**18))

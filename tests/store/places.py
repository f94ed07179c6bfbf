"""Runs and an index in a temporary folder, and all that can be asked of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from expctl.core import runid
from expctl.core.manifest import Metric
from expctl.store import index, manifests
from tests import records

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


def a_run(n, **changes):
    at = START + timedelta(hours=7 * n)
    run_id = runid.make(at, bytes([n % 32] * 6))
    values = {"metrics": {"f1": Metric(value=n / 10)}, "params": {"n": n}, "name": f"run {n}", **changes}
    return records.full(run_id, started_at=at, **values)


class Place:
    """A folder with runs and an index."""

    def __init__(self, path):
        self.runs = path / "runs"
        self.finished = path / "finished"
        self.db = path / "state" / "index.sqlite"

    def write(self, *some):
        for run in some:
            manifests.write(self.runs, run)

    def look(self, db=None, live=()):
        return index.look(db or self.db, runs=self.runs, finished=self.finished, live=live)

    def answer(self, db=None, live=()):
        """All that can be asked of an index."""
        view = self.look(db, live)
        try:
            columns = sorted(view.columns())
            return {
                "ids": list(view.ids.values()),
                "columns": columns,
                "cells": {
                    name: {view.ids[n]: repr(v) for n, v in view.column(name).items() if n in view.ids}
                    for name in columns
                },
                "rows": [(r.id, repr(list(r.values.items()))) for r in view.rows(list(view.ids))],
                "unreadable": view.unreadable,
            }
        finally:
            view.close()

    def uncached(self, live=()):
        """The same without a file that could be used: a folder lies there."""
        blocked = self.runs.parent / "blocked"
        blocked.mkdir(exist_ok=True)
        return self.answer(blocked, live)

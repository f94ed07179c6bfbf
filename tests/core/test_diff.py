"""The difference of two runs in the six elements."""

from __future__ import annotations

import pytest

from expctl.core import diff
from expctl.core.manifest import Metric
from expctl.core.packages import Package
from tests.records import full

BEFORE = full("20261122-190546-k3f9qa")
PATCH = """diff --git a/train.py b/train.py
index 1234567..89abcde 100644
--- a/train.py
+++ b/train.py
@@ -1,2 +1,3 @@
 import x
-lr = 0.1
+lr = 0.2
+--- not a header
diff --git a/logo.png b/logo.png
index 1234567..89abcde 100644
Binary files a/logo.png and b/logo.png differ
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1 +0,0 @@
-gone
"""


def section(found: diff.Difference, element: str) -> diff.Section:
    return found.sections[diff.ELEMENTS.index(element)]


def test_a_run_does_not_differ_from_itself() -> None:
    found = diff.diff(BEFORE, BEFORE)

    assert [part.element for part in found.sections] == list(diff.ELEMENTS)
    assert not any(part.changes for part in found.sections)
    assert all(part.same for part in found.sections)


def test_params_tell_changed_added_and_removed_apart() -> None:
    after = BEFORE._replace(
        params={"training": {"learning_rate": 0.1}, "layers": [1, 2.5, "x", None, True], "new": None}
    )
    changes = {
        c.key: (c.before, c.after, c.kind)
        for c in section(diff.diff(BEFORE, after), "hyperparameters").changes
    }

    assert changes == {
        "training.learning_rate": (1e-05, 0.1, "changed"),
        "training.batch_size": (64, None, "removed"),
        "new": (None, None, "added"),
    }


def test_true_is_not_one() -> None:
    one, true = BEFORE._replace(params={"x": 1}), BEFORE._replace(params={"x": True})

    assert [c.key for c in section(diff.diff(one, true), "hyperparameters").changes] == ["x"]


def test_nan_is_like_nan() -> None:
    run = BEFORE._replace(metrics={"loss": Metric(value=float("nan"))})

    assert not section(diff.diff(run, run), "metrics").changes


@pytest.mark.parametrize(("name", "better"), [("f1_score", True), ("val_loss", False), ("something", None)])
def test_a_higher_metric_is_judged_by_its_direction(name: str, better: bool | None) -> None:
    low, high = (BEFORE._replace(metrics={name: Metric(value=value)}) for value in (0.5, 0.6))
    (change,) = section(diff.diff(low, high), "metrics").changes

    assert change.better is better


def test_package_lists_are_told_package_by_package() -> None:
    sides = diff.Sides(
        (Package("numpy", "2.0"), Package("torch", "2.4")), (Package("numpy", "2.1"), Package("torch", "2.4"))
    )
    found = section(diff.diff(BEFORE, BEFORE, packages=sides), "environment")

    assert [(c.key, c.before, c.after) for c in found.changes] == [("package numpy", "2.0", "2.1")]


def test_package_lists_are_told_by_name_where_one_is_missing() -> None:
    assert BEFORE.environment is not None
    after = BEFORE._replace(
        environment=BEFORE.environment._replace(packages="environments/000000000000.yaml")
    )
    found = section(diff.diff(BEFORE, after, packages=diff.Sides((), None)), "environment")

    assert [c.key for c in found.changes] == ["packages"]


def test_files_of_a_patch_are_counted() -> None:
    assert diff.files_of(PATCH) == [("train.py", 2, 1), ("logo.png", 0, 0), ("old.py", 0, 1)]


def test_data_that_changed_while_running_is_a_difference() -> None:
    after = BEFORE._replace(data=(BEFORE.data[0]._replace(changed=True), BEFORE.data[1]))

    assert [c.key for c in section(diff.diff(BEFORE, after), "data version").changes] == [
        "data/train.parquet changed while running"
    ]

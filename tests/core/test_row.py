"""A manifest as tables see it."""

from __future__ import annotations

import json

from hypothesis import given, settings

from expctl.core import keys, row
from expctl.core.manifest import Artifact, DataInput, Metric
from tests import records


def test_a_manifest_with_everything_is_laid_flat():
    values = row.from_manifest(records.full()).values

    assert values["id"] == "20261122-190546-k3f9qa"
    assert values["started_at"] == "2026-11-22T19:05:46.123456Z"
    assert values["command"] == "python train.py --lr 0.001"
    assert values["exit_code"] == 0
    assert values["notes"] == "looks good: ship it\n# not a comment\ntwo\nlines"
    assert values["params.training.learning_rate"] == 1e-05
    assert values["params.layers"] == '[1, 2.5, "x", null, true]'
    assert values["metrics.f1_score"] == 0.87
    assert values["metrics.val/loss"] == float("inf")
    assert values["tags.interpretability"] == "3"
    assert values["code.dirty"] is True
    assert values["data.`data/train.parquet`.md5"] == "a3b2c1d0" * 4
    assert values["data.`s3://data/train_v3.parquet`.etag"] == '"abc-3"'
    assert values["artifacts.`model.pt`.size_mb"] == 1.8432
    assert values["artifacts.model.size_mb"] == 1.8432
    assert values["environment.cpu.cores"] == 2
    assert values["environment.gpus"] == "NVIDIA H100"
    assert values["environment.numeric.blas"] == "openblas 0.3.29"
    assert values["seeds.requested"] == 42
    assert values["seeds.set.numpy"] == 42
    assert values["resources.cpu_s"] == 160.2
    assert values["parent.job.slurm"] == "4711_3"


def test_what_is_not_known_is_absent():
    values = row.from_manifest(records.full(name=None, code=None, environment=None, notes=())).values

    assert not {"name", "notes", "code.commit", "environment.python"} & values.keys()


def test_columns_come_in_the_order_of_the_manifest():
    names = list(row.from_manifest(records.full()).values)

    assert names[:4] == ["id", "name", "experiment", "status"]


def test_the_size_of_the_model_is_the_sum_of_its_files():
    models = tuple(Artifact(path=f"m{n}.pt", bytes=1_000_000 * n, kind="model") for n in (1, 2))
    values = row.from_manifest(records.full(artifacts=(*models, Artifact(path="a.png", bytes=5)))).values

    assert values["artifacts.model.size_mb"] == 3.0


def test_an_input_without_a_place_has_no_columns():
    values = row.from_manifest(records.full(data=(DataInput(md5="0" * 32),))).values

    assert not any(name.startswith("data.") for name in values)


def test_a_metric_is_found_again_by_its_column():
    for name in ("f1", "val.loss", "eval/loss", "", "a`b", "..", "정확도"):
        values = row.from_manifest(records.full(metrics={name: Metric(value=0.5)})).values
        (column,) = [column for column in values if column.startswith("metrics.")]

        assert column == row.metric_column(name)
        assert row.metric_name(column) == name


@given(records.MANIFEST)
@settings(deadline=None, max_examples=100)
def test_any_manifest_can_be_laid_flat_and_kept_as_json(manifest):
    found = row.from_manifest(manifest)

    assert json.loads(json.dumps(dict(found.values))) == dict(found.values)
    assert all(keys.join(*keys.split(name)) == name for name in found.values)

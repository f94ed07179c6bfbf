"""Manifests become plain values and come back; faults are named all at once."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema as validator
import pytest
from hypothesis import given, settings

from expctl.core import canonical, jsonschema, schema, yamltext
from expctl.core import manifest as m
from tests import records

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "manifest.schema.json"


def plain(**changes):
    return {**schema.to_dict(records.full()), **changes}


def faults_of(data) -> list[str]:
    with pytest.raises(schema.SchemaError) as caught:
        schema.from_dict(data)
    return [str(fault) for fault in caught.value.faults]


@given(records.MANIFEST)
@settings(deadline=None, max_examples=60)
def test_a_manifest_survives_the_way_to_plain_values_and_back(manifest):
    assert schema.from_dict(schema.to_dict(manifest)) == manifest


@given(records.MANIFEST)
@settings(deadline=None, max_examples=40)
def test_a_manifest_survives_the_way_to_a_file_and_back(manifest):
    text = yamltext.dump(schema.to_dict(manifest), inline=schema.INLINE)
    read = schema.from_dict(canonical.parse(text))

    assert yamltext.dump(schema.to_dict(read), inline=schema.INLINE) == text


def test_only_sections_with_content_are_written():
    bare = m.Manifest(
        id="20261122-190546-k3f9qa",
        status="failed",
        started_at=records.full().started_at,
        command=m.Command(argv=("true",)),
        environment=m.Environment(),
    )

    assert list(schema.to_dict(bare)) == ["schema", "id", "experiment", "status", "started_at", "command"]
    assert schema.to_dict(bare)["command"] == {"argv": ["true"], "cwd": "."}


def test_keys_of_a_later_time_are_kept_where_they_stood():
    data = plain(later={"a": 1})
    data["metrics"]["f1_score"]["ci95"] = [0.8, 0.9]

    manifest = schema.from_dict(data)

    assert manifest.metrics["f1_score"].extra == {"ci95": [0.8, 0.9]}
    assert schema.to_dict(manifest) == data


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"metrics": {"val.loss": {"value": "0.5"}}}, "metrics.`val.loss`.value: not a number"),
        ({"metrics": {"loss": {"value": True}}}, "metrics.loss.value: not a number"),
        ({"metrics": {"loss": {}}}, "metrics.loss.value: missing"),
        ({"metrics": {"loss": 0.5}}, "metrics.loss: not a mapping"),
        ({"duration_s": float("nan")}, "duration_s: not finite"),
        ({"status": "running"}, "status: not one of completed, failed, interrupted, killed, lost"),
        ({"id": "../x"}, "id: not a run id such as 20261122-190546-k3f9qa"),
        ({"started_at": "2026-11-22"}, "started_at: not a time such as 2026-11-22T19:05:46.123456Z"),
        (
            {"started_at": "2026-02-30T00:00:00Z"},
            "started_at: not a time such as 2026-11-22T19:05:46.123456Z",
        ),
        ({"command": {"argv": "rm"}}, "command.argv: not a list"),
        ({"command": {"argv": ["a", 1]}}, "command.argv[1]: not text; put it in quotes"),
        ({"command": {"argv": [], "exit_code": 256}}, "command.exit_code: not between 0 and 255"),
        ({"command": {"argv": [], "cwd": ".."}}, "command.cwd: path refused: leaves its folder"),
        ({"code": {"commit": "abc", "dirty": False}}, "code.commit: not 40 or 64 hex digits"),
        ({"code": {"dirty": "no"}}, "code.dirty: not true or false"),
        ({"artifacts": [{"path": ".git/x"}]}, "artifacts[0].path: path refused: reaches into .git"),
        ({"artifacts": [{}]}, "artifacts[0].path: missing"),
        ({"artifacts": [{"path": "a", "bytes": 1.5}]}, "artifacts[0].bytes: not a whole number"),
        ({"data": [{"path": "../a"}]}, "data[0].path: path refused: leaves its folder"),
        ({"environment": {"packages": "x"}}, "environment.packages: not a package list such as "),
        ({"outputs": {"log": "x"}}, "outputs.log: not 32 hex digits"),
        ({"tags": {"a b": 1}}, "tags.`a b`: not text; put it in quotes"),
        ({"params": []}, "params: not a mapping"),
    ],
)
def test_each_fault_has_its_path(changes, fault):
    assert faults_of(plain(**changes))[0].startswith(fault)


def test_all_faults_are_told_at_once():
    data = plain(status="x", id="y", tags={"a": 1})
    del data["command"]

    assert [fault.split(":")[0] for fault in faults_of(data)] == ["id", "status", "tags.a", "command"]


def test_no_more_faults_are_told_than_a_person_reads():
    found = faults_of(plain(tags={f"k{n}": n for n in range(1000)}))

    assert len(found) == 101
    assert found[-1] == "and 900 more faults"


def test_a_newer_file_is_said_to_be_newer_and_nothing_else():
    assert faults_of({"schema": "expctl/run/v2", "id": 1}) == [
        "schema: written by a newer expctl (expctl/run/v2); this one reads expctl/run/v1"
    ]


def test_a_path_outside_of_the_repository_is_only_an_input():
    assert schema.from_dict(plain(data=[{"path": "/mnt/data/x.csv"}])).data[0].path == "/mnt/data/x.csv"
    assert faults_of(plain(artifacts=[{"path": "/mnt/x"}])) == ["artifacts[0].path: path refused: absolute"]


def test_the_published_json_schema_is_the_one_that_is_checked():
    assert json.loads(PAGE.read_text(encoding="utf-8")) == jsonschema.build(), (
        "rewrite it with: python docs/make_schema.py"
    )


@given(records.MANIFEST)
@settings(deadline=None, max_examples=40)
def test_the_json_schema_accepts_what_is_written(manifest):
    validator.validate(_strict(schema.to_dict(manifest)), _SCHEMA, cls=validator.Draft202012Validator)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "running"},
        {"id": "x"},
        {"tags": {"a": 1}},
        {"artifacts": [{}]},
        {"command": {}},
        {"metrics": {"a": 1}},
    ],
    ids=str,
)
def test_the_json_schema_refuses_what_the_reader_refuses(changes):
    assert faults_of(plain(**changes))
    assert not validator.Draft202012Validator(_SCHEMA).is_valid(_strict(plain(**changes)))


_SCHEMA = jsonschema.build()


def _strict(data):
    return json.loads(json.dumps(data))

"""Manifests on the disk: whole or not at all, read without trust, listed without reading."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from expctl.core import manifest as m
from expctl.errors import ManifestError
from expctl.store import manifests
from tests import records
from tests.hostile import ID, cases, plant

HOSTILE = cases()


@given(records.MANIFEST)
@settings(deadline=None, max_examples=50)
def test_what_was_written_is_what_is_read(manifest):
    data = manifests.encode(manifest)

    assert manifests.encode(manifests.parse(data, name="x", expect_id=manifest.id)) == data


def test_a_manifest_lies_under_its_day_and_comes_back(tmp_path):
    path = manifests.write(tmp_path, records.full())

    assert path == tmp_path / "2026-11-22" / "20261122-190546-k3f9qa.yaml"
    assert manifests.read(path, expect_id="20261122-190546-k3f9qa") == records.full()
    assert manifests.path_of(tmp_path, "20261122-190546-k3f9qa") == path


def test_writing_and_reading_back_needs_no_yaml_library(tmp_path):
    script = """
import sys
from pathlib import Path
from expctl.store import manifests
from tests.hostile import GOOD, ID
manifest = manifests.parse(GOOD.encode(), name="x")
assert manifests.read(manifests.write(Path(sys.argv[1]), manifest)) == manifest
print(sorted({"yaml", "ruamel", "tempfile", "logging", "sqlite3", "tomllib", "csv"} & set(sys.modules)))
"""
    top = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True, cwd=top
    )

    assert done.stdout == "[]\n"


def test_an_existing_manifest_is_not_replaced_where_that_was_asked(tmp_path):
    path = manifests.write(tmp_path, records.full())
    before = path.read_bytes()

    with pytest.raises(FileExistsError):
        manifests.write(tmp_path, records.full(name="other"), exclusive=True)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_an_id_that_is_a_path_never_becomes_one(tmp_path):
    with pytest.raises(ValueError, match="not a run id"):
        manifests.path_of(tmp_path, "../../x")


LOOP: dict[str, object] = {"x": 1}
LOOP["me"] = LOOP


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"params": {"x": list(range(50_000))}}, "params.x was cut: too large for a manifest"),
        ({"params": {"x": "y" * 2 * 10**6, "z": 1}}, "params.x was cut: 2000000 characters"),
        ({"params": LOOP}, "is nested too deeply and was left out"),
        ({"params": {1: 2, "1": 3}}, "params.1 was left out: its name is too long or stands twice"),
        ({"params": {"k" * 2000: 1}}, "was left out: its name is too long or stands twice"),
        ({"params": {f"k{n}": {"a": n, "b": "x" * 20} for n in range(12_000)}}, "params was cut: too large"),
        ({"command": m.Command(argv=("x" * 1000,) * 2000)}, "command.argv was cut: too large"),
        ({"notes": ("long" * 50,) * 6000}, "notes was cut: too large"),
        (
            {"artifacts": (m.Artifact(path="a\nb"), m.Artifact(path="ok.pt"))},
            "left out artifacts[0].path: path refused",
        ),
        ({"data": (m.DataInput(path="caf\udce9.csv"),)}, "left out data[0].path: path refused: not UTF-8"),
        (
            {"metrics": {"n": m.Metric(value=10**30)}},
            "left out metrics.n.value: a whole number beyond 64 bits",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_the_reader_would_refuse_is_left_out_and_said(changes, note):
    manifest = manifests.parse(manifests.encode(records.full(**changes)), name="x")

    assert manifest.capture is not None
    assert any(note in said for said in manifest.capture.notes)
    assert manifest.capture.notes[0] == "no GPU"
    assert manifest.outputs == records.full().outputs


def test_only_the_faulty_thing_is_left_out():
    written = records.full(artifacts=(m.Artifact(path="a\nb"), m.Artifact(path="ok.pt", bytes=1)))
    read = manifests.parse(manifests.encode(written), name="x")

    assert [artifact.path for artifact in read.artifacts] == ["ok.pt"]
    assert read._replace(artifacts=(), capture=None) == written._replace(artifacts=(), capture=None)


def test_values_of_no_known_type_become_text():
    read = manifests.parse(manifests.encode(records.full(params={"path": Path("a/b"), "set": {1}})), name="x")

    assert read.params == {"path": "a/b", "set": "{1}"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line_that_names_it(name, tmp_path):
    path = manifests.path_of(tmp_path, ID)
    plant(path, HOSTILE[name])

    with pytest.raises(ManifestError) as caught:
        manifests.read(path, expect_id=ID)
    message = str(caught.value)
    assert message.startswith(f"2026-11-22/{ID}.yaml: ")
    assert len(message) < 400
    assert "\n" not in message
    assert "outside-secret" not in message


def test_every_fault_of_a_file_is_told():
    data = HOSTILE["a thousand faults"]
    assert isinstance(data, bytes)
    found = manifests.faults(data, name="x")

    assert len(found) == 101
    assert found[0] == ("tags.k0", "not text; put it in quotes")
    with pytest.raises(ManifestError, match=r"tags\.k0: not text; put it in quotes \(and 100 more\)"):
        manifests.parse(data, name="x")


def test_scanning_lists_manifests_by_id_and_passes_over_the_rest(tmp_path):
    later, earlier = "20261123-000000-bbbbbb", "20261122-190546-aaaaaa"
    for run_id in (later, earlier):
        manifests.write(tmp_path, records.full(run_id))
    for name in (
        "2026-11-22/notes.yaml",
        f"2026-11-22/{later}.yaml",
        "2026-11-22/x.dvc",
        "loose.yaml",
        "junk/x.yaml",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "2026-11-24").symlink_to(tmp_path / "2026-11-22")
    linked = tmp_path / "2026-11-23" / "20261123-000000-cccccc.yaml"
    linked.symlink_to("/etc/passwd")

    found = manifests.scan(tmp_path)

    assert [entry.id for entry in found] == [earlier, later, "20261123-000000-cccccc"]
    facts = os.lstat(found[0].path)
    assert found[0][2:] == (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def test_a_folder_that_is_missing_or_a_link_has_no_manifests(tmp_path):
    manifests.write(tmp_path / "real", records.full())
    (tmp_path / "linked").symlink_to(tmp_path / "real")

    assert manifests.scan(tmp_path / "none") == []
    assert manifests.scan(tmp_path / "linked") == []
    assert manifests.scan_flat(tmp_path / "none") == []
    assert len(manifests.scan_flat(tmp_path / "real" / "2026-11-22")) == 1


def test_a_file_is_called_by_its_place_in_the_repository():
    assert (
        manifests.name_of("/home/x/.experiments/runs/2026-11-22/a.yaml")
        == ".experiments/runs/2026-11-22/a.yaml"
    )
    assert manifests.name_of("/home/x/.git/expctl/finished/a.yaml") == "finished/a.yaml"
    assert manifests.name_of("a.yaml") == "a.yaml"

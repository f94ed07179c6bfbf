"""``expctl validate`` names every fault with its file, and finds what hides."""

from __future__ import annotations

import pytest

from expctl import project
from expctl.actions import validating
from expctl.core import dvcfile, packages
from expctl.store import environments, manifests
from tests import records
from tests.hostile import ID, cases, plant

HOSTILE = cases()
RUN = "20261122-190546-k3f9qa"
MANIFEST = f".experiments/runs/2026-11-22/{RUN}.yaml"


@pytest.fixture
def here(repo):
    """A repository with one good run."""
    found = project.find(repo.path)
    listed = environments.write(found.experiments, [packages.Package("numpy", "2.0.0")], python="3.11.7")
    environment = records.full().environment
    assert environment is not None
    manifests.write(found.runs, records.full(environment=type(environment)(python="3.11.7", packages=listed)))
    return found


def told(found, *names: str) -> list[str]:
    return [str(finding) for finding in validating.validate(found, names).findings]


def test_good_records_have_no_faults(here):
    verdict = validating.validate(here)

    assert verdict == (2, [], [])
    assert verdict.sentence() == "2 files checked, no faults"


@pytest.mark.parametrize("name", [*HOSTILE][::4])  # all of them are read in tests/store
def test_each_hostile_file_is_named_with_its_fault(here, name):
    plant(manifests.path_of(here.runs, ID), HOSTILE[name])
    found = told(here)

    assert found
    assert all(line.startswith(f".experiments/runs/2026-11-22/{ID}.yaml: ") for line in found)
    assert len(found) <= 101


def test_every_fault_of_a_file_has_its_path(here):
    path = manifests.path_of(here.runs, RUN)
    path.write_text(path.read_text().replace("completed", "done").replace("main", "[main]"), encoding="utf-8")

    assert told(here) == [
        f"{MANIFEST}: status: not one of completed, failed, interrupted, killed, lost",
        f"{MANIFEST}: code.branch: not text",
    ]


def test_a_manifest_in_two_places_is_told_of_both(here):
    path = manifests.path_of(here.runs, RUN)
    other = here.runs / "2026-11-23" / path.name
    other.parent.mkdir()
    other.write_bytes(path.read_bytes())
    first, second = (f".experiments/runs/{day}/{path.name}" for day in ("2026-11-22", "2026-11-23"))

    assert told(here) == [
        f"{second}: belongs into .experiments/runs/2026-11-22",
        f"{first}: id: stands in {second} too",
        f"{second}: id: stands in {first} too",
    ]


def test_a_file_whose_name_is_no_id_and_a_linked_folder_are_named(here):
    (here.runs / "2026-11-22" / "notes.yaml").write_text("a: 1\n", encoding="utf-8")
    (here.runs / "2026-11-24").symlink_to("/etc")
    found = told(here)

    assert ".experiments/runs/2026-11-22/notes.yaml: its name is not a run id" in found
    assert ".experiments/runs/2026-11-24: a symbolic link, which is not followed" in found


def test_a_file_behind_a_linked_folder_is_refused_by_name_too(here):
    (here.runs / "2026-11-24").symlink_to(here.runs / "2026-11-22")
    name = ".experiments/runs/2026-11-24/20261122-190546-k3f9qa.yaml"

    assert told(here, name) == [f"{name}: lies behind the symbolic link .experiments/runs/2026-11-24"]


def test_a_package_list_is_what_its_name_says(here):
    path = next((here.experiments / "environments").iterdir())
    path.write_text(path.read_text() + "  torch: '2.0'\n", encoding="utf-8")
    assert "its name is not the beginning of its content's SHA-256" in told(here)[0]

    path.unlink()
    assert told(here) == [f"{MANIFEST}: environment.packages: environments/{path.name} is missing"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "outs:\n- md5: a\n  path: ../../.git/hooks\n",
            f"outs: not one output with the path {RUN}",
        ),
        (
            "outs:\n- path: 20261122-190546-k3f9qa\ncmd: rm -rf /\n",
            "cmd: does not belong into a run's pointer",
        ),
        ("outs: &a [*a]\n", "line 1: an anchor is not allowed"),
        ("[]\n", f"outs: not one output with the path {RUN}"),
    ],
)
def test_a_pointer_that_reaches_elsewhere_is_named(here, text, fault):
    path = here.runs / "2026-11-22" / "20261122-190546-k3f9qa.dvc"
    path.write_text(text, encoding="utf-8")

    assert told(here) == [f".experiments/runs/2026-11-22/{path.name}: {fault}"]


def test_a_good_pointer_has_no_faults(here):
    path = here.runs / "2026-11-22" / "20261122-190546-k3f9qa.dvc"
    out = dvcfile.Out(RUN, "a" * 32 + ".dir", 1, 1)
    path.write_text(dvcfile.pointer_text(out), encoding="utf-8")

    assert told(here) == []


def test_settings_are_checked_and_unknown_ones_are_only_warned_of(here):
    (here.experiments / "config.yaml").write_text("commit: maybe\nexpriment: x\n", encoding="utf-8")
    assert told(here) == [".experiments/config.yaml: commit: not true or false"]

    (here.experiments / "config.yaml").write_text("expriment: x\n", encoding="utf-8")
    verdict = validating.validate(here)
    assert verdict.findings == []
    assert "Did you mean experiment?" in verdict.warnings[0]


def test_the_policy_of_the_registry_is_checked(here):
    name = ".experiments/policy/registry.yaml"
    path = here.root / name
    path.parent.mkdir()
    path.write_text("schema: expctl/policy/v1\n", encoding="utf-8")
    assert told(here) == told(here, name) == []

    path.write_text("schema: expctl/policy/v1\nstages: 7\ngates: [1]\n", encoding="utf-8")
    expected = [
        f"{name}: gates: must be a mapping from a stage to a list",
        f"{name}: stages: must be a mapping of 1 to 50 stages",
    ]
    assert told(here) == told(here, name) == expected

    path.write_bytes(b"\x00\xff")
    assert told(here) == [f"{name}: it holds a NUL byte"]

    path.unlink()
    path.symlink_to("/etc/passwd")
    assert told(here) == [f"{name}: a symbolic link, which is not followed"]


def test_named_files_are_checked_wherever_they_lie(here, tmp_path):
    data = HOSTILE["newer schema"]
    assert isinstance(data, bytes)
    (tmp_path / "somewhere.yaml").write_bytes(data)

    first, second = told(here, str(tmp_path / "somewhere.yaml"), "missing.yaml")

    assert first.startswith(f"{tmp_path}/somewhere.yaml: schema: written by a newer expctl (expctl/run/v2)")
    assert second == "missing.yaml: no such file or directory"

"""Two runs and everything between them, gathered from a real repository."""

from __future__ import annotations

import pytest

from expctl import project as places
from expctl.actions import differing
from expctl.core.manifest import CodeState
from expctl.core.packages import Package
from expctl.store import environments, manifests
from tests.records import full

ONE, OTHER = "20261122-190546-k3f9qa", "20261122-190601-whe6m1"


@pytest.fixture
def project(repo):
    found = places.find(repo.path)
    first = repo.git("rev-parse", "HEAD^{tree}").strip()
    repo.write("train.py", "print('hello world')\n")
    repo.write("한국어 파일.py", "x = 1\n")
    repo.commit_all()
    second = repo.git("rev-parse", "HEAD^{tree}").strip()
    for run_id, tree, numpy in ((ONE, first, "2.0"), (OTHER, second, "2.1")):
        name = environments.write(found.experiments, [Package("numpy", numpy)], python="3.11.7")
        run = full(run_id)
        assert run.environment is not None
        environment = run.environment._replace(packages=name)
        manifests.write(found.runs, run._replace(code=CodeState(tree=tree), environment=environment))
    return found


def test_code_and_packages_are_told(project) -> None:
    found = differing.differ(project, ONE, OTHER)

    assert found.patch is not None
    assert "-print('hello')\n+print('hello world')\n" in found.patch
    assert {item.path for item in found.files} >= {"train.py"}
    assert [c.key for c in found.sections[3].changes] == ["package numpy"]
    assert found.notes == ()


def test_the_same_tree_gives_an_empty_patch(project) -> None:
    assert differing.differ(project, ONE, ONE).patch == ""


def test_code_can_be_left_out(project) -> None:
    assert differing.differ(project, ONE, OTHER, code=False).patch is None


def test_a_tree_that_is_not_here_is_said_with_how_to_get_it(project) -> None:
    path = manifests.path_of(project.runs, OTHER)
    manifests.write(project.runs, manifests.read(path)._replace(code=CodeState(tree="a" * 40)))
    found = differing.differ(project, ONE, OTHER)

    assert found.patch is None
    assert f"expctl pull {ONE} {OTHER}" in found.notes[0]


def test_a_missing_package_list_is_said_and_the_rest_compared(project) -> None:
    run = manifests.read(manifests.path_of(project.runs, OTHER))
    assert run.environment is not None
    assert run.environment.packages is not None
    (project.experiments / run.environment.packages).unlink()
    found = differing.differ(project, ONE, OTHER)

    assert "package list" in found.notes[0]
    assert [c.key for c in found.sections[3].changes] == ["packages"]

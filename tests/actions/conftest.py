"""What several files of tests begin with."""

import pytest

from tests.planted import FILES, make_pythons, plant


@pytest.fixture(scope="module")
def pythons(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return make_pythons(tmp_path_factory.mktemp("venvs"))


@pytest.fixture
def planted(make_repo, pythons):
    return plant(make_repo(files=FILES), pythons)

"""Packages, read from the names of metadata folders."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from typing import TYPE_CHECKING

import pytest

from expctl.adapters import installed
from expctl.core.packages import Package, normalise

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    return folder


def listed(folder: Path, **more) -> list[Package]:
    return list(installed.packages([str(folder)], "/nowhere", **more))


def put(folder: Path, name: str, direct_url: object = None) -> None:
    (folder / name).mkdir()
    if direct_url is not None:
        text = direct_url if isinstance(direct_url, str) else json.dumps(direct_url)
        (folder / name / "direct_url.json").write_text(text)


def test_it_says_what_importlib_says_of_this_environment() -> None:
    expected = {normalise(found.name): found.version for found in importlib.metadata.distributions()}

    found = {package.name: package.version for package in installed.packages(sys.path, sys.prefix)}

    assert found == expected


def test_nothing_anywhere_is_nothing() -> None:
    assert installed.packages([], "/nowhere") == ()
    assert installed.packages(["/nowhere", "/dev/null"], "/nowhere") == ()


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("Foo_Bar.baz-1.0.dist-info", Package("foo-bar-baz", "1.0")),
        ("torch-2.1.0+cu121.dist-info", Package("torch", "2.1.0+cu121")),
        ("old-0.3-py3.11.egg-info", Package("old", "0.3")),
        ("egg-1.1-py3.11.egg", Package("egg", "1.1")),
        ("native-2-py3.11-linux-x86_64.egg", Package("native", "2")),
    ],
)
def test_a_folder_name_says_it_all(site: Path, name: str, package: Package) -> None:
    put(site, name)

    assert listed(site) == [package]


@pytest.mark.parametrize("name", ["~oo-1.0.dist-info", "foo.py", "foo", "nodash.dist-info", ".dist-info"])
def test_leftovers_and_other_files_are_no_packages(site: Path, name: str) -> None:
    put(site, name)

    assert listed(site) == []


def test_an_egg_info_file_without_version_is_opened(site: Path) -> None:
    (site / "ancient.egg-info").write_text("Name: ancient\nVersion: 0.9\n")

    assert listed(site) == [Package("ancient", "0.9", "editable:site-packages")]


@pytest.mark.parametrize(
    ("facts", "source"),
    [
        ({"url": "https://u:hush@h.org/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}},
         "git+https://h.org/r.git@ab12"),
        ({"url": "ssh://git@h.org/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}},
         "git+ssh://git@h.org/r.git@ab12"),
        ({"url": "https://h.org/x-1.0.whl?token=hushhush", "archive_info": {"hashes": {"sha256": "cd"}}},
         "https://h.org/x-1.0.whl?token=<redacted>#sha256=cd"),
        ({"url": "file:///home/ada/wheels/x-1.0.whl", "archive_info": {"hash": "sha256=ef"}},
         "file:x-1.0.whl#sha256=ef"),
        ({"url": "file:///home/ada/my%20lib", "dir_info": {"editable": True}}, "editable:my lib"),
        ({"url": "file:///home/ada/lib", "dir_info": {}}, "file:lib"),
        ("{", "unknown"), ([], "unknown"), ({"url": 3}, "unknown"),
        ({"url": "file://", "vcs_info": 7}, "unknown"),
    ],
)  # fmt: skip
def test_where_a_package_came_from_is_said_without_secrets(site: Path, facts: object, source: str) -> None:
    put(site, "x-1.0.dist-info", facts)

    assert listed(site) == [Package("x", "1.0", source)]


def test_a_package_of_the_repository_is_named_by_its_place_in_it(site: Path, tmp_path: Path) -> None:
    put(site, "x-1.0.dist-info", {"url": f"file://{tmp_path}/libs/x", "dir_info": {"editable": True}})

    assert listed(site, root=tmp_path) == [Package("x", "1.0", "editable:libs/x")]


def test_the_first_of_two_versions_is_the_one_that_is_imported(site: Path, tmp_path: Path) -> None:
    put(site, "x-1.0.dist-info")
    later = tmp_path / "later"
    later.mkdir()
    put(later, "x-2.0.dist-info")

    assert installed.packages([str(site), str(later)], "/nowhere") == (Package("x", "1.0"),)


def test_conda_lists_its_libraries(site: Path, tmp_path: Path) -> None:
    put(site, "numpy-2.0.dist-info")
    (tmp_path / "conda-meta").mkdir()
    for name in ("mkl-2023.1.0-h213fc3f_46344.json", "numpy-2.0-py311_0.json", "history"):
        (tmp_path / "conda-meta" / name).write_text("")

    assert installed.packages([str(site)], str(tmp_path)) == (
        Package("mkl", "2023.1.0", "conda:h213fc3f_46344"),
        Package("numpy", "2.0"),
    )


def test_names_that_are_no_text_become_text(site: Path) -> None:
    put(site, "a\x1b[31m\udcff-1\n.dist-info")

    (package,) = listed(site)
    assert package.name.isprintable()
    assert package.version.isprintable()


@pytest.mark.parametrize(
    ("text", "blas"),
    [
        ('{"blas": {"name": "scipy-openblas", "found": bool("True"), "version": "0.3"}}', "openblas 0.3"),
        ('"blas": {\n "name": "mkl-sdl", "version": "2023.1"}', "mkl-sdl 2023.1"),
        ("blas_mkl_info={}\nopenblas64__info={'libraries': ['x']}\n", "openblas"),
        ("nothing", None),
    ],
)  # fmt: skip
def test_the_blas_is_read_from_the_configuration_of_numpy(site: Path, text: str, blas: str | None) -> None:
    (site / "numpy").mkdir()
    (site / "numpy" / "__config__.py").write_text(text)

    assert installed.blas(["/nowhere", str(site)]) == blas


def test_a_module_is_told_to_its_package_by_name_or_by_what_was_installed(site: Path) -> None:
    for name, file, text in (
        ("numpy-2.1.0.dist-info", "RECORD", "numpy/__init__.py,,\n"),
        ("scikit_learn-1.5.dist-info", "RECORD", "scikit_learn-1.5.dist-info/METADATA,,\nsklearn/svm.py,,\n"),
        ("PyYAML-6.0.dist-info", "top_level.txt", "_yaml\nyaml\n"),
        ("tabulate-0.9.dist-info", "RECORD", "tabulate.py,,\n"),
    ):
        put(site, name)
        (site / name / file).write_text(text)
    names = [package.name for package in listed(site)]

    found = installed.owners([str(site)], ["numpy", "sklearn", "yaml", "mine"], names)

    assert found == ("numpy", "pyyaml", "scikit-learn")


def test_modules_of_this_environment_have_the_owners_that_importlib_names() -> None:
    by_module = importlib.metadata.packages_distributions()
    names = [package.name for package in installed.packages(sys.path, sys.prefix)]
    for module in ("yaml", "pytest", "hypothesis", "rich"):
        assert set(installed.owners(sys.path, [module], names)) == {normalise(n) for n in by_module[module]}

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from expctl.adapters import dvc
from expctl.core import dvcconfig
from expctl.errors import DvcError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / ".experiments" / ".dvc").mkdir(parents=True)
    (tmp_path / ".dvc").mkdir()
    return tmp_path, tmp_path / ".experiments"


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch):
    """A program in DVC's place that writes down how it was called."""

    def make(script: str) -> None:
        path = tmp_path / "pretend-dvc"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("EXPCTL_DVC", str(path))

    return make


HERE = dvc.Remote("store", "/x", None)


def test_the_program_is_the_one_named_else_the_user_s_else_ours(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("EXPCTL_DVC", "/opt/my dvc")
    assert dvc.program() == ["/opt/my dvc"]

    monkeypatch.delenv("EXPCTL_DVC")
    (tmp_path / "dvc").write_text("#!/bin/sh\n")
    (tmp_path / "dvc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dvc.program() == [str(tmp_path / "dvc")]

    monkeypatch.setenv("PATH", "")
    assert dvc.program()[1:] == ["-m", "dvc"]


def test_our_own_remote_wins_and_nothing_is_borrowed(places) -> None:
    root, experiments = places
    (root / ".dvc" / "config").write_text("[core]\n remote = a\n['remote \"a\"']\n url = /a\n")
    (experiments / ".dvc" / "config").write_text("[core]\n remote = b\n['remote \"b\"']\n url = /b\n")

    with dvc.remote(root, experiments) as found:
        assert found == dvc.Remote("b", "/b", None)


def test_credentials_of_a_borrowed_remote_are_private_and_short_lived(places) -> None:
    root, experiments = places
    (root / ".dvc" / "config").write_text("[core]\n remote = a\n['remote \"a\"']\n url = ../store\n")
    (root / ".dvc" / "config.local").write_text("['remote \"a\"']\n password = hunter2\n")

    with dvc.remote(root, experiments) as found:
        assert found.url == f"{root}/store/expctl"
        assert found.settings is not None
        path = f"{found.settings}/config"
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(found.settings).st_mode) == 0o700
        with open(path) as file:
            said = dvcconfig.parse(file.read())
        assert said[f'remote "{dvcconfig.BORROWED}"']["password"] == "hunter2"
    assert not os.path.exists(path)


def test_the_user_s_own_settings_stay_in_force(places, tmp_path: Path, monkeypatch) -> None:
    root, experiments = places
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "real").write_text(
        "[core]\n remote = u\n analytics = false\n['remote \"u\"']\n url = /u\n"
    )
    # As people do who keep their settings in a repository of their own.
    (tmp_path / "mine" / "config").symlink_to("real")
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "mine"))

    with dvc.remote(root, experiments) as found, open(f"{found.settings}/config") as file:
        said = dvcconfig.parse(file.read())
    assert said["core"] == {"remote": dvcconfig.BORROWED, "analytics": "false"}
    assert found.url == "/u/expctl"


def test_dvc_is_told_of_pointers_by_name_and_waits_for_its_lock(places, pretend, monkeypatch) -> None:
    root, experiments = places
    pretend(f'echo "$@" >> {root}/said; echo "$GIT_DIR,$DVC_NO_ANALYTICS,$PWD" >> {root}/said')
    monkeypatch.setenv("GIT_DIR", "/elsewhere")

    dvc.push(experiments, HERE, ["runs/a.dvc", "runs/b.dvc"])

    assert (
        root / "said"
    ).read_text() == f"--wait-for-lock push --remote store runs/a.dvc runs/b.dvc\n,1,{experiments}\n"


def test_many_pointers_go_in_several_commands(places, pretend) -> None:
    root, experiments = places
    pretend(f"echo x >> {root}/said")

    dvc.fetch(experiments, HERE, [f"runs/{n}.dvc" for n in range(900)])

    assert (root / "said").read_text() == "x\n" * 3


def test_nothing_to_send_starts_nothing(places, pretend) -> None:
    pretend("exit 9")

    dvc.push(places[1], HERE, [])


def test_dvc_s_own_words_are_in_the_error(places, pretend) -> None:
    pretend("echo 'WARNING: x' >&2; echo 'ERROR: failed to push - it broke.' >&2; exit 1")

    with pytest.raises(DvcError, match=r"^dvc push failed: failed to push - it broke\."):
        dvc.push(places[1], HERE, ["a.dvc"])


def test_a_missing_plugin_is_named_in_the_hint(places, pretend) -> None:
    said = "ERROR: URL x is supported but requires these missing dependencies: ['dvc-s3']. See more"
    pretend(f'echo "{said}" >&2; exit 1')

    with pytest.raises(DvcError) as caught:
        dvc.push(places[1], HERE, ["a.dvc"])
    assert "dvc[s3]" in (caught.value.hint or "")


def test_a_program_that_is_not_there_is_said(places, monkeypatch) -> None:
    monkeypatch.setenv("EXPCTL_DVC", "/nowhere/dvc")

    with pytest.raises(DvcError, match="cannot be started"):
        dvc.push(places[1], HERE, ["a.dvc"])


def test_what_the_remote_lacks_is_read_from_dvc_s_answer(places, pretend) -> None:
    pretend("""echo '{"runs/a": "new", "runs/b": "deleted", "runs/c": "missing"}'""")
    assert dvc.not_there(places[1], HERE, ["a.dvc"]) == ["runs/a", "runs/c"]

    pretend("echo nonsense")
    with pytest.raises(DvcError, match="JSON"):
        dvc.not_there(places[1], HERE, ["a.dvc"])

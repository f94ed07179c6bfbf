"""The environment of the child, never that of expctl, with a real second virtual environment."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from expctl.capture import environment
from expctl.capture.hooked import Process
from expctl.core.packages import Package

CUDA = {"OMP_NUM_THREADS": "3", "CUBLAS_WORKSPACE_CONFIG": ":4096:8", "AWS_SECRET_ACCESS_KEY": "hush"}


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with two packages that expctl does not have."""
    folder = tmp_path_factory.mktemp("venvs") / "other venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "Very_Special.Package-1.2.3.dist-info").mkdir()
    (site / "other-2.0+local.dist-info").mkdir()
    return folder


@pytest.fixture
def probe(tmp_path: Path):
    def probe(*argv: str, env: dict[str, str] | None = None, **more) -> environment.Probed:
        full = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **(env or {})}
        return environment.probe(argv, tmp_path, full, cache=tmp_path / "cache", **more)

    probe.folder = tmp_path
    return probe


THEIRS = (Package("other", "2.0+local"), Package("very-special-package", "1.2.3"))


def script(path: Path, first: str) -> str:
    path.write_text(f"{first}\n")
    path.chmod(0o755)
    return str(path)


def test_the_packages_are_those_of_the_command_and_not_of_expctl(probe, venv: Path) -> None:
    done = probe(str(venv / "bin" / "python"), "train.py")

    assert done.packages == THEIRS
    assert done.environment.python == platform.python_version()
    assert done.environment.numeric["pythonhashseed"] == "random"
    assert done.notes == ()


@pytest.mark.parametrize(
    "command",
    [
        "python train.py",
        "env -u X A=1 python train.py",
        "/usr/bin/env python train.py",
        "nice -n 5 python train.py",
        "timeout 5 env python train.py",
        "./by-env.py",
        "./by-path",
        "./by-exec",
    ],
)
def test_the_interpreter_is_found_behind_other_words(probe, venv: Path, command: str) -> None:
    python = venv / "bin" / "python"
    short = probe.folder / "link"
    short.symlink_to(venv)
    script(probe.folder / "by-env.py", "#!/usr/bin/env python")
    script(probe.folder / "by-path", f"#!{short}/bin/python -u")
    script(probe.folder / "by-exec", f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''")

    done = probe(*command.split(), env={"PATH": f"{venv}/bin:/usr/bin:/bin"})

    assert done.packages == THEIRS
    assert done.notes == ()


@pytest.mark.parametrize("command", ["true", "./train.sh", "nope --x 1", "sh -c true", "env", "./loop", ""])
def test_other_commands_have_no_python(probe, command: str) -> None:
    script(probe.folder / "train.sh", "#!/bin/sh")
    script(probe.folder / "loop", f"#!{probe.folder}/loop")

    done = probe(*command.split())

    assert done.packages is None
    assert done.environment.python is None
    assert "pythonhashseed" not in done.environment.numeric
    assert done.environment.cpu["cores"] >= 1
    assert done.environment.platform.startswith(platform.system())


def test_a_tool_that_keeps_the_project_environment_is_known(probe, venv: Path) -> None:
    (probe.folder / ".venv").symlink_to(venv)

    assert probe("uv", "run", "train.py").packages == THEIRS
    assert probe("poetry", "run", "python", "train.py").packages == THEIRS


def test_what_the_hook_in_the_child_says_comes_first(probe, venv: Path) -> None:
    site = next((venv / "lib").glob("python*/site-packages"))
    hook = Path(environment.__file__).parents[1] / "hook"
    path = (str(hook), str(site), "/nowhere")
    said = Process(1, 1, executable="/opt/python3.9", version="3.9.1", prefix="/opt", path=path)

    done = probe("sh", "train.sh", reported=said)

    assert done.environment.python == "3.9.1"
    assert done.packages == THEIRS


@pytest.mark.parametrize("said", [{}, {"executable": "a", "version": "b"}, {"prefix": "c"}])
def test_nonsense_from_the_child_is_said_and_passed_over(probe, venv: Path, said: dict) -> None:
    done = probe(str(venv / "bin" / "python"), reported=Process(1, 1, **said))

    assert done.packages == THEIRS
    assert done.notes == ("interpreter: what the child said of it makes no sense",)


def test_an_interpreter_is_asked_once_and_again_when_it_changes(probe) -> None:
    fake = probe.folder / "bin" / "python3"
    fake.parent.mkdir()
    real = Path(sys.executable).resolve()
    fake.symlink_to(real)

    probe(str(fake))
    store = probe.folder / "cache" / "interpreters.json"
    known = json.loads(store.read_text())
    (key,) = known
    assert key.startswith(str(real))
    known[key]["version"] = "9.9.9"
    store.write_text(json.dumps(known))
    assert probe(str(fake)).environment.python == "9.9.9"

    store.write_text(json.dumps({key.rpartition(":")[0] + ":1": known[key]}))
    assert probe(str(fake)).environment.python == platform.python_version()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": []}', "[" * 5000])
def test_a_broken_memory_is_made_anew(probe, venv: Path, text: str) -> None:
    (probe.folder / "cache").mkdir()
    (probe.folder / "cache" / "interpreters.json").write_text(text)

    assert probe(str(venv / "bin" / "python")).packages == THEIRS


def test_a_memory_that_cannot_be_written_is_no_trouble(probe, venv: Path) -> None:
    (probe.folder / "cache").write_text("a file where a folder should be")

    assert probe(str(venv / "bin" / "python")).notes == ()


@pytest.mark.parametrize(
    ("first", "note"),
    [
        ("#!/bin/sh\nexit 3", "interpreter python3: exit code 3: no answer"),
        ("#!/bin/sh\necho '{}'", "interpreter python3: an answer that makes no sense"),
        ("#!/bin/sh\necho oh >&2; echo x", "interpreter python3: exit code 0: oh"),
    ],
)
def test_something_that_is_only_called_python_becomes_a_note(probe, first: str, note: str) -> None:
    assert probe(script(probe.folder / "python3", first)).notes == (note,)


def test_a_shim_is_asked_every_time(probe) -> None:
    shim = script(probe.folder / "python3", f'#!/bin/sh\nexec {sys.executable} "$@"')

    assert probe(shim).environment.python == platform.python_version()
    assert not (probe.folder / "cache" / "interpreters.json").exists()


def test_pythonpath_and_pth_files_are_followed_and_no_code_is_run(probe, venv: Path) -> None:
    extra, linked = probe.folder / "extra", probe.folder / "linked"
    (extra / "mine-0.1.dist-info").mkdir(parents=True)
    (linked / "src.egg-info").mkdir(parents=True)
    (linked / "src.egg-info" / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: src\nVersion: 0.7\n")
    (extra / "a.pth").write_text(
        f"import os; os.mkdir('{probe.folder}/ran')\n# note\n\n../linked\n/nowhere\n"
    )

    done = probe(str(venv / "bin" / "python"), env={"PYTHONPATH": "extra"}, root=probe.folder)

    assert done.packages is not None
    assert Package("mine", "0.1") in done.packages
    assert Package("src", "0.7", "editable:linked") in done.packages
    assert not (probe.folder / "ran").exists()


def test_no_value_of_the_environment_is_kept_but_those_that_move_results(probe, venv: Path) -> None:
    done = probe(str(venv / "bin" / "python"), env={**CUDA, "PYTHONHASHSEED": "7"})

    numeric = done.environment.numeric
    assert numeric["threads"] == 3
    assert numeric["cublas_workspace_config"] == ":4096:8"
    assert numeric["pythonhashseed"] == "7"
    assert "hush" not in repr(done)


def test_the_blas_of_numpy_is_read_without_importing_it(probe) -> None:
    done = probe(sys.executable)

    assert done.environment.numeric["blas"].split()[0] in ("openblas", "mkl", "accelerate", "blis")


def test_an_image_file_is_named_without_its_folder(probe) -> None:
    done = probe("true", env={"APPTAINER_CONTAINER": "/home/ada/images/torch.sif"})

    assert done.environment.container in ("apptainer:torch.sif", environment.host.container())


@pytest.mark.parametrize("hooks", [(), ("--no-hooks",)])
def test_a_run_records_the_packages_of_the_script(repo, venv: Path, hooks: tuple[str, ...]) -> None:
    done = repo.expctl("run", *hooks, "--", str(venv / "bin" / "python"), "train.py")

    assert done.exit_code == 0, done.err
    (listed,) = (repo.path / ".experiments" / "environments").iterdir()
    assert "other: 2.0+local\n  very-special-package: 1.2.3\n" in listed.read_text()
    assert "typer" not in listed.read_text()

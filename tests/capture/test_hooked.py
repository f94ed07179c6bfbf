"""Whatever lies in a live folder, it is read within bounds, and the user's script is found in it."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expctl.capture import hooked

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = 1_800_000_000_000_000_000


@pytest.fixture
def live(tmp_path: Path):
    (tmp_path / "state.json").write_text('{"root": "/repo"}')
    started = iter(range(BEGIN, BEGIN + 10**6))

    def add(argv: str = "", *, lasted: int | None = 10, opened: str = "", modules=(), **facts) -> int:
        """One process; its number."""
        at = next(started)
        name = f"{at:x}-{at % 1000}"
        begun = {"e": "start", "executable": "/bin/python", "version": "3.11.7", "prefix": "/v", **facts}
        lines = [{**begun, "argv": [argv]}]
        if lasted is not None:
            lines.append({"e": "end", "at": at + lasted, "argv": [argv], "modules": list(modules)})
        (tmp_path / f"process-{name}.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
        if opened:
            (tmp_path / f"files-{name}").write_bytes(opened.replace("\n", "\0").encode())
        return at % 1000

    add.folder = tmp_path
    return add


def main(live) -> int | None:
    found = hooked.read(live.folder).main
    return found.pid if found else None


def test_the_script_is_found_behind_a_launcher(live) -> None:
    live("/venv/bin/poetry", lasted=100, modules=["poetry"])
    script = live("train.py", lasted=50)

    assert main(live) == script


def test_the_script_is_found_behind_a_launcher_that_imports_torch(live) -> None:
    live("/venv/bin/torchrun", lasted=100, modules=["torch"])
    live("train.py", lasted=80, modules=["torch"], rank="1")
    script = live("train.py", lasted=70, modules=["torch"], rank="0")

    assert main(live) == script


def test_the_script_is_found_behind_a_wrapper_of_the_users(live) -> None:
    live("run_all.py", lasted=100)
    script = live("train.py", lasted=50, modules=["sklearn"])
    live("plot.py", lasted=10, modules=["pandas"])

    assert main(live) == script


def test_the_kernel_of_a_notebook_is_the_script(live) -> None:
    live("/venv/bin/papermill", lasted=100, modules=["papermill", "pandas"])
    script = live("/venv/lib/python3.11/site-packages/ipykernel_launcher.py", lasted=50)

    assert main(live) == script


def test_a_command_of_the_project_is_the_script(live) -> None:
    live("/venv/bin/tool", lasted=100, modules=["tool"])
    script = live("/venv/bin/train", opened="C/repo\nS5 4 /repo/src/train.py\n", modules=["mine"])

    assert main(live) == script


def test_a_worker_is_never_the_script(live) -> None:
    script = live("train.py", lasted=None)
    live("train.py", lasted=1000, modules=["torch"], worker=True)

    assert main(live) == script


def test_without_a_process_there_is_no_script(live) -> None:
    assert main(live) is None


def test_relative_paths_are_made_whole(live) -> None:
    live(opened="Ra\nC/repo\nRa\nR../b\nC/x\nWa\nR/c/./d\nC\nRe\n")

    seen = hooked.read(live.folder)
    assert seen.reads == ("/repo/a", "/b", "/c/d")
    assert seen.writes == ("/x/a",)


def test_a_torn_tail_is_passed_over(live) -> None:
    live(opened="C/repo\nRa\nRhalf a na")
    path = next(live.folder.glob("process-*"))
    path.write_bytes(path.read_bytes()[:-30])

    seen = hooked.read(live.folder)
    assert seen.reads == ("/repo/a",)
    assert seen.processes[0].executable == "/bin/python"
    assert seen.processes[0].ended_ns is None


def test_files_outside_of_the_repository_are_no_sources(live) -> None:
    live(opened="C/repo\nS7 6 a.py\nS8 6 /elsewhere/b.py\nS9 6 /repository/c.py\nSx 6 d.py\nS9\n")

    (process,) = hooked.read(live.folder).processes
    assert process.sources == (("/repo/a.py", 7),)
    assert process.changes == {"/repo/a.py": 6}


def test_links_and_odd_files_are_not_followed(live, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"C/repo\0Rsecret\0")
    os.symlink(secret, live.folder / "files-1-1")
    os.mkfifo(live.folder / "files-2-1")
    (live.folder / "process-3-1.jsonl").mkdir()
    live(opened="C/repo\nRa\n")

    seen = hooked.read(live.folder)
    assert seen.reads == ("/repo/a",)
    assert len(seen.notes) >= 2


def test_more_than_is_looked_at_is_said(live) -> None:
    for _ in range(3):
        live(opened="C/repo\n" + "".join(f"R{os.urandom(8).hex()}\n" for _ in range(20_000)))

    seen = hooked.read(live.folder)
    assert len(seen.reads) == 50_000
    assert seen.notes == ("more files were opened than are looked at",)


def test_a_storm_of_processes_is_read_in_time(live) -> None:
    for _ in range(1500):
        live("train.py")

    begin = time.monotonic()
    seen = hooked.read(live.folder)
    assert len(seen.processes) == 1000
    assert seen.notes == ("of 1500 Python processes 1000 were looked at",)
    assert time.monotonic() - begin < 100


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"e": "start", "executable": 3, "path": {"a": 1}, "argv": "x", "rank": 7, "worker": "yes"}',
        '{"e": "end", "at": "soon", "modules": [1, null, "ok"], "flags": [1]}',
        '{"e": "end", "at": -5, "flags": {"a": {"b": 1}, "c": NaN}}',
        '{"e": "end", "at": 1e400}',
        "null",
        '{"e": "start", "rank": "٣"}',
    ],
)
def test_nonsense_is_left_out(live, line: str) -> None:
    (live.folder / "process-a-1.jsonl").write_text(line + "\n")

    (process,) = hooked.read(live.folder).processes
    assert (process.pid, process.started_ns, process.rank, process.is_worker) == (1, 10, None, False)
    assert process.executable == ""


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=st.binary(max_size=300), second=st.binary(max_size=300))
def test_no_bytes_can_stop_the_reading(tmp_path: Path, first: bytes, second: bytes) -> None:
    (tmp_path / "process-b-2.jsonl").write_bytes(first)
    (tmp_path / "files-b-2").write_bytes(second)

    seen = hooked.read(tmp_path)
    assert len(seen.processes) == 1
    assert all(path.startswith("/") for path in (*seen.reads, *seen.writes))


@settings(max_examples=100, deadline=None)
@given(loop=st.lists(st.sampled_from(["a-1", "b-1", "c-1"]), min_size=1, max_size=6))
def test_forks_of_each_other_come_to_an_end(tmp_path_factory, loop: list[str]) -> None:
    folder = tmp_path_factory.mktemp("live")
    (folder / "process-a-1.jsonl").write_text("{}")
    for name, parent in zip(["a-1", "b-1", "c-1"], loop, strict=False):
        (folder / f"files-{name}").write_bytes(f"F{parent}\0C/repo\0S1 1 a.py\0".encode())

    assert len(hooked.read(folder).processes) == 1

"""Facts about the machine."""

from __future__ import annotations

import os
import platform
import re
import time

import pytest

from expctl.adapters import host

FILES = {
    "/proc/cpuinfo": "processor\t: 0\nmodel name\t: Some   CPU @ 2GHz\nflags\t\t: fpu avx avx2\n",
    "/proc/self/cgroup": "0::/user.slice/job\n",
    "/sys/fs/cgroup/user.slice/job/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/user.slice/job/memory.max": "1000000\n",
    "/run/.containerenv": f'engine="podman"\nimage="x"\nimageid="{"ab" * 32}"\n',
}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def use(**changed: str | None) -> None:
        files = {**FILES, **{name.replace("__", "/"): text for name, text in changed.items()}}
        monkeypatch.setattr(host, "_read", lambda path, *_: files.get(path) or "")

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    use()
    return use


def test_this_machine_has_a_processor_and_memory() -> None:
    assert 1 <= host.cpu_cores() <= (os.cpu_count() or 1)
    assert (host.memory_bytes() or 0) > 1 << 20
    assert re.fullmatch(rf"{platform.system()}-\d+\.\d+-{platform.machine()}", host.platform())


def test_looking_costs_next_to_nothing() -> None:
    before = time.process_time()
    for _ in range(20):
        host.cpu_model(), host.simd(), host.cpu_cores(), host.memory_bytes(), host.container(), host.libc()

    assert time.process_time() - before < 5


def test_a_container_limits_what_counts(machine) -> None:
    assert host.cpu_cores() == 2
    assert host.memory_bytes() == 1000000


@pytest.mark.parametrize("text", ["max 100000", "", "0 100000", "x y", "100000 0"])
def test_no_quota_leaves_the_cores_that_affinity_gives(
    machine, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(host, "_read", lambda path, *_: text if path.endswith("cpu.max") else "")

    assert host.cpu_cores() == 16


def test_the_processor_says_its_name_and_its_vectors(machine) -> None:
    assert host.cpu_model() == "Some CPU @ 2GHz"
    assert host.simd() == "avx2"


def test_an_arm_processor_has_numbers_for_a_name(machine) -> None:
    machine(**{"/proc/cpuinfo": "CPU implementer\t: 0x41\nCPU part\t: 0xd0c\nFeatures\t: fp asimd\n"})

    assert host.cpu_model() == "implementer 0x41 part 0xd0c"
    assert host.simd() == "asimd"


def test_a_container_that_tells_its_image_is_named_by_it(machine) -> None:
    assert host.container() == "sha256:" + "ab" * 32

    machine(**{"/run/.containerenv": ""})
    assert host.container() is None


def test_the_file_system_of_a_folder_is_known(monkeypatch) -> None:
    mounts = (
        "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
        "23 22 0:5 / /mnt/a\\040b rw - fuse.s3fs s3fs rw\nnonsense\n24 22 0:6 / /mnt rw - xfs x rw\n"
    )
    monkeypatch.setattr(host, "_mounts", lambda: mounts)

    names = ["/", "/home/x", "/mnt", "/mntx", "/mnt/a b/c", "/mnt/a"]
    assert [host.file_system(name) for name in names] == ["ext4", "ext4", "xfs", "ext4", "fuse.s3fs", "xfs"]


def test_where_mounts_are_not_listed_no_file_system_is_known(monkeypatch) -> None:
    monkeypatch.setattr(host, "_mounts", lambda: "")

    assert host.file_system("/") == ""

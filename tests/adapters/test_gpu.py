"""GPUs, through a stand-in for ``nvidia-smi``: most machines that run these tests have none."""

from __future__ import annotations

import os
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from expctl.actions import usage
from expctl.adapters import gpu

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A machine with a driver, without NVML, and with this script as ``nvidia-smi``."""
    monkeypatch.setattr(gpu, "has_driver", lambda: True)
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def write(text: str) -> None:
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)

    return write


def test_a_machine_without_driver_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "_SIGNS", ("/nowhere",))

    assert gpu.read() == gpu.Gpus((), None, None)


def test_the_command_line_tool_is_understood(smi) -> None:
    smi(
        'case "$1" in --query-gpu*) echo "NVIDIA H100 80GB HBM3, 550.54.15, 81559";'
        ' echo "Odd, 550.54.15, [N/A]";; *) echo "| Driver Version: 550.54.15   CUDA Version: 12.4  |";; esac'
    )

    assert gpu.read() == gpu.Gpus(
        (
            {"name": "NVIDIA H100 80GB HBM3", "driver": "550.54.15", "memory_bytes": 81559 << 20},
            {"name": "Odd", "driver": "550.54.15", "memory_bytes": None},
        ),
        "12.4",
    )


def test_a_driver_that_does_not_answer_is_said(smi) -> None:
    smi('echo "Failed to initialize NVML: Driver/library version mismatch" >&2; exit 18')

    done = gpu.read()

    assert done.found == ()
    assert done.problem is not None
    assert "nvidia-smi: Failed to initialize NVML: Driver/library version mismatch" in done.problem


def test_nvml_is_asked_first(smi, monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = ModuleType("pynvml")
    nvml.NVMLError = type("NVMLError", (Exception,), {})
    nvml.nvmlInit = nvml.nvmlShutdown = lambda: None
    nvml.nvmlSystemGetDriverVersion = lambda: b"550.54.15"
    nvml.nvmlSystemGetCudaDriverVersion_v2 = lambda: 12040
    nvml.nvmlDeviceGetCount = lambda: 1
    nvml.nvmlDeviceGetHandleByIndex = lambda place: place
    nvml.nvmlDeviceGetName = lambda _: "NVIDIA A100"
    nvml.nvmlDeviceGetMemoryInfo = lambda _: type("Memory", (), {"total": 42})
    monkeypatch.setitem(sys.modules, "pynvml", nvml)

    assert gpu.read() == gpu.Gpus(
        ({"name": "NVIDIA A100", "driver": "550.54.15", "memory_bytes": 42},), "12.4"
    )

    def fail() -> None:
        raise nvml.NVMLError("Driver Not Loaded")

    nvml.nvmlInit = fail
    smi("exit 9")
    assert gpu.read().problem == "NVML: Driver Not Loaded; nvidia-smi: "


def test_the_true_binding_has_the_names_that_are_used() -> None:
    import pynvml

    for name in (
        "nvmlInit", "nvmlShutdown", "nvmlSystemGetDriverVersion", "nvmlSystemGetCudaDriverVersion_v2",
        "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex", "nvmlDeviceGetName", "nvmlDeviceGetMemoryInfo",
        "NVMLError",
    ):  # fmt: skip
        assert hasattr(pynvml, name), name


class _FaultError(Exception):
    pass


def nvml(monkeypatch: pytest.MonkeyPatch, devices: list[tuple[int, int, dict[int, int | None]]]) -> None:
    """A machine with a driver and GPUs: utilization in percent, memory in use, memory by process."""
    module = ModuleType("pynvml")
    functions = {
        "NVMLError": _FaultError,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: len(devices),
        "nvmlDeviceGetHandleByIndex": lambda place: devices[place],
        "nvmlDeviceGetUtilizationRates": lambda device: SimpleNamespace(gpu=device[0]),
        "nvmlDeviceGetMemoryInfo": lambda device: SimpleNamespace(used=device[1]),
        "nvmlDeviceGetComputeRunningProcesses": lambda device: [
            SimpleNamespace(pid=pid, usedGpuMemory=size) for pid, size in device[2].items()
        ],
    }
    for name, value in functions.items():
        setattr(module, name, value)
    monkeypatch.setitem(sys.modules, "pynvml", module)
    monkeypatch.setattr(gpu, "has_driver", lambda: True)


def test_memory_of_a_run_s_own_processes_is_told_from_that_of_others(monkeypatch) -> None:
    me, other = os.getpid(), os.getppid()
    nvml(monkeypatch, [(80, 999, {me: 100, other: 50}), (20, 888, {me: None}), (99, 777, {other: 7})])
    watch = gpu.watch()
    assert watch is not None

    assert watch.look([me]) == gpu.Seen(100, 0.5, is_whole_device=False)
    assert watch.look([2**22 + 1]) == gpu.Seen(0, 0.0, is_whole_device=False)


def test_where_processes_have_other_numbers_whole_gpus_are_counted(monkeypatch) -> None:
    nvml(monkeypatch, [(80, 999, {2**22 + 1: 100}), (0, 888, {})])
    watch = gpu.watch()
    assert watch is not None

    assert watch.look([os.getpid()]) == gpu.Seen(999, 0.8, is_whole_device=True)


def test_what_gpus_were_used_for_stands_with_the_other_resources(monkeypatch) -> None:
    nvml(monkeypatch, [(80, 999, {os.getpid(): 100})])
    used = usage.Usage(os.getpid())
    used.look()

    assert used.facts({}).items() >= {"gpu_max_memory_bytes": 100, "gpu_utilization": 0.8}.items()


def test_without_a_binding_or_a_driver_no_gpu_is_looked_at(monkeypatch) -> None:
    monkeypatch.setattr(gpu, "has_driver", lambda: True)
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpu.watch() is None
    monkeypatch.setattr(gpu, "has_driver", lambda: False)
    assert gpu.watch() is None

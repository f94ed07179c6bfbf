"""GPUs, through a stand-in for ``nvidia-smi``: most machines that run these tests have none."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

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
    pynvml = pytest.importorskip("pynvml")

    for name in (
        "nvmlInit", "nvmlShutdown", "nvmlSystemGetDriverVersion", "nvmlSystemGetCudaDriverVersion_v2",
        "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex", "nvmlDeviceGetName", "nvmlDeviceGetMemoryInfo",
        "NVMLError",
    ):  # fmt: skip
        assert hasattr(pynvml, name), name

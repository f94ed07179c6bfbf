"""The door to NVIDIA's GPUs: through NVML where its Python binding is installed, else ``nvidia-smi``."""

from __future__ import annotations

import os
import re

from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

#: One of these is there when a driver is: three looks at the file system are all that other machines pay.
_SIGNS = ("/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg")
_SMI_S = 20.0
_MIB = 1 << 20
_FIELDS = 3


class Gpus(NamedTuple):
    """The GPUs of the machine.

    Attributes:
        found: For each ``name``, ``driver`` and ``memory_bytes``.
        cuda: Newest version of CUDA that the driver serves: ``12.4``.
        problem: Why they could not be read although a driver is there.
    """

    found: tuple[dict[str, Any], ...] = ()
    cuda: str | None = None
    problem: str | None = None


def has_driver() -> bool:
    """Whether there is a driver to ask."""
    return any(os.path.exists(sign) for sign in _SIGNS)


def read() -> Gpus:
    """The GPUs, or none; never raises."""
    if not has_driver():
        return Gpus()
    problems = []
    for ask in (_by_nvml, _by_smi):
        try:
            return ask()
        except (ImportError, OSError, ValueError) as err:
            problems.append(str(err) or type(err).__name__)
    return Gpus(problem="; ".join(problems))


def watch() -> Watch | None:
    """GPUs to look at again and again; None where there is none, or no binding to ask."""
    if not has_driver():
        return None
    try:
        return Watch()
    except (ImportError, OSError):
        return None


class Seen(NamedTuple):
    """What processes use of the GPUs at a moment.

    Attributes:
        memory_bytes: Their memory on all GPUs.
        utilization: Part of the time in which the GPUs that they use were busy, 0 to 1.
        is_whole_device: Whether these are figures of whole GPUs: inside a container the driver gives
            processes other numbers than those that are seen there.
    """

    memory_bytes: int
    utilization: float
    is_whole_device: bool


class Watch:
    """The GPUs that a command may use, through NVML."""

    def __init__(self) -> None:
        import pynvml  # as below

        self._nvml = pynvml
        try:
            pynvml.nvmlInit()
            count = range(pynvml.nvmlDeviceGetCount())
            self._devices = [pynvml.nvmlDeviceGetHandleByIndex(place) for place in count]
        except pynvml.NVMLError as err:
            raise OSError(f"NVML: {err}") from err

    def look(self, pids: Iterable[int]) -> Seen | None:
        """What some processes use now; None when the driver does not answer."""
        try:
            return self._look(frozenset(pids))
        except self._nvml.NVMLError:
            return None

    def _look(self, pids: frozenset[int]) -> Seen:
        memory, busy, whole, all_busy = 0, list[float](), 0, list[float]()
        for device in self._devices:
            share = self._nvml.nvmlDeviceGetUtilizationRates(device).gpu / 100
            processes = self._nvml.nvmlDeviceGetComputeRunningProcesses(device)
            ours = [each.usedGpuMemory for each in processes if each.pid in pids]
            if ours:
                memory += sum(size or 0 for size in ours)
                busy.append(share)
            elif any(not os.path.exists(f"/proc/{each.pid}") for each in processes):
                # Numbers of another pid namespace: ours may be among them.
                whole += int(self._nvml.nvmlDeviceGetMemoryInfo(device).used)
                all_busy.append(share)
        if busy or not all_busy:
            return Seen(memory, sum(busy) / len(busy) if busy else 0.0, is_whole_device=False)
        return Seen(whole, sum(all_busy) / len(all_busy), is_whole_device=True)


def _by_nvml() -> Gpus:
    import pynvml  # an extra; takes 20 ms, and only machines with a driver come here

    try:
        pynvml.nvmlInit()
        try:
            driver = _text(pynvml.nvmlSystemGetDriverVersion())
            number = pynvml.nvmlSystemGetCudaDriverVersion_v2()
            found = []
            for place in range(pynvml.nvmlDeviceGetCount()):
                handle = pynvml.nvmlDeviceGetHandleByIndex(place)
                name = _text(pynvml.nvmlDeviceGetName(handle))
                size = int(pynvml.nvmlDeviceGetMemoryInfo(handle).total)
                found.append({"name": name, "driver": driver, "memory_bytes": size})
        finally:
            pynvml.nvmlShutdown()
    except pynvml.NVMLError as err:
        raise OSError(f"NVML: {err}") from err
    return Gpus(tuple(found), f"{number // 1000}.{number % 1000 // 10}")


def _by_smi() -> Gpus:
    from expctl.adapters import process

    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"]
    done = process.run(query, cwd="/", timeout_s=_SMI_S)
    if done.code != 0:
        raise OSError(f"nvidia-smi: {done.complaint or done.text.strip()}"[:200])
    found = []
    for line in done.text.splitlines():
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) == _FIELDS:
            size = int(cells[2]) * _MIB if cells[2].isdigit() else None
            found.append({"name": cells[0], "driver": cells[1], "memory_bytes": size})
    # The version of CUDA stands only in the table for people.
    table = process.run(["nvidia-smi"], cwd="/", timeout_s=_SMI_S)
    cuda = re.search(r"CUDA Version:\s*(\d+\.\d+)", table.text)
    return Gpus(tuple(found), cuda[1] if cuda else None)


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

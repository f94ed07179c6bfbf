"""`--seed` reaches the global generators of a script that knows nothing of it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import expctl
from expctl.core import events

HOOK = Path(expctl.__file__).parent / "hook"
TORCH = """
import types
backends = types.SimpleNamespace(cudnn=types.SimpleNamespace(deterministic=False, benchmark=True))
seeded = None
def manual_seed(n):
    global seeded
    seeded = n
"""


@pytest.fixture
def live(tmp_path: Path) -> Path:
    folder = tmp_path / "live"
    folder.mkdir()
    return folder


def run(live: Path, code: str, *, seed: str = "42", path: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, [HOOK, *([path] if path else [])])),
            "EXPCTL_HOOK": "1",
            "EXPCTL_RUN_DIR": str(live),
            "EXPCTL_SEED": seed,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def logged(live: Path) -> list[events.Event]:
    found = []
    for path in sorted(live.glob("events-*.jsonl")):
        found += list(events.read_events(path.read_bytes()))
    return found


def test_random_is_seeded_when_it_is_imported(live):
    assert run(live, "import random; print(random.random())") == str(random.Random(42).random())
    assert logged(live) == [("seed", "random", 42)]


@pytest.mark.parametrize("line", ["import numpy as np", "from numpy import random; import numpy as np"])
def test_numpy_is_seeded_when_it_is_imported(live, line):
    expected = str(np.random.RandomState(42).rand())

    assert run(live, f"{line}; print(float(np.random.rand()))") == expected
    assert ("seed", "numpy", 42) in logged(live)


def test_numpy_gets_the_32_bits_that_it_takes(live):
    seed = 2**40 + 7

    assert run(live, "import numpy as np; print(float(np.random.rand()))", seed=str(seed)) == str(
        np.random.RandomState(7).rand()
    )


def test_torch_is_seeded_and_cudnn_made_deterministic(live, tmp_path):
    (tmp_path / "torch.py").write_text(TORCH)
    code = "import torch; c = torch.backends.cudnn; print(torch.seeded, c.deterministic, c.benchmark)"

    assert run(live, code, path=tmp_path) == "42 True False"
    assert logged(live) == [("seed", "torch", 42)]


@pytest.mark.parametrize(
    ("gpu", "visible", "told"),
    [(True, None, "True :4096:8"), (True, "-1", "None None"), (False, None, "None None")],
)
def test_torch_chooses_deterministic_kernels_only_where_there_is_a_gpu(live, tmp_path, gpu, visible, told):
    (tmp_path / "torch.py").write_text(
        TORCH + "settled = None\ndef use_deterministic_algorithms(mode, *, warn_only):\n"
        "    global settled\n    settled = mode and warn_only\n"
    )
    code = (
        "import os; there = os.path.exists\n"
        f"os.path.exists = lambda path: {gpu} if path.startswith('/dev/') else there(path)\n"
        + (f"os.environ['CUDA_VISIBLE_DEVICES'] = '{visible}'\n" if visible else "")
        + "import torch; print(torch.settled, os.environ.get('CUBLAS_WORKSPACE_CONFIG'))"
    )

    assert run(live, code, path=tmp_path) == told


def test_an_old_torch_is_seeded_all_the_same(live, tmp_path):
    (tmp_path / "torch.py").write_text(TORCH.replace("backends", "other"))

    assert run(live, "import torch; print(torch.seeded)", path=tmp_path) == "42"
    assert logged(live) == [("seed", "torch", 42)]


def test_tensorflow_is_seeded_where_its_seed_lives(live, tmp_path):
    folder = tmp_path / "tensorflow/python/framework"
    folder.mkdir(parents=True)
    (folder / "random_seed.py").write_text("seed = None\ndef set_seed(n):\n    global seed\n    seed = n\n")
    code = "from tensorflow.python.framework import random_seed; print(random_seed.seed)"

    assert run(live, code, path=tmp_path) == "42"
    assert logged(live) == [("seed", "tensorflow", 42)]


def test_cupy_is_seeded_without_starting_the_gpu(live, tmp_path):
    (tmp_path / "cupy/random").mkdir(parents=True)
    (tmp_path / "cupy/__init__.py").write_text("")
    (tmp_path / "cupy/random/__init__.py").write_text("def seed(n): raise SystemExit('the GPU began')\n")
    code = "import cupy.random, os; print(os.environ['CUPY_SEED'])"

    assert run(live, code, path=tmp_path) == "42"
    assert logged(live) == [("seed", "cupy", 42)]


def test_a_torch_that_is_something_else_is_left_alone(live, tmp_path):
    (tmp_path / "torch.py").write_text("mine = 1")

    assert run(live, "import torch; print(torch.mine)", path=tmp_path) == "1"
    assert logged(live) == []


def test_a_library_that_is_not_there_fails_as_it_would(live):
    code = "try:\n import torch\nexcept ImportError as e: print(e.name)"

    assert run(live, code) == "torch"


def test_the_seed_that_a_script_sets_itself_comes_after_ours(live):
    code = "import random; random.seed(1); print(random.random())"

    assert run(live, code) == str(random.Random(1).random())


def test_a_module_keeps_the_loader_that_it_has_without_us(live):
    code = "import random; print(type(random.__loader__).__name__, random.__spec__.origin == random.__file__)"

    assert run(live, code) == "SourceFileLoader True"


def test_nothing_is_imported_for_it(live):
    code = "import sys; print([n for n in ('random', 'numpy', 'torch', 'json') if n in sys.modules])"

    assert run(live, code) == "[]"


def test_many_processes_say_a_seed_once(live):
    for _ in range(3):
        run(live, "import random")

    assert [path.name for path in live.glob("events*")] == ["events-0-random.jsonl"]


@pytest.mark.parametrize("seed", ["", "x", "-1", "1.5", "9" * 30])
def test_a_seed_that_is_none_is_ignored(live, seed):
    run(live, "import random", seed=seed)

    assert logged(live) == []


def script(live: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(HOOK.parents[1]), "EXPCTL_RUN_DIR": str(live)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_seed_everything_seeds_what_is_loaded_and_what_comes_later(live):
    code = (
        "import random, expctl; expctl.seed_everything(7); a = random.random()\n"
        "import numpy; b = float(numpy.random.rand()); print(a, b)"
    )

    assert script(live, code) == f"{random.Random(7).random()} {np.random.RandomState(7).rand()}"
    assert logged(live) == [("seed", "random", 7), ("seed", "numpy", 7)]


def test_seed_everything_again_counts(live):
    code = (
        "import expctl; expctl.seed_everything(7); expctl.seed_everything(8)\n"
        "import numpy, random; print(random.random(), float(numpy.random.rand()))"
    )

    assert script(live, code) == f"{random.Random(8).random()} {np.random.RandomState(8).rand()}"
    assert logged(live)[-1] == ("seed", "numpy", 8)


def test_seed_everything_refuses_what_no_generator_takes():
    with pytest.raises(ValueError, match="-1"):
        expctl.seed_everything(-1)

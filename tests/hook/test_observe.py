"""The seeds that a script sets itself are told, and the script cannot tell that somebody looks."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hook.hooks import Hooks

#: A library of that name and shape, for those that are too large to be installed for a test.
TORCH = """
import types
from torch.random import manual_seed as manual_seed, initial_seed
backends = types.SimpleNamespace(
    cudnn=types.SimpleNamespace(deterministic=True, benchmark=False),
    cuda=types.SimpleNamespace(matmul=types.SimpleNamespace(allow_tf32=False)),
)
are_deterministic_algorithms_enabled = lambda: True
get_num_threads = lambda: 3
"""
TORCH_RANDOM = """
state = 0
def manual_seed(seed: int) -> str:
    "Sets it."
    global state
    state = seed
    return "a generator"
def initial_seed():
    return state
"""
SEEDING = """
def set_seed(seed): return seed
def set_random_seed(seed): return seed
"""


@pytest.fixture
def torch(hooks: Hooks) -> None:
    hooks.write("torch/__init__.py", TORCH)
    hooks.write("torch/random.py", TORCH_RANDOM)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import random; random.seed(7)", [("seed", "random", 7)]),
        ("import random; random.seed(a=7)", [("seed", "random", 7)]),
        ("from random import seed; seed(7, version=2)", [("seed", "random", 7)]),
        ("import random; random.seed()", [("seed", "random", None)]),
        ("import random; random.seed(7); random.seed(8)", [("seed", "random", 7)]),
        ("import random; random.seed('text'); random.random()", []),
        ("import random", []),
        ("import numpy as np; np.random.seed(7)", [("seed", "numpy", 7)]),
        ("from numpy.random import seed; seed(seed=7)", [("seed", "numpy", 7)]),
        ("import numpy as np; np.random.seed(np.int64(7))", [("seed", "numpy", 7)]),
        ("import numpy as np; np.random.seed([1, 2])", []),
        ("import numpy as np; np.random.default_rng(7)", [("seed", "default_rng", 7)]),
        ("import numpy as np; np.random.default_rng()", [("seed", "default_rng", None)]),
        ("import numpy as np; np.random.RandomState(7)", []),
        ("import random; random.random()", [("seed", "random", None)]),
        ("from random import shuffle; shuffle([1, 2])", [("seed", "random", None)]),
        ("__import__('random').random()", []),
        ("import numpy as np; np.random.rand()", [("seed", "numpy", None)]),
        ("import random; random.Random(7).random()", []),
    ],
)
def test_what_a_script_seeds_is_told(hooks: Hooks, line: str, told: list[tuple]) -> None:
    hooks.script(line)

    assert hooks.events() == told


@pytest.mark.parametrize(
    ("module", "line", "told"),
    [
        ("tensorflow/python/framework/random_seed.py", "random_seed.set_seed(7)", "tensorflow"),
        ("keras/src/utils/rng_utils.py", "rng_utils.set_random_seed(7)", "keras"),
    ],
)
def test_large_libraries_are_seen_too(hooks: Hooks, module: str, line: str, told: str) -> None:
    hooks.write(module, SEEDING)
    package, _, name = module.removesuffix(".py").replace("/", ".").rpartition(".")
    hooks.script(f"from {package} import {name}; assert {line} == 7")

    assert hooks.events() == [("seed", told, 7)]


RANDOM_SEED = """
seed = None
def set_seed(n):
    global seed
    seed = n
def get_seed(op_seed):
    return (seed, op_seed)
"""
SEED_GENERATOR = "import random\ndef make_default_seed(): return random.randint(1, 9)\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tf.get_seed(None)", [("seed", "tensorflow", None)]),
        ("tf.get_seed(3)", []),
        ("tf.set_seed(7); tf.get_seed(None)", [("seed", "tensorflow", 7)]),
        ("keras.make_default_seed()", [("seed", "keras", None)]),
        ("import random; random.seed(3); keras.make_default_seed()", [("seed", "random", 3)]),
    ],
)
def test_a_library_that_draws_without_a_seed_is_told(hooks: Hooks, line: str, told: list[tuple]) -> None:
    hooks.write("tensorflow/python/framework/random_seed.py", RANDOM_SEED)
    hooks.write("lib/site-packages/keras/src/random/seed_generator.py", SEED_GENERATOR)
    hooks.script(
        "import tensorflow.python.framework.random_seed as tf\n"
        f"import keras.src.random.seed_generator as keras\n{line}",
        path=str(hooks.work / "lib/site-packages"),
    )

    assert hooks.events() == told


def test_a_seed_that_was_asked_for_reaches_what_draws_from_it(hooks: Hooks) -> None:
    hooks.write("keras/src/random/seed_generator.py", SEED_GENERATOR)
    hooks.script(
        "import keras.src.random.seed_generator as keras; keras.make_default_seed()", EXPCTL_SEED="4"
    )

    assert hooks.events() == [("seed", "random", 4)]


def test_the_first_key_that_a_script_makes_is_the_seed_of_jax(hooks: Hooks) -> None:
    hooks.write("lib/site-packages/jax/__init__.py")
    hooks.write(
        "lib/site-packages/jax/random.py", "def PRNGKey(seed): return seed\ndef key(seed): return seed\n"
    )
    hooks.write("lib/site-packages/flax.py", "import jax.random\njax.random.key(0)\n")
    hooks.script(
        "import flax, jax.random; jax.random.PRNGKey(5); jax.random.key(6)",
        path=str(hooks.work / "lib/site-packages"),
    )

    assert hooks.events() == [("seed", "jax", 5)]


@pytest.mark.parametrize(
    "module", ["tensorflow/python/framework/random_seed.py", "jax/random.py", "cupy/random.py"]
)
def test_a_library_of_another_shape_is_left_alone(hooks: Hooks, module: str) -> None:
    hooks.write(module, "mine = 1\n")
    name = module.removesuffix(".py").replace("/", ".")

    assert hooks.script(f"import {name} as found; print(found.mine)", EXPCTL_SEED="4") == "1\n"
    assert hooks.events() == []


@pytest.mark.usefixtures("torch")
def test_torch_is_seen_by_all_its_names_and_says_how_it_is_set(hooks: Hooks) -> None:
    out = hooks.script(
        "import torch, inspect\n"
        "print(torch.manual_seed(7), torch.initial_seed(), torch.manual_seed is torch.random.manual_seed)\n"
        "print(inspect.signature(torch.manual_seed), torch.manual_seed.__annotations__)"
    )

    assert out == "a generator 7 True\n(seed: int) -> str {'seed': <class 'int'>, 'return': <class 'str'>}\n"
    assert hooks.events() == [("seed", "torch", 7)]
    assert hooks.read().main.flags == {
        "cudnn_deterministic": True,
        "cudnn_benchmark": False,
        "torch_deterministic": True,
        "tf32": False,
        "torch_threads": 3,
    }


LOOK = """
import inspect, pickle, random
import numpy as np
for f in (random.seed, np.random.seed, np.random.default_rng):
    print(inspect.signature(f), f.__name__, f.__qualname__, f.__module__, f.__doc__)
    print(type(f).__name__ == "method", pickle.dumps(f)[11:55])
print(random.seed.__self__ is random._inst, inspect.getfullargspec(random.seed))
for f in (np.random.seed, np.random.default_rng):
    print(pickle.loads(pickle.dumps(f)) is f, getattr(np.random, f.__name__) is f)
numpy_rng = np.random.default_rng
for f, value in ((random.seed, [1]), (np.random.seed, -1), (np.random.seed, "x"), (numpy_rng, -1)):
    try:
        f(value)
    except Exception as err:
        print(type(err), err)
random.seed(1, version=1); np.random.seed(seed=3)
print(random.random(), np.random.rand(), np.random.default_rng(5).random())
from numpy.random import seed, mtrand
print(seed is np.random.seed is mtrand.seed)
"""


def test_a_script_that_looks_at_the_functions_sees_what_it_always_sees(hooks: Hooks) -> None:
    hooks.write("look.py", LOOK)
    plain = subprocess.run(
        [sys.executable, "look.py"], cwd=hooks.work, capture_output=True, text=True, check=True
    )
    again = hooks.run("look.py")

    # An object's own pickle holds the state of the generator, which differs from run to run.
    assert again.stdout == plain.stdout
    assert again.stderr == plain.stderr


def test_the_seed_that_was_asked_for_comes_before_the_one_of_the_script(hooks: Hooks) -> None:
    out = hooks.script("import random; random.seed(1); print(random.random())", EXPCTL_SEED="42")

    assert out == f"{random.Random(1).random()}\n"
    assert hooks.events() == [("seed", "random", 42), ("seed", "random", 1)]


def test_a_generator_that_was_seeded_for_the_script_is_not_told_as_unseeded(hooks: Hooks) -> None:
    hooks.script("import random, numpy; random.random(); numpy.random.rand()", EXPCTL_SEED="42")

    assert sorted(hooks.events()) == [("seed", "numpy", 42), ("seed", "random", 42)]


def test_the_generators_that_libraries_make_for_themselves_are_not_told(hooks: Hooks) -> None:
    hooks.write("lib/site-packages/library.py", "import numpy\nnumpy.random.default_rng(7)")
    hooks.script("import library", path=str(hooks.work / "lib/site-packages"))

    assert hooks.events() == []


@pytest.mark.parametrize("env", [{"RANK": "1"}, {"SLURM_PROCID": "3"}])
def test_only_the_first_process_of_a_job_tells_its_seeds(hooks: Hooks, env: dict[str, str]) -> None:
    hooks.script("import random; random.seed(7)", **env)

    assert hooks.events() == []
    assert hooks.read().processes[0].rank == int(next(iter(env.values())))


def test_workers_do_not_tell_their_seeds(hooks: Hooks) -> None:
    hooks.script(
        """
import multiprocessing, os, random

def work(seed):
    random.seed(seed)

if __name__ == "__main__":
    if os.fork() == 0:
        work(1)
        raise SystemExit
    os.wait()
    for how in ("fork", "spawn"):
        worker = multiprocessing.get_context(how).Process(target=work, args=(2,))
        worker.start(); worker.join()
    random.seed(3)
""",
        PYTHONWARNINGS="ignore",
    )

    assert hooks.events() == [("seed", "random", 3)]

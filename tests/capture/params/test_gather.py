"""What a command is configured with, from real files."""

from __future__ import annotations

import json
import shlex
import time
from typing import TYPE_CHECKING

import pytest

from expctl.capture.params import gather

if TYPE_CHECKING:
    from pathlib import Path

MANY = json.dumps({str(n): n for n in range(1001)})
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 20)}]\n" for n in range(8))


@pytest.fixture
def take(tmp_path: Path):
    def take(command: str, *files: str, cwd: str = ".", **declared: str) -> gather.Gathered:
        return gather.gather(shlex.split(command), tmp_path / cwd, tmp_path, declared, files)

    def write(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    take.write, take.root = write, tmp_path
    return take


def test_nothing_given_is_nothing_found(take) -> None:
    assert take("true") == ({}, {}, (), (), ())


def test_the_sample_of_the_design(take) -> None:
    take.write("config/experiment.yaml", "training:\n  learning_rate: 1e-2\n  batch_size: 64\n")

    done = take("python train.py --config config/experiment.yaml --training.learning_rate 0.001")

    assert done.params == {
        "training": {"learning_rate": 0.001, "batch_size": 64},
        "config": "config/experiment.yaml",
    }
    assert done.params_from == {
        "config/experiment.yaml": "file",
        "argv": ["config", "training.learning_rate"],
    }
    assert done.read_files == ("config/experiment.yaml",)


def test_a_declared_parameter_wins_over_all(take) -> None:
    take.write("params.yaml", "lr: 1\nseed: 1\n")

    done = take("python train.py lr=2", **{"lr": "3e0", "model.depth": "5"})

    assert done.params == {"lr": 3.0, "seed": 1, "model": {"depth": 5}}
    assert done.params_from == {"params.yaml": "file", "argv": ["lr"], "--param": ["lr", "model.depth"]}


def test_params_yaml_is_read_at_the_top_and_where_the_command_runs(take) -> None:
    take.write("params.yaml", "a: 1\nb: 1\n")
    take.write("sub/params.yaml", "b: 2\n")
    take.write("extra.toml", "c = 3\n")

    done = take("true", "extra.toml", cwd="sub")

    assert done.params == {"a": 1, "b": 2, "c": 3}
    assert done.read_files == ("params.yaml", "sub/params.yaml", "extra.toml")
    assert done.notes == ("parameters b: params.yaml and sub/params.yaml differ; sub/params.yaml is shown",)


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("c.yaml", "a: &x {b: 1}\nc: {<<: *x, d: no}\ne: !!python/tuple [1]\nf: '1'\n",
         {"a": {"b": 1}, "c": {"b": 1, "d": "no"}, "e": [1], "f": "1"}),
        ("c.yml", "1: x\ntrue: y\nnone:\n---\nsecond: document\n", {"1": "x", "true": "y", "none": None}),
        ("c.json", '{"a": {"b": [1, 2.5, null]}}', {"a": {"b": [1, 2.5, None]}}),
        ("c.toml", "day = 2026-11-22\n[a]\nb = true\n", {"day": "2026-11-22", "a": {"b": True}}),
        ("config/c.py",
         "lr = 1e-3\nLAYERS: tuple = (1, 2)\n_hidden = 1\nx = open('f')\nimport os\nd = {'a': {1}}\n",
         {"lr": 0.001, "LAYERS": [1, 2], "d": {"a": [1]}}),
        ("config/gpt.py",
         "steps = 5 * 16\nmodel = dict(type='R', head=dict(n=2))\nname = 'a' + '-b'\nm2 = model\n",
         {"steps": 80, "model": {"type": "R", "head": {"n": 2}}, "name": "a-b",
          "m2": {"type": "R", "head": {"n": 2}}}),
        ("config/gpt.py",
         "t = time()\nbig = 9 ** 999\nhuge = 'x' * 10\nbad = 1 / 0\nlr: float = 6e-4\nu = -1\nu2 = t\n",
         {"lr": 0.0006, "u": -1}),
        ("train.conf", "# LightGBM\ntask = train\nnum_leaves=31 # some\nvalid = a.txt,b.txt\n",
         {"task": "train", "num_leaves": 31, "valid": "a.txt,b.txt"}),
        ("c.ini", "[train]\nLR = 0.1\nepochs: 5\n[data]\nurl = http://h/x?a=%d\n",
         {"train": {"LR": 0.1, "epochs": 5}, "data": {"url": "http://h/x?a=%d"}}),
        ("c.yaml", "", {}),
    ],
)  # fmt: skip
def test_config_files_of_every_kind_are_read(take, name: str, text: str, values: dict) -> None:
    take.write(name, text)

    done = take(f"python train.py {name}")

    assert done.params == values
    assert done.read_files == (name,)
    assert done.notes == ()


@pytest.mark.parametrize(
    "command",
    [
        "python train.py --output a.yaml", "python train.py --save-metrics=a.json",
        "python train.py --train-data a.json", "python train.py metrics.json", "python other.py helper.py",
        "python train.py missing.yaml", "cat a.txt", "python t.py big.yaml", "python t.py folder.yaml",
    ],
)  # fmt: skip
def test_scripts_outputs_data_and_large_files_are_no_config(take, command: str) -> None:
    for name in ("a.json", "metrics.json", "a.txt"):
        take.write(name, '{"x": 1}')
    for name in ("a.yaml", "other.py", "helper.py"):
        take.write(name, "x: 1" if name == "a.yaml" else "x = 1")
    take.write("big.yaml", "# " + "x" * (1 << 20))
    (take.root / "folder.yaml").mkdir()

    done = take(command)

    assert done.read_files == ()
    assert "x" not in done.params


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("c.yaml", "a: [1", "is not YAML: did not find expected ',' or ']' in line 2"),
        ("c.yaml", "- a\n- b\n", "holds no names with values"),
        ("c.yaml", "- " * 3000, "is nested too deep"),
        ("c.yaml", BOMB, "holds more than 200000 values"),
        ("c.yaml", "a: *b\n", "uses the anchor 'b' before it is there"),
        ("c.yaml", "a: \0", "is not YAML: control characters are not allowed"),
        ("c.json", "{'a': 1}", "is not JSON: Expecting property name enclosed in double quotes in line 1"),
        ("c.json", "[" * 100_000, "is nested too deep"),
        ("c.json", MANY, "holds 1001 values, more than 1000: taken as data"),
        ("c.ini", "[train\nsome prose\n", "is not INI: Source contains parsing errors"),
        ("c.toml", "a = ", "is not TOML: Invalid value (at end of document)"),
        ("config/c.py", "def", "is not Python: invalid syntax (<unknown>, line 1)"),
        ("config.py", "x = " + "(" * 5000, "is not Python: too many nested parentheses (<unknown>, line 1)"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_said_and_the_rest_kept(
    take, name: str, text: str, reason: str
) -> None:
    take.write(name, text)
    before = time.process_time()

    done = take(f"python train.py {name} --lr 1")

    assert done.params == {"lr": 1}
    assert len(done.notes) == 1
    assert done.notes[0].startswith(f"parameters in {name}: ")
    assert reason in done.notes[0]
    assert time.process_time() - before < 20


def test_secrets_are_hidden_and_said(take) -> None:
    take.write("c.yaml", "db: {password: hunter22, host: h}\nnum_memory_tokens: 16\n")

    done = take("python train.py c.yaml --api-key abcdef123456")

    assert done.params == {
        "db": {"password": "<redacted>", "host": "h"},
        "num_memory_tokens": 16,
        "api_key": "<redacted>",
    }
    assert done.notes == ("secrets hidden in parameters: db.password, api_key",)


def test_a_file_outside_the_repository_is_named_by_its_full_path(take, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("other") / "c.yaml"
    other.write_text("a: 1\n")

    assert take(f"python train.py --config {other}").read_files == (str(other),)


def test_the_bytes_are_read_before_and_parsed_later(take) -> None:
    take.write("c.yaml", "a: 1\n")
    taken = gather.take(["python", "train.py", "c.yaml"], take.root, take.root, {}, [])
    take.write("c.yaml", "a: 2\n")

    assert gather.settle(taken).params == {"a": 1}


def test_values_are_made_fit_for_a_manifest(take) -> None:
    take.write("c.toml", "t = 2026-01-02T03:04:05\nbig = 9223372036854775807\n")
    take.write("c.json", json.dumps({"huge": 10**30, "text": "x" * 5000}))

    done = take("python train.py c.toml c.json")

    assert done.params["t"] == "2026-01-02T03:04:05"
    assert done.params["big"] == 9223372036854775807
    assert done.params["huge"] == str(10**30)
    assert len(done.params["text"]) == 4097

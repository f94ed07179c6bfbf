"""Parameters that a run wrote itself, from real files as the tools write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from expctl.capture import outputwalk
from expctl.capture.params import written
from expctl.core.timespan import Span

if TYPE_CHECKING:
    from pathlib import Path

HYDRA = """\
hydra:
  runtime:
    choices:
      model: large
      hydra/launcher: basic
      hydra/env: null
"""


@pytest.fixture
def add(tmp_path: Path):
    def add(known: dict | None = None, known_from: dict | None = None, **hparams) -> written.Found:
        files = outputwalk.changed_files(str(tmp_path), Span(0)).files
        return written.add(known or {}, known_from or {}, files, hparams)

    def write(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    add.write = write
    return add


def test_nothing_written_changes_nothing(add) -> None:
    assert add({"lr": 1}, {"argv": ["lr"]}) == ({"lr": 1}, {"argv": ["lr"]}, ())


def test_hydra_composes_what_its_words_choose(add) -> None:
    add.write(
        "outputs/x/.hydra/config.yaml", "model: {depth: 9}\nlr: 0.3\nname: m${model.depth}\nt: ${oc.env:T}\n"
    )
    add.write("outputs/x/.hydra/hydra.yaml", HYDRA)

    done = add(
        {"model": "large", "lr": "0.30", "hydra": {"run": {"dir": "x"}}, "m": True, "task": "a"},
        {"argv": ["model", "lr", "hydra.run.dir", "m"], "--param": ["task"]},
    )

    assert done.params == {
        "model": {"depth": 9},
        "lr": 0.3,
        "name": "m9",
        "t": "${oc.env:T}",
        "hydra": {"runtime": {"choices": {"model": "large"}}},
        "task": "a",
    }
    assert done.params_from == {"hydra": "file", "argv": ["model", "lr"], "--param": ["task"]}
    assert done.notes == ()


def test_lightning_wrote_what_it_really_used(add) -> None:
    add.write(
        "lightning_logs/version_0/hparams.yaml",
        "lr: 0.1\nopt: !!python/name:torch.optim.Adam ''\nhidden: 4\n",
    )

    done = add({"lr": 0.5, "hidden": 8, "x": 1}, {"c.yaml": "file", "argv": ["lr"]})

    assert done.params == {"lr": 0.5, "hidden": 4, "x": 1, "opt": ""}
    assert done.params_from == {
        "c.yaml": "file",
        "lightning_logs/version_0/hparams.yaml": "file",
        "argv": ["lr"],
    }


def test_what_several_trainings_set_differently_is_left_out(add) -> None:
    for n, lr in enumerate((0.1, 0.2)):
        add.write(f"logs/version_{n}/hparams.yaml", f"lr: {lr}\ndepth: 3\n")

    done = add()

    assert done.params == {"depth": 3}
    assert done.notes == ("parameters lr: 2 files of the run differ; none is shown",)


def test_secrets_are_hidden_in_what_was_written(add) -> None:
    add.write("out/args.json", '{"lr": 1, "api_key": "sk-abcdefghijklmnopqrstuvwx"}')

    done = add(db_password="hunter22")

    assert done.params == {"db_password": "<redacted>", "lr": 1, "api_key": "<redacted>"}
    assert len(done.notes) == 2


@pytest.mark.parametrize("text", ["- 1\n", "a: [", "a: " + "[" * 9999, "\0"])
def test_what_cannot_be_read_is_said(add, text: str) -> None:
    add.write("x/.hydra/config.yaml", text)
    add.write("y/hparams.yaml", text)

    done = add({"lr": 1}, {"argv": ["lr"]})

    assert done.params == {"lr": 1}
    assert sorted(note.partition(":")[0] for note in done.notes) == [
        "parameters in x/.hydra/config.yaml",
        "parameters in y/hparams.yaml",
    ]


@pytest.mark.parametrize("name", ["out/config.json", "params.yaml", "best_params.json", "model/config.yaml"])
def test_other_files_are_no_parameters_of_the_run(add, name: str) -> None:
    add.write(name, '{"hidden_size": 16}')

    assert add().params == {}

"""What earlier runs wrote is told from what people write."""

from __future__ import annotations

import pytest

from expctl.store import outputs


def test_what_was_added_is_known_and_source_never_is(tmp_path):
    outputs.add(tmp_path, ["model.bin", "plots/a.png", "train.py", "dvc.yaml", "notes.md"])
    outputs.add(tmp_path, ["metrics.json"])

    assert outputs.known(tmp_path) == {"model.bin", "plots/a.png", "metrics.json"}


def test_the_recogniser_knows_the_journal_and_judges_no_name_by_its_shape(tmp_path):
    outputs.add(tmp_path, ["out/metrics.json"])
    is_output = outputs.recogniser(tmp_path)

    assert is_output("out/metrics.json")
    assert not any(map(is_output, ("deep/model.pt", "model_config.json", "metrics.json", "x.py")))


@pytest.mark.parametrize("text", ["", "{}", "[1, null]", '"x"', "[", "\xff"])
def test_a_spoilt_journal_counts_as_none(tmp_path, text):
    (tmp_path / "outputs.json").write_text(text, encoding="latin-1")

    assert outputs.known(tmp_path) == frozenset()
    outputs.add(tmp_path, ["a.pt"])
    assert outputs.known(tmp_path) == {"a.pt"}

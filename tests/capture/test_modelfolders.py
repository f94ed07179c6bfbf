from __future__ import annotations

from expctl.capture import modelfolders
from expctl.capture.outputwalk import Written


def group(*paths: str) -> dict[str, list[str]]:
    files = [Written(path, f"/top/{path}", 1, 1) for path in sorted(paths)]
    found = modelfolders.group(files, lambda each: each.path.endswith((".safetensors", ".pt", ".pb")))
    return {folder: [each.path for each in members] for folder, members in found.items()}


def test_a_checkpoint_of_the_trainer_is_one_model_with_the_state_of_its_optimiser() -> None:
    names = ("config.json", "model.safetensors", "optimizer.pt", "trainer_state.json", "state/rank0.pt")

    assert group(*(f"out/checkpoint-500/{name}" for name in names)) == {
        "out/checkpoint-500": sorted(f"out/checkpoint-500/{name}" for name in names)
    }


def test_a_saved_model_takes_what_lies_beside_it_and_leaves_its_checkpoints_and_figures() -> None:
    found = group(
        "out/config.json",
        "out/model.safetensors",
        "out/vocab.txt",
        "out/confusion.png",
        "out/runs/events.1",
        "out/checkpoint-1/config.json",
        "out/checkpoint-1/model.safetensors",
    )

    assert found == {
        "out": ["out/config.json", "out/model.safetensors", "out/vocab.txt"],
        "out/checkpoint-1": ["out/checkpoint-1/config.json", "out/checkpoint-1/model.safetensors"],
    }


def test_models_in_many_folders_are_one() -> None:
    pipeline = ["p/model_index.json", "p/unet/config.json", "p/unet/w.safetensors"]

    assert group(*pipeline) == {"p": pipeline}
    assert group("m/MLmodel", "m/data/x.pt") == {"m": ["m/MLmodel", "m/data/x.pt"]}
    assert group("s/saved_model.pb", "s/variables/variables.index") == {
        "s": ["s/saved_model.pb", "s/variables/variables.index"]
    }


def test_a_configuration_without_weights_and_weights_without_one_are_no_folder() -> None:
    assert group("conf/config.json", "conf/a.txt", "out/model.pt", "checkpoint-1/notes.txt") == {}


def test_the_top_of_the_repository_is_no_model() -> None:
    assert group("config.json", "model.pt", "MLmodel") == {}

"""Models that are folders: what ``save_pretrained``, a Trainer or ``mlflow.save_model`` write.

Weights without the configuration and the vocabulary beside them cannot be loaded, so such a folder is one
artifact, kept or left as a whole.
"""

from __future__ import annotations

import re

from expctl.capture.findings import kind_of
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from expctl.capture.outputwalk import Written

#: A file of such a name makes everything beneath its folder one model: diffusers and sentence-transformers,
#: MLflow, TensorFlow's SavedModel.
_ALL_BENEATH = ("model_index.json", "modules.json", "MLmodel", "saved_model.pb")
#: These make one of what lies beside them, if weights do: transformers, PEFT.
_BESIDE = ("config.json", "adapter_config.json")
#: The Trainer's checkpoints hold the state of the optimiser as well.
_CHECKPOINT = r"checkpoint-\d+"


def group(files: list[Written], is_model: Callable[[Written], bool]) -> dict[str, list[Written]]:
    """Find the folders that are models among what was written.

    Args:
        files: What was written, in the order of their paths.
        is_model: Whether a file by itself is one.

    Returns:
        By the folder's path its files; a folder inside another one is a part of that, or stands for itself
        where only what lies beside the configuration belongs to the outer one.
    """
    beneath: dict[str, list[Written]] = {}
    for each in files:
        for folder in _folders(each.path):
            beneath.setdefault(folder, []).append(each)
    taken: set[str] = set()
    result: dict[str, list[Written]] = {}
    for folder in sorted(beneath):
        inside = [each for each in beneath[folder] if each.path not in taken]
        members = _members(folder, inside, is_model)
        if members:
            result[folder] = members
            taken.update(each.path for each in members)
    return result


def _members(folder: str, inside: list[Written], is_model: Callable[[Written], bool]) -> list[Written]:
    direct = [each for each in inside if each.path.rpartition("/")[0] == folder]
    names = {each.path.rpartition("/")[2] for each in direct}
    if names.isdisjoint((*_ALL_BENEATH, *_BESIDE)) and not _is_checkpoint(folder):
        return []
    if not names.isdisjoint(_ALL_BENEATH):
        return inside
    if _is_checkpoint(folder):
        return inside if any(map(is_model, inside)) else []
    if not any(map(is_model, direct)):
        return []
    return [each for each in direct if kind_of(each.path) == "file" or is_model(each)]


def _is_checkpoint(folder: str) -> bool:
    return re.fullmatch(_CHECKPOINT, folder.rpartition("/")[2], re.ASCII) is not None


def _folders(path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]

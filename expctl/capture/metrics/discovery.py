"""Which of the files that a run wrote hold what it measured, going by their names, the surest first."""

from __future__ import annotations

import os
import re

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.capture.outputwalk import Written

#: More files than this are data.
_MOST_FILES = 300
#: Folders that programs write their results to, looked into beside the working folder itself. Files whose
#: name surely speaks of metrics are read wherever they lie.
_FOLDERS = frozenset((
    "metrics", "results", "result", "outputs", "output", "out", "reports", "report", "eval", "evals",
    "evaluation", "logs", "log", "artifacts", "dvclive", "runs", "run", "lightning_logs", "tb_logs",
    "csv_logs", "checkpoints", "checkpoint", "ckpt", "ckpts", "experiments", "experiment", "exp", "exps",
    "models", "model", "saved", "saved_models", "save", "work_dirs", "multirun", "train_logs", "trained",
    "training", "history", "scores", "stats",
))  # fmt: skip
#: Other tools' own databases, and data.
_NOT_IN = frozenset(("mlruns", "wandb", "mlartifacts", "data", "dataset", "datasets", "raw", "node_modules"))
_SURE = frozenset(("metric", "metrics", "scores"))
_LIKELY = frozenset((
    "score", "result", "results", "eval", "evals", "evaluation", "performance",
))  # fmt: skip
_CURVES = frozenset(
    ("history", "log", "logs", "train", "training", "progress", "loss", "losses", "curve", "curves")
)
#: With these in its name a file beside the results holds something else.
_NEVER = frozenset((
    "config", "cfg", "params", "hparams", "args", "settings", "prediction", "predictions", "pred", "preds",
    "samples", "generations", "answers", "labels", "vocab", "tokenizer", "schema", "example", "examples",
))  # fmt: skip
_HUGGING_FACE = frozenset(
    (
        "all_results.json",
        "train_results.json",
        "eval_results.json",
        "test_results.json",
        "predict_results.json",
    )
)
#: CatBoost's end here; others add time, host and process.
_EVENTS = "events.out.tfevents"
_CHECKPOINT = r"checkpoint-(\d+)"
_TREES = (".json", ".yaml", ".yml")
#: DETR and what came from it: JSON lines.
_DETR = "log.txt"
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".log")


class Candidate(NamedTuple):
    """Files that are read together, nearly always one.

    Attributes:
        rank: How much their word weighs; 1 most.
        label: What they are called in a name or a note: the path of the file, or of the folder of events.
        files: Where they lie.
        bytes: How large the file is.
    """

    rank: int
    label: str
    files: tuple[str, ...]
    bytes: int = 0


def candidates(written: Iterable[Written], tops: Sequence[str]) -> list[Candidate]:
    """The candidates, surest first, and by path.

    Args:
        written: Files written by the run, paths relative to the top of the repository.
        tops: Folders, relative to the same, in which and in whose ``outputs/`` and so on results are looked
            for; ``""`` is the top itself.
    """
    found: list[Candidate] = []
    events: dict[str, list[str]] = {}
    states: dict[str, tuple[int, Candidate]] = {}
    for file in written:
        folder, _, name = file.path.rpartition("/")
        if name.startswith(_EVENTS):
            events.setdefault(folder, []).append(file.full)
        elif name == "trainer_state.json":
            _keep_last(states, folder, Candidate(1, file.path, (file.full,), file.bytes))
        elif rank := _rank(folder, name.lower(), tops):
            found.append(Candidate(rank, file.path, (file.full,), file.bytes))
    found += [candidate for _, candidate in states.values()]
    found += [Candidate(5, folder, tuple(sorted(files, key=_by_number))) for folder, files in events.items()]
    return sorted(found)[:_MOST_FILES]


def _by_number(path: str) -> list[str | int]:
    """The writers of one second are numbered: the tenth comes after the second."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", path)]


def _keep_last(states: dict[str, tuple[int, Candidate]], folder: str, candidate: Candidate) -> None:
    """Hugging Face writes the whole history anew with each checkpoint: the last one is enough."""
    above, _, last = folder.rpartition("/")
    number = re.fullmatch(_CHECKPOINT, last)
    home, at = (above, int(number[1])) if number else (folder, 1 << 62)
    if home not in states or at > states[home][0]:
        states[home] = at, candidate


def _rank(folder: str, name: str, tops: Sequence[str]) -> int:
    """How much the word of a file weighs; 0 if it is not to be read."""
    stem, suffix = os.path.splitext(name)
    known = suffix in _TREES or suffix in _TABLES or name == _DETR
    if not known or _is_elsewhere(folder):
        return 0
    if suffix == ".tsv" and "/plots/metrics/" in f"/{folder}/":
        return 1
    words = set(re.split(r"[^a-z]+", stem))
    if not _NEVER.isdisjoint(words):
        return 0
    usual = any(_is_usual(folder, top) for top in tops)
    if name in _HUGGING_FACE or not _SURE.isdisjoint(words) or (usual and not _LIKELY.isdisjoint(words)):
        return _weight(suffix)
    is_curve = "history" in words if suffix in _TREES else not _CURVES.isdisjoint(words)
    return 4 if usual and is_curve else 0


def _is_elsewhere(folder: str) -> bool:
    parts = folder.split("/")
    return not _NOT_IN.isdisjoint(parts) or any(re.fullmatch(_CHECKPOINT, part) for part in parts)


def _weight(suffix: str) -> int:
    return 0 if suffix == ".log" else 2 if suffix in _TREES else 3


def _is_usual(folder: str, top: str) -> bool:
    if folder == top:
        return True
    inside = folder if not top else folder.removeprefix(f"{top}/")
    return (not top or inside != folder) and inside.partition("/")[0].lower() in _FOLDERS

"""What was typed for a run and cannot come true: said before the command starts, not an hour later."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from expctl.actions.request import Request

_PATTERN = "*?["
_MOST_NAMES = 10_000


def doubts(request: Request, root: str, prefix: str) -> list[str]:
    """Sentences about inputs that are not there, and about files that nothing can be read from.

    Args:
        request: What was asked for.
        root: Top of the work tree.
        prefix: From there to where the user stands.
    """
    here = os.path.normpath(os.path.join(root, prefix))
    return [
        *_missing_data(request.data, here, root),
        *_unreadable_metrics(request.metrics),
        *_beneath_files([("metrics", each) for each in request.metrics], here),
        *_beneath_files([("artifact", each) for each in request.artifacts], here),
    ]


def _missing_data(words: Sequence[str], here: str, root: str) -> Iterator[str]:
    for word in words:
        if "://" in word or any(os.path.lexists(os.path.join(folder, word)) for folder in (here, root)):
            continue
        near = _nearest(os.path.join(here, word), here)
        meant = f"; did you mean {near}?" if near else ""
        yield f"--data {word}: there is no such file or folder, unless the command makes it{meant}"


def _unreadable_metrics(words: Sequence[str]) -> Iterator[str]:
    from expctl.capture.metrics import readers

    for word in words:
        ending = os.path.splitext(word)[1]
        # TensorBoard's files end in a number or the name of a host.
        if ending[1:].isalpha() and "tfevents" not in word and readers.for_path(f"/{word}") is None:
            known = ".json, .jsonl, .csv and .yaml"
            yield f"--metrics {word}: no metrics are read from {ending} files, but from {known}"


def _beneath_files(words: Sequence[tuple[str, str]], here: str) -> Iterator[str]:
    """Paths that nothing can ever write, as a file stands where their folder should be."""
    for option, word in words:
        folder = os.path.dirname(word)
        while folder and not any(sign in folder for sign in _PATTERN):
            if os.path.isfile(os.path.join(here, folder)):
                yield f"--{option} {word}: cannot be, as {folder} is a file"
                break
            folder = os.path.dirname(folder) if folder != os.path.dirname(folder) else ""


def _nearest(full: str, here: str) -> str | None:
    """What stands nearest to a path that is not there, by its first part that is wrong."""
    import difflib  # only for who mistyped

    missing = []
    while not os.path.isdir(os.path.dirname(full)) and os.path.dirname(full) != full:
        missing.append(os.path.basename(full))
        full = os.path.dirname(full)
    folder, name = os.path.split(full)
    try:
        names = os.listdir(folder)[:_MOST_NAMES]
    except OSError:
        return None
    for near in difflib.get_close_matches(name, names, n=3, cutoff=0.6):
        path = os.path.join(folder, near, *reversed(missing))
        if os.path.exists(path):
            return os.path.relpath(path, here)
    return None

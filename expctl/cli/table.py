"""The table of all commands: where each stands in the help, and its line there.

Apart from the Typer application, so that shells get their completions without importing Typer.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One command: its section of the help, and its line there (a test holds it to the command's own)."""

    section: str
    line: str


_RECORD, _LOOK, _ORDER, _SHARE, _CHECK = "Record", "Look", "Keep in order", "Share", "Check"
_MODELS = "Register models"

#: A command's module is ``expctl.cli.commands.<name>``.
COMMANDS = {
    "init": Entry(_RECORD, "Make .experiments/ in this repository"),
    "run": Entry(_RECORD, "Run a command and record it"),
    "reproduce": Entry(_RECORD, "Run a recorded run again, from its source, data, parameters and seed"),
    "demo": Entry(_RECORD, "Make an example repository with recorded training runs"),
    "ls": Entry(_LOOK, "List runs, newest first"),
    "show": Entry(_LOOK, "Show everything that is known of a run"),
    "watch": Entry(_LOOK, "Follow a run in progress: its last metrics, and the end of its output"),
    "compare": Entry(_LOOK, "Compare runs side by side, with the best of each metric marked"),
    "diff": Entry(_LOOK, "Say how two runs differ, in all six elements"),
    "plot": Entry(_LOOK, "Draw learning curves, or runs between two columns"),
    "metrics": Entry(_LOOK, "Say which lines of output became metrics, and by which rules"),
    "select": Entry(_LOOK, "Say by a declared flow what to do with each run"),
    "report": Entry(_LOOK, "Write runs into one HTML file that needs no network"),
    "tag": Entry(_ORDER, "Set or remove tags of a run"),
    "note": Entry(_ORDER, "Add a note to a run"),
    "rename": Entry(_ORDER, "Give a run another name"),
    "rm": Entry(_ORDER, "Remove runs"),
    "pack": Entry(_ORDER, "Fold the records of old runs into a few files, which keeps git quick"),
    "unpack": Entry(_ORDER, "Make files of packed runs again"),
    "commit": Entry(_ORDER, "Commit the records of runs to the current branch"),
    "artifacts": Entry(_SHARE, "List what a run produced, or bring one of its files out"),
    "register": Entry(_MODELS, "Register what a run produced as a version of a model"),
    "promote": Entry(_MODELS, "Move a version of a model to a stage"),
    "rollback": Entry(_MODELS, "Bring back the version that stood in a stage before"),
    "archive": Entry(_MODELS, "Take a version of a model out of service"),
    "alias": Entry(_MODELS, "Give a version of a model a name, which then stands for it"),
    "ci": Entry(_MODELS, "Print the workflow file that judges promotions and applies them"),
    "model": Entry(_MODELS, "Look at registered models"),
    "history": Entry(_MODELS, "Say which version stood in which stage when"),
    "monitor": Entry(_MODELS, "Hold live metrics of a model against its limits"),
    "push": Entry(_SHARE, "Send the bytes and the source trees of runs"),
    "pull": Entry(_SHARE, "Bring the bytes of runs, and the source trees that were sent"),
    "check": Entry(_CHECK, "Say how well a run can be done again, and what mends it"),
    "validate": Entry(_CHECK, "Check manifests, package lists, pointers and settings"),
    "doctor": Entry(_CHECK, "Look for trouble in this clone, mend what is safe to mend"),
    "config": Entry(_CHECK, "Show or change settings"),
}

#: Commands whose words may name runs.
TAKES_RUNS = (
    *("reproduce", "show", "watch", "compare", "diff", "plot", "metrics", "select", "report"),
    *("tag", "note", "rename", "rm", "unpack", "commit", "artifacts", "push", "pull", "check"),
)

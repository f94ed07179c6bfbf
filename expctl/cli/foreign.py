"""What other tools call our commands and options: who comes from them types what they know."""

from __future__ import annotations

_COMMANDS = {
    "ls": "list runs log status search experiments experiment exp jobs",
    "show": "describe info get cat view inspect open",
    "show best:f1": "best top leaderboard",
    "show @ --log": "logs output stdout",
    "compare": "table dashboard cmp",
    "report": "ui server serve web html gui",
    "plot": "chart curves graph draw plots",
    "watch": "tail follow attach live",
    "rm": "delete remove del drop",
    "note @ 'what to remember'": "comment annotate",
    "tag @ name=value": "tags label set-tag",
    "rename @ name": "mv name",
    "artifacts": "download outputs files export",
    "model list": "models registry registered-models",
    "promote": "transition stage deploy release",
    "reproduce @": "rerun repeat repro replay",
    "run -- python train.py": "exec start train record track execute",
    "push": "upload sync publish",
    "pull": "fetch restore",
    "config": "settings configure set",
    "--help": "help commands",
    "--version": "version",
}
_OPTIONS = {
    "--where": "--filter --filter-string --filter_string --query",
    "--sort": "--order-by --order_by --order --sort-by",
    "--limit": "--max-results --max_results --top --last --num --head",
    "--experiment": "--experiment-name --experiment-id --experiment_name --exp",
    "--columns": "--cols --fields --select",
    "--group-by": "--groupby --group --by",
    "--name": "--run-name --run_name",
    "--output": "--out --html",
    "--smooth": "--smoothing",
    "--metrics": "--metric",
}
#: By the word that another tool has the words of ours.
BY_COMMAND = {word: meant for meant, words in _COMMANDS.items() for word in words.split()}
#: By the option of another tool ours, where the command has it.
BY_OPTION = {word: meant for meant, words in _OPTIONS.items() for word in words.split()}
#: Options of other tools that name a run, where ours is a plain word.
_OF_RUNS = ("--run-id", "--run_id", "--run", "--id")


def command(word: str) -> str | None:
    """What to type for a command of another tool; None where nothing of ours is meant."""
    meant = BY_COMMAND.get(word.lower())
    return f"expctl {meant}" if meant else None


def option(word: str, ours: list[str]) -> str | None:
    """A hint for an option of another tool; None where nothing of ours is meant.

    Args:
        word: The option as typed.
        ours: The options of the command that was typed.
    """
    if word in _OF_RUNS:
        return "A run is named without an option: its id, its name, @ for the latest."
    meant = BY_OPTION.get(word)
    return f"Did you mean {meant}?" if meant in ours else None

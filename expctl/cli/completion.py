"""What a shell offers on Tab: commands, options, runs; without Typer except for options.

``eval "$(_EXPCTL_COMPLETE=bash_source expctl)"`` switches it on (``zsh_source``, ``fish_source``), as for any
program built on click.
"""

from __future__ import annotations

import os
import sys

from expctl.cli import table
from expctl.cli import words as spelling
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.project import Project

#: More runs than this on one Tab help nobody.
_MOST_RUNS = 40
_ASK = "_EXPCTL_COMPLETE"
#: Options whose value is offered: ``actions.offering.OPTIONS`` and what else is known here (a test).
VALUED = frozenset(
    """
    --where -w --sort -s --columns -c --group-by -g --pareto --spark --metrics -m --experiment -e --ref
    --new-since --to --stage --format -f --baseline --scatter --color --effects --run -r
    """.split()  # noqa: SIM905  a list of words reads better so
)
#: Those of them whose value is a run.
_OF_RUNS = ("--baseline", "--run", "-r")
#: Commands that have commands of their own, and which of these.
_INNER = {"metrics": ("explain", "rules"), "model": ("list", "show", "pull")}
_TAKES_MODELS = ("register", "promote", "rollback", "archive", "alias", "model", "history", "monitor")
_TYPED = "_EXPCTL_TYPED"
_AT = "_EXPCTL_AT"

_SCRIPTS = {
    "bash_source": """_expctl_complete() {
    local IFS=$'\\n' typed
    typed="$(printf '%s\\n' "${COMP_WORDS[@]:1:$COMP_CWORD}")"
    COMPREPLY=($(_EXPCTL_COMPLETE=complete _EXPCTL_TYPED="$typed" _EXPCTL_AT="$COMP_CWORD" "$1"))
}
complete -o default -F _expctl_complete expctl git-expctl
""",
    "zsh_source": """#compdef expctl git-expctl
_expctl_complete() {
    local -a found
    local typed="$(print -rl -- "${(@)words[2,$CURRENT]}")"
    found=("${(@f)$(_EXPCTL_COMPLETE=complete _EXPCTL_TYPED="$typed" _EXPCTL_AT="$((CURRENT - 1))" expctl)}")
    if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _expctl_complete expctl git-expctl
""",
    "fish_source": """function _expctl_complete
    set -l typed (commandline -opc)[2..] (commandline -ct)
    set -l joined (string join \\n -- $typed | string collect)
    set -l found (env _EXPCTL_COMPLETE=complete _EXPCTL_TYPED=$joined _EXPCTL_AT=(count $typed) expctl)
    if count $found >/dev/null
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c expctl -f -a '(_expctl_complete)'
""",
}


def answer() -> int:
    """Print the script for a shell, or the candidates for what was typed so far; give the exit code."""
    asked = os.environ[_ASK]
    try:
        if asked in _SCRIPTS:
            sys.stdout.write(_SCRIPTS[asked])
        else:
            sys.stdout.write("".join(f"{word}\n" for word in candidates(_typed())))
        sys.stdout.flush()
    except OSError:
        return 1
    return 0


def candidates(typed: list[str]) -> list[str]:
    """What the last word could become; nothing where a file name fits best.

    Args:
        typed: The words after the program's name; the last one is being typed and may be empty.
    """
    *before, last = typed or [""]
    if "--" in before:
        return []
    given, command, rest = spelling.split(before)
    if command is None:
        if given[-1:] == ["-C"]:
            return []
        found = (
            ["-C", *spelling.FLAGS, "--help", "--version"] if last.startswith("-") else list(table.COMMANDS)
        )
    elif command not in table.COMMANDS:
        found = []
    elif rest[-1:] and (option := rest[-1]).startswith("-") and option in VALUED:
        return _of_option(option, last, given)
    elif last.startswith("-"):
        found = _options(command)
    else:
        found = _named(command, last, given, rest)
    return [word for word in found if word.startswith(last)]


def _of_option(option: str, last: str, given: list[str]) -> list[str]:
    """What the value of an option could become."""
    from expctl.actions import offering

    if option in ("--format", "-f"):
        from expctl.cli.glance import FORMATS

        found = list(FORMATS)
    elif option in _OF_RUNS:
        found = _references("compare", last, given, [])
    else:
        found = offering.of_option(option, last, _project(given))
    return [word for word in found if word.startswith(last)]


def _references(command: str, last: str, given: list[str], rest: list[str]) -> list[str]:
    """Runs as people call them: the newest ones, and by their names once a letter is typed."""
    from expctl.actions import offering

    named = [word for word in rest if not word.startswith("-")]
    if command == "tag" and named:
        return offering.tag_names(_project(given))
    newest = ["@", *_runs(_folder(given), last)]
    if command == "select" and not named:
        newest = [*offering.flows(_project(given)), *newest]
    return list(dict.fromkeys([*newest, *offering.runs_called(_project(given), last)])) if last else newest


def _project(given: list[str]) -> Callable[[], Project]:
    def find() -> Project:
        from expctl import project

        return project.find(_folder(given))

    return find


def _named(command: str, last: str, given: list[str], rest: list[str]) -> list[str]:
    """What a word of a command may name: a command of its own, a setting, a run, a model."""
    words = [word for word in rest if not word.startswith("-")]
    if command == "config":
        return _of_config(words)
    if command in _INNER and not words:
        return list(_INNER[command])
    if command in table.TAKES_RUNS:
        return _references(command, last, given, rest)
    if command in _TAKES_MODELS:
        from expctl.actions import offering

        return offering.models(_project(given))
    return []


def _of_config(rest: list[str]) -> list[str]:
    """The commands of ``config``, and behind one of them the settings."""
    from expctl.core.settings import KEYS

    if not rest:
        return ["list", "get", "set", "unset"]
    return list(KEYS) if len(rest) == 1 and rest[0] != "list" else []


def _typed() -> list[str]:
    """The words typed so far. Shells drop empty ones at the end, so they say the number as well."""
    words = os.environ.get(_TYPED, "").split("\n")
    number = os.environ.get(_AT, "")
    return words + [""] * (int(number) - len(words) if number.isascii() and number.isdigit() else 0)


def _options(command: str) -> list[str]:
    """The long options of a command, from Typer's own description of it."""
    if command in ("ls", "compare"):
        from expctl.cli import glance

        words = glance.LS_WORDS if command == "ls" else glance.COMPARE_WORDS
        return [*(word for word in words if word.startswith("--")), "--help"]
    from expctl.cli.lazy import build

    built = build(command)
    return [name for param in built.params for name in param.opts if name.startswith("--")] + ["--help"]


def _folder(given: list[str]) -> str:
    return os.path.join(os.getcwd(), *(given[given.index("-C") + 1 :][:1] if "-C" in given else []))


def _runs(start: str, begun: str) -> list[str]:
    """Suffixes of the newest runs that begin so, by the names of their files: no manifest is opened."""
    from expctl.core import runid

    if not runid.may_begin_suffix(begun):
        return []
    folder = start
    while not os.path.isdir(os.path.join(folder, ".experiments", "runs")):
        if folder == os.path.dirname(folder):
            return []
        folder = os.path.dirname(folder)
    top = os.path.join(folder, ".experiments", "runs")
    found: list[str] = []
    for day in sorted(_names(top), reverse=True):
        files = sorted(_names(os.path.join(top, day)), reverse=True)
        ids = [name.removesuffix(".yaml") for name in files if name.endswith(".yaml")]
        found += [
            tail
            for run_id in ids
            if runid.is_valid(run_id) and (tail := runid.suffix(run_id)).startswith(begun)
        ]
        if len(found) >= _MOST_RUNS:
            break
    else:
        from expctl.actions import offering

        found += [each for each in offering.packed_runs(top, begun) if each not in found]
    return found[:_MOST_RUNS]


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []

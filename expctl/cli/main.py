"""The command line: the options that hold for every command, and errors of usage in our own words."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.main import get_command

from expctl.cli import console, context
from expctl.cli import words as spelling
from expctl.cli.lazy import LazyGroup
from expctl.cli.table import COMMANDS
from expctl.errors import UsageError

app = typer.Typer(
    name="expctl",
    cls=LazyGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    subcommand_metavar="COMMAND [WORDS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: expctl run -- python train.py --lr 0.01",
)


@app.callback()
def root(
    *,
    directory: Annotated[
        str | None, typer.Option("-C", metavar="DIR", help="Work as if started in this folder")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Print results, warnings and errors only")
    ] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Never use colours")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from")] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Answer every question with yes")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version")] = False,
) -> None:
    """Track experiments and register models inside your own git repository."""
    context.configure(context.Globals(directory, quiet, no_color, debug, yes))
    if version:
        from expctl.version import VERSION

        typer.echo(f"expctl {VERSION}")
        raise typer.Exit


def run(words: list[str]) -> int:
    """Run one command line.

    Args:
        words: What was typed after the program's name.

    Returns:
        The exit code.

    Raises:
        UsageError: The words are not what the command takes.
    """
    given = spelling.hoist(words) or ["--help"]
    try:
        answer: Any = get_command(app).main(given, prog_name="expctl", standalone_mode=False)
    except _CLICK_ERROR as err:
        if "NoArgsIsHelp" in type(err).__name__:
            console.say(str(err.format_message()))  # type: ignore[attr-defined]
            return UsageError.exit_code
        raise _in_our_words(err, given) from err
    except SystemExit as err:
        # Typer turns a closed pipe into exit code 1; the guard knows better.
        raise (err.__context__ if isinstance(err.__context__, BrokenPipeError) else err) from None
    except typer.Abort as err:
        raise KeyboardInterrupt from err
    return answer if isinstance(answer, int) else 0


#: Typer before 0.26 uses click, later ones carry a copy: the class is found through what Typer exports.
_CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]


#: How Typer names kinds of values -> how people do.
_KINDS = {"a valid integer": "a whole number", "a valid int": "a whole number", "a valid float": "a number"}
#: What stands before its guesses: one, or several.
_GUESSES = (" Did you mean ", " (Possible options: ")
#: What it means that a command lacks an argument, and what to type.
_LACKING = {
    "expctl diff": ("diff compares two runs: name both.", "expctl diff @-1 @"),
    "expctl rename": ("rename takes a run and its new name.", "expctl rename @ baseline"),
}


def _foreign(message: str, err: Any) -> str:
    """A guess at what somebody means who knows another tool; empty where there is none."""
    from expctl.cli import foreign

    ctx = getattr(err, "ctx", None)
    params = getattr(getattr(ctx, "command", None), "params", ())
    if (
        message.startswith("Got unexpected extra argument")
        and getattr(ctx, "command_path", "") == "expctl ls"
    ):
        return "Single runs are shown by: expctl show RUN, or side by side by: expctl compare RUN RUN\n"
    word = str(getattr(err, "option_name", "") or "")
    guess = foreign.option(word, [name for param in params for name in param.opts])
    return f"{guess} " if guess else ""


def _in_our_words(err: Any, given: Sequence[str]) -> UsageError:
    """One message in our form, with the place of the full help."""
    message = str(err.format_message()).strip()
    for theirs, ours in _KINDS.items():
        message = message.replace(theirs, ours)
    # The parser names its context for some faults of an option only: else the first word that is a command.
    command = next((f"expctl {word}" for word in given if word in COMMANDS), "expctl")
    where = getattr(getattr(err, "ctx", None), "command_path", command)
    if message.startswith("Missing argument") and where in _LACKING:
        said, example = _LACKING[where]
        return UsageError(said, hint=f"For instance: {example}\nSee: {where} --help")
    guess = _foreign(message, err)
    for opening in _GUESSES:
        message, _, rest = message.partition(opening)
        if rest and not guess:
            near = rest.rstrip(").?").replace("'", "").split(", ")
            guess = f"Did you mean {' or '.join(near)}? "
    return UsageError(
        message if message.endswith((".", "?")) else message + ".", hint=f"{guess}See: {where} --help"
    )

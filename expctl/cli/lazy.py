"""A Typer group that imports a command's module when the command is named, and not before.

Only ``list_commands``, ``get_command``, ``resolve_command`` and ``format_commands`` are overridden: other
inner names move between Typer releases.
"""

import importlib
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from expctl.cli.table import COMMANDS
from expctl.errors import UsageError

_PACKAGE = "expctl.cli.commands"
#: What other tools call the way to Tab; ours is a variable, so that it starts no slower than a shell waits.
_COMPLETION = ("completion", "completions", "autocomplete")
_FOR_BASH = 'eval "$(_EXPCTL_COMPLETE=bash_source expctl)"'
#: Options that Typer adds to an application; ours has its own completion.
_OF_TYPER = ("install_completion", "show_completion")


def build(name: str) -> Any:
    """Import the module of a command of the table, and build the command."""
    app = importlib.import_module(f"{_PACKAGE}.{name}").app
    # Typer's default draws help with rich, which takes longer to import than all of expctl.
    app.rich_markup_mode = None
    for info in app.registered_commands:
        info.cls = PlainCommand
    if len(app.registered_commands) > 1:
        app.info.cls = PlainGroup
    command = get_command(app)
    command.name = name
    command.params = [param for param in command.params if param.name not in _OF_TYPER]
    return command


class PlainCommand(TyperCommand):
    """A command whose usage reads ``RUN``, not ``{RUN}``."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def get_help_option(self, ctx: Any) -> Any:
        """The option ``--help``, in our words."""
        return _worded(super().get_help_option(ctx))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the example on a line of its own, never wrapped: people copy it."""
        if self.epilog:
            formatter.write(f"\n  {self.epilog}\n")


class PlainGroup(TyperGroup):
    """A command that has commands of its own."""

    def get_help_option(self, ctx: Any) -> Any:
        """The option ``--help``, in our words."""
        return _worded(super().get_help_option(ctx))


class LazyGroup(PlainGroup):
    """The group of all commands of the table."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """Names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Import and build one command; None if there is none of that name."""
        return build(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is named.

        Raises:
            UsageError: There is none of that name.
        """
        if args[0] not in COMMANDS:
            raise UsageError(f'There is no command "{args[0]}".', hint=_nearest(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the list of commands by section, without importing any."""
        for section in dict.fromkeys(entry.section for entry in COMMANDS.values()):
            with formatter.section(section):
                rows = [
                    (n.ljust(_NAMES), entry.line) for n, entry in COMMANDS.items() if entry.section == section
                ]
                formatter.write_dl(rows)


#: So that the lines of all sections stand under each other.
_NAMES = max(map(len, COMMANDS))


def _worded(option: Any) -> Any:
    if option is not None:
        option.help = "Show this help"
    return option


def _nearest(word: str) -> str:
    if word in _COMPLETION:
        return f"Tab is switched on in the shell's own file, in bash with: {_FOR_BASH}"
    from difflib import get_close_matches

    from expctl.cli import foreign

    if meant := foreign.command(word):
        return f"That is here: {meant}"
    near = get_close_matches(word, COMMANDS, n=2, cutoff=0.5)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{guess}See all commands with: expctl --help"

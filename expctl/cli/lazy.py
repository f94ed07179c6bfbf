"""A Typer group that imports a command's module when the command is named, and not before.

Only ``list_commands``, ``get_command``, ``resolve_command`` and ``format_commands`` are overridden: other
inner names move between Typer releases.
"""

import importlib
from typing import Any, ClassVar, NamedTuple

from typer.core import TyperGroup
from typer.main import get_command as build

from expctl.errors import UsageError


class Entry(NamedTuple):
    """One command: its section of the help, and its line there (a test holds it to the command's own)."""

    section: str
    line: str


class LazyGroup(TyperGroup):
    """The group of all commands, by the table in ``cli.main``."""

    table: ClassVar[dict[str, Entry]] = {}
    package: ClassVar[str] = "expctl.cli.commands"

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """Names in the order of the help."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Import and build one command; None if there is none of that name."""
        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"{self.package}.{cmd_name}")
        command = build(module.app)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is named.

        Raises:
            UsageError: There is none of that name.
        """
        if args[0] not in self.table:
            raise UsageError(f'There is no command "{args[0]}".', hint=self._nearest(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer's signature
        """Write the list of commands by section, without importing any."""
        for section in dict.fromkeys(entry.section for entry in self.table.values()):
            rows = [(name, entry.line) for name, entry in self.table.items() if entry.section == section]
            with formatter.section(section):
                formatter.write_dl(rows, col_max=12)

    def _nearest(self, word: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(word, self.table, n=2, cutoff=0.5)
        guess = f"Did you mean {' or '.join(near)}? " if near else ""
        return f"{guess}See all commands with: expctl --help"

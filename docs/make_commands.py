"""Write docs/reference/commands.md from the commands themselves: python docs/make_commands.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.main import get_command

from expctl.cli.main import app
from expctl.cli.table import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent / "reference" / "commands.md"
HEAD = """\
# Commands

Made from the commands' own help by `python docs/make_commands.py`; a test holds it to them.
`expctl COMMAND --help` shows the same. [Exit codes](exit-codes.md) have a page of their own.
expctl also answers as a git subcommand: `git expctl ls`.
[Tab completes](../how-to/complete-on-tab.md) commands, options and runs.

A *RUN* is named by its id, any unique beginning of it, its last six characters, its name, `@` for the
latest, `@-2` for the one two before it, or `best:METRIC` (`best:METRIC:min` where the direction must be
said). A reference that could mean two runs lists them and exits 2.
The flags without a value among the global options may also stand behind the command, except behind `run`.
"""


def page() -> str:
    """The whole page."""
    group: Any = get_command(app)
    context = group.make_context("expctl", [], resilient_parsing=True)
    parts = [HEAD, "## Global options\n", *_options(group, context)]
    section = ""
    for name, entry in COMMANDS.items():
        if entry.section != section:
            section = entry.section
            parts.append(f"\n## {section}\n")
        parts.append("\n".join(_command(name, group.get_command(context, name), context)))
    return "\n".join(parts).rstrip() + "\n"


def _command(name: str, command: Any, parent: Any, above: str = "expctl") -> Iterator[str]:
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    usage = " ".join([above, name, *command.collect_usage_pieces(context)])
    yield f"{'#' * (above.count(' ') + 3)} {above.removeprefix('expctl').strip()} {name}".replace("  ", " ")
    yield f"\n    {usage}\n"
    yield _paragraphs(command.help or "") + "\n"
    options = list(_options(command, context))
    if options:
        yield from [*options, ""]
    if command.epilog:
        yield f"    {command.epilog.removeprefix('Example: ')}\n"
    for inner in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from _command(inner, command.get_command(context, inner), context, f"{above} {name}")


def _options(command: Any, context: Any) -> Iterator[str]:
    """A table of the words that a command takes."""
    rows = [record for param in command.get_params(context) if (record := _record(param, context))]
    if rows:
        yield "| | |"
        yield "| --- | --- |"
        yield from (f"| {left} | {right} |" for left, right in rows)


def _record(param: Any, context: Any) -> tuple[str, str] | None:
    if param.name == "help":
        return None
    record = param.get_help_record(context)
    if record is None:
        return None
    left, right = (" ".join(text.split()).replace("|", "\\|") for text in record)
    return f"`{left}`", right


def _paragraphs(text: str) -> str:
    """The help text with its line ends taken out, paragraph by paragraph."""
    blocks = text.replace("\b\n", "").split("\n\n")
    return "\n\n".join(" ".join(block.split()) for block in blocks)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")

"""The way in: it answers what needs no machinery, gives some commands a quick road, and the rest to Typer.

Nothing may be imported here at module level but what Python has loaded by then: ``expctl --version`` costs no
more than starting Python twice.
"""

from __future__ import annotations

import gc
import os
import sys

#: An index of so many bytes (some 10 000 files) takes git longer than Python takes to load.
_LARGE = 1 << 20


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Looking for rubbish takes 5 % of a short command, and none piles up in a long one: it only waits.
    gc.disable()
    code = entry(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, or nobody reads
            continue
    # To take an interpreter apart module by module costs 10 ms of each command; the system does it at once.
    os._exit(code)


def entry(words: list[str]) -> int:
    """Answer one command line.

    Args:
        words: What was typed after the program's name.

    Returns:
        The exit code.
    """
    if words[:1] == ["--version"]:
        from expctl.version import VERSION

        return _print_line(f"expctl {VERSION}")
    if _asks_for_completion():
        from expctl.cli import completion

        return completion.answer()
    if words[:1] == ["run"] or words[:2] == ["-q", "run"]:
        _look_ahead()
    from expctl.cli import guard

    return guard.call(words, _dispatch)


def _look_ahead() -> None:
    """In a large repository, let git look at it while the rest is loaded; a small one costs a few looks."""
    try:
        top = os.getcwd()
        while not os.path.lexists(f"{top}/.git"):
            above = os.path.dirname(top)
            if above == top:
                return
            top = above
        if os.stat(f"{top}/.git/index").st_size < _LARGE:
            return
        from expctl.adapters import gitahead

        gitahead.start(top)
    except (OSError, ValueError):  # the way without it tells what is wrong
        return


def _dispatch(words: list[str]) -> int:
    from expctl.cli import words as spelling

    command, code = spelling.command_of(words), None
    if command == "run":
        from expctl.cli import quick

        code = quick.run(words)
    elif command in ("ls", "compare"):
        from expctl.cli import glance

        code = glance.run(words)
    elif command == "model":
        from expctl.cli import modellist

        code = modellist.run(words)
    if code is not None:
        return code
    from expctl.cli import main as typed

    return typed.run(words)


def _asks_for_completion() -> bool:
    return "_EXPCTL_COMPLETE" in os.environ


def _print_line(text: str) -> int:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError:
        return 1
    return 0


if __name__ == "__main__":
    main()

"""``expctl model list``: what it does, and its quick road past Typer."""

from __future__ import annotations

from expctl.cli import context, plain
from expctl.cli import words as spelling


def run(words: list[str]) -> int | None:
    """List models if the words are plain.

    Args:
        words: The words after ``expctl``.

    Returns:
        The exit code; None when Typer must read the words.
    """
    before, _, after = spelling.split(spelling.hoist(words))
    given = plain.read_globals(before)
    if after != ["list"] or given is None:
        return None
    context.configure(context.Globals(**given))  # type: ignore[arg-type]  # the table gives the fields' types
    show()
    return 0


def show() -> None:
    """List models: from what is remembered, or after a closer look."""
    from expctl.actions import overview
    from expctl.cli import console

    found = overview.look(context.current())
    if found is None:
        from expctl.actions import models
        from expctl.cli import registry

        registry.show_models(models.all_models(context.current()), as_json=False)
        return
    from expctl.render import overview as drawn

    console.out(drawn.overview(found.lines, found.stages, console.columns()))
    for note in found.notes:
        console.warn(note)

"""``expctl init``: make ``.experiments/``."""

import typer

from expctl.cli import console, context

app = typer.Typer()


@app.command("init", epilog="Example: expctl init")
def init() -> None:
    """Make .experiments/ in this repository; what is there already is left alone.

    The first expctl run does the same by itself.
    """
    from expctl.actions import setup

    project = context.current()
    made = setup.ensure(project)
    for path in made:
        console.out(f"made {path}")
    if not made:
        console.say(".experiments/ is complete already.")
        return
    console.say(f"The bytes of runs are kept in {setup.cache_dir(project)}")
    console.say("Worth adding elsewhere:")
    for line in setup.advice(project):
        console.say(f"  {line}")
    console.hint("Commit it with: git add .experiments && git commit -m 'Track experiments'")

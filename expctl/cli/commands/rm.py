"""``expctl rm``: remove runs."""

import typer

from expctl.cli import console, context
from expctl.cli.options import RunRefs

app = typer.Typer()


@app.command("rm", epilog="Example: expctl rm k3f9qa --yes")
def rm(runs: RunRefs) -> None:
    """Remove runs: records, pointers, copies in this clone, and sources and package lists nobody else needs.

    A record that was committed stays in git's history. Stored bytes stay until they are collected.
    """
    from expctl.actions import removing
    from expctl.cli import transfers
    from expctl.render import numbers

    project = context.current()
    doomed = removing.plan(project, runs)
    if not transfers.may_remove(doomed):
        console.say("Nothing was removed.")
        raise typer.Exit(1)
    removed = removing.remove(project, doomed)
    for each in removed.ids:
        console.out(f"removed {each}")
    if removed.trees:
        console.say(f"Let go of {numbers.count(removed.trees, 'source tree')} that nobody else needs.")
    if removed.kept:
        many = numbers.count(removed.kept, "source tree")
        console.say(f"Kept {many} that other runs, branches, tags or work trees need.")

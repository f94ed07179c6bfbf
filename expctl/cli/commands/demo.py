"""``expctl demo``: real training runs, recorded and compared in a repository of their own."""

from typing import Annotated

import typer

from expctl.cli import console, guard

app = typer.Typer()


@app.command("demo", epilog="Example: expctl demo my-demo")
def demo(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Where to make it; must be new or empty")
    ] = "expctl-demo",
) -> None:
    """Make an example repository with recorded training runs.

    Trains 14 small models with scikit-learn, records each with expctl run, commits the records and
    looks at them. Every command is shown before it runs. The folder stays, for exploring.
    """
    from pathlib import Path

    from expctl.actions import demo as action
    from expctl.cli import context

    walked = action.walk(Path(context.directory()) / folder, _Narrator())
    _Narrator().title(f"{walked.runs} runs in {walked.duration_s:.0f} s. They are yours to explore:")
    for line in (
        f"cd {folder}",
        "expctl ls --where 'metrics.f1_score > 0.98 and metrics.inference_time_ms < 1'",
        "expctl show svm-poly --yaml",
        "expctl artifacts svm-poly",
        "expctl run -n mine -- python train.py config/experiment.yaml model.type=svm model.C=3",
        "expctl --help",
    ):
        _Narrator().command(line)


class _Narrator:
    """Tells the walk on standard output; flushed, for the command's own output follows at once."""

    def title(self, text: str) -> None:
        from expctl.render import echo

        console.out(echo.Title(text, console.columns()))
        guard.flush()

    def command(self, line: str) -> None:
        from expctl.render import echo

        console.out(echo.Command(line, console.columns()))
        guard.flush()

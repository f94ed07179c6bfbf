"""Options and arguments that several commands share: one name, one help line and one meaning for one thing.

Command modules use them as annotations at run time and therefore do not import ``annotations`` from
``__future__``.
"""

from typing import Annotated, Literal

import typer

_REFERENCES = "Ids (or their beginning or suffix), names, @, @-2, best:METRIC"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
Where = Annotated[
    str,
    typer.Option("--where", "-w", metavar="FILTER", help="Only runs that match, such as 'metrics.f1 > 0.8'"),
]
Sort = Annotated[
    str, typer.Option("--sort", "-s", metavar="KEYS", help="Order, such as 'metrics.f1 DESC, params.lr'")
]


def _not_negative(value: int | None) -> int | None:
    if value is not None and value < 0:
        raise typer.BadParameter(f"{value} is below 0")
    return value


Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        "-n",
        metavar="N",
        callback=_not_negative,
        help="At most so many runs, 0 for all; 20 by default in a table, all elsewhere",
    ),
]
Columns = Annotated[
    str,
    typer.Option(
        "--columns", "-c", metavar="KEYS", help="Columns to show, with commas; * stands for any text"
    ),
]
Experiment = Annotated[
    str | None, typer.Option("--experiment", "-e", metavar="NAME", help="Only runs of this experiment")
]
Everything = Annotated[
    bool, typer.Option("--all", "-a", help="All experiments, and in a table columns that are constant")
]
Format = Annotated[
    Literal["table", "md", "html", "json", "csv"],
    typer.Option(
        "--format",
        "-f",
        metavar="FORM",
        help="Print it as table, md, html, or with all columns json or csv",
    ),
]
Here = Annotated[
    bool, typer.Option("--here", help="Only runs of this work tree and running ones, of no other branch")
]
Ref = Annotated[
    str, typer.Option("--ref", metavar="REF", help="Only runs that this branch, tag or commit holds")
]
NewSince = Annotated[
    str,
    typer.Option(
        "--new-since", metavar="REF", help="Only runs of this work tree that REF, such as origin/main, lacks"
    ),
]
RunRef = Annotated[
    str, typer.Argument(metavar="RUN", help="Id (or its beginning or suffix), name, @, @-2, best:METRIC")
]
OptionalRunRef = Annotated[str, typer.Argument(metavar="[RUN]", help=RunRef.__metadata__[0].help)]
RunRefs = Annotated[list[str], typer.Argument(metavar="RUN...", help=_REFERENCES)]
OptionalRunRefs = Annotated[list[str] | None, typer.Argument(metavar="[RUN]...", help=_REFERENCES)]
ModelRef = Annotated[
    str,
    typer.Argument(
        metavar="MODEL[@VERSION]", help="A model, or one version, by number or alias: fraud_detector@v1.2.0"
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the history")]

"""Options and arguments that several commands share, so that one thing has one name, one help line and one meaning.

Command modules use them as annotations and therefore do not import ``annotations`` from ``__future__``.
"""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
Where = Annotated[str, typer.Option("--where", "-w", metavar="FILTER", help="Only runs that match, such as 'metrics.f1 > 0.8'")]  # fmt: skip
Sort = Annotated[str, typer.Option("--sort", "-s", metavar="KEYS", help="Order, such as 'metrics.f1 DESC, params.lr'")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=0, metavar="N", help="At most so many runs; 0 for all")]
Columns = Annotated[str, typer.Option("--columns", "-c", metavar="KEYS", help="Columns to show, with commas; * stands for any text")]  # fmt: skip
Experiment = Annotated[str | None, typer.Option("--experiment", "-e", metavar="NAME", help="Only runs of this experiment")]  # fmt: skip
RunRef = Annotated[str, typer.Argument(metavar="RUN", help="Id, its beginning or its suffix, name, @, @-2 or best:METRIC")]  # fmt: skip
RunRefs = Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids, names, @, @-2 or best:METRIC")]
OptionalRunRefs = Annotated[list[str] | None, typer.Argument(metavar="[RUN]...", help="Ids, names, @, @-2 or best:METRIC")]  # fmt: skip

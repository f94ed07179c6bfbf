"""``expctl ls`` and ``expctl compare``: what they do, and their quick road past Typer."""

from __future__ import annotations

from expctl.cli import context, plain
from expctl.cli import words as spelling
from expctl.errors import UsageError
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: So many runs a table has unless told otherwise.
_SCREENFUL = 20
FORMATS = ("table", "json", "csv", "md", "html")
_WORDS: plain.Table = {
    "--where": ("where", "one"),
    "-w": ("where", "one"),
    "--sort": ("sort", "one"),
    "-s": ("sort", "one"),
    "--limit": ("limit", "one"),
    "-n": ("limit", "one"),
    "--experiment": ("experiment", "one"),
    "-e": ("experiment", "one"),
    "--all": ("everything", True),
    "-a": ("everything", True),
    "--here": ("here", True),
    "--ref": ("ref", "one"),
    "--new-since": ("new_since", "one"),
    "--json": ("as_json", True),
}
LS_WORDS: plain.Table = {**_WORDS, "--running": ("running", True)}
COMPARE_WORDS: plain.Table = {
    **_WORDS,
    "--columns": ("columns", "one"),
    "-c": ("columns", "one"),
    "--pareto": ("pareto", "one"),
    "--ranks": ("ranked", True),
    "--group-by": ("group_by", "one"),
    "-g": ("group_by", "one"),
    "--baseline": ("baseline", "one"),
    "--spark": ("curves", "one"),
    "--effects": ("effects", "one"),
    "--watch": ("watched", True),
    "--format": ("form", "one"),
    "-f": ("form", "one"),
}


class Asked(NamedTuple):
    """What to look at and how to show it.

    Attributes:
        limit: At most so many runs, 0 for all; None: as many as suit the form.
        running: Only those in progress, as they are now.
        form: One of ``FORMATS``.
    """

    where: str = ""
    sort: str = ""
    limit: int | None = None
    experiment: str | None = None
    everything: bool = False
    columns: str = ""
    pareto: str = ""
    ranked: bool = False
    running: bool = False
    form: str = "table"
    here: bool = False
    ref: str = ""
    new_since: str = ""
    group_by: str = ""
    baseline: str = ""
    curves: str = ""
    effects: str = ""
    watched: bool = False

    @property
    def most(self) -> int | None:
        """At most so many runs; None for all: who exports them wants them whole."""
        limit = _SCREENFUL if self.limit is None and self.form == "table" else self.limit
        return limit or None

    @property
    def narrowed(self) -> str:
        """The options that say where runs are looked for, as typed; empty where all are looked at."""
        named = ["--here"] * self.here
        named += [f"--ref {self.ref}"] if self.ref else []
        named += [f"--new-since {self.new_since}"] if self.new_since else []
        return " ".join(named)


def run(words: list[str]) -> int | None:
    """Do ``ls`` or ``compare`` if the words are plain.

    Args:
        words: The words after ``expctl``.

    Returns:
        The exit code; None when Typer must read the words.
    """
    before, command, after = spelling.split(spelling.hoist(words))
    given = plain.read_globals(before)
    options: dict[str, plain.Value] = {}
    if given is None:
        return None
    runs = plain.read_mixed(after, COMPARE_WORDS if command == "compare" else LS_WORDS, options)
    limit = str(options.pop("limit", ""))
    if runs is None or (runs and command == "ls") or not (limit.isascii() and (limit.isdigit() or not limit)):
        return None
    as_json = options.pop("as_json", False)
    asked = Asked(limit=int(limit) if limit else None, **options)  # type: ignore[arg-type]  # the tables give the fields' types
    if asked.form not in FORMATS:
        return None
    context.configure(context.Globals(**given))  # type: ignore[arg-type]
    asked = asked._replace(form="json") if as_json else asked
    if command == "compare":
        compare(runs, asked)
    else:
        ls(asked)
    return 0


def ls(asked: Asked) -> None:
    """List runs, newest first."""
    if asked.running:
        _list_running(asked)
        return
    from expctl.actions import runs
    from expctl.actions.seeing import Scope
    from expctl.cli import console, listing

    found = runs.select(
        context.current(),
        where=asked.where,
        sort=asked.sort,
        limit=asked.most,
        experiment=asked.experiment,
        everything=asked.everything,
        scope=Scope(asked.here, asked.ref, asked.new_since),
    )
    if asked.form == "json":
        console.json(listing.as_json(found))
    else:
        listing.show_runs(found, narrowed=asked.narrowed)


def _list_running(asked: Asked) -> None:
    from expctl.cli import watched

    if any((asked.where, asked.sort, asked.experiment, asked.ref, asked.new_since, asked.limit is not None)):
        raise UsageError("--running lists all runs in progress: filters and orders do not go with it.")
    watched.list_running(context.current(), as_json=asked.form == "json")


def compare(runs: Sequence[str], asked: Asked) -> None:
    """Compare runs side by side; with ``--watch`` again and again."""
    if asked.watched:
        from expctl.cli import watching

        if asked.form != "table":
            raise UsageError("--watch draws a table.", hint="Leave --format out.")
        watching.redraw(lambda: _compare(runs, asked))
    else:
        _compare(runs, asked)


def _compare(runs: Sequence[str], asked: Asked) -> None:
    if asked.effects:
        _effects(runs, asked)
        return
    if asked.group_by:
        _group(runs, asked)
        return
    from expctl.actions import comparing
    from expctl.actions.seeing import Scope
    from expctl.cli import listing

    found = comparing.compare(
        context.current(),
        runs,
        where=asked.where,
        sort=asked.sort,
        limit=asked.most,
        columns=asked.columns,
        experiment=asked.experiment,
        everything=asked.everything,
        all_columns=asked.form in ("csv", "json"),
        pareto=asked.pareto,
        scope=Scope(asked.here, asked.ref, asked.new_since),
        ranked=asked.ranked,
        baseline=asked.baseline,
        curves=asked.curves,
    )
    whole = asked.everything or bool(asked.columns)
    listing.show_comparison(
        found, form=asked.form, arrange=not asked.columns, whole=whole, narrowed=asked.narrowed
    )


def _effects(runs: Sequence[str], asked: Asked) -> None:
    from expctl.actions import effects
    from expctl.actions.seeing import Scope
    from expctl.cli import effects as telling

    others = {"--group-by": asked.group_by, "--sort": asked.sort, "--limit": asked.limit is not None}
    _refuse(
        {**_of_single_runs(asked), **others}, "does not go with --effects, which looks at all runs together."
    )
    found = effects.of_metric(
        context.current(),
        asked.effects,
        runs,
        where=asked.where,
        columns=asked.columns,
        experiment=asked.experiment,
        everything=asked.everything,
        scope=Scope(asked.here, asked.ref, asked.new_since),
    )
    telling.show(found, form=asked.form)


def _group(runs: Sequence[str], asked: Asked) -> None:
    from expctl.actions import grouping
    from expctl.actions.seeing import Scope
    from expctl.cli import grouped

    _refuse(_of_single_runs(asked), "is about single runs, and --group-by puts them together.")
    found = grouping.group(
        context.current(),
        asked.group_by,
        runs,
        where=asked.where,
        sort=asked.sort,
        limit=asked.most,
        columns=asked.columns,
        experiment=asked.experiment,
        everything=asked.everything,
        scope=Scope(asked.here, asked.ref, asked.new_since),
    )
    grouped.show(found, form=asked.form)


def _of_single_runs(asked: Asked) -> dict[str, object]:
    return {
        "--pareto": asked.pareto,
        "--ranks": asked.ranked,
        "--baseline": asked.baseline,
        "--spark": asked.curves,
    }


def _refuse(given: Mapping[str, object], why: str) -> None:
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} {why}")

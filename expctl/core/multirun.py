"""A multirun of Hydra (``-m``) taken apart: its jobs, how each ended, and what would run one alone."""

from __future__ import annotations

import re

from expctl.core import programs
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_OVERRIDE = r"(?s)~[A-Za-z_][\w.\-/@]*(?:=.*)?|\+{0,2}[A-Za-z_][\w.\-/@]*=.*"
_FLAGS = ("-m", "--multirun")
#: Settings of Hydra that one job alone has no use for.
_OF_SWEEPS = r"hydra(?:\.mode|\.sweep|\.sweeper|\.launcher|/sweeper|/launcher)\b.*"
#: What Hydra's own launcher says before each job, coloured or not.
_ANNOUNCED = rb"[^\n]{0,80}HYDRA[^\n]{0,16}\s#(\d{1,6}) : "
#: What Hydra or its sweeper says otherwise is no job's: the best value of them all.
_OF_HYDRA = rb"[^\n]{0,60}\[[^\s\]]{0,16}HYDRA[^\s\]]{0,16}\]"
_FAILED = rb"Error executing job with overrides: (\[[^\n]{0,4000}\])"
_BASIC = "BasicLauncher"
_UNTOLD = "Hydra names only the first job that failed; how this one ended is not known"


class Job(NamedTuple):
    """One job.

    Attributes:
        num: Its number in the sweep.
        folder: Where it wrote, relative to the top of the repository.
        overrides: The words that made it what it is.
        started_ns: When its folder was made, nanoseconds since 1970.
        in_turn: Whether the jobs ran one after the other, in one process.
    """

    num: int
    folder: str
    overrides: tuple[str, ...]
    started_ns: int
    in_turn: bool


class Ending(NamedTuple):
    """How a job ended, as far as that is known.

    Attributes:
        status: As in a manifest.
        exit_code: 0 for a job of a sweep that ended well; that of the sweep for the one that ended it.
        why: What must be said about it; "" for nothing.
    """

    status: str
    exit_code: int | None
    why: str = ""


def is_in_turn(launcher: str) -> bool:
    """Whether a launcher runs one job after the other."""
    return launcher.endswith(_BASIC)


def command_of(argv: Sequence[str], job: Job) -> tuple[str, ...]:
    """The words that would run one job alone; those of the sweep when they are not Hydra's own."""
    words = programs.program_of(argv).words
    start = len(argv) - len(words)
    if tuple(argv[start:]) != words or not any(_asks_for_many(word) for word in words):
        return tuple(argv)
    kept = [word for word in words if word not in _FLAGS and not re.fullmatch(_OF_SWEEPS, word)]
    kept = [word for word in kept if not re.fullmatch(_OVERRIDE, word) or re.match(r"hydra[./]", word)]
    return (*argv[:start], *kept, *job.overrides)


def _asks_for_many(word: str) -> bool:
    return word in _FLAGS or re.fullmatch(r"hydra\.mode=multirun", word, re.IGNORECASE) is not None


def endings(jobs: Sequence[Job], status: str, exit_code: int | None, output: bytes) -> list[Ending]:
    """How each job ended.

    Hydra runs all jobs of a sweep and then tells of the first one that failed; so those before it ended well,
    and of those after it nothing is known. When a sweep was broken off, the job that began last was.

    Args:
        jobs: By number.
        status: Of the sweep.
        exit_code: Of the sweep.
        output: What it printed, or the end of it.
    """
    if status == "completed":
        return [Ending(status, 0) for _ in jobs]
    failed = _first_failed(jobs, output)
    if failed is not None:
        before = [Ending("completed", 0)] * failed
        return [
            *before,
            Ending("failed", exit_code),
            *[Ending("lost", None, _UNTOLD)] * (len(jobs) - failed - 1),
        ]
    last = max(range(len(jobs)), key=lambda place: jobs[place].started_ns, default=0)
    earlier = Ending(
        "completed", 0, f"the sweep was {status} while a later job ran; this one came to its end"
    )
    return [
        Ending(status, exit_code) if place == last or not job.in_turn else earlier
        for place, job in enumerate(jobs)
    ]


def _first_failed(jobs: Sequence[Job], output: bytes) -> int | None:
    for found in re.finditer(_FAILED, output):
        said = found[1].decode("utf-8", "replace")
        for place, job in enumerate(jobs):
            if said == repr(list(job.overrides)):
                return place
    return None


def announced(lines: Iterable[bytes]) -> Iterator[tuple[int | None, bytes]]:
    """Each line of output with the number of the job that printed it; None before the first."""
    now: int | None = None
    for line in lines:
        found = re.match(_ANNOUNCED, line) if b"HYDRA" in line else None
        if found is not None:
            now = int(found[1])
        elif b"HYDRA" in line and re.match(_OF_HYDRA, line):
            yield None, line
            continue
        yield now, line

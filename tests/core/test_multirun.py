"""A multirun of Hydra, taken apart."""

from __future__ import annotations

import shlex

import pytest

from expctl.core import multirun
from expctl.core.multirun import Ending, Job

JOBS = [Job(n, f"multirun/x/{n}", (f"lr={n}", "model=rf"), n, in_turn=True) for n in range(3)]
FAILED = b"text\nError executing job with overrides: ['lr=1', 'model=rf']\nTraceback"


@pytest.mark.parametrize(
    ("command", "alone"),
    [
        ("python t.py -m lr=0,1 model=rf", "python t.py lr=0 model=rf"),
        ("python t.py lr=0,1 --multirun -cn exp ~db +x=1", "python t.py -cn exp lr=0 model=rf"),
        ("python t.py hydra.mode=MULTIRUN lr=0,1 hydra.job.name=a",
         "python t.py hydra.job.name=a lr=0 model=rf"),
        ("uv run t.py -m lr=0,1 hydra/launcher=joblib hydra.launcher.n_jobs=2 hydra.sweep.dir=x",
         "uv run t.py lr=0 model=rf"),
        ("python -m pkg.train -m 'lr=range(0,3)'", "python -m pkg.train lr=0 model=rf"),
        ("bash sweep.sh 3", "bash sweep.sh 3"),
        ("bash -c 'python t.py -m lr=0,1'", "bash -c 'python t.py -m lr=0,1'"),
        ("python t.py --lr 3", "python t.py --lr 3"),
    ],
)  # fmt: skip
def test_the_command_of_one_job_is_that_of_the_sweep_with_its_own_words(command: str, alone: str) -> None:
    assert multirun.command_of(shlex.split(command), JOBS[0]) == tuple(shlex.split(alone))


def test_a_sweep_that_ended_well_had_jobs_that_did() -> None:
    assert multirun.endings(JOBS, "completed", 0, FAILED) == [Ending("completed", 0)] * 3


def test_after_the_first_failed_job_nothing_is_known() -> None:
    before, failed, after = multirun.endings(JOBS, "failed", 1, FAILED)

    assert (before, failed) == (Ending("completed", 0), Ending("failed", 1))
    assert (after.status, after.exit_code) == ("lost", None)
    assert "not known" in after.why


def test_a_sweep_that_was_broken_off_was_so_in_its_last_job() -> None:
    ends = multirun.endings(JOBS, "interrupted", 130, b"")

    assert [(end.status, end.exit_code) for end in ends] == [
        ("completed", 0), ("completed", 0), ("interrupted", 130),
    ]  # fmt: skip
    assert ends[0].why


def test_of_parallel_jobs_none_is_said_to_have_ended_well() -> None:
    jobs = [job._replace(in_turn=False) for job in JOBS]

    assert {end.status for end in multirun.endings(jobs, "killed", 137, b"")} == {"killed"}


def test_no_jobs_have_no_endings() -> None:
    assert multirun.endings([], "failed", 1, FAILED) == []


def test_output_is_parted_where_hydra_announces_a_job() -> None:
    lines = [
        b"[2026-11-23 02:14:42,516][HYDRA] Launching 2 jobs locally\n",
        b"[2026-11-23 02:14:42,516][HYDRA] \t#0 : lr=0\n",
        b"loss 0.5 #7 : 3\n",
        b"[\x1b[36m2026-11-23\x1b[0m][\x1b[34mHYDRA\x1b[0m] \t#12 : lr=1\x1b[0m\n",
        b"loss 0.25\n",
    ]

    assert [num for num, _ in multirun.announced(lines)] == [None, 0, 0, 12, 12]


def test_what_the_sweeper_says_is_no_jobs() -> None:
    lines = [
        b"[2026-11-22 10:00:00,000][HYDRA] \t#3 : lr=0.1\n",
        b"loss 0.5\n",
        b"[2026-11-22 10:00:01,000][\x1b[35mHYDRA\x1b[0m] Best value: 1.0\n",
        b"[2026-11-22 10:00:01,000][HYDRA] Best parameters: {}\n",
        b"the last words of job 3, of HYDRA and others\n",
    ]

    assert [num for num, _ in multirun.announced(lines)] == [3, 3, None, None, 3]

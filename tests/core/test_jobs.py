from __future__ import annotations

import pytest

from expctl.core import jobs

SLURM = {"SLURM_JOB_ID": "4713", "SLURM_PROCID": "0"}
STEP = {"SLURM_JOB_ID": "4713", "SLURM_STEP_ID": "2", "SLURM_STEP_NUM_TASKS": "4"}


@pytest.mark.parametrize(
    ("env", "job"),
    [
        ({}, {}),
        (SLURM, {"slurm": "4713"}),
        ({**SLURM, "SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "3"}, {"slurm": "4711_3"}),
        ({**SLURM, "SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "0"}, {"slurm": "4711_0"}),
        ({"PBS_JOBID": "17.head"}, {"pbs": "17.head"}),
        ({"PBS_JOBID": "17[3].head", "PBS_ARRAY_INDEX": "3"}, {"pbs": "17[3].head"}),
        ({"LSB_JOBID": "9", "LSB_JOBINDEX": "0"}, {"lsf": "9"}),
        ({"LSB_JOBID": "9", "LSB_JOBINDEX": "4"}, {"lsf": "9_4"}),
        ({"JOB_ID": "5", "SGE_TASK_ID": "undefined"}, {"sge": "5"}),
        ({"JOB_ID": "a build server's"}, {}),
    ],
)
def test_a_job_is_known_by_its_scheduler(env, job) -> None:
    assert jobs.job_of(env) == job


@pytest.mark.parametrize(
    ("env", "number", "size"),
    [
        ({**STEP, "SLURM_PROCID": "3"}, 3, 4),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "PMIX_NAMESPACE": "prterun-a-1@1"}, 1, 2),
        ({"PMI_RANK": "5", "PMI_SIZE": "8", "PBS_JOBID": "17.head"}, 5, 8),
        ({"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500"}, 1, 2),
    ],
)
def test_a_rank_is_known_by_its_launcher(env, number, size) -> None:
    assert jobs.rank_of(env, "node1")[:2] == (number, size)


@pytest.mark.parametrize(
    "env",
    [
        {},
        SLURM,  # the batch script itself
        {**STEP, "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"},
        {"RANK": "7"},
        {"RANK": "7", "WORLD_SIZE": "8"},  # one of eight, and nobody knows of which
        {"PMI_RANK": "1", "PMI_SIZE": "2"},
        {"RANK": "x", "WORLD_SIZE": "8", "MASTER_ADDR": "a"},
        {"RANK": "8", "WORLD_SIZE": "8", "MASTER_ADDR": "a"},
        {"RANK": "1", "WORLD_SIZE": "9" * 5000, "MASTER_ADDR": "a"},
    ],
)
def test_who_is_alone_or_cannot_be_told_apart_has_no_rank(env) -> None:
    assert jobs.rank_of(env, "node1") is None


def test_the_innermost_launcher_counts() -> None:
    env = {
        **STEP,
        "SLURM_PROCID": "0",
        "RANK": "3",
        "WORLD_SIZE": "4",
        "MASTER_ADDR": "a",
        "MASTER_PORT": "1",
    }

    assert jobs.rank_of(env, "node1").number == 3


def test_two_starts_have_two_keys() -> None:
    def key(host: str, **env: str) -> str:
        return jobs.rank_of({**STEP, "SLURM_PROCID": "1", **env}, host).key

    local = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}
    assert key("a") == key("b")
    assert key("a") != key("a", SLURM_STEP_ID="3")
    assert key("a", **local) != key("b", **local)
    assert key("a", **local) != key("a", **{**local, "MASTER_PORT": "29501"})


def test_another_command_has_another_digest() -> None:
    rank = jobs.Rank(1, 2, "k")

    assert jobs.digest(rank, ["a", "b"]) == jobs.digest(rank, ("a", "b"))
    assert len({jobs.digest(rank, argv) for argv in (["a", "b"], ["a b"], ["a", "b", ""], ["\udcff"])}) == 4

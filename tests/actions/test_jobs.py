"""Runs on a cluster: the job is recorded, ranks are one run, and submissions are not taken for the job."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from expctl.actions import beginning, ranks, submitting
from expctl.store import manifests

STEP = {"SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "3"}
#: Each rank logs, and they end together.
SCRIPT = """
import os, time, expctl
rank = os.environ["SLURM_PROCID"]
expctl.log_metric(f"rank{rank}", int(rank))
open(f"up{rank}", "w").close()
until = time.monotonic() + 60
while not all(os.path.exists(f"up{n}") for n in range(3)) and time.monotonic() < until:
    time.sleep(0.01)
raise SystemExit(int(rank))
"""


def start(repo, *words: str, **env: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "expctl", "run", "--", *words],
        cwd=repo.path, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def repo(make_repo):
    made = make_repo(files={"train.py": SCRIPT})
    made.expctl("init")
    return made


def test_all_ranks_of_one_start_are_one_run(repo):
    started = [start(repo, sys.executable, "train.py", **STEP, SLURM_PROCID=str(n)) for n in (2, 1, 0)]
    ended = [process.communicate()[1] for process in started]

    assert [process.returncode for process in started] == [2, 1, 0], ended
    [path] = repo.manifests()
    found = manifests.read(path)
    assert dict(found.parent) == {"job": {"slurm": "4711", "rank0": True}}
    assert {name: metric.value for name, metric in found.metrics.items()} == {
        "rank0": 0,
        "rank1": 1,
        "rank2": 2,
    }
    assert ended[:2] == ["", ""]


def test_ranks_with_commands_of_their_own_are_runs_of_their_own(repo):
    repo.write("train.py", SCRIPT + "# {}\n")
    started = [
        start(repo, sys.executable, "train.py", "--seed", str(n), **STEP, SLURM_PROCID=str(n))
        for n in range(3)
    ]
    for process in started:
        process.communicate()

    jobs = [manifests.read(path).parent["job"] for path in repo.manifests()]
    assert sorted(job.get("rank", 0) for job in jobs) == [0, 1, 2]


def test_a_rank_that_finds_nobody_runs_its_command_and_says_so(repo, monkeypatch):
    monkeypatch.setattr(ranks, "_PATIENCE_S", 0.0)
    from expctl import project as projects
    from expctl.actions import record
    from expctl.actions.request import Request

    for name, value in {**STEP, "SLURM_PROCID": "2"}.items():
        monkeypatch.setenv(name, value)
    done = record.record(projects.find(repo.path), Request(argv=("sh", "-c", "exit 7")))

    assert (done.exit_code, done.manifest) == (7, None)
    assert done.said == ("rank 2 found no run of rank 0, and recorded nothing",)
    assert repo.manifests() == []


def test_a_run_inside_of_a_run_is_nobodys_rank(repo):
    outer = str(repo.path)
    done = repo.expctl("run", "--", "true", env={**STEP, "SLURM_PROCID": "2", "EXPCTL_RUN_DIR": outer})

    assert done.exit_code == 0
    assert len(repo.manifests()) == 1


def test_the_run_that_submitted_a_job_is_not_around_its_ranks(monkeypatch):
    for name, value in {**STEP, "SLURM_PROCID": "2", "EXPCTL_RUN_DIR": "/gone"}.items():
        monkeypatch.setenv(name, value)

    assert beginning.own_rank().number == 2


def test_the_job_of_an_array_is_recorded(repo):
    env = {"SLURM_JOB_ID": "4714", "SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "3"}
    repo.expctl("run", "--", "true", env=env)

    assert manifests.read(repo.manifests()[0]).parent == {"job": {"slurm": "4711_3"}}


JOB = """#!/bin/bash
#SBATCH -p gpu
module load cuda
cd /scratch
DATA=/x
srun python train.py \\
    --lr 3
echo done
"""


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ["sbatch", "-p", "gpu", "job.sh", "a"],
            "in job.sh write: expctl run -- srun python train.py --lr 3",
        ),
        (["/usr/bin/qsub", "job.sh"], "in job.sh write: expctl run -- srun python train.py --lr 3"),
        (["sbatch", "empty.sh"], "in empty.sh write: expctl run -- COMMAND"),
        (["sbatch", "gone.sh"], "in what sbatch starts write: expctl run -- COMMAND"),
        (["sbatch", "--wrap", "python t.py"], "write: sbatch --wrap='expctl run -- python t.py'"),
        (["sbatch", "--wrap=python t.py"], "write: sbatch --wrap='expctl run -- python t.py'"),
        (["bsub", "python", "t.py"], "in what bsub starts write: expctl run -- COMMAND"),
        (
            ["ssh", "-p", "22", "-tt", "gpu1", "python", "t.py"],
            "record it over there: ssh gpu1 'cd REPOSITORY && expctl run -- python t.py'",
        ),
        (["ssh"], "record it over there: ssh HOST 'cd REPOSITORY && expctl run -- COMMAND'"),
    ],
)
def test_the_line_for_the_job_itself_is_shown(tmp_path, argv, said):
    (tmp_path / "job.sh").write_text(JOB)
    (tmp_path / "empty.sh").write_text("")
    told = submitting.advice(argv, tmp_path)

    assert told == f"only the submission is recorded, not what it starts; {said}"


def test_a_submission_is_said_before_it_starts(repo):
    tool = repo.write("bin/sbatch", "#!/bin/sh\necho Submitted batch job 1 >&2\n")
    tool.chmod(0o755)
    repo.write("job.sh", "python train.py\n")
    done = repo.expctl("run", "--", str(tool), "job.sh")

    warned, submitted = done.err.index("only the submission"), done.err.index("Submitted")
    assert warned < submitted
    assert "in job.sh write: expctl run -- python train.py" in done.err

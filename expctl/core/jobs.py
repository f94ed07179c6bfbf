"""Jobs of a cluster, as the environment of their processes tells them: ids, array tasks, ranks.

Slurm, PBS, LSF and Grid Engine name the job; Slurm's ``srun``, Open MPI, MPICH and torchrun number the
processes that they start.
"""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Rank, size and what the processes of one start have in common, the innermost launcher first.
_LAUNCHERS = (
    ("RANK", "WORLD_SIZE", ("TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT")),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", ("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid")),
    ("PMI_RANK", "PMI_SIZE", ("PMI_JOBID", "PBS_JOBID", "LSB_JOBID", "SLURM_JOB_ID", "SLURM_STEP_ID")),
    ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", ("SLURM_JOB_ID", "SLURM_STEP_ID")),
)
#: What stands in the place of a word that no launcher has said.
_UNSAID = ("", "none", "undefined")
_HERE = ("localhost", "127.0.0.1", "::1")
_LONGEST = 200


class Rank(NamedTuple):
    """One of several processes that a launcher started.

    Attributes:
        number: From 0.
        size: How many there are.
        key: What those of one start have in common, and nobody else has.
    """

    number: int
    size: int
    key: str


def job_of(env: Mapping[str, str]) -> dict[str, str]:
    """The job by scheduler, with the task of an array behind ``_``; empty outside of a job."""
    is_array = bool(_word(env, "SLURM_ARRAY_TASK_ID"))
    found = {
        "slurm": _task(env, "SLURM_ARRAY_JOB_ID" if is_array else "SLURM_JOB_ID", "SLURM_ARRAY_TASK_ID"),
        "pbs": _task(env, "PBS_JOBID", "PBS_ARRAY_INDEX"),
        # Of LSF's arrays the first task is 1.
        "lsf": _task(env, "LSB_JOBID", "LSB_JOBINDEX" if env.get("LSB_JOBINDEX") != "0" else ""),
        "sge": _task(env, "JOB_ID", "SGE_TASK_ID") if "SGE_TASK_ID" in env else "",
    }
    return {name: value for name, value in found.items() if value}


def rank_of(env: Mapping[str, str], host: str) -> Rank | None:
    """The rank of a process that is one of several; None for one that is alone.

    None too where nothing tells its companions from those of another start: it is on its own then.

    Args:
        env: Its environment.
        host: Where it runs: an address such as ``localhost`` is another one elsewhere.
    """
    for number, size, common in _LAUNCHERS:
        rank, count = _word(env, number), _word(env, size)
        if not (_is_number(rank) and _is_number(count)) or not int(count) > 1 or not int(rank) < int(count):
            continue
        words = [host if word in _HERE else word for name in common if (word := _word(env, name))]
        if words:
            return Rank(int(rank), int(count), "/".join((number, *words)))
    return None


def digest(rank: Rank, argv: Sequence[str]) -> str:
    """What ranks that run one and the same command have in common; tells nobody what it is."""
    from hashlib import sha256  # only ranks need it

    return sha256("\0".join((rank.key, *argv)).encode("utf-8", "surrogateescape")).hexdigest()


def _task(env: Mapping[str, str], job: str, task: str) -> str:
    found, index = _word(env, job), _word(env, task)
    # PBS writes the index into the id as well: 4711[3].head
    return f"{found}_{index}" if found and index and "[" not in found else found


def _word(env: Mapping[str, str], name: str) -> str:
    word = env.get(name, "")[:_LONGEST]
    return "" if word in _UNSAID else word


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 9  # noqa: PLR2004 more processes than anybody has

"""A script without the wrapper, or a notebook, is recorded by `with expctl.run():`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import expctl
from expctl.store import manifests

ROOT = Path(expctl.__file__).parents[1]


def python(repo, code: str, *, file: str = "script.py", **env: str) -> subprocess.CompletedProcess[str]:
    repo.write(file, code)
    return subprocess.run(
        [sys.executable, file],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def records(repo):
    return [manifests.read(path) for path in repo.manifests()]


def test_a_block_is_recorded(repo):
    done = python(
        repo,
        "import expctl\n"
        "params = {'lr': 0.1, 'net': {'n': 2}}\n"
        "with expctl.run(experiment='fraud', name='base', params=params, tags={'a': 1}) as run:\n"
        "    for step in range(5): expctl.log_metric('f1', step / 10, step)\n"
        "print(run.id)",
    )
    (run,) = records(repo)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == run.id
    assert (run.experiment, run.name, run.status, run.command.exit_code) == ("fraud", "base", "completed", 0)
    assert run.params == {"lr": 0.1, "net": {"n": 2}}
    assert run.tags == {"a": "1"}
    assert (run.metrics["f1"].value, run.metrics["f1"].step, run.metrics["f1"].points) == (0.4, 4, 5)
    assert run.command.argv[1:] == ("script.py",)
    assert run.code is not None
    assert run.code.tree
    assert f"completed {run.id}" in done.stderr


def test_the_interpreter_of_the_block_is_the_one_that_is_recorded(repo):
    python(repo, "import expctl\nwith expctl.run(): pass")
    (run,) = records(repo)

    assert run.environment is not None
    assert run.environment.python == ".".join(map(str, sys.version_info[:3]))
    assert run.environment.packages is not None


@pytest.mark.parametrize(
    ("line", "status", "exit_code"),
    [
        ("raise ValueError('mine')", "failed", 1),
        ("raise KeyboardInterrupt", "interrupted", 130),
        ("raise SystemExit(3)", "failed", 3),
        ("raise SystemExit('text')", "failed", 1),
        ("raise SystemExit", "completed", 0),
        ("pass", "completed", 0),
    ],
)
def test_how_the_block_ends_is_how_the_run_ends(repo, line, status, exit_code):
    code = f"import expctl\nwith expctl.run():\n    expctl.log_metric('m', 1.0)\n    {line}"
    done = python(repo, code)
    plain = python(repo, line, file="plain.py")
    (run,) = records(repo)

    assert done.returncode == plain.returncode
    assert (run.status, run.command.exit_code) == (status, exit_code)
    assert run.metrics["m"].value == 1.0


def test_blocks_in_a_loop_are_runs_of_their_own(repo):
    python(
        repo,
        "import expctl\n"
        "for lr in (0.1, 0.2):\n"
        "    with expctl.run(params={'lr': lr}): expctl.log_metric('m', lr)\n"
        "expctl.log_metric('after', 1.0)",
    )

    assert sorted((run.params["lr"], run.metrics["m"].value, len(run.metrics)) for run in records(repo)) == [
        (0.1, 0.1, 1),
        (0.2, 0.2, 1),
    ]


def test_a_block_inside_a_block_joins_it(repo):
    done = python(
        repo,
        "import expctl\n"
        "with expctl.run(name='outer') as outer:\n"
        "    with expctl.run(params={'x': 1}) as inner: expctl.log_metric('m', 1.0)\n"
        "    assert inner.joined and inner.id == outer.id\n"
        "    expctl.log_metric('n', 2.0)",
    )
    (run,) = records(repo)

    assert done.returncode == 0, done.stderr
    assert (run.params, sorted(run.metrics)) == ({"x": 1}, ["m", "n"])


def test_start_and_end_do_what_a_block_does(repo):
    done = python(
        repo,
        "import expctl\n"
        "run = expctl.run(name='cells').start()\n"
        "assert run.start() is run\n"
        "expctl.log_metric('m', 1.0)\n"
        "run.end(); run.end()",
    )
    (run,) = records(repo)

    assert done.returncode == 0, done.stderr
    assert (run.name, run.status) == ("cells", "completed")


@pytest.mark.parametrize(("line", "status"), [("pass", "completed"), ("raise ValueError", "failed")])
def test_a_run_that_is_still_open_at_the_end_is_ended(repo, line, status):
    python(repo, f"import expctl\nexpctl.run().start()\nexpctl.log_metric('m', 1.0)\n{line}")
    (run,) = records(repo)

    assert (run.status, run.metrics["m"].value) == (status, 1.0)


def test_processes_that_the_block_starts_join(repo):
    repo.write("child.py", "import expctl\nwith expctl.run(): expctl.log_metric('child', 2.0)")
    done = python(
        repo,
        "import expctl, os, subprocess, sys\n"
        "with expctl.run():\n"
        "    subprocess.run([sys.executable, 'child.py'], check=True)\n"
        "    if (pid := os.fork()) == 0:\n"
        "        expctl.log_metric('fork', 3.0)\n"
        "        sys.exit()\n"
        "    os.waitpid(pid, 0)\n"
        "    expctl.log_metric('own', 1.0)\n"
        "assert 'EXPCTL_RUN_DIR' not in os.environ",
    )
    (run,) = records(repo)

    assert done.returncode == 0, done.stderr
    assert {name: metric.value for name, metric in run.metrics.items()} == {
        "child": 2.0,
        "fork": 3.0,
        "own": 1.0,
    }
    assert run.status == "completed"


def test_the_other_ranks_make_no_run_of_their_own(repo):
    done = python(
        repo, "import expctl\nwith expctl.run() as r: expctl.log_metric('m', 1)\nprint(r.id)", RANK="3"
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "None\n", "")
    assert records(repo) == []


def test_outside_of_a_repository_it_is_said_before_the_block(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import expctl\nwith expctl.run(): print('never')"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "NotARepositoryError" in done.stderr
    assert done.stdout == ""


def test_a_record_that_cannot_be_written_does_not_fail_the_block(repo):
    done = python(
        repo,
        "import expctl, os\n"
        "with expctl.run() as run:\n"
        "    os.rename('.git/expctl/live', '.git/expctl/gone'); open('.git/expctl/live', 'w').close()\n"
        "print('on')",
    )

    assert (done.returncode, done.stdout) == (0, "on\n")
    assert "expctl:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_a_run_that_is_over_is_not_joined(repo, tmp_path):
    done = python(
        repo,
        "import expctl\nwith expctl.run() as run: expctl.log_metric('m', 1.0)\nassert not run.joined",
        EXPCTL_RUN_DIR=str(tmp_path / "gone"),
    )

    assert done.returncode == 0, done.stderr
    assert len(records(repo)) == 1


def test_the_words_of_a_notebook_kernel_are_not_recorded(repo):
    repo.write("kernel.json", '{"key": "4711", "ip": "127.0.0.1"}')
    done = subprocess.run(
        [sys.executable, "-i", "-", "-f", "kernel.json"],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="import expctl\nwith expctl.run(name='cell'): expctl.log_metric('m', 1.0)\n\n",
        capture_output=True,
        text=True,
        check=False,
    )
    (run,) = records(repo)

    assert run.command.argv == (), done.stderr
    assert run.params == {}
    assert run.metrics["m"].value == 1.0


def test_under_the_wrapper_it_joins(repo):
    repo.write(
        "script.py",
        "import expctl\n"
        "with expctl.run(name='mine', params={'lr': 0.1}, tags={'a': 'b'}) as run:\n"
        "    expctl.log_metric('m', 1.0)\n"
        "assert run.joined",
    )
    done = repo.expctl(
        "run", "--name", "given", "--", sys.executable, "script.py", env={"PYTHONPATH": str(ROOT)}
    )
    (run,) = records(repo)

    assert done.exit_code == 0, done.err
    assert (run.name, run.params, run.tags) == ("given", {"lr": 0.1}, {"a": "b"})
    assert f"part of run {run.id}" in done.err


def test_under_the_wrapper_an_interpreter_without_expctl_logs_and_is_seeded(repo, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    repo.write(
        "script.py",
        "import random, expctl\nwith expctl.run(): expctl.log_metrics({'m': 1.0, 'r': random.random()}, 3)\n",
    )
    # expctl is found by its own interpreter alone, as if it were installed there.
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from expctl.__main__ import main; sys.exit(main())"
    )
    words = ["run", "--seed", "42", "--", str(tmp_path / "bare" / "bin" / "python"), "script.py"]
    done = subprocess.run(
        [sys.executable, "-c", start, *words], cwd=repo.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (run,) = records(repo)

    assert {name: metric.value for name, metric in run.metrics.items()} == {"m": 1.0, "r": 0.6394267984578837}
    assert run.seeds is not None
    assert (run.seeds.requested, dict(run.seeds.set)["random"]) == (42, 42)


def test_what_a_block_uses_is_recorded_and_not_what_went_before(repo):
    work = "end = time.process_time() + {}\nwhile time.process_time() < end: pass\n"
    code = f"import expctl, time\n{work.format(1.5)}with expctl.run():\n    time.process_time()\n"
    done = python(repo, code)

    assert done.returncode == 0, done.stderr
    [record] = records(repo)
    assert 0 <= record.resources.cpu_s < 1.5
    assert record.resources.max_rss_bytes > 1 << 20

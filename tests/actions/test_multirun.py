"""Every job of a Hydra multirun is a run of its own; here a script leaves what Hydra leaves."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml

from expctl import project as projects
from expctl.actions import beginning, finishing, sealing
from expctl.actions.request import Request
from expctl.store import live

SCRIPT = """\
import json, pathlib, sys

for num, lr in enumerate(("0.1", "0.2", "0.3")):
    folder = pathlib.Path("multirun/day", str(num), ".hydra")
    folder.mkdir(parents=True)
    task = [f"lr={lr}", "model=large"]
    hydra = {"mode": "MULTIRUN", "job": {"num": num}, "overrides": {"hydra": [], "task": task},
             "launcher": {"_target_": "hydra._internal.core_plugins.basic_launcher.BasicLauncher"},
             "runtime": {"choices": {"model": "large"}}}
    print(f"[now][HYDRA] \\t#{num} : lr={lr}", flush=True)
    (folder / "config.yaml").write_text(f"lr: {lr}\\nmodel: {{depth: 9}}\\nname: run_${{lr}}\\n")
    (folder / "hydra.yaml").write_text(json.dumps({"hydra": hydra}))
    print(f"training with {lr}", flush=True)
    (folder.parent / "results.json").write_text(json.dumps({"acc": float(lr) * 2}))
    (folder.parent / "model.pt").write_text(lr)
(pathlib.Path("summary.png")).write_text("png")
if "fail" in sys.argv:
    print("Error executing job with overrides: ['lr=0.2', 'model=large']")
    sys.exit(1)
"""
WORDS = ("-m", "lr=0.1,0.2,0.3", "model=large")


@pytest.fixture
def sweep(repo):
    repo.write("train.py", SCRIPT)
    repo.write(".gitignore", "multirun/\n")
    repo.commit_all()

    def sweep(*words: str, flags: tuple[str, ...] = ()) -> tuple[dict, list[dict]]:
        repo.expctl("run", *flags, "--", sys.executable, "train.py", *WORDS, *words)
        found = [yaml.safe_load(path.read_text()) for path in repo.manifests()]
        jobs = [each for each in found if "parent" in each]
        return next(each for each in found if "parent" not in each), sorted(
            jobs, key=lambda job: job["params"]["lr"]
        )

    return sweep


def test_each_job_has_its_own_words_settings_metrics_and_models(sweep) -> None:
    parent, jobs = sweep(flags=("-e", "fraud", "-n", "grid", "-t", "team=a"))

    assert [job["parent"] for job in jobs] == [{"sweep": parent["id"]}] * 3
    assert [job["command"]["argv"][2:] for job in jobs] == [
        [f"lr={lr}", "model=large"] for lr in ("0.1", "0.2", "0.3")
    ]
    assert [job["metrics"] for job in jobs] == [{"acc": {"value": value}} for value in (0.2, 0.4, 0.6)]
    assert jobs[1]["params"] == {
        "lr": 0.2, "model": {"depth": 9}, "name": "run_0.2",
        "hydra": {"runtime": {"choices": {"model": "large"}}},
    }  # fmt: skip
    assert [(a["path"], a["stored"]) for a in jobs[2]["artifacts"] if a["kind"] == "model"] == [
        ("multirun/day/2/model.pt", True)
    ]
    assert [(job["name"], job["experiment"], job["tags"]) for job in jobs] == [
        (f"grid-{n}", "fraud", {"team": "a"}) for n in range(3)
    ]
    assert {job["status"] for job in jobs} == {"completed"}
    assert jobs[0]["code"]["tree"] == parent["code"]["tree"]


def test_the_hook_answered_for_all_jobs(sweep) -> None:
    _, jobs = sweep()

    assert [len(job["capture"]["notes"]) for job in jobs] == [1, 1, 1]  # that it is a job
    assert [note for job in jobs for note in job["capture"]["notes"] if "hook" in note] == []


def test_the_sweep_keeps_what_is_not_of_a_job(sweep) -> None:
    parent, jobs = sweep()

    assert "metrics" not in parent
    assert [artifact["path"] for artifact in parent["artifacts"]] == ["summary.png"]
    assert parent["params"] == {"lr": "0.1,0.2,0.3", "model": "large"}
    assert all("summary.png" not in [a["path"] for a in job["artifacts"]] for job in jobs)


def test_each_job_keeps_what_it_printed(sweep, repo) -> None:
    _, jobs = sweep()

    printed = repo.expctl("artifacts", jobs[1]["id"], "--get", "output.log", "-o", "-")
    assert printed.out.splitlines() == ["[now][HYDRA] \t#1 : lr=0.2", "training with 0.2"]


def test_only_the_job_that_failed_is_called_so(sweep) -> None:
    parent, jobs = sweep("fail")

    assert parent["status"] == "failed"
    assert [job["status"] for job in jobs] == ["completed", "failed", "lost"]


def test_all_are_committed_together(sweep, repo) -> None:
    sweep(flags=("--commit",))

    committed = repo.git("ls-files", ".experiments/runs").split()
    assert len([name for name in committed if name.endswith(".yaml")]) == 4
    assert repo.git("status", "--porcelain", ".experiments/runs") == ""


@pytest.fixture
def broken_off(repo):
    """A sweep that died with its expctl, after its script had left what Hydra leaves."""
    repo.write("train.py", SCRIPT)
    repo.commit_all()
    project = projects.find(repo.path)
    folder = beginning.begin(project, Request(argv=("python", "train.py", *WORDS))).folder
    state = json.loads((folder / "state.json").read_text())
    dead = {**state, "process": {"pid": 2**22 + 5, "start": "1"}}
    (folder / "state.json").write_text(json.dumps(dead))
    subprocess.run([sys.executable, "train.py"], cwd=repo.path, check=True, capture_output=True)
    return project


def test_the_jobs_of_a_sweep_that_was_killed_are_recorded_with_it(repo, broken_off) -> None:
    sealing.seal_dead(broken_off)

    found = [yaml.safe_load(path.read_text()) for path in repo.manifests()]
    assert sorted((each["params"]["lr"], each["status"]) for each in found if "parent" in each) == [
        (0.1, "completed"), (0.2, "completed"), (0.3, "killed"),
    ]  # fmt: skip
    assert live.list_live(broken_off.live) == []


def test_a_second_try_makes_no_second_record_of_a_job(repo, broken_off, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(finishing.placing, "put", full)
        sealing.seal_dead(broken_off)
    assert repo.manifests() == []

    sealing.seal_dead(broken_off)
    sealing.seal_dead(broken_off)

    assert len(repo.manifests()) == 4


LOGGING = """\
import json, os, pathlib, sys, types
import expctl

hydra = types.ModuleType("hydra.core.hydra_config")
class HydraConfig:
    cfg = None
    @classmethod
    def instance(cls):
        return cls
hydra.HydraConfig = HydraConfig
sys.modules["hydra.core.hydra_config"] = hydra
expctl.log_metric("before", 1.0)

def begin(num, lr):
    folder = pathlib.Path("multirun/day", str(num), ".hydra").absolute()
    folder.mkdir(parents=True)
    told = {"mode": "MULTIRUN", "job": {"num": num}, "overrides": {"hydra": [], "task": [f"lr={lr}"]},
            "launcher": {"_target_": "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher"}}
    (folder / "config.yaml").write_text(f"lr: {lr}\\n")
    (folder / "hydra.yaml").write_text(json.dumps({"hydra": told}))
    (folder.parent / "train.log").write_text(f"[now][__main__][INFO] - acc: {lr}\\n")
    runtime = types.SimpleNamespace(output_dir=str(folder.parent))
    return types.SimpleNamespace(hydra=types.SimpleNamespace(mode="RunMode.MULTIRUN", runtime=runtime))

jobs = [begin(0, 0.25), begin(1, 0.5)]
if os.fork():
    os.wait()
    HydraConfig.cfg = jobs[0]
    expctl.log_metric("loss", 0.125, step=1)
    expctl.log_param("opt", "first")
else:
    for lr, job in ((0.5, jobs[1]),):
        HydraConfig.cfg = job
        expctl.log_metric("loss", lr / 2, step=1)
        expctl.set_tag("who", "second")
"""


def test_what_a_job_logs_is_its_own_also_where_jobs_run_at_one_time(repo) -> None:
    repo.write("train.py", LOGGING)
    repo.write(".gitignore", "multirun/\n")
    repo.commit_all()
    repo.expctl("run", "--", sys.executable, "train.py", "-m", "lr=0.25,0.5")
    found = [yaml.safe_load(path.read_text()) for path in repo.manifests()]
    sweep = next(each for each in found if "parent" not in each)
    first, second = sorted((each for each in found if "parent" in each), key=lambda job: job["params"]["lr"])

    assert set(sweep["metrics"]) == {"before"}
    assert "opt" not in sweep["params"]
    assert (first["metrics"]["loss"]["value"], first["params"]["opt"]) == (0.125, "first")
    assert (second["metrics"]["loss"]["value"], second["tags"]) == (0.25, {"who": "second"})
    # Each job's own log says what the output of jobs at one time cannot.
    assert [job["metrics"]["acc"]["value"] for job in (first, second)] == [0.25, 0.5]

"""``expctl run`` from the command line to the manifest, in real repositories."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from expctl.store import manifests

if TYPE_CHECKING:
    from expctl.core.manifest import Manifest

PYTHON = sys.executable


def ordered(repo) -> list[Manifest]:
    """All records, in the order of their start: ids of one second are in no order."""
    return sorted(map(manifests.read, repo.manifests()), key=lambda manifest: manifest.started_at)


def last(repo) -> Manifest:
    return ordered(repo)[-1]


def run(repo, *words: str, **kwargs):
    return repo.expctl("run", *words, **kwargs)


def test_a_run_needs_no_init_and_leaves_one_manifest(repo):
    done = run(repo, "-n", "first", "-t", "team=fraud", "--note", "a try", "--", PYTHON, "train.py")

    assert done.exit_code == 0
    assert done.out == "hello\n"
    manifest = last(repo)
    assert (manifest.status, manifest.name, manifest.tags, manifest.notes) == (
        "completed", "first", {"team": "fraud"}, ("a try",),
    )  # fmt: skip
    assert manifest.id in done.err
    assert "made .experiments/" in done.err


def test_a_failed_command_is_still_recorded(repo):
    done = run(repo, "--", PYTHON, "-c", "raise SystemExit(7)")

    assert done.exit_code == 7
    assert (last(repo).status, last(repo).command.exit_code) == ("failed", 7)


def test_a_killed_command_is_recorded_as_killed(repo):
    done = run(repo, "--", "sh", "-c", "kill -9 $$")

    assert done.exit_code == 137
    assert last(repo).status == "killed"


def test_a_missing_command_is_127_and_nothing_is_recorded(repo):
    done = run(repo, "--", "no-such-command-anywhere")

    assert done.exit_code == 127
    assert "command not found" in done.err
    assert repo.manifests() == []
    assert list((repo.path / ".git" / "expctl" / "live").iterdir()) == []


def test_outside_of_a_repository_nothing_starts(tmp_path, repo):
    outside = tmp_path / "outside"
    outside.mkdir()
    done = run(repo, "--", "touch", "started", cwd=outside)

    assert done.exit_code == 125
    assert "git init" in done.err
    assert not (outside / "started").exists()


def test_settings_that_cannot_be_read_stop_before_the_start(repo):
    repo.write(".experiments/config.yaml", "keep_models: plenty\n")
    done = run(repo, "--", "touch", "started")

    assert done.exit_code == 125
    assert "keep_models" in done.err
    assert not (repo.path / "started").exists()


def test_time_that_is_up_gives_124(repo):
    assert run(repo, "--timeout", "0.2", "--", "sleep", "30").exit_code == 124
    assert last(repo).status == "interrupted"


def test_a_dirty_tree_can_be_checked_out_again(repo):
    repo.write("helper.py", "VALUE = 1\n")
    repo.write("train.py", "import helper\nprint(helper.VALUE)\n")
    run(repo, "--", PYTHON, "train.py")
    manifest = last(repo)
    repo.git("checkout", "-q", ".")
    repo.git("clean", "-fdq", "-e", ".experiments")

    assert manifest.code.dirty
    listed = repo.git("ls-tree", "-r", "--name-only", manifest.code.tree).split()
    assert listed == ["helper.py", "train.py"]
    assert repo.git("cat-file", "blob", f"{manifest.code.tree}:helper.py") == "VALUE = 1\n"
    assert repo.git("cat-file", "blob", f"{manifest.code.tree}:train.py").startswith("import helper")
    repo.git("gc", "-q", "--prune=now")
    assert repo.git("cat-file", "-t", manifest.code.tree).strip() == "tree"


def test_the_same_code_has_the_same_tree_and_recording_makes_nothing_dirty(repo):
    for _ in range(2):
        run(repo, "--", PYTHON, "-c", "open('model.pt', 'w').write(str(__import__('time').time()))")
    first, second = ordered(repo)

    assert first.code.tree == second.code.tree
    assert not second.code.dirty
    assert first.artifacts[0].md5 != second.artifacts[0].md5


def test_a_secret_file_enters_no_git_object(repo):
    repo.write(".env", "TOKEN=correct-horse-battery\n")
    repo.write("new.py", "x = 1\n")
    run(repo, "--", PYTHON, "train.py")

    left_out = [item.path for item in last(repo).code.left_out]
    assert left_out == [".env"]
    listing = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    for name in listing:
        assert "correct-horse-battery" not in repo.git("cat-file", "-p", name)


def test_a_model_overwritten_in_place_comes_back_for_each_run(repo):
    for n in range(3):
        script = f"f = open('model.pt', 'r+b' if {n} else 'wb'); f.write(b'weights {n}' * 1000); f.close()"
        run(repo, "--", PYTHON, "-c", script)
    contents = [b"weights %d" % n * 1000 for n in range(3)]

    for manifest, content in zip(ordered(repo), contents, strict=True):
        [artifact] = manifest.artifacts
        assert (artifact.kind, artifact.stored) == ("model", True)
        assert artifact.md5 == hashlib.md5(content).hexdigest()
        stored = repo.path / ".git/expctl/dvc-cache/files/md5" / artifact.md5[:2] / artifact.md5[2:]
        assert stored.read_bytes() == content


def test_the_users_index_branch_and_stash_stay_as_they_are(repo):
    repo.write("staged.py", "1\n")
    repo.git("add", "staged.py")
    repo.write("train.py", "print('changed')\n")
    before = [
        repo.git(*words)
        for words in (("ls-files", "-s"), ("rev-parse", "HEAD"), ("stash", "list"), ("branch",))
    ]
    index = (repo.path / ".git/index").read_bytes()
    run(repo, "--", PYTHON, "train.py")

    after = [
        repo.git(*words)
        for words in (("ls-files", "-s"), ("rev-parse", "HEAD"), ("stash", "list"), ("branch",))
    ]
    assert after == before
    assert (repo.path / ".git/index").read_bytes() == index
    assert "?? .experiments/" in repo.git("status", "--porcelain")


def test_commit_takes_the_record_and_leaves_the_users_changes(repo):
    repo.write("staged.py", "1\n")
    repo.git("add", "staged.py")
    repo.write("train.py", "print('changed')\n")
    done = run(repo, "--commit", "--", PYTHON, "train.py")

    assert "committed" in done.err
    changed = repo.git("show", "--name-only", "--format=", "HEAD").split()
    assert changed
    assert all(name.startswith(".experiments/") for name in changed)
    status = repo.git("status", "--porcelain").splitlines()
    assert "A  staged.py" in status
    assert " M train.py" in status
    repo.git("commit", "-q", "-m", "Mine")
    assert repo.git("show", "--name-only", "--format=", "HEAD").split() == ["staged.py"]
    assert repo.git("ls-files", ".experiments/runs").count(".yaml") == 1


def test_it_works_from_a_subdirectory_without_commits_and_with_a_detached_head(make_repo):
    repo = make_repo("young", files={})
    repo.write("deep/er/job.py", "print(1)\n")
    assert run(repo, "--", PYTHON, "job.py", cwd=repo.path / "deep/er").exit_code == 0
    assert (last(repo).command.cwd, last(repo).code.commit) == ("deep/er", None)
    repo.commit_all()
    repo.git("checkout", "-q", "--detach")
    assert run(repo, "--", PYTHON, "deep/er/job.py").exit_code == 0
    assert last(repo).code.branch is None


def test_parameters_metrics_and_data_are_found(repo):
    repo.write("config.yaml", "training: {lr: 1e-3, epochs: 3}\n")
    repo.write("data/train.csv", "a,b\n1,2\n")
    script = "import json; json.dump({'f1': 0.875}, open('metrics.json', 'w'))"
    repo.write("job.py", script)
    run(repo, "--data", "data/train.csv", "--", PYTHON, "job.py", "--config", "config.yaml", "--seed", "7")
    manifest = last(repo)

    assert manifest.params["training"] == {"lr": 0.001, "epochs": 3}
    assert manifest.params["seed"] == 7
    assert manifest.metrics["f1"].value == 0.875
    [data] = [item for item in manifest.data if item.path == "data/train.csv"]
    assert (data.md5, data.bytes, data.changed) == (hashlib.md5(b"a,b\n1,2\n").hexdigest(), 8, False)


def test_data_that_changes_meanwhile_is_flagged(repo):
    repo.write("data.csv", "1\n")
    run(
        repo,
        "--data",
        "data.csv",
        "--",
        PYTHON,
        "-c",
        "import time; time.sleep(.3); open('data.csv', 'a').write('2')",
    )

    assert [item.changed for item in last(repo).data] == [True]


def test_a_source_file_edited_meanwhile_is_named(repo):
    run(repo, "--", PYTHON, "-c", "open('train.py', 'a').write('# late')")

    assert last(repo).code.changed_while_running == ("train.py",)


def test_secrets_in_the_command_and_the_log_are_hidden(repo):
    token = "ghp_" + "a1B2c3D4" * 5
    run(
        repo,
        "--",
        PYTHON,
        "-c",
        f"print('{token}')",
        "--password",
        "hunter2hunter2",
        "--num_memory_tokens",
        "128",
    )

    text = repo.manifests()[-1].read_text()
    assert token not in text
    assert "hunter2" not in text
    assert "128" in text
    objects = (repo.path / ".git/expctl/dvc-cache").rglob("*")
    assert not any(token.encode() in path.read_bytes() for path in objects if path.is_file())


def test_many_runs_at_once_lose_nothing(repo):
    assert run(repo, "--", "true").exit_code == 0
    with ThreadPoolExecutor(16) as pool:
        ended = list(pool.map(lambda n: run(repo, "-n", f"n{n}", "--", "sh", "-c", f"exit {n}"), range(16)))

    assert [done.exit_code for done in ended] == list(range(16))
    found = [manifests.read(path) for path in repo.manifests()]
    assert len(found) == 17
    assert {m.name for m in found if m.name} == {f"n{n}" for n in range(16)}
    assert repo.git("fsck", "--strict") == ""


def run_with_small_files(repo, limit: int):
    """As on a full disk: no file may grow over ``limit`` bytes."""
    program = (
        "import resource, signal, os, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))\n"
        "job = ['sh', '-c', 'yes | head -c 50000; exit 5']\n"
        "os.execv(sys.executable, [sys.executable, '-B', '-m', 'expctl', 'run', '--', *job])"
    )
    return subprocess.run([PYTHON, "-c", program], cwd=repo.path, capture_output=True, text=True, check=False)


def test_a_disk_that_is_full_at_once_stops_before_the_start(repo):
    run(repo, "--", "true")
    done = run_with_small_files(repo, 200)

    assert (done.returncode, done.stdout) == (125, "")
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(repo.manifests()) == 1


def test_a_disk_that_fills_up_meanwhile_keeps_the_commands_result_and_says_so(repo):
    run(repo, "--", "true")
    done = run_with_small_files(repo, 20_000)

    assert (done.returncode, len(done.stdout)) == (5, 50_000)
    assert "the output could not be kept" in done.stderr
    assert (last(repo).status, last(repo).command.exit_code) == ("failed", 5)


def test_a_linked_experiments_folder_is_refused(repo, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (repo.path / ".experiments").symlink_to(elsewhere)
    done = run(repo, "--", "touch", "started")

    assert done.exit_code == 125
    assert not (repo.path / "started").exists()
    assert list(elsewhere.iterdir()) == []


def test_an_untracked_file_with_the_name_of_a_model_is_source(repo):
    repo.write("model_config.json", '{"lr": 0.5}')
    run(repo, "--", PYTHON, "train.py", "--config", "model_config.json")
    repo.write("model_config.json", '{"lr": 0.9}')
    run(repo, "--", PYTHON, "train.py", "--config", "model_config.json")
    first, second = ordered(repo)

    assert first.code.dirty
    assert first.code.tree != second.code.tree
    assert repo.git("cat-file", "blob", f"{first.code.tree}:model_config.json") == '{"lr": 0.5}'


def test_a_declared_file_that_was_only_read_stays_source(repo):
    for text in ("a: 1\n", "a: 2\n"):
        repo.write("cfg.yaml", text)
        run(repo, "--artifact", "cfg.yaml", "--", "true")

    contents = [repo.git("cat-file", "blob", f"{m.code.tree}:cfg.yaml") for m in ordered(repo)]
    assert contents == ["a: 1\n", "a: 2\n"]


def test_a_table_that_each_run_writes_does_not_change_the_code(repo):
    for n in range(2):
        run(repo, "--", PYTHON, "-c", f"open('predictions.csv', 'w').write('a,b\\n{n},1\\n')")
    first, second = ordered(repo)

    assert first.code.tree == second.code.tree
    assert not second.code.dirty

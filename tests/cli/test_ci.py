"""The workflow files that ``expctl ci`` prints: of the right form, with few rights; their shell parts run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from expctl.actions import promoting, registering, requesting
from expctl.project import find
from tests import promotions, shelf

#: Records what it is called with, and answers with the id of the comment that was written before.
CLIENT = """\
#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS/log"
case "$*" in
  *--paginate*) cat "$CALLS/id" 2> /dev/null || true ;;
  */user) echo '{"id": 9}' ;;
  *'&page=1') cat "$CALLS/notes" ;;
  *'&page=2') cat "$CALLS/more" 2> /dev/null || echo '[]' ;;
  *POST* | *PATCH* | *PUT*)
    echo 77 > "$CALLS/id"
    echo '[{"id": 77, "author": {"id": 9}, "body": "<!-- expctl promote --check: 1 -->"}]' > "$CALLS/more"
    cp page.md "$CALLS/page.md" ;;
esac
"""


@pytest.fixture
def ada(make_repo, hub, mould):
    return promotions.moulded(make_repo, mould, hub, 88, 92)


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """A folder in which the stand-ins for what the hosts bring keep what they were called with."""
    folder = tmp_path / "calls"
    folder.mkdir()
    for name in ("gh", "curl", "pip", "pipx"):
        path = folder / name
        path.write_text(CLIENT)
        path.chmod(0o755)
    # A full page of notes by somebody else who writes as we do.
    note = {"id": 4, "author": {"id": 5}, "body": "<!-- expctl promote --check: 1 -->"}
    (folder / "notes").write_text(json.dumps([note] * 100))
    monkeypatch.setenv("CALLS", str(folder))
    monkeypatch.setenv("PATH", str(folder) + os.pathsep + os.environ["PATH"])
    return folder


def printed(repo, host):
    done = repo.expctl("ci", host)
    assert done.exit_code == 0, done.err
    return done.out


def log(calls):
    path = calls / "log"
    return path.read_text().splitlines() if path.exists() else []


def bash(script, cwd, **env):
    """A step as the hosts run it: a shell that stops at the first fault."""
    words = ["bash", "-e", "-c", script]
    # Who it is says the step itself, for a runner has no name.
    around = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_AUTH", "GIT_COMM"))}
    return subprocess.run(words, cwd=cwd, env={**around, **env}, capture_output=True, text=True, check=False)


def holders(repo, hub):
    fresh = promotions.cloned(repo, hub, "fresh")
    return fresh.expctl("model", "list", "--json").json["models"]["fraud"]["stages"]


class GitHub:
    """Runs the steps of one event in a clone, as the runner does."""

    def __init__(self, text, tmp_path):
        self.jobs = yaml.safe_load(text)["jobs"]
        self.env = {key: str(value) for key, value in yaml.safe_load(text)["env"].items()}
        self.temp = tmp_path / "runner"
        self.temp.mkdir(exist_ok=True)
        self.kept = tmp_path / "artifacts"
        self.written = False
        self.values = {
            "runner.temp": str(self.temp),
            "github.token": "t",
            "github.repository": "team/models",
            "github.base_ref": "main",
            "github.ref_name": "main",
            "github.event.pull_request.number": "5",
        }

    def run(self, job, cwd):
        done = None
        for step in self.jobs[job]["steps"]:
            if "run" not in step:
                self.use(step["uses"].partition("@")[0], step.get("with", {}))
                continue
            env = {key: self.told(value) for key, value in step.get("env", {}).items()}
            output = self.temp / "output"
            output.write_text("")
            env |= {"RUNNER_TEMP": str(self.temp), "GITHUB_OUTPUT": str(output)}
            ended = bash(step["run"], cwd, **self.env, **env)
            self.written |= output.read_text() == "written=yes\n"
            # What comes after a fault is for `if: always()` alone.
            done = done if done and done.returncode else ended
        return done

    def use(self, action, words):
        """Do what the actions do that hand files from job to job."""
        if action == "actions/upload-artifact" and self.written:
            source = Path(self.told(words["path"]))
            self.kept.mkdir(exist_ok=True)
            source.rename(self.kept / source.name)
        elif action == "actions/download-artifact":
            shutil.copytree(self.kept, self.told(words["path"]), dirs_exist_ok=True)

    def told(self, value):
        return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: self.values[found[1]], value)


@pytest.mark.parametrize(("host", "schema"), [("github", "github-workflows"), ("gitlab", "gitlab-ci")])
def test_a_workflow_file_has_the_form_that_its_host_reads(repo, tmp_path, host, schema):
    path = tmp_path / f"{host}.yml"
    path.write_text(printed(repo, host))
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_the_workflow_has_few_rights_and_runs_nothing_that_a_stranger_names(repo):
    text = printed(repo, "github")
    flow = yaml.safe_load(text)

    assert flow["permissions"] == {}
    assert {name: job["permissions"] for name, job in flow["jobs"].items()} == {
        "check": {"contents": "read"},
        "comment": {"pull-requests": "write"},
        "apply": {"contents": "write"},
    }
    # YAML 1.1 reads the key `on` as true.
    assert set(flow[True]) == {"pull_request", "push"}
    steps = [step for job in flow["jobs"].values() for step in job["steps"]]
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
    # What is put into a script before the shell reads it could be a command.
    assert not any("${{" in step["run"] for step in steps if "run" in step)
    used = [step["uses"].partition("@")[0] for step in flow["jobs"]["comment"]["steps"] if "uses" in step]
    assert used == ["actions/download-artifact"]
    assert flow["jobs"]["apply"]["concurrency"]["cancel-in-progress"] is False


def test_the_github_workflow_judges_comments_once_and_applies(ada, hub, calls, tmp_path):
    ada.git("switch", "-q", "-c", "ask")
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production", reason="`$(touch owned)` EOF @team")
    ada.git("push", "-q", "origin", "ask")
    ci = promotions.cloned(ada, hub, "ci")
    ci.git("checkout", "-q", "--detach", "origin/main")
    ci.git("merge", "-q", "--no-ff", "-m", "Test merge", "origin/ask")
    runner = GitHub(printed(ada, "github"), tmp_path)

    for _ in range(2):
        judged = runner.run("check", ci.path)
        assert judged.returncode == 0, judged.stderr
        commented = runner.run("comment", tmp_path)
        assert commented.returncode == 0, commented.stderr

    said = [line for line in log(calls) if "--method" in line]
    assert [line.split()[3] for line in said] == ["POST", "PATCH"]
    assert said[1].split()[4] == "repos/team/models/issues/comments/77"
    assert "may be applied" in (calls / "page.md").read_text()
    ada.git("switch", "-q", "main")
    ada.git("merge", "-q", "--squash", "ask")
    ada.git("commit", "-q", "-m", "Squashed (#5)")
    ada.git("push", "-q", "origin", "main")
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{hub}", "push"], cwd=tmp_path, check=True)
    applied = runner.run("apply", tmp_path / "push")

    assert applied.returncode == 0, applied.stderr
    assert holders(ada, hub) == {"archived": ["v1.0.0"], "production": ["v1.1.0"]}
    assert "Ada, by github-actions[bot]" in promotions.cloned(ada, hub, "look").expctl("history", "fraud").out
    assert not list(tmp_path.rglob("owned"))


def test_the_github_check_fails_with_its_gate_and_still_comments(ada, hub, calls, tmp_path):
    version = registering.register(find(ada.path), "fraud", shelf.put_run(ada, 70)).version
    promoting.promote(find(ada.path), "fraud", version, "staging")
    ada.git("switch", "-q", "-c", "ask")
    requesting.ask(find(ada.path), "fraud", version, "production")
    ada.git("push", "-q", "origin", "ask")
    ci = promotions.cloned(ada, hub, "ci")
    ci.git("switch", "-q", "ask")
    runner = GitHub(printed(ada, "github"), tmp_path)

    judged = runner.run("check", ci.path)
    runner.run("comment", tmp_path)

    assert judged.returncode == 3
    assert "does not pass" in (calls / "page.md").read_text()


def test_a_page_that_no_variable_could_hold_becomes_a_comment(repo, calls, tmp_path):
    runner = GitHub(printed(repo, "github"), tmp_path)
    runner.kept.mkdir()
    page = f"<!-- expctl promote --check: 1 -->\n{'운영 ' * 20_000}\n"
    (runner.kept / "page.md").write_text(page)

    done = runner.run("comment", tmp_path)

    assert done.returncode == 0, done.stderr
    assert (calls / "page.md").read_text() == page


def test_a_list_of_comments_that_cannot_be_had_leads_to_no_second_comment(repo, calls, tmp_path):
    (calls / "gh").write_text('#!/bin/sh\nprintf "%s\\n" "$*" >> "$CALLS/log"\nexit 1\n')
    runner = GitHub(printed(repo, "github"), tmp_path)
    runner.kept.mkdir()
    (runner.kept / "page.md").write_text("<!-- expctl promote --check: 1 -->\n")

    done = runner.run("comment", tmp_path)

    assert done.returncode == 0
    assert "could not be written" in done.stdout
    assert not any("--method" in line for line in log(calls))


def test_a_pull_request_that_asks_for_nothing_gets_no_comment(ada, hub, calls, tmp_path):
    runner = GitHub(printed(ada, "github"), tmp_path)

    assert runner.run("check", promotions.cloned(ada, hub, "ci").path).returncode == 0
    assert runner.run("comment", tmp_path).returncode == 0

    assert not any("POST" in line for line in log(calls))


def test_the_gitlab_jobs_judge_note_once_and_apply(ada, hub, calls, tmp_path):
    jobs = yaml.safe_load(printed(ada, "gitlab"))
    ada.git("switch", "-q", "-c", "ask")
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    ada.git("push", "-q", "origin", "ask")
    ci = promotions.cloned(ada, hub, "ci")
    ci.git("checkout", "-q", "--detach", "origin/ask")
    env = {
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_API_V4_URL": "https://gitlab.example/api/v4",
        "CI_MERGE_REQUEST_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "5",
        "EXPCTL_NOTE_TOKEN": "note",
        "CI_SERVER_HOST": "gitlab.example",
        "CI_PROJECT_URL": str(hub).removesuffix(".git"),
        "CI_COMMIT_BRANCH": "main",
        "EXPCTL_PUSH_TOKEN": "push",
    }
    for _ in range(2):
        judged = bash("\n".join(jobs["promotions-check"]["script"]), ci.path, **env)
        assert judged.returncode == 0, judged.stderr

    said = [line for line in log(calls) if "--request" in line]
    assert [re.search(r"--request (\w+)", line)[1] for line in said] == ["POST", "PUT"]
    assert said[1].endswith("/projects/3/merge_requests/5/notes/77")
    ada.git("switch", "-q", "main")
    ada.git("merge", "-q", "--ff-only", "ask")
    ada.git("push", "-q", "origin", "main")
    push = promotions.cloned(ada, hub, "push")
    push.git("checkout", "-q", "--detach", "origin/main")
    applied = bash("\n".join(jobs["promotions-apply"]["script"]), push.path, **env)

    assert applied.returncode == 0, applied.stderr
    assert holders(ada, hub) == {"archived": ["v1.0.0"], "production": ["v1.1.0"]}
    assert Path(push.path, ".git", "config").read_text().count("$EXPCTL_PUSH_TOKEN") == 1

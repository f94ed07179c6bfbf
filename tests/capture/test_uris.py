"""Objects in a real S3 server on this machine, and files of a real web server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from expctl.capture import uris
from expctl.store import manifests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A server with two versions of an object in one bucket, and one without versions in another."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id="me",
        aws_secret_access_key="hunter2",
        region_name="us-east-1",
    )
    for bucket in ("versioned", "plain"):
        client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    for bucket, body in (("versioned", b"old"), ("versioned", b"newer"), ("plain", b"1,2\n")):
        client.put_object(Bucket=bucket, Key="sets/train.csv", Body=body)
    yield url
    server.stop()


@pytest.fixture
def serve() -> Iterator[object]:
    servers = []

    def start(handler: type[BaseHTTPRequestHandler] | partial) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers does so however busy the machine is."""
    monkeypatch.setattr(uris, "_LIMIT_S", 200.0)
    monkeypatch.setattr(uris, "_ANSWER_S", 100.0)


def look_up(*names: str, root: object = "/", **env: str) -> list[dict]:
    return uris.look_up(names, [sys.executable], root=root, env={**os.environ, **env})


def test_versions_and_sizes_of_objects_are_looked_up(s3: str) -> None:
    newer, plain, absent, folder = look_up(
        "s3://versioned/sets/train.csv", "s3a://plain/sets/train.csv", "s3://plain/none", "s3://plain/sets",
        AWS_ENDPOINT_URL=s3, **KEYS,
    )  # fmt: skip

    assert (newer["bytes"], plain["bytes"]) == (5, 4)
    assert newer["version_id"]
    assert newer["etag"].strip('"')
    assert plain["etag"] != newer["etag"]
    assert absent == {"problem": "there is no such object"}
    assert folder == {"problem": "a folder, and folders are not looked up"}


def test_the_settings_of_a_dvc_remote_open_what_lies_in_it(s3: str, repo) -> None:
    for words in (
        ["init", "-q"],
        ["remote", "add", "-q", "store", "s3://plain/sets"],
        ["remote", "modify", "-q", "store", "endpointurl", s3],
        ["remote", "modify", "-q", "--local", "store", "access_key_id", "me"],
        ["remote", "modify", "-q", "--local", "store", "secret_access_key", "hunter2"],
    ):
        subprocess.run(["dvc", *words], cwd=repo.path, check=True, capture_output=True)

    [found] = look_up("s3://plain/sets/train.csv", root=repo.path)

    assert found["bytes"] == 4


class Tagged(SimpleHTTPRequestHandler):
    """A server that gives tags, and sends some elsewhere."""

    protocol_version = "HTTP/1.0"

    def end_headers(self) -> None:
        self.send_header("ETag", '"abc"')
        super().end_headers()

    def do_HEAD(self) -> None:
        places = {"/moved": "/a.csv", "/round": "/round", "/out": "file:///etc/passwd"}
        if self.path in places:
            self.send_response(302)
            self.send_header("Location", places[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            assert "Authorization" not in self.headers
            super().do_HEAD()

    def do_GET(self) -> None:
        raise AssertionError(self.path)

    def log_message(self, *_: object) -> None:
        pass


def test_a_web_server_is_asked_for_headers_alone(serve, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n")
    url = serve(partial(Tagged, directory=str(tmp_path)))
    with_password = url.replace("//", "//me:hunter2@")

    found, moved, around, out, absent = look_up(
        f"{with_password}/a.csv", f"{url}/moved", f"{url}/round", f"{url}/out", f"{url}/none.csv"
    )

    assert found == moved == {"etag": '"abc"', "bytes": 4}
    assert around == {"problem": "the server answers 302"}
    assert "problem" in out
    assert absent == {"problem": "the server answers 404"}


class Signed(BaseHTTPRequestHandler):
    """A server that answers GET alone, as signed addresses do."""

    def do_HEAD(self) -> None:
        self.send_error(403)

    def do_GET(self) -> None:
        assert self.headers["Range"] == "bytes=0-0"
        self.send_response(206)
        self.send_header("Content-Range", "bytes 0-0/123456")
        self.send_header("x-amz-version-id", "v7")
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"x")

    def log_message(self, *_: object) -> None:
        pass


def test_where_only_get_is_allowed_one_byte_is_asked_for(serve) -> None:
    assert look_up(f"{serve(Signed)}/a.csv?X-Amz-Signature=1") == [{"version_id": "v7", "bytes": 123456}]


def test_what_does_not_answer_costs_the_others_nothing(serve, monkeypatch) -> None:
    monkeypatch.setattr(uris, "_ANSWER_S", 10.0)
    silent = threading.Event()

    class Silent(Signed):
        def do_HEAD(self) -> None:
            silent.wait()

    answers = look_up(
        f"{serve(Silent)}/a.csv", f"{serve(Signed)}/b.csv", "nosuch://x/y", "http://127.0.0.1:1/c.csv"
    )
    silent.set()

    assert answers[1]["bytes"] == 123456
    assert answers[0] == {"problem": "no answer in time"}
    assert answers[2]["problem"].startswith("no ")
    assert answers[3]["problem"].startswith("no answer")


@pytest.mark.parametrize("text", ["", "x", "[]", "[9, {}]", '[0, {"bytes": -1, "etag": 3, "problem": []}]'])
def test_an_interpreter_that_answers_nonsense_gives_nothing(tmp_path: Path, text: str) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\ncat > /dev/null\ncat <<'E'\n{text}\nE\n")
    fake.chmod(0o755)

    [found] = uris.look_up(["s3://x/y"], [str(fake)], root="/", env={})

    assert found in ({}, {"problem": "no answer in time"})


def test_a_run_says_which_version_it_read_and_waits_for_nobody(s3: str, repo) -> None:
    name = "s3://versioned/sets/train.csv"
    done = repo.expctl(
        "run", "--data", name, "--", sys.executable, "-c", "pass", env={"AWS_ENDPOINT_URL": s3, **KEYS}
    )
    [item] = manifests.read(repo.manifests()[-1]).data

    assert item.uri == name
    # On a slow machine the answer comes too late, and then that is said.
    assert (item.bytes == 5 and item.version_id) or "not looked up: no answer in time" in done.err


def test_nothing_is_asked_when_that_is_switched_off(repo, serve) -> None:
    asked = []

    class Counting(Signed):
        def do_HEAD(self) -> None:
            asked.append(self.path)
            super().do_HEAD()

    repo.write(".experiments/config.yaml", "lookup_uris: false\n")
    done = repo.expctl("run", "--data", f"{serve(Counting)}/page", "--", "true")
    [item] = manifests.read(repo.manifests()[-1]).data

    assert (asked, item.bytes) == ([], None)
    assert item.uri.endswith("/page")
    assert "not looked up" not in done.err

"""Files that a stranger could put in the place of a manifest. Reused by every test that reads manifests."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ID = "20261122-190546-h0st1e"
GOOD = f"""\
schema: expctl/run/v1
id: {ID}
experiment: hostile
status: completed
started_at: 2026-11-22T19:05:46.123456Z
command: {{argv: [python, train.py], cwd: ., exit_code: 0}}
metrics:
  f1: {{value: 0.5}}
"""
#: What must never reach a terminal, in one text.
POISON = "\x1b[31m\x1b]0;owned\x07\x9b2J\u202e\u200b[bold]x[/y]"


def plus(text: str) -> bytes:
    """A good manifest and further lines."""
    return (GOOD + text).encode("utf-8", "surrogatepass")


def swap(old: str, new: str) -> bytes:
    """A good manifest with one text replaced."""
    assert old in GOOD
    return GOOD.replace(old, new).encode("utf-8", "surrogatepass")


def artifact(path: str) -> bytes:
    """A good manifest whose artifact has this path, written as a single-quoted text."""
    quoted = path.replace("'", "''")
    return plus(f"artifacts:\n  - {{path: '{quoted}', kind: model, stored: true}}\n")


@functools.cache
def cases() -> dict[str, bytes | Callable[[Path], None]]:
    """By name: the bytes of a file, or what makes the thing at a path. Each must be refused."""
    return {**_documents(), **_bytes(), **_schemas(), **_paths(), **_things()}


def _documents() -> dict[str, bytes]:
    laughs = "params:\n  a: &a [x, x]\n" + "".join(
        f"  k{n}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    return {
        "python object tag": plus("params: {x: !!python/object/apply:os.system [echo owned]}\n"),
        "local tag": plus("params: {x: !owned 1}\n"),
        "core tag": plus("params: {x: !!int x}\n"),
        "binary tag": plus("params: {x: !!binary aGk=}\n"),
        "tag on a key": plus("params: {!!str x: 1}\n"),
        "tag directive": b"%TAG ! tag:owned,2026:\n---\n" + GOOD.encode(),
        "yaml directive": b"%YAML 1.1\n---\n" + GOOD.encode(),
        "anchor": plus("params: {x: &a 1}\n"),
        "alias": plus("params: {x: &a 1, y: *a}\n"),
        "billion laughs": plus(laughs),
        "recursive alias": plus("params: &a {x: *a}\n"),
        "merge key": plus("params: {<<: {x: 1}}\n"),
        "equal keys": plus("status: failed\n"),
        "equal keys inside": plus("params: {x: 1, y: {z: 1, z: 2}}\n"),
        "equal keys in another spelling": plus('params: {x: 1, "x": 2}\n'),
        "second document": plus("---\n" + GOOD),
        "key that is a list": plus("params: {[1, 2]: 3}\n"),
        "key that is a mapping": plus("params: {? {a: b} : 3}\n"),
        "deep flow lists": plus("params: {x: " + "[" * 100_000 + "}\n"),
        "deep flow mappings": plus("params: {x: " + "{a: " * 50_000 + "}\n"),
        "deep block lists": plus("params:\n  x:\n    " + "- " * 100_000 + "1\n"),
        "deep but closed": plus("params: {x: " + "[" * 40 + "]" * 40 + "}\n"),
        "too many values": plus("params: {x: [" + "1," * 60_000 + "1]}\n"),
        "too many keys": plus("params:\n" + "".join(f"  k{n}: 1\n" for n in range(30_000))),
        "5000 digits": plus(f"params: {{x: {'9' * 5000}}}\n"),
        "5000 hex digits": plus(f"params: {{x: 0x{'f' * 5000}}}\n"),
        "unclosed quote": plus("name: 'never ends\n"),
        "tab as indentation": plus("params:\n\tx: 1\n"),
        "key of 2000 characters": plus(f"params: {{{'k' * 2000}: 1}}\n"),
    }


def _bytes() -> dict[str, bytes]:
    return {
        "empty": b"",
        "only blanks": b" \n\n  \n",
        "only a comment": b"# nothing\n",
        "zeros": bytes(2000),
        "a NUL byte": GOOD.encode() + b"\0",
        "one byte too large": GOOD.encode() + b"#" * (1 << 20),
        "fifty megabytes in one scalar": plus("name: " + "x" * 50_000_000 + "\n"),
        "latin-1": GOOD.encode() + "name: café\n".encode("latin-1"),
        "utf-16": GOOD.encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
        "a surrogate in UTF-8": plus("name: \ud800\n"),
        "an escaped surrogate": plus('name: "\\ud800"\n'),
        "a raw escape character": plus(f"name: {POISON}\n"),
        "merge conflict": f"<<<<<<< ours\n{GOOD}=======\n{GOOD}>>>>>>> theirs\n".encode(),
        "merge conflict in the middle": plus("name: x\n<<<<<<< ours\nname: a\n=======\nname: b\n>>>>>>> t\n"),
        "git lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "git annex pointer": b"/annex/objects/SHA256E-s1--00.yaml\n",
        "torn in the middle": GOOD.encode()[: len(GOOD) // 2],
        "json that is a list": b"[1, 2, 3]\n",
        "plain text": b"hello\n",
        "an executable": b"\x7fELF\x02\x01\x01\x03" + bytes(range(256)),
    }


def _schemas() -> dict[str, bytes]:
    return {
        "newer schema": swap("expctl/run/v1", "expctl/run/v2"),
        "far newer schema": swap("expctl/run/v1", "expctl/run/v9999999999999"),
        "other schema": swap("expctl/run/v1", "mlflow/run/v1"),
        "no schema": swap("schema: expctl/run/v1\n", ""),
        "schema is a list": swap("expctl/run/v1", "[expctl/run/v1]"),
        "no id": swap(f"id: {ID}\n", ""),
        "no command": swap("command: {argv: [python, train.py], cwd: ., exit_code: 0}\n", ""),
        "other id": swap(ID, "20261122-190546-000000"),
        "id is a path": swap(ID, "../../.git/hooks/post-checkout"),
        "id is a number": swap(ID, "20261122"),
        "running for ever": swap("completed", "running"),
        "status with a line end": swap("completed", '"completed\\n"'),
        "status is poison": swap("completed", '"\\e[31mowned"'),
        "metric is text": swap("0.5", "'0.5'"),
        "metric is a truth value": swap("0.5", "true"),
        "metric is bare": swap("{value: 0.5}", "0.5"),
        "metric beyond 64 bits": swap("0.5", "9" * 30),
        "metrics are a list": swap("metrics:\n  f1: {value: 0.5}", "metrics: [1, 2]"),
        "argv is text": swap("[python, train.py]", "rm -rf /"),
        "argv holds a number": swap("[python, train.py]", "[python, 1]"),
        "exit code 300": swap("exit_code: 0", "exit_code: 300"),
        "time with a zone": swap("46.123456Z", "46.123456+09:00"),
        "time that never was": swap("2026-11-22T19", "2026-13-45T99"),
        "negative size": plus("artifacts:\n  - {path: m.pt, bytes: -1}\n"),
        "md5 is not hex": plus("artifacts:\n  - {path: m.pt, md5: ../../../../etc/passwd}\n"),
        "packages leave the folder": plus("environment: {packages: ../../etc/passwd}\n"),
        "tag is a mapping": plus("tags: {a: {b: c}}\n"),
        "params are a list": plus("params: [1, 2]\n"),
        "a thousand faults": plus("tags:\n" + "".join(f"  k{n}: {n}\n" for n in range(1000))),
    }


def _paths() -> dict[str, bytes]:
    refused = (
        "../outside", "a/../../outside", "/etc/passwd", "a//b", "./a", "a/.", ".git/hooks/post-checkout",
        ".GIT/config", "a/.Git/config", "git~1/config", ".g\u200cit/config", ".git /config", ".git./config",
        ".git::$INDEX_ALLOCATION/x", "a\\..\\b", "C:/x", "c:x", "file:///etc/passwd", "s3://bucket/key",
        "%2e%2e/x", "a%2Fb", "NUL.yaml", "a/con", "x/" + "y" * 300, "z/" * 3000 + "z", "model.pt::$DATA",
    )  # fmt: skip
    return {
        **{f"artifact path {path[:40]!r}": artifact(path) for path in refused},
        "artifact path with a line end": plus('artifacts: [{path: "a\\nb"}]\n'),
        "artifact path with an escape": plus('artifacts: [{path: "\\e[31m"}]\n'),
        "working folder outside": swap("cwd: .", "cwd: ../.."),
        "data path in .git": plus("data: [{path: .git/config}]\n"),
    }


def _things() -> dict[str, Callable[[Path], None]]:
    def link(path: Path) -> None:
        outside = path.parent.parent / "outside-secret"
        outside.write_text(GOOD, encoding="utf-8")
        path.symlink_to(outside)

    return {
        "a symbolic link": link,
        "a link to nothing": lambda path: path.symlink_to("/nonexistent/owned"),
        "a link to a device": lambda path: path.symlink_to("/dev/zero"),
        "a folder": lambda path: path.mkdir(),
        "a pipe": os.mkfifo,
    }


def plant(path: Path, case: bytes | Callable[[Path], None]) -> None:
    """Put one case in the place of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(case):
        case(path)
    else:
        path.write_bytes(case)

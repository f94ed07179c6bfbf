"""The door to object stores and web servers: what they say of an object, without its bytes.

A program of its own, started by its path with expctl's interpreter or the command's: what it loads takes a
second and may hang, and neither may reach a run. It imports nothing of expctl's.

Reads a JSON object with ``uris``, ``root`` (where ``.dvc/`` may lie) and the seconds that all of it
(``limit_s``) and one answer (``answer_s``) may take; writes for each URI, in the order in which answers come,
a line ``[number, facts]``. Facts are ``etag``, ``version_id`` and ``bytes``, or ``problem``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

_REDIRECTS = 5
_AT_ONCE = 8
#: Object stores whose file systems have another name.
_ALIASES = {"s3a": "s3", "gcs": "gs", "azure": "az"}
#: A web server that does not answer HEAD may give one byte: addresses signed for GET, for instance.
_NO_HEAD = (403, 405, 501)
_VERSIONS = ("x-amz-version-id", "x-goog-generation", "x-ms-version-id")


def main() -> None:
    """Answer what stands on standard input."""
    # What lies beside this file has names of packages.
    sys.path[:] = [
        entry for entry in sys.path if os.path.abspath(entry) != os.path.dirname(os.path.abspath(__file__))
    ]
    os.environ.setdefault("AWS_METADATA_SERVICE_TIMEOUT", "1")
    os.environ.setdefault("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1")
    asked = json.load(sys.stdin)
    # What has not answered by then does not answer.
    timer = threading.Timer(asked["limit_s"], os._exit, (0,))
    timer.daemon = True
    timer.start()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, uri in enumerate(asked["uris"]):
            pool.submit(_answer, number, uri, asked["root"], asked["answer_s"])
    # File systems keep threads of their own.
    os._exit(0)


def _answer(number: int, uri: str, root: str, answer_s: float) -> None:
    is_web = uri.lower().startswith(("http://", "https://"))
    try:
        facts = ask_web(uri, answer_s) if is_web else ask_store(uri, root, answer_s)
    except Exception as err:  # noqa: BLE001 - whatever a library raises, the other answers are wanted
        facts = {"problem": _reason(err)}
    line = json.dumps([number, facts]) + "\n"
    os.write(1, line.encode("ascii"))


def ask_web(url: str, answer_s: float) -> dict[str, Any]:
    """What the headers of an answer say."""
    from urllib.error import HTTPError

    try:
        return _headers(url, "HEAD", answer_s)
    except HTTPError as err:
        if err.code not in _NO_HEAD:
            raise
        return _headers(url, "GET", answer_s)


def _headers(url: str, method: str, answer_s: float) -> dict[str, Any]:
    from urllib import request
    from urllib.parse import urlsplit, urlunsplit

    class Redirects(request.HTTPRedirectHandler):
        max_redirections = _REDIRECTS

        def redirect_request(self, *given: Any) -> request.Request | None:
            new = super().redirect_request(*given)
            if new is not None:
                new.method = method
            return new

    opener = request.OpenerDirector()
    # No other schemes than these, whatever a server sends us to.
    for handler in (
        request.ProxyHandler, request.HTTPHandler, request.HTTPSHandler, request.UnknownHandler,
        request.HTTPDefaultErrorHandler, Redirects, request.HTTPErrorProcessor,
    ):  # fmt: skip
        opener.add_handler(handler())
    parts = urlsplit(url)
    # Somebody's name and password are not ours to send.
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    headers = {"Accept-Encoding": "identity", "User-Agent": "expctl"}
    if method == "GET":
        headers["Range"] = "bytes=0-0"
    with opener.open(request.Request(plain, headers=headers, method=method), timeout=answer_s) as answer:  # noqa: S310
        found = answer.headers
        whole = (found.get("Content-Range") or "").rpartition("/")[2]
        size = whole if found.get("Content-Range") else found.get("Content-Length") or ""
        version = next((found[name] for name in _VERSIONS if found.get(name)), None)
        return _facts(found.get("ETag"), version, size)


def ask_store(uri: str, root: str, answer_s: float) -> dict[str, Any]:
    """What an object store says, through the file system that DVC or fsspec has for it."""
    scheme, _, rest = uri.partition("://")
    scheme = _ALIASES.get(scheme.lower(), scheme.lower())
    info = _by_dvc(uri, root)
    if info is None:
        info = _by_fsspec(scheme, rest, answer_s)
    if info.get("type") == "directory":
        return {"problem": "a folder, and folders are not looked up"}
    version = info.get("VersionId") or info.get("version_id") or info.get("generation")
    return _facts(info.get("ETag") or info.get("etag"), version, info.get("size"))


def _by_dvc(uri: str, root: str) -> dict[str, Any] | None:
    """Through the settings of the DVC remote that the object lies in, if there is one."""
    if not os.path.isdir(os.path.join(root, ".dvc")):
        return None
    try:
        from dvc.config import Config
        from dvc.fs import get_cloud_fs
    except ImportError:
        return None
    config = Config(os.path.join(root, ".dvc"))
    for name, remote in config["remote"].items():
        url = str(remote.get("url", "")).rstrip("/")
        if url and uri.startswith(url + "/"):
            kind, options, path = get_cloud_fs(config, name=name)
            files = kind(**_aware(remote["url"].partition("://")[0], options))
            found: dict[str, Any] = files.fs.info(path.rstrip("/") + uri[len(url) :])
            return found
    return None


def _by_fsspec(scheme: str, rest: str, answer_s: float) -> dict[str, Any]:
    import fsspec

    options: dict[str, Any] = {}
    if scheme == "s3":
        options["config_kwargs"] = {
            "connect_timeout": 3,
            "read_timeout": answer_s,
            "retries": {"max_attempts": 1},
        }
    found: dict[str, Any]
    try:
        found = fsspec.filesystem(scheme, **_aware(scheme, options)).info(rest)
    except Exception as err:
        if type(err).__name__ != "NoCredentialsError":
            raise
        # Many data sets are open to all.
        found = fsspec.filesystem(scheme, anon=True, **_aware(scheme, options)).info(rest)
    return found


def _aware(scheme: str, options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "version_aware": True} if scheme == "s3" else options


def _facts(etag: Any, version: Any, size: Any) -> dict[str, Any]:
    text = str(size)
    return {
        "etag": str(etag)[:200] if etag else None,
        "version_id": str(version)[:200] if version else None,
        "bytes": int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None,  # noqa: PLR2004
    }


def _reason(err: Exception) -> str:
    """In a few words that hold no address: there may be secrets in it."""
    code = getattr(err, "code", None)
    if isinstance(code, int):
        return f"the server answers {code}"
    if isinstance(err, ImportError):
        return "no file system for it is installed, such as dvc-s3 or s3fs"
    known = {
        "FileNotFoundError": "there is no such object",
        "PermissionError": "no permission",
        "NoCredentialsError": "no credentials",
        "TimeoutError": "no answer in time",
    }
    return known.get(type(err).__name__, f"no answer ({type(err).__name__})")


if __name__ == "__main__":
    main()

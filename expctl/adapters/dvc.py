"""The door to DVC: its command line, never its library (importing it takes more than a second).

Targets are pointer files, named one by one: without a target DVC reads every pointer there is, and asked for
an output's path it takes minutes. A remote may be borrowed from the project's own DVC: its settings,
credentials included, stand for the time of one command in a private temporary folder, and nowhere else.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import files, process
from expctl.core import dvcconfig, redact
from expctl.errors import DvcError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from expctl.adapters.files import StrPath

#: Below the project's own remote: neither's gc sees the other's objects.
SUB_PATH = "expctl"
_SETTINGS_LIMIT = 1 << 20
#: Pointers per command: each costs about 5 ms, and a command line has an end.
_BATCH = 400
#: What an outer git leaves for its children and would lead DVC's git astray.
_SCRUBBED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
             "GIT_PREFIX", "GIT_NAMESPACE", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "DVC_ROOT")  # fmt: skip


class Remote(NamedTuple):
    """Where bytes are sent to and fetched from.

    Attributes:
        name: The remote's name in DVC's terms.
        url: Without credentials; to be shown.
        settings: The folder with the settings that hold it; None when our own DVC repository has it.
    """

    name: str
    url: str
    settings: str | None


def program() -> list[str]:
    """DVC as a command: ``$EXPCTL_DVC``, else the user's (it has their remote's plugins), else ours."""
    given = os.environ.get("EXPCTL_DVC")
    found = given or shutil.which("dvc")
    return [found] if found else [sys.executable, "-m", "dvc"]


@contextlib.contextmanager
def remote(root: StrPath, experiments: StrPath) -> Iterator[Remote]:
    """The remote for the bytes of runs: our DVC repository's own, else the project's below a sub-path.

    Args:
        root: Top of the work tree, where the project's DVC may be.
        experiments: Our DVC repository.

    Yields:
        The remote, for as long as the block lasts.

    Raises:
        DvcError: There is none.
    """
    own = own_settings(experiments)
    name = own.get("core", {}).get("remote")
    if name:
        yield Remote(name, shown(own.get(f'remote "{name}"', {}).get("url", name)), None)
        return
    user = user_settings()
    borrowed = dvcconfig.borrow(dvcconfig.merged(user, *_levels(root)), SUB_PATH)
    if borrowed is None:
        raise DvcError(
            "There is no DVC remote to keep the bytes of runs on.",
            hint="Name one for the whole project, or one for runs alone:\n"
            "  dvc remote add -d NAME URL\n"
            "  dvc --cd .experiments remote add -d NAME URL",
        )
    # Credentials may be in there: a folder that only this user can read, gone with the block.
    folder = tempfile.mkdtemp(prefix="expctl-dvc-")
    try:
        text = dvcconfig.format_settings(dvcconfig.merged(user, borrowed))
        files.write_atomic(f"{folder}/config", text.encode(), mode=0o600)
        url = borrowed[f'remote "{dvcconfig.BORROWED}"']["url"]
        yield Remote(dvcconfig.BORROWED, shown(url), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def own_settings(experiments: StrPath) -> dvcconfig.Settings:
    """The settings of our DVC repository, those of this clone among them; paths absolute."""
    return dvcconfig.merged(*_levels(experiments))


def project_settings(root: StrPath) -> dvcconfig.Settings:
    """The settings in force for the project's own DVC repository, the user's among them; paths absolute."""
    return dvcconfig.merged(user_settings(), *_levels(root))


def published_settings(root: StrPath, experiments: StrPath) -> str:
    """Settings, as text, with which anybody's DVC finds the bytes of runs: no credentials, nothing local."""
    own = plain_settings(f"{os.fspath(experiments)}/.dvc/config")
    if own.get("core", {}).get("remote"):
        found = own
    else:
        found = dvcconfig.published(plain_settings(f"{os.fspath(root)}/.dvc/config"), SUB_PATH, "../../.dvc")
    kept = {name: section for name, section in found.items() if name == "core" or name.startswith("remote ")}
    for section in kept.values():
        if "://" in section.get("url", ""):
            section["url"] = redact.strip_url(section["url"])
    return dvcconfig.format_settings(kept)


def push(experiments: StrPath, to: Remote, pointers: Sequence[str]) -> None:
    """Send the bytes that pointers (relative to ``experiments``) name.

    Raises:
        DvcError: DVC failed; the message holds its own words.
    """
    _transfer(experiments, "push", to, pointers)


def fetch(experiments: StrPath, source: Remote, pointers: Sequence[str]) -> None:
    """Bring the bytes that pointers name into the cache, and nowhere else.

    Raises:
        DvcError: DVC failed; the message holds its own words.
    """
    _transfer(experiments, "fetch", source, pointers)


def not_there(experiments: StrPath, at: Remote, pointers: Sequence[str]) -> list[str]:
    """Which outputs of the pointers the remote lacks, as DVC sees it; empty when it has all.

    Raises:
        DvcError: DVC failed; the message holds its own words.
    """
    result: list[str] = []
    for batch in _batches(pointers):
        words = ("status", "--cloud", "--json", "--remote", at.name, *batch)
        out = call(experiments, *words, settings=at.settings)
        try:
            found = json.loads(out)
        except ValueError as err:
            raise DvcError("dvc status did not answer in JSON.", hint=_HINT) from err
        result += [name for name, state in found.items() if state in ("new", "missing")]
    return result


_HINT = "See what DVC says itself: cd .experiments && dvc push -v POINTER"


def _transfer(experiments: StrPath, verb: str, at: Remote, pointers: Sequence[str]) -> None:
    for batch in _batches(pointers):
        call(experiments, verb, "--remote", at.name, *batch, settings=at.settings)


def _batches(pointers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(pointers), _BATCH):
        yield pointers[start : start + _BATCH]


def call(folder: StrPath, *words: str, settings: str | None = None) -> str:
    """Run one DVC command and give what it prints.

    Args:
        folder: Where it runs.
        words: The command and its words, without ``dvc``.
        settings: A folder with settings that stand in for the user's own.

    Raises:
        DvcError: DVC is not there, or failed; the message holds its own words.
    """
    env = {name: value for name, value in os.environ.items() if name not in _SCRUBBED}
    # Its settings are read in the encoding of the locale otherwise, and we write UTF-8.
    env.update(DVC_NO_ANALYTICS="1", PYTHONUTF8="1")
    if settings is not None:
        env["DVC_GLOBAL_CONFIG_DIR"] = settings
    command = [*program(), "--wait-for-lock", *words]
    try:
        done = process.run(command, cwd=folder, env=env)
    except OSError as err:
        raise DvcError(
            f"{command[0]} cannot be started: {err.strerror}.", hint="Install it: pip install dvc"
        ) from err
    if done.code:
        raise _refused(words[0], done)
    return done.text


def _refused(verb: str, done: process.Done) -> DvcError:
    lines = [line.strip() for line in done.complaint.splitlines() if line.strip()]
    said = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    message = (said or lines[-1:] or [f"it ended with code {done.code}"])[-1]
    message, _ = redact.redact_text(message)
    plugin = re.search(r"missing dependencies: \['dvc[-_]([a-z0-9]+)'", done.complaint)
    hint = f"Install the plugin where DVC lives: pip install 'dvc[{plugin[1]}]'" if plugin else _HINT
    return DvcError(f"dvc {verb} failed: {message.rstrip('.')}.", hint=hint)


def shown(url: str) -> str:
    """The URL of a remote as people may see it."""
    return os.path.normpath(url) if url.startswith("/") else redact.strip_url(url)


def _levels(top: StrPath) -> list[dvcconfig.Settings]:
    folder = f"{os.fspath(top)}/.dvc"
    return [_settings(f"{folder}/config"), _settings(f"{folder}/config.local")]


def user_settings() -> dvcconfig.Settings:
    """Settings of the machine and of the user, where ``platformdirs`` puts them for DVC."""
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        system, user = "/Library/Application Support/dvc", f"{home}/Library/Application Support/dvc"
    else:
        system = os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")[0] + "/dvc"
        user = os.environ.get("XDG_CONFIG_HOME", f"{home}/.config") + "/dvc"
    folders = (os.environ.get("DVC_SYSTEM_CONFIG_DIR", system), os.environ.get("DVC_GLOBAL_CONFIG_DIR", user))
    return dvcconfig.merged(*(_settings(f"{folder}/config") for folder in folders))


def _settings(path: str) -> dvcconfig.Settings:
    return dvcconfig.anchored(plain_settings(path), os.path.dirname(path))


def plain_settings(path: str) -> dvcconfig.Settings:
    """As they stand in the file, relative paths and all."""
    try:
        text = files.read_plain(os.path.realpath(path), limit=_SETTINGS_LIMIT).decode("utf-8", "replace")
    except OSError:
        return {}
    return dvcconfig.parse(text)

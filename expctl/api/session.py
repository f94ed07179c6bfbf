"""``with expctl.run():`` records the present process, without the wrapper; in notebooks too.

Inside ``expctl run`` it joins the run that is there. So do the processes that a script starts, by the
environment; and the ranks above 0 of a distributed job make no run of their own. The road of joining runs in
the child's interpreter: this module imports nothing but the standard library, in the syntax of Python 3.8,
until a run of its own begins.
"""

from __future__ import annotations

import atexit
import os
import sys
import time

from expctl.api import live
from expctl.api.sink import DIRECTORY, HERE, RUN_ID, is_rank_zero

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Any, Self

    from expctl.actions.record import Recorded, Session


class Run:
    """A run that is the present process: a context, or ``start()`` and ``end()`` in two cells of a notebook.

    Attributes:
        id: The id of the run; None before it starts, and in the ranks above 0 of a distributed job.
        joined: Whether it is part of a run that was there before it.
    """

    def __init__(
        self, experiment: str | None, name: str | None, params: Any, tags: Mapping[str, Any] | None
    ) -> None:
        self._experiment = experiment
        self._name = name
        self._params = params
        self._tags = dict(tags or {})
        self._session: Session | None = None
        self._replaced: dict[str, str | None] = {}
        self._process = 0
        self._seen: object = None
        self.id: str | None = None
        self.joined = False

    def start(self) -> Self:
        """Begin the run, or join the one that this process is part of.

        Raises:
            ExpctlError: There is nothing to record into, such as a git repository.
        """
        if self._session is not None:
            return self
        self._process = os.getpid()
        self.joined = os.path.isdir(HERE.directory or "") or not is_rank_zero()
        if self.joined:
            self.id = os.environ.get(RUN_ID)
            self._say_joined()
        else:
            self._open()
        if self._params:
            live.log_params(self._params)
        if self.joined and self._tags:
            live.set_tags(self._tags)
        return self

    def end(self, status: str = "completed", exit_code: int = 0) -> None:
        """End the run and write its record. Never raises: what could not be saved is said.

        Args:
            status: ``completed``, ``failed`` or ``interrupted``.
            exit_code: As the process would have ended with.
        """
        session, self._session = self._session, None
        if session is None or os.getpid() != self._process:
            return  # joined, ended, or the child of a fork that leaves the block too
        atexit.unregister(self._end_at_exit)
        try:
            self._leave()
            _report(session.close(status=status, exit_code=exit_code))
        except Exception as err:  # noqa: BLE001 - recording never stops a training
            HERE.complain(
                f"end {self.id}", f"run {self.id} could not be recorded: {type(err).__name__}: {err}"
            )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(*_ending(error))

    def __repr__(self) -> str:
        return f"<expctl run {self.id}>" if self.id else "<expctl run, not started>"

    def _open(self) -> None:
        from expctl import project
        from expctl.actions import record
        from expctl.actions.request import Request

        request = Request(
            argv=_argv(),
            experiment=self._experiment,
            name=self._name,
            tags={str(key): str(value) for key, value in self._tags.items()},
            hooks=True,
        )
        self._session = record.open_session(project.find(os.getcwd()), request)
        self.id = self._session.id
        folder = str(self._session.directory)
        _write_interpreter(folder)
        for name, value in ((DIRECTORY, folder), (RUN_ID, self.id)):
            self._replaced[name] = os.environ.get(name)
            os.environ[name] = value  # the processes that the script starts join
        HERE.enter(folder)
        self._seen = getattr(sys, "last_value", None)
        atexit.register(self._end_at_exit)

    def _leave(self) -> None:
        HERE.enter(None)
        for name, value in self._replaced.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def _end_at_exit(self) -> None:
        error = getattr(sys, "last_value", None)
        self.end(*_ending(error if error is not self._seen and not _is_notebook() else None))

    def _say_joined(self) -> None:
        if (self._experiment or self._name) and is_rank_zero():
            HERE.complain(
                "joined",
                f"part of run {self.id}: its name and experiment are those that `expctl run` was given",
            )


def run(
    experiment: str | None = None,
    name: str | None = None,
    params: Any = None,
    tags: Mapping[str, Any] | None = None,
) -> Run:
    """Record the present process as a run, without the wrapper.

    Inside ``expctl run``, or inside another such block, what is logged joins that run.

    Args:
        experiment: What it belongs to; as the settings say when None.
        name: A name for it.
        params: Hyperparameters, as for ``log_params``.
        tags: Tags by name.

    Returns:
        A run to use with ``with``, or by ``start()`` and ``end()``.
    """
    return Run(experiment, name, params, tags)


def _ending(error: BaseException | None) -> tuple[str, int]:
    """Status and exit code, as the shell would have seen the process end."""
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
        return ("failed" if code else "completed"), code & 0xFF
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", 130
    return ("completed", 0) if error is None else ("failed", 1)


def _is_notebook() -> bool:
    return "ipykernel" in sys.modules or hasattr(sys, "ps1")


def _argv() -> tuple[str, ...]:
    """The command line of this process; nothing for a notebook, whose words name its kernel's key file."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if main is None or _is_notebook():
        return ()
    return tuple(getattr(sys, "orig_argv", ()) or (sys.executable, *sys.argv))


def _write_interpreter(folder: str) -> None:
    """Say which interpreter this is, as the hook says it in a child."""
    import json

    facts = {
        "e": "start",
        "executable": sys.executable,
        "version": ".".join(map(str, sys.version_info[:3])),
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "path": [os.path.abspath(entry) for entry in sys.path if entry],
        "argv": sys.argv[:1],
    }
    name = f"process-{time.time_ns():x}-{os.getpid()}.jsonl"
    try:
        with open(os.path.join(folder, name), "x", encoding="ascii") as file:
            file.write(json.dumps(facts) + "\n")
    except OSError as err:
        HERE.complain("process", f"the interpreter is not recorded: {err}")


def _report(done: Recorded) -> None:
    from expctl.core import text

    words = ["recorded nothing"] if done.manifest is None else [done.manifest.status, done.manifest.id]
    for line in (" ".join(words), *done.said):
        HERE.complain(f"report {line}", text.clean(line))

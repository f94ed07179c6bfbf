"""The faults that a person reading the message can mend.

Exit codes are listed once, in the reference: 1 something to mend, 2 usage, 3 the answer is no, 4 approvals
missing, 5 conflict, 6 verification failed, 7 refused by the server, 8 incomplete data, 70 our bug, 130
interrupted.
"""

_ROOM = "Make room on that disk, and repeat the command"
#: What to do about a disk, by what the system says of it.
WAYS_OUT = {
    "No space left on device": _ROOM,
    "Disk quota exceeded": _ROOM,
    "Read-only file system": "Mount it so that it can be written, and repeat the command",
}


class ExpctlError(Exception):
    """A fault that the person reading the message can mend.

    Attributes:
        hint: The next command to type, or the nearest name.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        if hint:
            # Shown by Python beneath a traceback, which is how a notebook shows it.
            self.add_note(f"Hint: {hint}")

    def __reduce__(self) -> tuple[object, ...]:
        """Survive a process pool: keyword arguments are not in ``args``."""
        return (_rebuild, (type(self), str(self), self.hint))


def _rebuild(cls: type[ExpctlError], message: str, hint: str | None) -> ExpctlError:
    return cls(message, hint=hint)


class UsageError(ExpctlError):
    """The words of the command line do not make sense together."""

    exit_code = 2


class NotARepositoryError(ExpctlError):
    """There is no git work tree here."""


class RunNotFoundError(ExpctlError):
    """No run, name or prefix matches what was asked for."""


class AmbiguousRunError(ExpctlError):
    """A reference could mean two runs."""

    exit_code = 2


class ConfigError(ExpctlError):
    """A settings file says something that cannot be."""


class ManifestError(ExpctlError):
    """A manifest cannot be believed. The message names the file and the first reason."""


class QueryError(ExpctlError):
    """A filter or sort text cannot be read; the message shows the text with a caret."""


class GitError(ExpctlError):
    """A git command failed in a way that the user can mend."""


class DvcError(ExpctlError):
    """A DVC command failed in a way that the user can mend."""


class ConflictError(ExpctlError):
    """Somebody else was quicker, or what was decided on is stale."""

    exit_code = 5


class AnswerIsNoError(ExpctlError):
    """The question was understood and the answer is no."""

    exit_code = 3


class RefusedError(ExpctlError):
    """The server, or the rules, refused a change."""

    exit_code = 7


class IncompleteError(ExpctlError):
    """The data at hand is not enough to answer."""

    exit_code = 8


class CannotStartError(ExpctlError):
    """The wrapped command could not be started: 125 for expctl's reasons, as env and timeout do."""

    exit_code = 125


class CommandNotFoundError(CannotStartError):
    """The wrapped command does not exist, as a shell says it."""

    exit_code = 127


class NotExecutableError(CannotStartError):
    """The wrapped command exists and may not be executed, as a shell says it."""

    exit_code = 126

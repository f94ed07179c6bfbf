"""The door to annotated tags: all of them in one call, made as objects first and named afterwards."""

from __future__ import annotations

from expctl.adapters.gitcall import DURABLE, StrPath, call
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FIELDS = (
    "refname",
    "objecttype",
    "objectname",
    "tag",
    "*objecttype",
    "*objectname",
    "taggerdate:unix",
    "taggername",
    "taggeremail",
    "contents",
    "contents:signature",
)
_FORMAT = "".join(f"%({field})%00" for field in _FIELDS)


class AnnotatedTag(NamedTuple):
    """One tag object and the ref that names it.

    Attributes:
        ref: The name of the ref, without ``refs/tags/``.
        id: Of the tag object.
        name: The name that the object itself bears; another one than ``ref`` when it was copied.
        target_kind: ``commit``; anything else cannot be a version.
        target: Id of what it points at.
        at: Tagger date, in seconds since 1970.
        author: Name of the tagger.
        email: Address of the tagger, without brackets.
        message: Its message, without a signature.
    """

    ref: str
    id: str
    name: str
    target_kind: str
    target: str
    at: int
    author: str
    email: str
    message: str


def annotated(root: StrPath, refs: Sequence[str] | None = None) -> Iterator[AnnotatedTag]:
    """Every annotated tag of the repository, by name; only those of some full names where they are given."""
    return told(listing(root, refs))


def listing(root: StrPath, refs: Sequence[str] | None = None) -> bytes:
    """What git says of these tags, for ``told``."""
    wanted = ("refs/tags/",) if refs is None else refs
    return call(root, "for-each-ref", f"--format={_FORMAT}", "--end-of-options", *wanted).out


def told(out: bytes) -> Iterator[AnnotatedTag]:
    """The annotated tags among what git said."""
    words = out.decode("utf-8", "surrogateescape").split("\0")
    for at in range(0, len(words) - len(_FIELDS), len(_FIELDS)):
        ref, kind, oid, name, target_kind, target, date, author, email, text, signature = words[
            at : at + len(_FIELDS)
        ]
        if kind == "tag" and date.lstrip("-").isdigit():
            yield AnnotatedTag(
                ref.removeprefix("\n").removeprefix("refs/tags/"),
                oid,
                name,
                target_kind,
                target,
                int(date),
                author,
                email.strip("<>"),
                text.removesuffix(signature).strip(),
            )


def make(root: StrPath, name: str, commit: str, message: str, tagger: str) -> str:
    """Write a tag object that no ref names yet, and give its id: who loses a race leaves no tag behind.

    Args:
        root: The repository.
        name: What the object calls itself; checked by the caller.
        commit: What it points at.
        message: As it stands.
        tagger: ``Name <address> 1795398141 +0000``.
    """
    header = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message.rstrip()}\n"
    return call(root, *DURABLE, "mktag", stdin=header.encode("utf-8", "surrogateescape")).text.strip()


def identity(root: StrPath) -> str:
    """``Name <address>`` of who commits here, as git would write it.

    Raises:
        GitError: Nobody has told git who they are.
    """
    return call(root, "var", "GIT_COMMITTER_IDENT").text.rsplit(" ", 2)[0]

"""What git says on a disk that takes no more, as an error with a way out."""

import pytest

from expctl.adapters import gitcall, process

#: What git 2.39 writes on a full disk, on one that is read-only, without permission, and beside a lock.
SAID = {
    "full": (
        (
            "error: unable to write file .git/objects/58/tmp_obj_4TjtHM: No space left on device\n"
            "fatal: unable to write tag file\n"
        ),
        "git mktag failed: unable to write tag file: No space left on device.",
        "Make room on that disk",
    ),
    "read-only": (
        "error: unable to create temporary file: Read-only file system\nfatal: unable to write tag file\n",
        "git mktag failed: unable to write tag file: Read-only file system.",
        "Mount it",
    ),
    "said already": (
        "fatal: unable to write loose object file: No space left on device\n",
        "git mktag failed: unable to write loose object file: No space left on device.",
        "Make room on that disk",
    ),
    "not allowed": (
        (
            "error: insufficient permission for adding an object to repository database .git/objects\n"
            "fatal: unable to write tag file\n"
        ),
        "git mktag failed: unable to write tag file.",
        "ls -ld",
    ),
    "nobody knows why": (
        "fatal: cannot update ref 'refs/tags/a': couldn't write '/r/.git/refs/tags/a.lock'\n",
        "git mktag failed: cannot update ref 'refs/tags/a': couldn't write '/r/.git/refs/tags/a.lock'.",
        "df -h .git",
    ),
    "a lock": (
        "fatal: cannot lock ref 'refs/tags/a': Unable to create '/r/.git/refs/tags/a.lock': File exists.\n",
        (
            "git mktag failed: cannot lock ref 'refs/tags/a': Unable to create '/r/.git/refs/tags/a.lock': "
            "File exists."
        ),
        None,
    ),
    "a server": (
        "remote: error: unable to create temporary object directory\nerror: remote unpack failed: no\n",
        "git mktag failed: unable to create temporary object directory.",
        None,
    ),
    "no key": (
        "git@example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.\n",
        "git mktag failed: Could not read from remote repository.",
        None,
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_what_git_says_of_a_disk_is_told_with_a_way_out(case):
    said, message, hint = SAID[case]

    err = gitcall.refused(process.Done(128, b"", said.encode()), ("-c", "core.fsync=all", "mktag"))

    assert str(err) == message
    assert (hint or "") in (err.hint or "")
    assert bool(err.hint) == bool(hint)

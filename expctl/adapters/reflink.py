"""The door to copies that share blocks until one is written: FICLONE, where the file system knows it."""

from __future__ import annotations

import fcntl
import sys

#: _IOW(0x94, 9, int), linux/fs.h. MIPS, PowerPC and SPARC number it otherwise: the call is refused, and a
#: plain copy is made.
_FICLONE = 0x40049409


def clone(source: int, target: int) -> bool:
    """Make an empty file share all blocks of another one.

    Args:
        source: A file open for reading.
        target: An empty file open for writing, on the same file system.

    Returns:
        Whether it was done; False where the file system, or the pair of them, cannot.
    """
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True

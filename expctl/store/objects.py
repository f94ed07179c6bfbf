"""What a run leaves behind, as bytes: one DVC directory per run, and the pointer beside its manifest.

Inside it lie ``output.log``, ``series`` and ``artifacts/<path>``. The folder itself, ``runs/<day>/<id>/``, is
only there once somebody asked for the bytes; git ignores it.
"""

from __future__ import annotations

import errno
import os
import stat

from expctl.adapters import files as door
from expctl.core import dvcfile, runid
from expctl.errors import DvcError, ManifestError
from expctl.store import cache as bytes_of
from expctl.store.cache import Put
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.adapters.files import StrPath
POINTER_LIMIT = 64 << 10


class Stored(NamedTuple):
    """A run's files in the cache, and the pointer that names them.

    Attributes:
        pointer: Path of ``<id>.dvc``.
        md5: Of the directory object.
        md5s: By the path inside the run's folder.
        sizes: By the same path, in bytes.
        notes: Files that could not be stored, and why.
    """

    pointer: str
    md5: str
    md5s: dict[str, str]
    sizes: dict[str, int]
    notes: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """The sum of all files."""
        return sum(self.sizes.values())


def store_run(
    cache: StrPath, pointer: StrPath, run_id: str, files: Mapping[str, StrPath | bytes | Put]
) -> Stored:
    """Bring a run's files into the cache and write its pointer.

    Args:
        cache: The cache's folder.
        pointer: Where the pointer goes: ``pointer_path`` as a rule.
        run_id: Names the folder that the pointer stands for.
        files: What to store, by path inside the run's folder: a file's path, the content itself, or
            what is in the cache already.

    Returns:
        What is stored; a file that could not be read stands in ``notes`` and nowhere else.

    Raises:
        OSError: The pointer or the cache cannot be written at all.
    """
    stored: dict[str, Put] = {}
    notes = []
    for name, source in files.items():
        fault = _name_fault(name)
        if fault:
            notes.append(f"{_shown(name)}: not stored: {fault}")
            continue
        try:
            stored[name] = _put(cache, source)
        except OSError as err:
            notes.append(f"{_shown(name)}: not stored: {err.strerror or err}")
        else:
            if stored[name].torn:
                notes.append(f"{_shown(name)}: changed while it was being stored")
    directory = bytes_of.put_bytes(
        cache, dvcfile.dir_json((n, p.md5) for n, p in stored.items()), suffix=".dir"
    )
    total = sum(put.bytes for put in stored.values())
    text = dvcfile.pointer_text(dvcfile.Out(run_id, directory.md5, total, len(stored)))
    door.write_atomic(pointer, text.encode("ascii"))
    md5s = {name: put.md5 for name, put in stored.items()}
    return Stored(
        os.fspath(pointer), directory.md5, md5s, {n: p.bytes for n, p in stored.items()}, tuple(notes)
    )


def _put(cache: StrPath, source: StrPath | bytes | Put) -> Put:
    if isinstance(source, Put):
        if not bytes_of.has(cache, source.md5):
            raise FileNotFoundError(errno.ENOENT, "its bytes left the cache")
        return source
    return (
        bytes_of.put_bytes(cache, source) if isinstance(source, bytes) else bytes_of.put_file(cache, source)
    )


def pointer_path(runs: StrPath, run_id: str) -> str:
    """Where a run's pointer lies: beside its manifest."""
    return f"{os.fspath(runs)}/{runid.day_of(run_id)}/{run_id}.dvc"


def pointer_of(runs: StrPath, run_id: str) -> dvcfile.Out:
    """What a run left: as its own pointer says, else as that of a pack does.

    Raises:
        FileNotFoundError: Neither knows of it.
        ManifestError: As for ``read_pointer``.
    """
    try:
        return read_pointer(pointer_path(runs, run_id), run_id)
    except FileNotFoundError:
        from expctl.store import packpointers  # only for runs that are packed, or left nothing

        out = packpointers.find(runs, run_id)
        if out is None:
            raise
        return out


def read_pointer(path: StrPath, run_id: str) -> dvcfile.Out:
    """What a run's pointer names, if it is one that expctl would write.

    A pointer from a branch may be anything, such as an import from elsewhere or a path that leaves the folder
    (dvc#11101); DVC is only ever given pointers that passed here.

    Raises:
        FileNotFoundError: There is none.
        ManifestError: It is not a plain pointer to the run's own folder.
    """
    name = os.path.basename(os.fspath(path))
    try:
        text = door.read_plain(path, limit=POINTER_LIMIT).decode("ascii")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as err:
        raise ManifestError(
            f"{name}: not a readable pointer: {getattr(err, 'strerror', None) or 'not ASCII'}."
        ) from err
    out = dvcfile.parse_plain(text)
    if out is None or not out.is_folder or out.path != run_id:
        raise ManifestError(f"{name}: not a plain DVC pointer to the folder of run {run_id}.")
    return out


def missing(cache: StrPath, md5: str) -> list[str]:
    """Objects of a run's folder that the cache lacks, the directory object itself first."""
    if not bytes_of.has(cache, md5):
        return [md5]
    return sorted({each for _, each in bytes_of.read_dir(cache, md5) if not bytes_of.has(cache, each)})


def faulty(cache: StrPath, md5: str) -> list[str]:
    """Objects of a run's folder that the cache lacks or whose bytes are not what their name says."""
    if not bytes_of.is_whole(cache, md5):
        return [md5]
    return sorted({each for _, each in bytes_of.read_dir(cache, md5) if not bytes_of.is_whole(cache, each)})


def checkout(cache: StrPath, md5: str, folder: StrPath) -> list[str]:
    """Make a run's folder from the cache, as ``dvc checkout`` would, and nothing outside of it.

    Args:
        cache: The cache's folder.
        md5: Of the directory object.
        folder: What to make; its parent is a real folder. What is in it already stays, unless it has the name
            of a file that comes.

    Returns:
        The paths below ``folder`` that were written.

    Raises:
        DvcError: A path would leave the folder, or a link stands in its way.
        FileNotFoundError: The cache lacks an object.
        DamagedError: An object's bytes are not what its name says.
    """
    from expctl.core import relpath  # rare, and its patterns are not wanted on the road of `run`

    entries = bytes_of.read_dir(cache, md5)
    for name, _ in entries:
        fault = relpath.check(name)
        if fault:
            raise DvcError(f"The run's files hold a path that is refused: {fault}.")
    for name, each in entries:
        target = f"{os.fspath(folder)}/{name}"
        make_real_folders(folder, os.path.dirname(name))
        bytes_of.get(cache, each, target)
    return [name for name, _ in entries]


def make_real_folders(top: StrPath, inside: str) -> None:
    """Make folders one by one, and refuse a link or a file in their place.

    Raises:
        DvcError: A link or a file stands where a folder should.
    """
    path = os.fspath(top)
    for part in ("", *filter(None, inside.split("/"))):
        path = f"{path}/{part}" if part else path
        try:
            os.mkdir(path)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                raise DvcError(f"{path} is a link or a file, and a folder is needed there.") from None


def remove_folder(runs: StrPath, run_id: str) -> bool:
    """Remove the bytes of a run from the work tree, if they are there; a link is not followed."""
    folder = pointer_path(runs, run_id).removesuffix(".dvc")
    if not os.path.lexists(folder):
        return False
    if os.path.islink(folder) or not os.path.isdir(folder):
        os.unlink(folder)
    else:
        import shutil  # rare, and slow to load on the road of `run`

        shutil.rmtree(folder)
    return True


def _name_fault(name: str) -> str | None:
    parts = name.split("/")
    if not all(parts) or ".." in parts or "." in parts or "\0" in name:
        return "not a path inside the run"
    if ".dvcignore" in parts:
        # DVC refuses a folder that holds one.
        return "DVC cannot keep a file of this name"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    return None


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()

"""Copy and move files so that nothing is ever overwritten and a crash leaves each file whole somewhere."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from engine.durable import sync_folder

_CHUNK = 1 << 20
# What file systems without hard links answer, and Linux for the link to another's file.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})


class SourceChanged(Exception):
    """The file is no longer what it was when its hash was taken."""


def copy(source: Path, target: Path, part: Path, sha256: str) -> None:
    """Copy a file: `target` appears whole or not at all.

    Args:
        part: A name in the target's folder, for the unfinished copy.
        sha256: What the source must be.

    Raises:
        FileExistsError: there is something at `target`.
        SourceChanged: the source is no longer of that hash.
        OSError: it cannot be read or written.
    """
    part.unlink(missing_ok=True)
    try:
        digest = hashlib.sha256()
        with source.open("rb") as original, part.open("xb") as new:
            while chunk := original.read(_CHUNK):
                digest.update(chunk)
                new.write(chunk)
            new.flush()
            os.fsync(new.fileno())
        if digest.hexdigest() != sha256:
            raise SourceChanged(source)
        # Times and rights are a courtesy; some file systems cannot hold them.
        with suppress(OSError):
            shutil.copystat(source, part)
        _rename(part, target)
    finally:
        part.unlink(missing_ok=True)


def move(source: Path, target: Path, part: Path, sha256: str) -> None:
    """Move a file, across disks too: at each moment it is whole at one of the two places, or at both.

    Args, Raises: as `copy`; across one disk its content is not read again.
    """
    try:
        _rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy(source, target, part, sha256)
        sync_folder(target.parent)
        remove(source)


def remove(path: Path) -> None:
    """Remove a file, on Windows a write-protected one too, as elsewhere.

    Raises:
        OSError: it cannot be removed.
    """
    if os.name == "nt":
        path.chmod(stat.S_IWRITE)
    path.unlink()


def _rename(source: Path, target: Path) -> None:
    """Rename on one disk, refusing to overwrite, which plain rename does not on every system."""
    if os.name == "nt":
        # Windows itself refuses to overwrite.
        os.rename(source, target)
        return
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        os.rename(source, target)
        return
    try:
        source.unlink()
    except OSError:
        target.unlink()
        raise

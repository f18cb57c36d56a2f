"""Files that are whole or not there, whatever happens to the power or the process."""

from __future__ import annotations

import os
import re
import uuid
from contextlib import suppress
from pathlib import Path

_HALF_WRITTEN = re.compile(r"\..+\.(?P<owner>\d{1,9})-[0-9a-f]{32}")


def write_atomically(path: Path, content: bytes, *, private: bool = False) -> None:
    """Replace the file's content: a reader, or a crash at any moment, sees the old or the new, never a part.

    Args:
        private: Nobody but this account may read it, where the file system knows accounts.

    Raises:
        OSError: the folder cannot be made or written; the old content is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whose it is stands in its name, so that what a killed program left can be told from what is being written.
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex}")
    try:
        with open(fresh, "wb", opener=_private if private else None) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sweep(*folders: Path) -> None:
    """Remove what programs that are no more left half-written in these folders; what cannot be removed stays."""
    import psutil  # 10 ms, which opening the window need not pay

    for folder in folders:
        with suppress(OSError):
            for path in list(folder.iterdir()):
                half = _HALF_WRITTEN.fullmatch(path.name)
                if half and not psutil.pid_exists(int(half["owner"])):
                    path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Bring the names in `folder` to the disk; Windows does so itself and gives no handle to ask with."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        # Some network file systems cannot sync a folder; the file's own content was synced before.
        return
    finally:
        os.close(handle)


def set_aside(path: Path) -> Path:
    """Rename a damaged file to `<name>.damaged-<n>`, so that a fresh one can begin and nothing is lost.

    Raises:
        OSError: it cannot be renamed.
    """
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside

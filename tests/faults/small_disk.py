"""A disk of a few megabytes that can be filled up, emptied and made read-only: a tmpfs, where it can be mounted."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

SIZE = 24 << 20


class SmallDisk:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._ballast = root / "ballast"
        root.mkdir()
        options = f"size={SIZE},mode=0777"
        try:
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", options, "tmpfs", root], capture_output=True, text=True, timeout=20
            )
        except FileNotFoundError:
            pytest.skip("there is no `mount` here")
        if done.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")

    @property
    def free(self) -> int:
        room = os.statvfs(self.root)
        return room.f_bavail * room.f_frsize

    def fill(self, leave: int = 0) -> None:
        """Leave no more than so many bytes."""
        with self._ballast.open("ab") as file, suppress(OSError):
            while self.free > leave:
                file.write(b"\0" * max(1, min(1 << 16, self.free - leave)))
                file.flush()

    def empty(self) -> None:
        self._ballast.unlink()

    def read_only(self, wanted: bool = True) -> None:
        mode = "ro" if wanted else "rw"
        subprocess.run(["mount", "-o", f"remount,{mode}", self.root], check=True, timeout=20)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", self.root], check=False, timeout=20)

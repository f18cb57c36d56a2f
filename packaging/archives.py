"""Packing a folder so that the same folder always gives the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

LEVEL = "12"
"""Of zstd's 19 usual ones: a tenth larger than the last and ten times as quick to make."""


def settle(folder: Path, epoch: int) -> None:
    """Give everything below `folder` one time and plain permissions, whoever built it with whatever umask."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            os.utime(path, (epoch, epoch), follow_symlinks=False)
            continue
        if sys.platform != "win32":
            runs = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch, epoch))


def pack(folder: Path, into: Path, name: str, epoch: int) -> Path:
    """Pack `folder` as `name`/ into an archive beside the others; returns the archive."""
    if sys.platform == "win32":
        return _zip(folder, into / f"{name}.zip", name)
    root = folder.name if folder.suffix == ".app" else name
    tar = ["tar", "--create", "--sort=name", f"--mtime=@{epoch}", "--owner=0", "--group=0", "--numeric-owner"]
    tar += ["--format=gnu", f"--directory={folder.parent}", f"--transform=flags=rSH;s,^{folder.name},{root},"]
    if sys.platform == "darwin":
        # Apple's tar knows none of this; its own tool keeps what an .app needs.
        target = into / f"{name}.zip"
        target.unlink(missing_ok=True)
        subprocess.run(["ditto", "-c", "-k", "--keepParent", str(folder), str(target)], check=True)
        return target
    if shutil.which("zstd"):
        target, packer = into / f"{name}.tar.zst", ["zstd", f"-{LEVEL}", "-T2", "--quiet", "--force"]
    else:
        print("zstd is missing: the archive is a .tar.xz, which takes longer.", file=sys.stderr)
        target, packer = into / f"{name}.tar.xz", ["xz", "-6", "-T2", "--stdout"]
    command = [*tar, folder.name]
    with target.open("wb") as file, subprocess.Popen(command, stdout=subprocess.PIPE) as reading:
        packing = subprocess.run(packer, stdin=reading.stdout, stdout=file, check=False)
    if reading.returncode or packing.returncode:
        target.unlink()
        raise SystemExit(f"{target.name} could not be packed.")
    return target


def _zip(folder: Path, target: Path, name: str) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                # Its time is the file's own, which `settle` set.
                archive.write(path, Path(name, path.relative_to(folder)).as_posix())
    return target

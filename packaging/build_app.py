"""Build the program that people download, and the archives it travels in.

    python packaging/build_app.py [light|full ...] [--no-archives]

Everything ends up in dist/: a folder, a .tar.zst and a .deb for each edition on Linux, a .zip elsewhere. Two builds of
one commit on one machine come out alike: times are those of the commit, names are sorted, hashes are not salted.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import archives
import deb
import elf
from contents import CHECKOUT, EDITIONS, VERSION

BUILD, DIST = CHECKOUT / "build", CHECKOUT / "dist"
STRIPPED = ("libpython*", "libtensorflow*", "python3*/lib-dynload/*.so")
"""Libraries that carry tables for debuggers and bear losing them. Those of NumPy's wheels do not: they were patched."""


def system() -> str:
    names = {"linux": "linux", "win32": "windows", "darwin": "macos"}
    return f"{names[sys.platform]}-{platform.machine().lower().replace('amd64', 'x86_64')}"


def commit_time() -> str:
    """Seconds since 1970 of the commit that is built, unless $SOURCE_DATE_EPOCH says another time."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return given
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "1767225600"


def build(edition: str, epoch: str) -> Path:
    """Run PyInstaller; returns the program's folder (on macOS the .app)."""
    work, target = BUILD / edition, DIST / edition
    for old in (work, target):
        shutil.rmtree(old, ignore_errors=True)
    environment = {
        **os.environ,
        "WHISKER_EDITION": edition,
        "SOURCE_DATE_EPOCH": epoch,
        "PYTHONHASHSEED": "0",
        "QT_QPA_PLATFORM": "offscreen",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    work.mkdir(parents=True)
    log = work / "pyinstaller.log"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--distpath", str(target), "--workpath", str(work)]
    with log.open("w", encoding="utf-8") as file:
        ended = subprocess.run(
            [*command, str(CHECKOUT / "packaging" / "whisker.spec")],
            env=environment,
            cwd=CHECKOUT,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ended.returncode:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise SystemExit(f"{tail}\nPyInstaller failed; its log is {log}.")
    if sys.platform == "darwin":
        return target / "Whisker.app"
    folder = target / "whisker"
    if sys.platform == "win32":
        # A terminal that is asked for `whisker` looks for .com before .exe.
        (folder / "whisker-console.exe").rename(folder / "whisker.com")
    else:
        strip(folder)
        forget_places(folder)
    return folder


def strip(folder: Path) -> None:
    if not shutil.which("strip"):
        print("strip is missing (binutils): the build will be larger than it must be.", file=sys.stderr)
        return
    for pattern in STRIPPED:
        for library in sorted((folder / "_internal").rglob(pattern)):
            if library.is_file() and not library.is_symlink():
                subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def forget_places(folder: Path) -> None:
    for library in sorted(folder.rglob("*")):
        if library.is_file() and not library.is_symlink() and (".so" in library.name or library.parent == folder):
            elf.forget_places(library)


def megabytes(path: Path) -> float:
    if path.is_file():
        return path.stat().st_size / 1e6
    return sum(file.lstat().st_size for file in path.rglob("*") if not file.is_dir()) / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("editions", nargs="*", choices=[*EDITIONS, []], metavar="light|full")
    parser.add_argument("--no-archives", action="store_true", help="only the folders")
    arguments = parser.parse_args()
    epoch = commit_time()
    for edition in arguments.editions or EDITIONS:
        folder = build(edition, epoch)
        archives.settle(folder, int(epoch))
        print(f"{folder.relative_to(CHECKOUT)}: {megabytes(folder):.0f} MB", flush=True)
        if arguments.no_archives:
            continue
        name = f"whisker-{edition}-{VERSION}-{system()}"
        made = [archives.pack(folder, DIST, name, int(epoch))]
        if sys.platform.startswith("linux") and shutil.which("dpkg-deb"):
            made.append(deb.make(folder, edition, BUILD / edition, DIST, int(epoch)))
        for file in made:
            print(f"{file.relative_to(CHECKOUT)}: {megabytes(file):.1f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

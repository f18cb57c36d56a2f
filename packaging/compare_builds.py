"""Build twice and say what differs, file by file, down to the modules inside the program.

python packaging/compare_builds.py light|full ...      builds each twice
python packaging/compare_builds.py FOLDER FOLDER       compares two that are there
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from contents import CHECKOUT, EDITIONS


def described(folder: Path) -> dict[str, str]:
    """Each path below, with what it is: a link's target, or kind, permissions and hash."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"link to {os.readlink(path)}"
        elif path.is_dir():
            found[name] = f"folder {path.stat().st_mode:o}"
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = f"file {path.stat().st_mode:o} {int(path.stat().st_mtime)} {digest}"
    return found


def differences(one: Path, other: Path) -> list[str]:
    first, second = described(one), described(other)
    found = [f"only in the first: {name}" for name in sorted(first.keys() - second.keys())]
    found += [f"only in the second: {name}" for name in sorted(second.keys() - first.keys())]
    for name in sorted(first.keys() & second.keys()):
        if first[name] != second[name]:
            found.append(f"differs: {name}")
            found += [f"    {line}" for line in _inside(one / name, other / name)]
    return found


def _inside(one: Path, other: Path) -> list[str]:
    """What differs inside a program that PyInstaller made; nothing is said of other files."""
    from PyInstaller.archive.readers import ArchiveReadError, CArchiveReader

    try:
        archives = [CArchiveReader(str(path)) for path in (one, other)]
    except (ArchiveReadError, OSError):
        return []
    said = []
    for name in sorted(set(archives[0].toc) | set(archives[1].toc)):
        if not all(name in archive.toc for archive in archives):
            said.append(f"{name} is in one of them alone")
        elif archives[0].extract(name) != archives[1].extract(name):
            said.append(name)
            if name.endswith(".pyz"):
                modules = [archive.open_embedded_archive(name) for archive in archives]
                said += [
                    f"    {module}"
                    for module in sorted(set(modules[0].toc) | set(modules[1].toc))
                    if _raw(modules[0], module) != _raw(modules[1], module)
                ]
    return said


def _raw(archive: object, module: str) -> object:
    try:
        return archive.extract(module, raw=True)  # type: ignore[attr-defined]
    except KeyError:
        return None


def build_twice(edition: str, scratch: Path) -> list[str]:
    kept = []
    for number in (1, 2):
        command = [sys.executable, str(CHECKOUT / "packaging" / "build_app.py"), edition]
        subprocess.run(command, check=True)
        place = scratch / f"{edition}-{number}"
        place.mkdir()
        shutil.copytree(CHECKOUT / "dist" / edition, place / "folder", symlinks=True)
        prefixes = (f"whisker-{edition}-", "whisker_" if edition == "full" else "whisker-light_")
        for archive in (CHECKOUT / "dist").iterdir():
            if archive.is_file() and archive.name.startswith(prefixes) and archive.suffix != ".json":
                shutil.copy2(archive, place / archive.name)
                os.utime(place / archive.name, (0, 0))
        kept.append(place)
    return differences(*kept)


def main() -> int:
    arguments = sys.argv[1:]
    found: list[str] = []
    if len(arguments) == 2 and all(Path(argument).is_dir() for argument in arguments):
        found = differences(Path(arguments[0]), Path(arguments[1]))
    else:
        with tempfile.TemporaryDirectory(prefix="whisker-builds-") as scratch:
            for edition in arguments or EDITIONS:
                found += build_twice(edition, Path(scratch))
    print("\n".join(found) or "The two builds are alike, byte for byte.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""A Debian package around a built folder: menu entry, icons, "Open with", and what the program wants of the system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import archives
import notices
from contents import CHECKOUT, VERSION
from file_types import mime_types
from make_icons import SIZES

LINUX = Path(__file__).resolve().parent / "linux"
PACKAGES = {"full": "whisker", "light": "whisker-light"}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
WANTED = ("fontconfig-config", "fonts-dejavu-core | fonts-noto-core | fonts-liberation", "xkb-data")
"""What the program reads without linking to it: settings and files of fonts, and keyboard layouts."""

CONTROL = """\
Package: {package}
Version: {version}
Architecture: {architecture}
Maintainer: The Whisker authors <whisker@localhost>
Installed-Size: {size}
Depends: {depends}
Conflicts: {other}
Replaces: {other}
Section: graphics
Priority: optional
Description: Private image classifier{what}
 Drop a photo on the window and be told what is on it, why, and honestly when
 Whisker does not know. {more}
 Nothing leaves the computer.
"""
MORE = {
    "full": "Teach it your own classes from folders of photos.",
    "light": "This edition answers; teaching needs the full one.",
}


def make(folder: Path, edition: str, work: Path, into: Path, epoch: int) -> Path:
    """Wrap `folder` (a built program) into a package; returns the .deb."""
    package = PACKAGES[edition]
    architecture = ARCHITECTURES[os.uname().machine]
    root = work / "deb"
    shutil.rmtree(root, ignore_errors=True)
    _lay_out(folder, root, package, work / "whisker" / "icons")
    other = next(name for name in PACKAGES.values() if name != package)
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    control = CONTROL.format(
        package=package,
        version=VERSION,
        architecture=architecture,
        size=sum(path.stat().st_size for path in files) // 1024,
        depends=", ".join(depends(folder)),
        other=other,
        what="" if edition == "full" else " (light edition)",
        more=MORE[edition],
    )
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(control, encoding="utf-8")
    archives.settle(root, epoch)
    target = into / f"{package}_{VERSION}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zzstd", f"-z{archives.LEVEL}", "--build", str(root), str(target)],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    shutil.rmtree(root)
    return target


def desktop_entry() -> str:
    text = (LINUX / "whisker.desktop").read_text(encoding="utf-8")
    return text.replace("@MIME_TYPES@", "".join(f"{mime};" for mime in (*mime_types(), "inode/directory")))


def _lay_out(folder: Path, root: Path, package: str, icons: Path) -> None:
    share = root / "usr" / "share"
    program = root / "usr" / "lib" / "whisker"
    shutil.copytree(folder, program, symlinks=True, copy_function=_link_or_copy)
    (root / "usr" / "bin").mkdir()
    (root / "usr" / "bin" / "whisker").symlink_to("../lib/whisker/whisker")
    (share / "applications").mkdir(parents=True)
    (share / "applications" / "whisker.desktop").write_text(desktop_entry(), encoding="utf-8")
    for side in SIZES:
        place = share / "icons" / "hicolor" / f"{side}x{side}" / "apps"
        place.mkdir(parents=True)
        shutil.copyfile(icons / f"whisker-{side}.png", place / "whisker.png")
    place = share / "icons" / "hicolor" / "scalable" / "apps"
    place.mkdir(parents=True)
    shutil.copyfile(CHECKOUT / "resources" / "icons" / "whisker.svg", place / "whisker.svg")
    doc = share / "doc" / package
    doc.mkdir(parents=True)
    ours = (CHECKOUT / "LICENSE").read_text(encoding="utf-8")
    (doc / "copyright").write_text(
        f"{ours}\nEverything else: /usr/lib/whisker/_internal/{notices.FILE}\n", encoding="utf-8"
    )
    shutil.copyfile(CHECKOUT / "CHANGELOG.md", doc / "CHANGELOG.md")


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def depends(folder: Path) -> list[str]:
    """The packages that the program's own libraries expect of the system, found by what they link to."""
    from PyInstaller.depend.bindepend import get_imports

    binaries = [path for path in folder.rglob("*") if _is_elf(path)]
    inside = {path.name for path in folder.rglob("*")}
    outside = {
        name: found for binary in binaries for name, found in get_imports(str(binary)) if Path(name).name not in inside
    }
    packages = set()
    for name, found in outside.items():
        if found is None:
            continue  # A library that not even this machine has: some plug-in that is never loaded.
        real = os.path.realpath(found)
        names = sorted({real, found, real.removeprefix("/usr"), found.removeprefix("/usr")})
        asked = subprocess.run(["dpkg-query", "--search", *names], capture_output=True, text=True, check=False).stdout
        if asked:
            packages.add(asked.partition(":")[0])
        else:
            raise SystemExit(f"{name} belongs to no package; the program would not start elsewhere.")
    packages.discard("libc6")
    return [f"libc6 (>= {newest_glibc(binaries)})", *sorted(packages), *WANTED]


def newest_glibc(binaries: list[Path]) -> str:
    """The newest version of the C library whose symbols are used."""
    found = {(2, 17)}
    for path in binaries:
        for version in re.findall(rb"GLIBC_(\d+)\.(\d+)\0", path.read_bytes()):
            found.add((int(version[0]), int(version[1])))
    return "{}.{}".format(*max(found))


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size < 64:
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"

"""What a Debian package is made from, without making one."""

from __future__ import annotations

import configparser
import io
import subprocess
import sys
import zlib
from pathlib import Path

import archives
import deb
import elf
import pytest
import system_libraries
from file_types import mime_types

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an archive of Linux")


def test_that_the_menu_entry_says_what_a_desktop_needs() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read_string(deb.desktop_entry())
    (section,) = entry.sections()
    assert section == "Desktop Entry"
    said = entry[section]
    assert said["Type"] == "Application"
    assert said["Exec"] == "whisker %F", "several files and folders, as the command line takes them"
    assert said["Terminal"] == "false"
    assert said["Icon"] == "whisker"
    assert said["StartupWMClass"] == "whisker"
    for key in ("Categories", "MimeType", "Keywords"):
        assert said[key].endswith(";")
    assert set(mime_types()) <= set(said["MimeType"].split(";"))
    assert "@" not in deb.desktop_entry()


@linux
def test_that_the_same_folder_packs_to_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name, mask in (("one", 0o022), ("other", 0o077)):
        folder = tmp_path / name / "whisker"
        (folder / "_internal").mkdir(parents=True)
        for file in ("b", "a", "_internal/c"):
            (folder / file).write_text(file)
            (folder / file).chmod(0o666 & ~mask)
        (folder / "link").symlink_to("_internal/c")
        archives.settle(folder, 1_700_000_000)
        made.append(archives.pack(folder, tmp_path / name, "whisker-0", 1_700_000_000).read_bytes())
    assert made[0] == made[1]


@linux
def test_that_links_inside_the_archive_still_lead_to_their_files(tmp_path: Path) -> None:
    folder = tmp_path / "whisker"
    (folder / "whisker-parts").mkdir(parents=True)
    (folder / "whisker-parts" / "c").write_text("c")
    (folder / "link").symlink_to("whisker-parts/c")
    packed = archives.pack(folder, tmp_path, "renamed-1", 1_700_000_000)
    place = tmp_path / "place"
    place.mkdir()
    subprocess.run(["tar", "-xf", str(packed), "-C", str(place)], check=True)
    assert (place / "renamed-1" / "link").read_text() == "c"


@linux
def test_that_a_library_forgets_where_it_was_built(tmp_path: Path) -> None:
    header = bytearray(64 + 2 * 56)
    header[:6] = b"\x7fELF\x02\x01"
    strings = b"\0symbol\0/home/builder/lib\0"
    dynamic = [(5, 0), (29, strings.index(b"/home")), (0, 0)]
    table = len(header) + 16 * len(dynamic)
    dynamic[0] = (5, table)
    header[32:40] = (64).to_bytes(8, "little")
    header[54:56], header[56:58] = (56).to_bytes(2, "little"), (2).to_bytes(2, "little")
    total = table + len(strings)

    def program(kind: int, offset: int, length: int) -> bytes:
        numbers = (offset, offset, offset, length, length, 8)
        return kind.to_bytes(4, "little") + bytes(4) + b"".join(n.to_bytes(8, "little") for n in numbers)

    header[64:] = program(1, 0, total) + program(2, 176, 16 * len(dynamic))
    body = b"".join(tag.to_bytes(8, "little") + value.to_bytes(8, "little") for tag, value in dynamic)
    library = tmp_path / "lib.so"
    library.write_bytes(bytes(header) + body + strings)
    assert elf.forget_places(library) == "/home/builder/lib"
    assert elf.forget_places(library) == ""
    assert b"symbol\0\0home" in library.read_bytes()
    picture = tmp_path / "other.so"
    picture.write_bytes(zlib.compress(b"no library"))
    assert elf.forget_places(picture) == ""


@pytest.mark.parametrize(
    ("warning", "missing"),
    [
        ("Library not found: could not resolve 'libxcb-cursor.so.0', dependency of 'x.so'.", {"libxcb-cursor.so.0"}),
        ("Library not found: could not resolve 'libcuda.so.1', dependency of 'y.so'.", set()),
        ("Library ole32 required via ctypes not found", set()),
    ],
)
def test_that_a_machine_without_the_libraries_of_x11_builds_nothing(warning: str, missing: set[str]) -> None:
    assert system_libraries.needed_by_the_window(warning) == missing


def test_that_the_watch_refuses_by_name() -> None:
    import logging

    watch = system_libraries.Watch()
    logger = logging.getLogger("PyInstaller.depend.bindepend")
    try:
        logger.warning("Library not found: could not resolve %r, dependency of %r.", "libxcb-icccm.so.4", "libqxcb.so")
    finally:
        logging.getLogger("PyInstaller").removeHandler(watch)
    with pytest.raises(system_libraries.Missing, match="libxcb-icccm"):
        watch.refuse_missing()


def test_that_the_newest_glibc_that_is_used_is_told(tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    library.write_bytes(io.BytesIO(b"..GLIBC_2.9\0..GLIBC_2.34\0..GLIBC_PRIVATE\0").getvalue())
    assert deb.newest_glibc([library]) == "2.34"

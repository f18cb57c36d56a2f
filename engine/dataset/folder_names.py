"""Names of folders and files that every system can hold, and that are not taken."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

# What Windows refuses in a name, which a memory stick may be carried to, and control characters.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
# Windows keeps these for devices, with any suffix (learn.microsoft.com: Naming Files, Paths, and Namespaces).
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_LONGEST_FOLDER = 100
_LONGEST_FILE = 255


def folder_name(label: str) -> str:
    """`label` as the name of a folder on any system; never empty, hidden or leading elsewhere."""
    name = _REFUSED.sub("_", unicodedata.normalize("NFC", label))
    name = cut(name, _LONGEST_FOLDER).strip().rstrip(". ")
    if name.startswith("."):
        name = "_" + name[1:]
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    return name or "_"


def folder_names(labels: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """A folder for each label, different even where capitals do not count, and none of `reserved`."""
    taken = {name.casefold() for name in reserved}
    names = {}
    # In a fixed order, so that the same labels get the same folders each time.
    for label in sorted(set(labels)):
        plain, number = folder_name(label), 2
        name = plain
        while name.casefold() in taken:
            name, number = f"{plain} ({number})", number + 1
        taken.add(name.casefold())
        names[label] = name
    return names


def numbered(path: Path, number: int) -> Path:
    """`a.jpg` as `a (2).jpg`; number 1 is the name itself, cut only if the system could not hold it."""
    if number == 1:
        return path
    ending = f" ({number}){path.suffix}"
    stem = cut(path.stem, _LONGEST_FILE - len(os.fsencode(ending)))
    return path.with_name(stem + ending)


class FreeNames:
    """Gives names that neither the disk nor an earlier caller holds, whether or not capitals count there."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._next: defaultdict[str, int] = defaultdict(lambda: 1)

    def take(self, wanted: Path) -> Path:
        """`wanted`, or it with the first free number."""
        key = str(wanted).casefold()
        while True:
            path = numbered(wanted, self._next[key])
            self._next[key] += 1
            if self.claim(path):
                return path

    def claim(self, path: Path) -> bool:
        """Whether exactly `path` was free; it is the caller's now."""
        key = str(path).casefold()
        if key in self._given or os.path.lexists(path):
            return False
        self._given.add(key)
        return True


def cut(name: str, longest: int) -> str:
    """The beginning of `name` that fits into `longest` bytes, no letter torn."""
    encoded = os.fsencode(name)
    return name if len(encoded) <= longest else os.fsdecode(encoded[:longest].decode("utf-8", "ignore"))

"""The shared libraries that come along only because something in the bundle needs them: Qt's and the system's own."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable

from PyInstaller.depend.bindepend import get_imports

OPTIONAL = ("/PySide6/Qt/lib/",)
SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/")

Entry = tuple[str, str, str]
"""Where it goes, where it comes from, what kind it is."""


def still_needed(entries: Iterable[Entry]) -> list[Entry]:
    """Leave out the system's libraries that only left-out files wanted, and links to what is left out."""
    entries = list(entries)
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(os.path.basename(entry[0]), []).append(entry)
    waiting = [entry for entry in entries if entry[2] != "SYMLINK" and not _passive(entry[1])]
    kept = set(waiting)
    while waiting:
        _, source, _ = waiting.pop()
        for name, _ in get_imports(source):
            for entry in by_name.get(os.path.basename(name), ()):
                if entry not in kept:
                    kept.add(entry)
                    if entry[2] != "SYMLINK":
                        waiting.append(entry)
    targets = {entry[0] for entry in kept if entry[2] != "SYMLINK"}
    return [
        entry
        for entry in entries
        if (entry in kept and entry[2] != "SYMLINK") or (entry[2] == "SYMLINK" and _leads_to(entry) in targets)
    ]


class Missing(Exception):
    """A build without these would not start, and would blame something else."""


class Watch(logging.Handler):
    """Hears what PyInstaller only warns of: libraries that it looked for in vain."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing: set[str] = set()
        logging.getLogger("PyInstaller").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.missing |= needed_by_the_window(record.getMessage())

    def refuse_missing(self) -> None:
        """
        Raises:
            Missing: the build machine lacks a library that Qt's X11 plug-in needs.
        """
        if self.missing:
            names = ", ".join(sorted(self.missing))
            raise Missing(f"This machine lacks {names}: run packaging/setup.sh package, and build again.")


def needed_by_the_window(warning: str) -> set[str]:
    """The libraries of X11 that a warning of PyInstaller names as not found."""
    if "Library not found" not in warning:
        return set()
    return set(re.findall(r"resolve '((?:libxcb|libxkb|libX11|libX11-xcb|libSM|libICE)[^']*)'", warning))


def _passive(source: str) -> bool:
    return source.startswith(SYSTEM) or any(part in source for part in OPTIONAL)


def _leads_to(link: Entry) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(link[0]), link[1]))

"""THIRD-PARTY-NOTICES.txt: what a build is made of, each part with its version and the text of its licence.

Made from the files that really went in: each belongs to an installed distribution, to Python, or to a package of the
build machine's system. The spec calls it; the result lies beside the program's other files, and Whisker's own
THIRD-PARTY.md (weights, class names, photos) comes first in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from contents import CHECKOUT

FILE = "THIRD-PARTY-NOTICES.txt"
LICENCES = Path(__file__).resolve().parent / "licences"
NAMED_LIKE_LICENCES = re.compile(r"(licen[cs]e|copying|notice|thirdparty|third_party|authors)[^/]*$", re.IGNORECASE)
NO_TEXT = "(The distribution brings no text; its licence is the one named above.)"
WITHOUT_TEXT = {
    # Wheels that name their licence and leave its text out.
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt",),
    "pillow-heif": ("LGPL-3.0.txt", "GPL-2.0.txt"),
}
NAMED_BETTER = {"pillow-heif": "BSD-3-Clause; its binary libraries: LGPL-3.0 and GPL-2.0"}
"""Licences whose name in the metadata is that of a part only."""
RUNTIME_OF_WINDOWS = re.compile(r"(api-ms-win-.+|ucrtbase|vcruntime\d+.*|msvcp\d+.*|concrt\d+)\.dll", re.IGNORECASE)
"""Microsoft's C and C++ libraries, which PyInstaller takes from wherever it finds them and anybody may pass on."""
RULE = "=" * 100


@dataclass(frozen=True)
class Part:
    """A part of the bundle that others made."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


class UnknownOrigin(Exception):
    """Files whose maker cannot be told must not be passed on."""


def parts(sources: Iterable[str | os.PathLike[str]]) -> list[Part]:
    """The parts that these files belong to, by name.

    Args:
        sources: Where each file of the bundle came from. Our own are left out.

    Raises:
        UnknownOrigin: a file belongs to nothing that is known here.
    """
    python = Path(sys.base_prefix).resolve()
    owners = _owners()
    found: dict[str, Part] = {}
    strangers: list[str] = []
    system: set[str] = set()
    for source in {str(source) for source in sources}:
        path = Path(os.path.realpath(source))
        if "PyInstaller" in path.parts or "_pyinstaller_hooks_contrib" in path.parts:
            continue  # Its hooks and its loader, which is named below.
        if path in owners:
            distribution = owners[path]
            if distribution.name not in found:
                found[distribution.name] = _of_distribution(distribution)
        elif path.is_relative_to(CHECKOUT) and not path.is_relative_to(_site_packages()):
            continue
        elif path.is_relative_to(python) or path.is_relative_to(os.path.realpath(sysconfig.get_path("stdlib"))):
            found.setdefault("Python", _of_python())
        elif RUNTIME_OF_WINDOWS.fullmatch(path.name):
            found.setdefault("Microsoft C and C++ runtime", _of_windows())
        elif shutil.which("dpkg-query"):
            system.add(str(path))
        else:
            strangers.append(str(path))
    for part in _of_system(system, strangers):
        found.setdefault(part.name, part)
    if strangers:
        raise UnknownOrigin("Nobody here can say who made these:\n" + "\n".join(sorted(strangers)))
    found["PyInstaller"] = _of_distribution(metadata.distribution("pyinstaller"))
    return sorted(found.values(), key=lambda part: part.name.lower())


def distributions(sources: Iterable[str | os.PathLike[str]]) -> list[str]:
    """The installed distributions that these files belong to, as name==version."""
    owners = _owners()
    found = {owners[path] for path in (Path(os.path.realpath(source)) for source in sources) if path in owners}
    return sorted({f"{distribution.name}=={distribution.version}" for distribution in found}, key=str.lower)


def summary(found: list[Part]) -> str:
    """THIRD-PARTY.md with a table of these parts, for the window's Help."""
    ours = (CHECKOUT / "THIRD-PARTY.md").read_text(encoding="utf-8").rstrip()
    rows = "\n".join(f"| {part.name} | {part.version} | {part.licence.replace('|', '/')} |" for part in found)
    return (
        f"{ours}\n\n## The libraries in this build\n\nThe texts of their licences stand in {FILE}, in the program's "
        f"folder.\n\n| library | version | licence |\n|---|---|---|\n{rows}\n"
    )


def text(found: list[Part]) -> str:
    ours = (CHECKOUT / "THIRD-PARTY.md").read_text(encoding="utf-8")
    listed = "\n".join(f"  {part.name} {part.version}: {part.licence}" for part in found)
    described = "\n".join(
        f"{RULE}\n{part.name} {part.version}\nLicence: {part.licence}\n{RULE}\n\n" + "\n\n".join(part.texts) + "\n"
        for part in found
    )
    return f"{ours}\n{RULE}\nThe libraries in this build\n{RULE}\n\n{listed}\n\n{described}"


def _site_packages() -> Path:
    return Path(os.path.realpath(sysconfig.get_path("purelib")))


@cache
def _owners() -> dict[Path, metadata.Distribution]:
    """Each installed file, and the distribution that it came with."""
    owners: dict[Path, metadata.Distribution] = {}
    for distribution in metadata.distributions():
        # Resolved once, not for each of its thousands of files.
        root = os.path.realpath(str(distribution.locate_file("")))
        for file in distribution.files or ():
            owners[Path(os.path.normpath(os.path.join(root, file)))] = distribution
    return owners


def licence_of(distribution: metadata.Distribution) -> str:
    """The licence's name, by the best of the four places where a distribution may say it."""
    about = distribution.metadata
    classifiers = [line.rsplit(" :: ", 1)[-1] for line in about.get_all("Classifier") or [] if "License ::" in line]
    plain = (about.get("License") or "").strip()
    if len(plain.splitlines()) > 1:  # Some put the whole text there.
        plain = ""
    return about.get("License-Expression") or plain or ", ".join(classifiers) or "see the text"


def _of_distribution(distribution: metadata.Distribution) -> Part:
    texts: list[str] = []
    for file in sorted(distribution.files or (), key=str):
        inside = "/".join(file.parts)
        if not NAMED_LIKE_LICENCES.search(inside) or file.suffix in (".py", ".pyc", ".pyi", ".h", ".so"):
            continue
        located = Path(str(distribution.locate_file(file)))
        if located.is_file():
            texts.append(located.read_text(encoding="utf-8", errors="replace").strip())
    name = distribution.name.lower().replace("_", "-")
    texts += [(LICENCES / extra).read_text(encoding="utf-8").strip() for extra in WITHOUT_TEXT.get(name, ())]
    if not texts and "\n" in (distribution.metadata.get("License") or ""):
        texts.append(distribution.metadata["License"])
    # Headers of vendored parts repeat one text many times.
    return Part(
        distribution.name,
        distribution.version,
        NAMED_BETTER.get(name) or licence_of(distribution),
        tuple(dict.fromkeys(texts)) or (NO_TEXT,),
    )


def _of_python() -> Part:
    places = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"]
    places.append(Path("/usr/share/doc/python3/copyright"))
    licence = next((place.read_text(encoding="utf-8") for place in places if place.is_file()), NO_TEXT)
    return Part("Python", sys.version.split()[0], "Python Software Foundation License", (licence.strip(),))


def _of_windows() -> Part:
    return Part("Microsoft C and C++ runtime", "", "Microsoft Visual C++ Redistributable", (NO_TEXT,))


def _of_system(paths: Iterable[str], strangers: list[str]) -> Iterator[Part]:
    """The Debian packages that libraries of the build machine belong to; files of no package are added to strangers."""
    packages: set[str] = set()
    for path in sorted(paths):
        # Where /lib is a link to /usr/lib, the package database may know either name.
        names = {path, os.path.realpath(path)}
        names |= {name.removeprefix("/usr") for name in names}
        asked = subprocess.run(
            ["dpkg-query", "--search", *sorted(names)], capture_output=True, text=True, check=False
        ).stdout
        owner = asked.partition(":")[0].strip()
        if owner:
            packages.add(owner)
        else:
            strangers.append(path)
    for package in sorted(packages):
        version = subprocess.run(
            ["dpkg-query", "--show", "--showformat=${Version}", package], capture_output=True, text=True, check=False
        ).stdout
        copyright_file = Path("/usr/share/doc", package, "copyright")
        said = copyright_file.read_text(encoding="utf-8", errors="replace") if copyright_file.is_file() else NO_TEXT
        names = sorted(set(re.findall(r"^License:\s*(\S.*)$", said, re.MULTILINE)))
        yield Part(f"{package} (of the system)", version, ", ".join(names) or "see the text", (said.strip(),))

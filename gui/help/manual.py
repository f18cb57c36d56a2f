"""The manual's pages: which there are, in which order, what they are called, and which speak of something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ORDER: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "User guide",
        (
            "index.md",
            "install.md",
            "guide/predict.md",
            "guide/sort.md",
            "guide/teach.md",
            "guide/review.md",
            "guide/models.md",
            "guide/history.md",
            "guide/monitor.md",
            "guide/server.md",
            "guide/export.md",
            "guide/preferences.md",
            "guide/help.md",
            "troubleshooting.md",
            "privacy.md",
        ),
    ),
    ("For programs", ("cli.md", "api.md", "notebook.md")),
    (
        "How it works",
        ("architecture.md", "models.md", "unknown.md", "drift.md", "doctor.md", "performance.md", "reliability.md"),
    ),
)
"""Sections and the files in them; those that are not there are left out, others come last."""
MORE = "More"

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
_CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class ManualPage:
    """One file of the manual.

    Attributes:
        key: Its path below the manual's folder, with slashes.
        title: Its first heading.
        section: Under which it is listed.
        text: Its Markdown.
    """

    key: str
    title: str
    section: str
    text: str

    def speaks_of(self, words: str) -> bool:
        """Whether each of the words stands somewhere in it."""
        text = self.text.casefold()
        return all(word in text for word in words.casefold().split())


def read(folder: Path) -> list[ManualPage]:
    """All pages below `folder`, in the order of the table of contents; none where there is no manual.

    Raises:
        OSError: a page cannot be read.
    """
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.md"))}
    listed = [(section, key) for section, keys in ORDER for key in keys if key in there]
    known = {key for _, key in listed}
    listed += [(MORE, key) for key in there if key not in known]
    pages = []
    for section, key in listed:
        text = there[key].read_text(encoding="utf-8")
        pages.append(ManualPage(key, _title(text) or key, section, text))
    return pages


def headings(text: str) -> list[str]:
    """The headings of a page, in order, as plain words."""
    return [_plain(found) for found in _HEADING.findall(_CODE.sub("", text))]


def slug(heading: str) -> str:
    """What a link calls a heading: "Who may ask?" -> "who-may-ask"."""
    words = re.sub(r"[^\w\s-]", "", heading.casefold()).strip()
    return re.sub(r"[\s]+", "-", words)


def resolve(key: str, link: str) -> tuple[str, str]:
    """The page and the heading that a link on page `key` leads to: ("guide/teach.md", "getting-better")."""
    target, _, anchor = link.partition("#")
    if not target:
        return key, anchor
    parts: list[str] = key.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts), anchor


def _title(text: str) -> str:
    found = headings(text)
    return found[0] if found else ""


def _plain(heading: str) -> str:
    return re.sub(r"[`*_]|\[(.*?)\]\(.*?\)", lambda found: found[1] or "", heading)

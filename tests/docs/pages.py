"""The pages of the manual and the handbook, and what stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
_FENCE = re.compile(r"^```([\w-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A fenced block; `line` is where it begins, from 1."""

    language: str
    text: str
    line: int


def manual() -> list[Path]:
    """Every page of the manual."""
    return sorted(DOCS.rglob("*.md"))


def handbook() -> list[Path]:
    """Every page, the ones at the root among them."""
    return [*(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *manual()]


def name(page: Path) -> str:
    """A page as a test's id."""
    return page.relative_to(CHECKOUT).as_posix()


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def fences(page: Path) -> list[Fence]:
    text = read(page)
    return [Fence(match[1], match[2], text.count("\n", 0, match.start()) + 1) for match in _FENCE.finditer(text)]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", read(page))


def anchors(page: Path) -> set[str]:
    """What a link may name behind #: each heading as GitHub and mkdocs spell it."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", prose(page), re.MULTILINE):
        plain = re.sub(r"[*`]", "", heading).strip().lower()
        found.add(re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", plain)))
    return found


def links(page: Path) -> list[str]:
    """Targets of links and pictures, but not those to other sites."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"\w+:", target)]

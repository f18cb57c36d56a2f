"""What the doctor can find, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any


class Kind(Enum):
    """What is the matter; the worst first. `title` heads a list of such findings."""

    ONE_CLASS = "one_class", "Only one class"
    UNREADABLE = "unreadable", "Cannot be opened"
    CONFLICTING_LABELS = "conflicting_labels", "The same photo under two labels"
    MISLABELLED = "mislabelled", "Probably mislabelled"
    SPLIT_LEAK = "split_leak", "In the test part, and learnt from as well"
    EXACT_DUPLICATE = "exact_duplicate", "The same file twice"
    NEAR_DUPLICATE = "near_duplicate", "Nearly the same photo"
    MISNAMED = "misnamed", "Named like another format"
    TOO_DARK = "too_dark", "Too dark"
    TOO_BRIGHT = "too_bright", "Too bright"
    LOW_CONTRAST = "low_contrast", "Hardly anything to see"
    BLURRY = "blurry", "Blurred"
    TOO_SMALL = "too_small", "Too small"
    ODD_SHAPE = "odd_shape", "Long and narrow"
    CLASS_TOO_SMALL = "class_too_small", "Too few photos of a class"
    IMBALANCE = "imbalance", "Classes of very different size"
    LEFT_OUT = "left_out", "Left out"
    STRAY_FILES = "stray_files", "Other files"

    def __init__(self, code: str, title: str) -> None:
        self.code = code
        self.title = title


class Fix:
    """The fixes that are suggested; besides these `relabel_to(class)`."""

    QUARANTINE = "quarantine"
    RENAME = "rename"
    KEEP_ONE = "keep one"
    ADD_PHOTOS = "add more photos"
    NONE = "none"


_RELABEL = "relabel to "


def relabel_to(label: str) -> str:
    """The fix that gives a picture this label."""
    return _RELABEL + label


@dataclass(frozen=True)
class Finding:
    """Something that may harm a model that is taught with this folder.

    Attributes:
        kind: What.
        path: The file it is about, or the folder when it is about many.
        other: The file it is compared with: the one to keep, of copies.
        message: A sentence for a person.
        fix: One of `Fix`, or "relabel to CLASS".
    """

    kind: Kind
    path: Path
    other: Path | None
    message: str
    fix: str = Fix.NONE

    @property
    def new_label(self) -> str | None:
        """The class to relabel to, if that is the fix."""
        return self.fix.removeprefix(_RELABEL) if self.fix.startswith(_RELABEL) else None

    @property
    def fixable(self) -> bool:
        """Whether `apply_fix` can do it."""
        return self.fix not in (Fix.ADD_PHOTOS, Fix.NONE)

    def as_json(self) -> dict[str, Any]:
        """The public shape; paths as text."""
        return {
            "kind": self.kind.code,
            "path": str(self.path),
            "other": None if self.other is None else str(self.other),
            "message": self.message,
            "fix": self.fix,
        }


def in_order(findings: list[Finding]) -> list[Finding]:
    """Worst kinds first, then by path."""
    rank = {kind: number for number, kind in enumerate(Kind)}
    return sorted(findings, key=lambda each: (rank[each.kind], str(each.path), str(each.other or ""), each.message))

"""What the doctor found, sorted by kind and put in words; no Qt, so that thousands of findings are gone through in
any thread but the window's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.dataset.doctor import Finding, Kind

FACES = 4


@dataclass(frozen=True)
class Found:
    """All findings of one kind.

    Attributes:
        faces: The first of those that are about a picture.
        mendable: Those that can be mended here.
        title, said: What it is, and what is the matter with the first.
        fix: What mending is called, and what it does.
    """

    kind: Kind
    findings: Sequence[Finding]
    faces: Sequence[Finding]
    mendable: Sequence[Finding]
    title: str
    said: str
    fix: tuple[str, str]


def sort_out(findings: Iterable[Finding]) -> tuple[Found, ...]:
    """The kinds in the order of the findings."""
    by_kind: dict[Kind, list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault(finding.kind, []).append(finding)
    return tuple(_found(kind, some) for kind, some in by_kind.items())


def _found(kind: Kind, findings: list[Finding]) -> Found:
    number, first = len(findings), findings[0].message
    # A person's own file keeps its name: it is read all the same.
    mendable = [finding for finding in findings if finding.fixable and finding.fix != "rename"]
    return Found(
        kind,
        findings,
        [finding for finding in findings if finding.path.suffix][:FACES],
        mendable,
        kind.title if number == 1 else f"{kind.title}  ·  {number:,}",
        first if number == 1 else f"{first} And {number - 1:,} more.",
        _fix_words(mendable),
    )


def _fix_words(mendable: Sequence[Finding]) -> tuple[str, str]:
    label = next((finding.new_label for finding in mendable if finding.new_label), None)
    many = "it" if len(mendable) == 1 else f"all {len(mendable):,}"
    if label is not None:
        words = f"Call it {label}" if len(mendable) == 1 else f"Relabel {many}"
        return words, "Give each the label that it looks like; can be undone"
    if mendable and mendable[0].kind.code == "conflicting_labels":
        words = "Keep the likelier one" if len(mendable) == 1 else "Keep the likelier ones"
        return words, "Leave out the one whose label fits less; your files stay where they are, and it can be undone"
    if mendable and mendable[0].fix == "keep one":
        return "Keep one of each", "Leave the copies out; your files stay where they are, and it can be undone"
    return f"Leave {many} out", "Do not teach with these; your files stay where they are, and it can be undone"

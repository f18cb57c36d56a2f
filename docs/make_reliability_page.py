"""Write docs/reliability.md from the figures of the last `make faults`, docs/reliability.json.

python docs/make_reliability_page.py
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from string import Template
from typing import Any

HERE = Path(__file__).resolve().parent
FIGURES, TEMPLATE, PAGE = (HERE / f"reliability.{suffix}" for suffix in ("json", "md.template", "md"))


def page() -> str:
    """The page as it should be."""
    # What tests/faults/conftest.py has counted, by file of tests.
    files: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    notes: dict[str, str] = {}
    for found in files.values():
        for kind, counted in found["faults"].items():
            kinds[kind][0] += counted["tried"]
            kinds[kind][1] += counted["lost"]
            notes[kind] = counted["note"] or notes.get(kind, "")
    lines = ["| fault | tried | lost | |", "|---|---:|---:|---|"]
    lines += [f"| {kind} | {tried:,} | {lost:,} | {notes[kind]} |" for kind, (tried, lost) in kinds.items()]
    killed = sum(tried for kind, (tried, _) in kinds.items() if kind.startswith("killed while"))
    tried, lost = (sum(counted[column] for counted in kinds.values()) for column in (0, 1))
    lines += [f"| **all** | **{tried:,}** | **{lost:,}** | {killed:,} of them kills at random moments |", ""]
    passed, failed = (sum(found[column] for found in files.values()) for column in ("passed", "failed"))
    days = " and ".join(sorted({found["when"] for found in files.values()}))
    lines.append(f"The last run, on {days}: {passed:,} tests passed, {failed:,} failed.")
    for found in files.values():
        lines += [f"Skipped there: `{test}` ({reason})." for test, reason in found["skipped"].items()]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(figures="\n".join(lines))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

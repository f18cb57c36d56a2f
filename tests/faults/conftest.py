"""Counts what was tried. `make faults` writes the figures to $WHISKER_FIGURES, which docs/reliability.md is made of."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

Tried = Callable[..., None]
LONG = os.environ.get("WHISKER_FAULTS") == "long"
"""Whether `make faults` asks for all of it."""

_counted: Counter[str] = Counter()
_lost: Counter[str] = Counter()
_notes: dict[str, str] = {}
_skipped: dict[str, str] = {}


@pytest.fixture
def tried() -> Tried:
    """tried("a full disk", 3, lost=0, note="…"): so many faults of this kind were tried, and so much was lost."""

    def count(kind: str, times: int = 1, *, lost: int = 0, note: str = "") -> None:
        _counted[kind] += times
        _lost[kind] += lost
        if note:
            _notes[kind] = note

    return count


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and "tests/faults" in report.nodeid and isinstance(report.longrepr, tuple):
        _skipped[report.nodeid.partition("::")[2]] = report.longrepr[2].removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _counted:
        return
    terminalreporter.section("faults tried, and what was lost")
    for kind in _counted:
        note = f"  ({_notes[kind]})" if kind in _notes else ""
        terminalreporter.line(f"{_counted[kind]:>6}  {kind}: {_lost[kind]} lost{note}")
    where = os.environ.get("WHISKER_FIGURES")
    if where:
        figures = {
            "faults": {
                kind: {"tried": _counted[kind], "lost": _lost[kind], "note": _notes.get(kind, "")} for kind in _counted
            },
            "passed": len(terminalreporter.stats.get("passed", [])),
            "failed": len(terminalreporter.stats.get("failed", [])) + len(terminalreporter.stats.get("error", [])),
            "skipped": _skipped,
        }
        Path(where).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")

"""Counts what was tried. `make faults` writes the figures to $WHISKER_FIGURES, which docs/reliability.md is made of."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.small_disk import SmallDisk

Tried = Callable[..., None]
LONG = os.environ.get("WHISKER_FAULTS") == "long"
"""Whether `make faults` asks for all of it."""


@dataclass
class Kind:
    """A kind of fault: how often it was tried, and how much was lost."""

    tried: int = 0
    lost: int = 0
    note: str = ""


@dataclass
class Figures:
    """Of one file of tests."""

    when: str = ""
    passed: int = 0
    failed: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    faults: dict[str, Kind] = field(default_factory=dict)


_files: dict[str, Figures] = {}


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Tried:
    """tried("a full disk", 3, lost=0, note="…"): so many faults of this kind were tried, and so much was lost."""
    faults = _of(request.path.name).faults

    def count(kind: str, times: int = 1, *, lost: int = 0, note: str = "") -> None:
        known = faults.setdefault(kind, Kind())
        known.tried += times
        known.lost += lost
        known.note = note or known.note

    return count


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    small = SmallDisk(tmp_path / "disk")
    yield small
    small.unmount()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    path, _, test = report.nodeid.partition("::")
    if not path.startswith("tests/faults/"):
        return
    figures = _of(Path(path).name)
    if report.failed:
        figures.failed += 1
    elif report.skipped and isinstance(report.longrepr, tuple):
        figures.skipped[test] = report.longrepr[2].removeprefix("Skipped: ")
    elif report.when == "call":
        figures.passed += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    kinds = [each for figures in _files.values() for each in figures.faults.items()]
    if not kinds:
        return
    terminalreporter.section("faults tried, and what was lost")
    for name, kind in kinds:
        note = f"  ({kind.note})" if kind.note else ""
        terminalreporter.line(f"{kind.tried:>6}  {name}: {kind.lost} lost{note}")
    where = os.environ.get("WHISKER_FIGURES")
    if where:
        # A run of some files alone leaves what was found of the others.
        file = Path(where)
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        known |= {name: asdict(figures) for name, figures in _files.items()}
        file.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


def _of(file: str) -> Figures:
    return _files.setdefault(file, Figures(f"{datetime.now(UTC):%d %B %Y}"))

"""The points of the last hour and day in SQLite: about 720 rows, a third of a megabyte, however long it runs."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable
from typing import Any

from engine.database import Database
from engine.monitor.points import KEPT, Point

_READ = "SELECT at, step, samples, figures, times FROM monitor_points"


class PointStore:
    """Keeps points in a database that other programs may write to as well.

    Every method raises HistoryError when it cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, now: float) -> list[Point]:
        """What is known of the time before `now` (seconds since 1970)."""
        found: list[Point] = []
        with self._database.read() as database:
            for spell in KEPT:
                query = f"{_READ} WHERE step = ? AND at > ? AND at <= ? ORDER BY at"
                rows = database.execute(query, (spell.step, now - spell.seconds - spell.step, now)).fetchall()
                found += [point for row in rows if (point := _point(row)) is not None]
        return found

    def save(self, points: Iterable[Point], now: float) -> None:
        """Add points to what is there, and forget what is past, or ahead because the clock was set back."""
        with self._database.write() as database:
            for spell in KEPT:
                database.execute(
                    "DELETE FROM monitor_points WHERE step = ? AND (at <= ? OR at > ?)",
                    (spell.step, math.floor(now - spell.seconds - spell.step), math.ceil(now)),
                )
            for point in points:
                _add(database, point)


def _add(database: sqlite3.Connection, point: Point) -> None:
    key = (point.step, point.at)
    there = database.execute(f"{_READ} WHERE step = ? AND at = ?", key).fetchone()
    before = _point(there) if there is not None else None
    if before is not None:
        before.merge(point)
    whole = before or point
    figures = {name: [round(total, 4), whole.counts[name]] for name, total in whole.sums.items()}
    database.execute(
        "INSERT OR REPLACE INTO monitor_points (step, at, samples, figures, times) VALUES (?, ?, ?, ?, ?)",
        (*key, whole.samples, json.dumps(figures, separators=(",", ":")), json.dumps(sorted(whole.times.items()))),
    )


def _point(row: tuple[Any, ...]) -> Point | None:
    """A row as a point; None when it is not as we wrote it: a stroke less in a chart is no reason to fail."""
    at, step, samples, figures, times = row
    try:
        known = json.loads(figures)
        return Point(
            int(at),
            int(step),
            int(samples),
            {str(name): float(total) for name, (total, _) in known.items()},
            {str(name): int(count) for name, (_, count) in known.items()},
            {int(length): int(count) for length, count in json.loads(times)},
        )
    except (ValueError, TypeError, AttributeError):
        return None

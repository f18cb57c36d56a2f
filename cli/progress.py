"""A progress bar on standard error, when that is a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType

# Often enough to look alive, seldom enough to cost nothing.
EVERY_S = 0.1


class Progress:
    """Counts up to `total` while work goes on: `with Progress(total, "photos") as progress: progress.step()`.

    Nothing is shown where standard error is no terminal, nor for work that is over before anyone could read it.
    Call `clear` before printing a line that may come to the same terminal; the next step brings the bar back.
    """

    def __init__(self, total: int, what: str) -> None:
        self._total = total
        self._what = what
        self._done = 0
        self._shown = 0
        self._wiped = False
        self._stream = sys.stderr
        self._visible = total > 1 and self._stream.isatty()
        self._began = self._drawn = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def step(self, steps: int = 1) -> None:
        self._done += steps
        now = time.monotonic()
        if self._visible and (self._wiped or now - self._drawn >= EVERY_S):
            self._drawn, self._wiped = now, False
            self._draw(now)

    def clear(self) -> None:
        """Wipe the bar off the line."""
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown, self._wiped = 0, True

    def _draw(self, now: float) -> None:
        rate = self._done / max(now - self._began, 1e-9)
        left = (self._total - self._done) / rate if rate else 0.0
        words = f" {self._done:,} of {self._total:,} {self._what}, {rate:,.0f} a second, {duration(left)} left"
        room = shutil.get_terminal_size().columns - len(words) - 3
        line = words.strip()
        if room >= 10:
            width = min(room, 40)
            filled = width * self._done // max(self._total, 1)
            line = f"[{'#' * filled}{'.' * (width - filled)}]{words}"
        self._stream.write("\r" + line.ljust(self._shown))
        self._stream.flush()
        self._shown = max(len(line), self._shown)


def duration(seconds: float) -> str:
    """12.3 -> "12 s"; 90 -> "1 min"; 5400 -> "1 h 30 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

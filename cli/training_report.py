"""A training for a person at a terminal: what it is doing, and in plain words what came of it."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cli.printing import count, say
from cli.progress import duration
from engine.shares import exact_percent

if TYPE_CHECKING:
    from engine.training.events import Epoch, Finished, Prepared, TrainingEvent
    from engine.training.plan import TrainingPlan


class TrainingReport:
    """Says on standard error what a run does; stages and time left are a bar where that is a terminal.

    Args:
        quiet: Whether only the bar is shown, because the events themselves are printed.
    """

    def __init__(self, plan: TrainingPlan, *, quiet: bool = False) -> None:
        self._plan = plan
        self._quiet = quiet
        self._bar = _Bar()
        self._stage = ""
        self._over_at: float | None = None

    def __enter__(self) -> TrainingReport:
        self._bar.draw("Starting", 0.0, None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.clear()

    def tell(self, event: TrainingEvent) -> None:
        """Show an event."""
        from engine.training.events import Batch, Epoch, Exported, Notice, Prepared, Resumed, Stage

        match event:
            case Prepared():
                self._over_at = time.monotonic() + event.seconds
                self._say(_prepared(event))
                for note in event.notes:
                    self._say(f"  {note}")
            case Stage():
                if event.name != self._stage:
                    self._stage = event.name
                    self._say(f"{event.message} ...")
                self._bar.draw(event.message, event.done / event.total if event.total else 0.0, self._left(event))
            case Batch():
                message = f"Epoch {event.epoch}, batch {event.done} of {event.total}: loss {event.loss:.3f}"
                self._bar.draw(message, event.done / max(event.total, 1), self._left(event))
            case Epoch() if self._plan.recipe.epochs and event.seconds:
                self._say(_epoch(event))
            case Epoch():
                self._bar.draw(f"Loss {event.loss:.3f}", event.number / max(event.total, 1), self._left(event))
            case Resumed():
                self._say(f"An earlier training was interrupted; it goes on after epoch {event.epoch}.")
            case Exported():
                self._say(f"  {event.reason}")
            case Notice():
                self._say(event.message)

    def _say(self, text: str) -> None:
        if not self._quiet:
            self._bar.clear()
            say(text)

    def _left(self, event: Any) -> float | None:
        known: float | None = getattr(event, "seconds_left", None)
        if known is None and self._over_at is not None:
            estimate = self._over_at - time.monotonic()
            return estimate if estimate > 0 else None
        return known


def outcome(finished: Finished, *, used: bool) -> list[str]:
    """What came of a training, in words."""
    reference = f"{finished.model}@{finished.version}"
    metrics = finished.metrics
    low, high = (round(100 * bound) for bound in metrics["accuracy_interval"])
    right = round(metrics["accuracy"] * metrics["images"])
    lines = [
        f"{reference} is on the shelf after {duration(finished.seconds)}.",
        f"{right:,} of {metrics['images']:,} right on photos it never saw (95 % sure: {low} to {high} of 100).",
    ]
    if finished.comparison:
        lines.append(_comparison(finished.comparison))
    lines += finished.notes
    ready = f"{reference} answers from now on." if used else f"`models use {reference}` lets it answer from now on."
    return [*lines, ready]


def _comparison(comparison: dict[str, Any]) -> str:
    verdicts = {"better": "better", "worse": "worse"}
    verdict = verdicts.get(comparison["verdict"], "no difference that chance would not make")
    new, old = comparison["only_new_right"], comparison["only_old_right"]
    return (
        f"Against {comparison['with']} on the same photos: {verdict} "
        f"({new:,} that only the new one gets right, {old:,} that only the old one does)."
    )


def _prepared(event: Prepared) -> str:
    parts = [f"{event.train:,} to learn from", f"{event.validation:,} to steer by", f"{event.test:,} to judge by"]
    shown = [part for part in parts if not part.startswith("0 ")]
    pictures = count(event.train + event.validation + event.test, "photo")
    classes = count(len(event.classes), "class", "classes")
    return f"{classes}, {pictures}: {', '.join(shown)}. About {duration(max(event.seconds, 1))}."


def _epoch(event: Epoch) -> str:
    return (
        f"Epoch {event.number} of {event.total}: loss {event.loss:.3f}, {exact_percent(event.accuracy)} right; "
        f"on others {event.val_loss:.3f}, {exact_percent(event.val_accuracy)}; {event.seconds:.1f} s"
    )


class _Bar:
    """One line of a terminal that is written over and over; nothing where standard error is no terminal."""

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._visible = self._stream.isatty()
        self._shown = 0

    def draw(self, message: str, share: float, seconds_left: float | None) -> None:
        if not self._visible:
            return
        left = "" if seconds_left is None else f", {duration(seconds_left)} left"
        width = shutil.get_terminal_size().columns - 1
        filled = round(20 * min(max(share, 0.0), 1.0))
        bar = f"[{'#' * filled}{'.' * (20 - filled)}] " if share else ""
        line = f"{bar}{message}{left}"[:width]
        self._stream.write("\r" + line.ljust(min(self._shown, width)))
        self._stream.flush()
        self._shown = len(line)

    def clear(self) -> None:
        """Wipe it off."""
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0

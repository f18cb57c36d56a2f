"""States of the Monitor page. Its hour is made up, since nobody waits for one; all else is as it is."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtTest import QTest

from benchmarks.window_monitor import fill
from engine.errors import HistoryError
from engine.monitor import HOUR, MINUTE

if TYPE_CHECKING:
    from studio import State, Studio

    from gui.monitor.page import MonitorPage


def _page(studio: Studio) -> MonitorPage:
    return studio.window.page("monitor")


def _watch(studio: Studio, seconds: float) -> None:
    # qWait holds the interpreter's lock, under which the sampler could not sample.
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QTest.qWait(5)
        time.sleep(0.01)


def _empty(studio: Studio) -> None:
    _use(studio, "cats-dogs")
    # What was corrected on other pages would stay.
    for row in studio.whisker.history.recent(1_000):
        if row.correction is not None:
            studio.whisker.correct(row.id, None)
    studio.whisker.history.clear()
    studio.window.show_page("monitor")
    studio.wait(lambda: _page(studio).recent.begin.isVisible())
    _watch(studio, 2.5)


def _live(studio: Studio) -> None:
    page = _page(studio)
    fill(studio.whisker)
    for at, photo in enumerate(sorted(studio.many.iterdir())[:24]):
        if photo.name != "IMG_2099.jpg":
            # What programs send comes without a file.
            sent = photo.read_bytes() if at % 3 == 1 else photo
            studio.whisker.classify(sent, origin=("window", "api", "cli")[at % 3], name=photo.name)
    page.cards[3].choosers["rate"].click()
    page.controls.choose(MINUTE)
    _watch(studio, 6.0)


def _hour(studio: Studio) -> None:
    page = _page(studio)
    page.controls.choose(HOUR)
    page.cards[3].choosers["time"].click()
    studio.wait(lambda: page.shown is not None and page.shown.spell is HOUR)
    page.cards[0].pointed.emit(-1900.0)


def _drift(studio: Studio) -> None:
    page = _page(studio)
    page.cards[0].pointed.emit(None)
    answer = replace(studio.whisker.predictor.predict(studio.samples[0]), path=None)
    studio.whisker.history.record([answer] * 230, "api")
    page.refresh()
    studio.wait(page.drift.isVisible)


def _paused(studio: Studio) -> None:
    page = _page(studio)
    page.drift._close.click()
    page.controls.pause.click()


def _trouble(studio: Studio) -> None:
    page = _page(studio)
    page.controls.pause.click()
    studio.settle()
    page._on_no_rows(
        HistoryError("The history is in use by another program.", "Close the other program and try again.")
    )
    page.recent.model.set_rows([])
    page.recent.show_trouble("The history cannot be read")


def _use(studio: Studio, model: str) -> None:
    studio.desk.model.activate(model)
    studio.wait(lambda: studio.desk.model.card is not None and studio.desk.model.card.name == model)


POSES: dict[str, State] = {
    "monitor-empty": _empty,
    "monitor-live": _live,
    "monitor-hour": _hour,
    "monitor-drift": _drift,
    "monitor-paused": _paused,
    "monitor-trouble": _trouble,
}
"""In this order: each begins where the one before it ends."""

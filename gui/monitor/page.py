"""The Monitor page: the machine, the answering and the model, live while somebody looks.

The sampler (engine/monitor) runs anyway. While the page can be seen it is told of each sample, reads what it shows off
the GUI thread, and draws one chart a frame; hidden, minimised or paused it does nothing at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.errors import WhiskerError
from engine.monitor import DAY, Range
from gui.desk import Desk
from gui.monitor import exports
from gui.monitor.board import Board
from gui.monitor.chart_card import ChartCard
from gui.monitor.controls import Controls
from gui.monitor.drift_notice import DriftNotice
from gui.monitor.figures_row import FiguresRow
from gui.monitor.mix_bars import MixCard
from gui.monitor.reading import Reading, read
from gui.monitor.recent import HOW_MANY, RecentCard
from gui.monitor.views import CARDS
from gui.page_header import PageHeader
from gui.pages import Page
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.history import Row

LINE = "Live, on this computer"
SLOW = 10
"""A day moves on so slowly that it is drawn every tenth time."""
FRAME_MS = 25
"""Between two charts, so that no frame has more than one to paint."""
POINT_MS = 30


class MonitorPage(Page):
    sampled = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._leaving: list[Callable[[], None]] = []
        self._reading = False
        self._again = False
        self._turn = 0
        self._newest: int | None = None
        self._rows_reading = False
        self._rows_stale = True
        self._unread = self._no_rows = ""
        self._to_draw: list[ChartCard] = []
        self.shown: Reading | None = None
        self.setAccessibleName("Monitor")
        self.header = PageHeader("Monitor", LINE)
        # A long line gives way to the buttons; its tooltip has all of it.
        self.header.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message = InlineMessage(desk.theme)
        self.controls = Controls()
        self.header.buttons.addWidget(self.controls)
        self.drift = DriftNotice(desk)
        self.figures = FiguresRow(desk.model)
        self.cards = [ChartCard(desk.theme, views) for views in CARDS]
        self.mix = MixCard(desk.theme)
        self.recent = RecentCard(desk)
        self._frames = QTimer(self, interval=FRAME_MS)
        self._pointed: float | None = None
        self._said: float | None = None
        self._pointing = QTimer(self, singleShot=True, interval=POINT_MS)
        self._pointing.timeout.connect(self._read_out)
        self._place()
        self._wire()
        self.cards[0].offer("gpu", False)

    @property
    def paused(self) -> bool:
        return self.controls.pause.isChecked()

    @property
    def spell(self) -> Range:
        """The stretch of time that is shown."""
        return self.controls.spell

    def refresh(self) -> None:
        """Read and draw now, but never twice at once."""
        if self._reading:
            self._again = True
            return
        self._reading, self._again = True, False
        whisker, spell, card = self._desk.whisker, self.spell, self._desk.model.card
        figures = [line.figure for card in self.cards for line in card.view.lines]
        self._desk.tasks.run(
            self, lambda: read(whisker, spell, figures, card), self._on_read, self._on_unread, urgent=True
        )

    def save_picture(self, path: Path) -> None:
        """Write the charts as they stand there into a PNG file."""
        at = self.shown.at if self.shown is not None else time.time()
        picture = exports.captioned(self.board.charts.grab().toImage(), self.spell, at, self._desk.theme)
        self._save(lambda: exports.write_picture(picture, path), path)

    def save_table(self, path: Path) -> None:
        """Write every figure of the time shown into a CSV file."""
        whisker, spell = self._desk.whisker, self.spell
        self._save(lambda: exports.write_table(whisker.monitor.points(spell), path), path)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        whisker = self._desk.whisker
        if not self._leaving:
            follow = whisker.monitor.follow(lambda _: self.sampled.emit(), closely=True)
            self._leaving = [follow, whisker.glimpses.watch()]
        if not self.paused:
            self.refresh()
        elif self._rows_stale:
            self._read_rows()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop()

    def end(self) -> None:
        self._stop()

    def _stop(self) -> None:
        self._frames.stop()
        self._to_draw.clear()
        while self._leaving:
            self._leaving.pop()()

    def _place(self) -> None:
        self.board = Board((self.drift, self.figures), self.cards, (self.mix, self.recent))
        fixed = QVBoxLayout()
        fixed.setContentsMargins(24, 16, 24, 0)
        fixed.setSpacing(14)
        fixed.addWidget(self.header)
        fixed.addWidget(self.message)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(14)
        whole.addLayout(fixed)
        whole.addWidget(self.board, 1)

    def _wire(self) -> None:
        desk = self._desk
        # Queued: samples come from the sampler's own thread.
        self.sampled.connect(self._on_sampled, Qt.ConnectionType.QueuedConnection)
        self._frames.timeout.connect(self._draw_next)
        self.controls.chosen.connect(self.refresh)
        self.controls.paused.connect(self._on_pause)
        self.controls.picture_asked.connect(self.save_picture)
        self.controls.table_asked.connect(self.save_table)
        self.recent.chosen.connect(desk.ways.answer_asked)
        self.recent.begin_asked.connect(lambda: desk.ways.page_asked.emit("predict"))
        desk.news.news.connect(self._hear)
        for card in self.cards:
            card.pointed.connect(self._on_pointed)
            card.view_chosen.connect(self.refresh)

    def _on_sampled(self) -> None:
        if not self._leaving or self.paused or self.window().isMinimized():
            return
        self._turn += 1
        if self.spell is not DAY or self._turn % SLOW == 0:
            self.refresh()

    def _on_read(self, reading: Reading) -> None:
        self._reading = False
        self._put_trouble_away(self._unread)
        if self._again:
            self.refresh()
        if not self.isVisible() or reading.spell is not self.spell:
            return
        self.shown = reading
        self.cards[0].offer("gpu", reading.sample.gpu_percent is not None or self.cards[0].view.key == "gpu")
        self._to_draw = list(self.cards)
        self._draw_next()
        self._frames.start()
        self.mix.show_outlook(reading.outlook)
        self.drift.show_outlook(reading.outlook)
        self._say_line(reading)
        if reading.problem is not None:
            self._on_no_rows(reading.problem)
        elif reading.newest != self._newest or self._rows_stale:
            self._newest = reading.newest
            self._read_rows()

    def _draw_next(self) -> None:
        if self._to_draw and self.shown is not None:
            self._to_draw.pop(0).draw(self.shown)
        if not self._to_draw:
            self._frames.stop()

    def _say_line(self, reading: Reading) -> None:
        problem = self._desk.whisker.monitor.problem
        if self.paused:
            line = f"Paused at {datetime.fromtimestamp(reading.at):%H:%M:%S}; the watching goes on"
        elif problem:
            line = f"The last hour and day are not being kept: {problem}"
        else:
            line = LINE
        self.header.line.setText(line)
        self.header.line.setToolTip(line)

    def _read_rows(self) -> None:
        if self._rows_reading:
            return
        self._rows_reading, self._rows_stale = True, False
        whisker = self._desk.whisker
        self._desk.tasks.run(self, lambda: whisker.history.recent(HOW_MANY), self._on_rows, self._on_no_rows)

    def _on_rows(self, rows: list[Row]) -> None:
        self._rows_reading = False
        self._put_trouble_away(self._no_rows)
        self.recent.show_rows(rows)

    def _on_no_rows(self, error: WhiskerError) -> None:
        self._rows_reading, self._rows_stale = False, True
        self.recent.show_trouble("The history cannot be read")
        if not self.message.isVisible():
            self._no_rows = error.message
            self.message.show_message(error.message, error.hint, action=("Try again", self.refresh))

    def _on_unread(self, error: WhiskerError) -> None:
        self._reading = False
        self._unread = error.message
        self.message.show_message(error.message, error.hint, action=("Try again", self.refresh))

    def _put_trouble_away(self, said: str) -> None:
        """It is over, if it is what stands there: not what was said of something else since."""
        if said and self.message.text.text() == said:
            self.message.clear()

    def _on_pause(self, paused: bool) -> None:
        if not paused:
            self.refresh()
        elif self.shown is not None:
            self._say_line(self.shown)

    def _on_pointed(self, x: float | None) -> None:
        """All charts say the same moment, so that a peak in one can be explained by another.

        At once, then at most every POINT_MS: a mouse tells of more places than can be seen.
        """
        self._pointed = x
        if not self._pointing.isActive():
            self._read_out()
            self._pointing.start()

    def _read_out(self) -> None:
        if self._pointed != self._said:
            self._said = self._pointed
            for card in self.cards:
                card.read_out(self._said)

    def _hear(self, news: News) -> None:
        from engine.bulletin import Corrected, HistoryCleared

        if isinstance(news, Corrected | HistoryCleared):
            self._rows_stale = True
        if isinstance(news, HistoryCleared) and self.paused and self.isVisible():
            # What is forgotten goes at once, also from a page that is held still.
            self._read_rows()

    def _save(self, write: Callable[[], None], path: Path) -> None:
        def failed(error: WhiskerError) -> None:
            self.message.show_message(f"{path.name} could not be saved. {error.message}", error.hint)

        self._desk.tasks.run(self, write, lambda _: self._desk.toast(f"Saved as {path.name}", None), failed)

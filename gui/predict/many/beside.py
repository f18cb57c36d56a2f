"""The current picture beside the grid, or over all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from gui import words
from gui.buttons import tool
from gui.desk import Desk
from gui.predict.answer import Answer
from gui.predict.corrections import Corrections
from gui.predict.many.grid_model import said
from gui.predict.many.picture import Picture
from gui.predict.single_view import SingleView

if TYPE_CHECKING:
    from pathlib import Path

SETTLE_MS = 60
"""A key held down runs through pictures that are not each worth a preview."""
ACROSS_FROM = 760
"""From this width on words stand beside the photo, below it under it."""


class Beside(QFrame):
    """Shows one picture of the many with its answer; nothing is classified again for it.

    Signals:
        closed: The person wants the grid alone.
    """

    closed = Signal()

    def __init__(self, desk: Desk, corrections: Corrections, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = desk.theme
        self._picture: Picture | None = None
        self._shown: tuple[int, int | None, Path | None] | None = None
        self._alone = False
        self.setAccessibleName("The chosen photo")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.single = SingleView(desk, corrections, fixed_words=False)
        self.place = QLabel()
        self.place.setProperty("role", "secondary")
        self.close_button = tool("Close the photo (Esc)", name="Close the photo")
        self.close_button.clicked.connect(self.closed)
        self.without = _Without()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.single)
        self.stack.addWidget(self.without)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._show)
        top = QHBoxLayout()
        top.setContentsMargins(4, 0, 0, 0)
        top.addWidget(self.place, 1)
        top.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.stack, 1)
        self.setMinimumWidth(320)
        self.single.photo.setMinimumSize(160, 120)
        desk.theme.changed.connect(self._tint)
        self._tint()

    def show_picture(self, picture: Picture | None, at: int, of: int, chosen: int) -> None:
        """This one, the `at`-th of `of`, while `chosen` are selected."""
        where = f"{at:,} of {of:,}"
        if chosen > 1:
            where += f"  ·  {chosen:,} selected"
        if self._alone and picture is not None:
            where = f"{said(picture)}  ·  {where}"
        self.place.setText(where)
        self._picture = picture
        if picture is not None and self._fresh(picture):
            self._settle.start()

    def show_alone(self, alone: bool) -> None:
        """The photo only, as large as there is room."""
        self._alone = alone
        self.single.panel.setVisible(not alone)
        self._arrange()

    def forget(self) -> None:
        self._picture = self._shown = None
        self._settle.stop()

    @property
    def picture(self) -> Picture | None:
        return self._picture

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _fresh(self, picture: Picture) -> bool:
        return self._shown is None or self._shown[:2] != (picture.number, picture.row) or picture.error is not None

    def _arrange(self) -> None:
        layout = self.single.layout()
        assert isinstance(layout, QBoxLayout)
        across = self._alone or self.width() >= ACROSS_FROM
        layout.setDirection(QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom)
        layout.setStretch(0, 5)
        layout.setStretch(1, 4 if across else 6)

    def _show(self) -> None:
        picture = self._picture
        if picture is None:
            return
        if picture.kept is None:
            icon = self._theme.pixmap("broken-photo", "muted", 40, self.devicePixelRatioF())
            self.without.show_picture(picture, icon)
            self.stack.setCurrentWidget(self.without)
            return
        outcome = picture.outcome()
        from dataclasses import replace

        from engine.prediction import Prediction

        assert isinstance(outcome, Prediction)
        self._shown = (picture.number, picture.row, outcome.path)
        answer = replace(Answer.from_prediction(picture.row, outcome), correction=picture.correction)
        self.single.show_answer(answer)
        self.stack.setCurrentWidget(self.single)

    def _tint(self) -> None:
        self.close_button.setIcon(self._theme.icon("close", "muted"))


class _Without(QFrame):
    """A picture without an answer, and why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name = QLabel()
        self.name.setProperty("role", "heading")
        self.why = QLabel()
        self.why.setProperty("role", "secondary")
        for label in (self.name, self.why):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.setSpacing(12)
        column.addStretch(1)
        for label in (self._icon, self.name, self.why):
            column.addWidget(label)
        column.addStretch(1)

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def show_picture(self, picture: Picture, icon: QPixmap) -> None:
        self._icon.setPixmap(icon)
        self._icon.setVisible(picture.error is not None)
        self.name.setText(picture.name)
        self.why.setText(words.sentence(picture.error) if picture.error else "Not looked at yet.")
        self.setAccessibleName(said(picture))

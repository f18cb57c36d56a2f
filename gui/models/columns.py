"""The cards of the shelf, in one column or, where there is room, in two that are about as long."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.models.model_card import ModelCard
from gui.models.version_row import VersionRow

TWO_FROM = 1350
"""From this width on cards stand in two columns."""


class Columns(QScrollArea):
    """Attributes:
    cards: Those that are shown, in the order of the shelf.
    loading: What stands there while there is none.

    Signals:
        row_gone: The version that had the keyboard is no longer here.
    """

    row_gone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._two = False
        self._box = QWidget(self.viewport())
        self.cards: list[ModelCard] = []
        self.loading = QLabel("Reading the shelf…")
        self.loading.setProperty("role", "secondary")
        self._row = QHBoxLayout(self._box)
        self._row.setContentsMargins(0, 0, 0, 8)
        self._columns = [QVBoxLayout() for _ in range(2)]
        for column in self._columns:
            column.setSpacing(16)
            self._row.addLayout(column, 1)
        self._columns[0].addWidget(self.loading)
        self.setWidget(self._box)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_cards(self, cards: Sequence[ModelCard]) -> None:
        """Show these and no others, without a jump; cards that are not among them go."""
        at, held = self.verticalScrollBar().value(), self.held()
        gone = [card for card in self.cards if card not in cards]
        self.cards = list(cards)
        self.loading.hide()
        self._arrange()
        for card in self.cards:
            # Else the layout shows it a moment later, and until then no row can take the keyboard.
            card.show()
        for card in gone:
            card.hide()
            card.deleteLater()
        self.verticalScrollBar().setValue(at)
        self.hold(held)

    def rows(self) -> list[VersionRow]:
        return [row for card in self.cards for row in card.rows]

    def row(self, reference: str) -> VersionRow | None:
        """The row of a version, if it is shown."""
        return next((row for row in self.rows() if row.entry.reference == reference), None)

    def reveal(self, reference: str) -> None:
        """Bring a version into view, with its details, and give it the keyboard."""
        if self.row(reference) is None:
            for card in self.cards:
                if any(entry.reference == reference for entry in card.model.versions):
                    card.show_older()
        row = self.row(reference)
        if row is not None:
            row.details.setChecked(True)
            # Once it is laid out it has its place.
            QTimer.singleShot(0, row, lambda: self.ensureWidgetVisible(row))
            _take_keyboard(row)

    def held(self) -> str | None:
        """The version whose row has the keyboard, "" when it is elsewhere on the shelf, None when it is not here."""
        focused = self.focusWidget()
        if focused is None or not focused.hasFocus() or not self._box.isAncestorOf(focused):
            return None
        return next((row.entry.reference for row in self.rows() if row.isAncestorOf(focused)), "")

    def hold(self, held: str | None) -> None:
        """Give the keyboard to the same version's new row; else Qt looks for somebody and finds the rail."""
        if held is None:
            return
        row = self.row(held)
        if row is not None:
            _take_keyboard(row)
        else:
            self.row_gone.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (self.width() >= TWO_FROM) != self._two:
            self._two = not self._two
            self._arrange()

    def _arrange(self) -> None:
        for column in self._columns:
            while column.count():
                column.takeAt(0)
        heights = [0, 0]
        for card in self.cards:
            at = heights.index(min(heights)) if self._two else 0
            self._columns[at].addWidget(card)
            heights[at] += 60 + 60 * len(card.rows)
        if not self.cards:
            self._columns[0].addWidget(self.loading)
        for column in self._columns:
            column.addStretch(1)
        self._row.setStretch(1, 1 if self._two else 0)
        self._row.setSpacing(16 if self._two else 0)


def _take_keyboard(row: VersionRow) -> None:
    (row.use if not row.use.isHidden() else row.details).setFocus()

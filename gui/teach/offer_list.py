"""Photos labelled elsewhere in Whisker, each kind with a button that takes them, or their labels, in."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.buttons import push
from gui.teach.lesson import Lesson
from gui.teach.offers import Offer


class OfferList(QWidget):
    """Hidden while there is nothing to offer."""

    def __init__(self, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lesson = lesson
        self._shown: tuple[Offer, ...] = ()
        self.buttons: list[QPushButton] = []
        self.setAccessibleName("Photos labelled elsewhere")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 6, 0)
        self._column.setSpacing(8)
        lesson.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        offers = self._lesson.offers
        self.setVisible(bool(offers))
        if offers == self._shown:
            return
        self._shown, self.buttons = offers, []
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for offer in offers:
            self._column.addWidget(self._row(offer))

    def _row(self, offer: Offer) -> QFrame:
        card = QFrame()
        card.setProperty("surface", "card")
        line = QLabel(offer.words())
        line.setWordWrap(True)
        what, tip = ("Include", f"Add the {offer.words()}, with their labels")
        if offer.here:
            what, tip = ("Relabel", "Call them what you called them on other pages; can be undone")
        include = push(what, tip, name=f"{what} {offer.words()}")
        include.clicked.connect(lambda: self._lesson.include(offer))
        self.buttons.append(include)
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(line, 1)
        row.addWidget(include)
        return card

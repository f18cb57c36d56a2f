"""Choose one of many classes by typing a part of its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QSortFilterProxyModel,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from gui.theme import Theme

_WORDS = re.compile(r"\w+")


class _Found(QSortFilterProxyModel):
    """The classes that match; those of which it is a word come first: "cat", "tiger cat", "catamaran", "bobcat"."""

    _part = ""

    def find(self, part: str) -> None:
        self._part = part.casefold()
        self.setFilterFixedString(part)
        self.invalidate()
        self.sort(0)

    def lessThan(self, left: QModelIndex | QPersistentModelIndex, right: QModelIndex | QPersistentModelIndex) -> bool:
        return self._rank(str(left.data())) < self._rank(str(right.data()))

    def _rank(self, name: str) -> tuple[bool, bool, bool, bool, str]:
        plain, part = name.casefold(), self._part
        words = f" {' '.join(_WORDS.findall(plain))} "
        return plain != part, f" {part} " not in words, not plain.startswith(part), f" {part}" not in words, plain


class ClassPicker(QFrame):
    """A card over its parent; Enter takes, Escape leaves.

    Signals:
        chosen: A class.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget, question: str = "What is it really?") -> None:
        super().__init__(parent)
        self._over = parent
        self._before: QWidget | None = None
        self._under: QWidget | None = None
        self.setProperty("surface", "popup")
        self.setAccessibleName(question)
        title = QLabel(question)
        title.setProperty("role", "heading")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Type a part of its name")
        self.search.setAccessibleName("Part of the name")
        icon = self.search.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        icon.setText("Search")
        self._names = QStringListModel(self)
        self._found = _Found(self)
        self._found.setSourceModel(self._names)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView()
        self.list.setModel(self._found)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName("Classes")
        self.nothing = QLabel("No class of that name.")
        self.nothing.setProperty("role", "secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._take)
        self.list.clicked.connect(self._take)
        self.list.activated.connect(self._take)
        self.search.installEventFilter(self)
        parent.installEventFilter(self)
        self.hide()

    def ask(self, names: Sequence[str], under: QWidget | None = None) -> None:
        """Offer these, in the corner or under the widget that asks."""
        self._under = under
        self._names.setStringList(sorted(names, key=str.casefold))
        self.search.clear()
        self._filter("")
        self._before = self.window().focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.search.setFocus()

    def leave(self) -> None:
        self.hide()
        if self._before is not None:
            self._before.setFocus()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _plain(event):
            # While it asks, keys are not those of the page that it covers: Esc leaves only the question.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            # None goes on to what it covers.
            event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                row = min(max(self.list.currentIndex().row() + step, 0), self._found.rowCount() - 1)
                self.list.setCurrentIndex(self._found.index(row, 0))
                return True
        elif watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _filter(self, part: str) -> None:
        self._found.find(part.strip())
        found = self._found.rowCount()
        self.nothing.setVisible(found == 0)
        self.list.setCurrentIndex(self._found.index(0, 0) if found else QModelIndex())

    def _take(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            self.leave()
            self.chosen.emit(str(index.data()))

    def _place(self) -> None:
        parent = self._over
        width, height = min(400, parent.width() - 32), min(440, parent.height() - 32)
        if self._under is not None:
            corner = self._under.mapTo(parent, QPoint(0, self._under.height() + 4))
            self.setGeometry(corner.x(), corner.y(), width, min(height, parent.height() - corner.y() - 16))
            return
        self.setGeometry(parent.width() - width - 16, parent.height() - height - 16, width, height)


def _plain(event: QKeyEvent) -> bool:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier

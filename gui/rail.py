"""The left rail: the pages as icons and words; at its foot those that are not for the work itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.buttons import push
from gui.pages import PageEntry
from gui.theme import ICON, Theme

WIDTH = 200


class Rail(QFrame):
    """Signals:
    chosen: The key of a page.
    """

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, pages: Sequence[PageEntry], foot: Sequence[PageEntry], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("surface", "rail")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Pages")
        self._icons: dict[QPushButton, str] = {}
        self.buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(11, 20, 11, 12)
        column.setSpacing(2)
        column.addLayout(self._brand())
        column.addSpacing(14)
        for number, page in enumerate(pages, start=1):
            column.addWidget(self._button(page, f"Ctrl+{number}", "rail"))
        column.addStretch(1)
        for page in foot:
            column.addWidget(self._button(page, page.key_sequence, "rail-foot"))
        theme.changed.connect(self._tint)
        self._tint()

    def select(self, key: str) -> None:
        """Mark the page of this key; none where it does not stand here."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)
        else:
            self._group.setExclusive(False)
            for button in self.buttons.values():
                button.setChecked(False)
            self._group.setExclusive(True)
        self._tint()

    def _brand(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(10)
        self._logo = QLabel()
        self._logo.setFixedSize(26, 26)
        name = QLabel("Whisker")
        name.setProperty("role", "brand")
        row.addWidget(self._logo)
        row.addWidget(name, 1)
        return row

    def _button(self, page: PageEntry, keys: str, kind: str) -> QPushButton:
        button = push(page.title, f"{page.title} ({keys})", kind=kind)
        button.setIconSize(QSize(ICON, ICON))
        button.setCheckable(True)
        # A button's own shortcut would show it pressed for a tenth of a second before it acts.
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(button.click)
        button.clicked.connect(lambda _=False, key=page.key: self.chosen.emit(key))
        self._group.addButton(button)
        self.buttons[page.key] = button
        self._icons[button] = page.icon
        return button

    def _tint(self) -> None:
        self._logo.setPixmap(self._theme.pixmap("whisker", "text", 26, self.devicePixelRatioF()))
        for button, icon in self._icons.items():
            button.setIcon(self._theme.icon(icon, "on_accent_soft" if button.isChecked() else "muted"))

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

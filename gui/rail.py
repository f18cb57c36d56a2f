"""The left rail: the pages as icons and words, and at its foot how the window looks and which keys there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.buttons import push
from gui.pages import PageEntry
from gui.theme import ICON, Theme

WIDTH = 200
_APPEARANCES = {"system": "Same as the system", "light": "Light", "dark": "Dark"}


class Rail(QFrame):
    """Signals:
    chosen: The key of a page.
    appearance_chosen: `system`, `light` or `dark`.
    keys_asked: The list of keys should be shown.
    """

    chosen = Signal(str)
    appearance_chosen = Signal(str)
    keys_asked = Signal()

    def __init__(
        self, theme: Theme, pages: Sequence[PageEntry], appearance: str, parent: QWidget | None = None
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
            button = self._button(page.title, page.icon, f"{page.title} (Ctrl+{number})")
            button.setCheckable(True)
            button.setShortcut(f"Ctrl+{number}")
            button.clicked.connect(lambda _=False, key=page.key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[page.key] = button
            column.addWidget(button)
        column.addStretch(1)
        self.keys = self._button("Shortcuts", "keyboard", "Which keys do what (F1)", kind="rail-foot")
        self.keys.clicked.connect(self.keys_asked)
        column.addWidget(self.keys)
        self.appearance = self._button(
            "Appearance", "appearance", "Light, dark, or as the system says", kind="rail-foot"
        )
        self._menu: QMenu | None = None
        self._chosen = appearance
        self.appearance.clicked.connect(self._open_menu)
        column.addWidget(self.appearance)
        theme.changed.connect(self._tint)
        self._tint()

    def select(self, key: str) -> None:
        self.buttons[key].setChecked(True)
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

    def _button(self, words: str, icon: str, tip: str, kind: str = "rail") -> QPushButton:
        button = push(words, tip, kind=kind)
        button.setIconSize(QSize(ICON, ICON))
        self._icons[button] = icon
        return button

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.popup(self.appearance.mapToGlobal(QPoint(8, -menu.sizeHint().height())))

    def menu(self) -> QMenu:
        """Light, dark or as the system says; made when it is first wanted."""
        if self._menu is None:
            self._menu = QMenu(self)
            group = QActionGroup(self._menu)
            for key, words in _APPEARANCES.items():
                action = QAction(words, group, checkable=True, checked=key == self._chosen)
                action.triggered.connect(lambda _=False, key=key: self.appearance_chosen.emit(key))
                self._menu.addAction(action)
        return self._menu

    def _tint(self) -> None:
        self._logo.setPixmap(self._theme.pixmap("whisker", "text", 26, self.devicePixelRatioF()))
        for button, icon in self._icons.items():
            button.setIcon(self._theme.icon(icon, "on_accent_soft" if button.isChecked() else "muted"))

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

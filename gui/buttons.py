"""Buttons that never lack a name, a tip and a way to reach them by keyboard.

A click does not move the focus to a button, so that the focus ring shows where the keyboard is and nothing else.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QPushButton, QToolButton


class Chip(QPushButton):
    """Wide enough for its words when they are bold, which they are while it is pressed."""

    def sizeHint(self) -> QSize:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        more = QFontMetrics(bold).horizontalAdvance(self.text()) - self.fontMetrics().horizontalAdvance(self.text())
        hint = super().sizeHint()
        return QSize(hint.width() + (0 if self.isChecked() and self.font().bold() else max(0, more) + 2), hint.height())


def push(words: str, tip: str, *, name: str = "", kind: str = "", flush: bool = False) -> QPushButton:
    """A button with words.

    `kind` is a style of the theme; `name` is what a screen reader says, else the words. One that is `flush` begins
    where the lines above and below it do.
    """
    button = Chip(words) if kind == "choice" else QPushButton(words)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip(tip)
    button.setAccessibleName(name or words.rstrip("…"))
    if kind:
        button.setProperty("kind", kind)
    if flush:
        button.setProperty("flush", True)
    return button


def tool(tip: str, *, name: str, side: int = 16) -> QToolButton:
    """A button with an icon alone, `side` pixels square."""
    button = QToolButton()
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    button.setIconSize(QSize(side, side))
    return button

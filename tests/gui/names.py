"""What in a window has no name for a screen reader, or no word on what it does."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit, QWidget


def nameless(window: QWidget) -> list[QWidget]:
    found = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, QAbstractButton | QLineEdit | QAbstractItemView) or not widget.isVisible():
            continue
        if widget.objectName().startswith("qt_") or isinstance(widget.parent(), QLineEdit | QAbstractItemView):
            continue
        if not widget.accessibleName() or (isinstance(widget, QAbstractButton) and not widget.toolTip()):
            found.append(widget)
    return found

"""A field to search with: an icon in front, a way to empty it behind."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QToolButton

from gui.theme import Theme


def search_field(theme: Theme, name: str, tip: str, placeholder: str = "Search") -> QLineEdit:
    """`name` is what a screen reader says."""
    field = QLineEdit()
    field.setProperty("role", "search")
    field.setPlaceholderText(placeholder)
    field.setToolTip(tip)
    field.setAccessibleName(name)
    field.setClearButtonEnabled(True)
    icon = field.addAction(theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
    theme.changed.connect(lambda: icon.setIcon(theme.icon("search", "muted")))
    for button, what in zip(field.findChildren(QToolButton), ("Clear the search", "Search"), strict=True):
        button.setAccessibleName(what)
        button.setToolTip(what)
    return field

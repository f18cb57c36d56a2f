"""A recipe to choose: what it does, when it is right, and how long it will take here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from engine.training.plan import Recipe


class RecipeCard(QPushButton):
    """A button that is a card: one of several is checked."""

    def __init__(self, recipe: Recipe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recipe = recipe
        self.setCheckable(True)
        self.setProperty("kind", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(recipe.description)
        title = QLabel(recipe.title)
        title.setProperty("role", "recipe")
        said = QLabel(recipe.description)
        said.setProperty("role", "secondary")
        said.setWordWrap(True)
        self.time = QLabel()
        self.time.setProperty("role", "heading")
        self.where = QLabel("on this computer")
        self.where.setProperty("role", "status")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(said)
        column.addStretch(1)
        column.addWidget(self.time)
        column.addSpacing(-6)
        column.addWidget(self.where)
        for label in (title, said, self.time, self.where):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.show_time("")

    def show_time(self, text: str, basis: str = "") -> None:
        """About how long it takes, and from what that is known."""
        self.time.setText(text)
        self.where.setVisible(bool(text))
        self.setToolTip(
            f"{self.recipe.description}\n{text} on this computer, {basis}." if text else self.recipe.description
        )
        where = f" {text} on this computer" if text else ""
        self.setAccessibleName(f"{self.recipe.title}. {self.recipe.description}{where}")

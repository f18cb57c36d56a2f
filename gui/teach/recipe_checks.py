"""What only the disk can say of a recipe before it is started: whether its name is free, and its weights are there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import PlanError, WhiskerError
from engine.training.plan import Recipe, TrainingPlan
from gui.desk import Desk


class RecipeChecks(QObject):
    """Asked off the GUI thread; of what was asked before, nothing is believed.

    Attributes:
        refused: Why the shelf would not take a model of this name; None while nothing is known against it.
        lacking: That the recipe's weights must be fetched first; None while nothing is known of that.

    Signals:
        changed: One of them is another now.
    """

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._name = ""
        self._recipe = Recipe.QUICK
        self.refused: PlanError | None = None
        self.lacking: PlanError | None = None

    def ask_name(self, name: str) -> None:
        self._name = name = name.strip()
        if self.refused is not None:
            self.refused = None
            self.changed.emit()
        if not name:
            return
        shelf = self._desk.whisker.shelf

        def refuse(error: WhiskerError) -> None:
            if self._name == name:
                self.refused = PlanError(error.message, error.hint)
                self.changed.emit()

        self._desk.tasks.run(self, lambda: shelf.spelling(name), lambda _: None, refuse, urgent=True)

    def ask_weights(self, recipe: Recipe) -> None:
        """Said before Start, while it can still be agreed to; whoever starts them all the same is told again."""
        self._recipe, self.lacking = recipe, None
        if recipe not in (Recipe.VGG16, Recipe.RESNET50):
            return
        folder = self._desk.whisker.home.weights

        def look() -> None:
            from engine.training.weights import require

            require(TrainingPlan(Path(), "x", recipe), folder)

        def missed(error: WhiskerError) -> None:
            if self._recipe is recipe:
                hint = "Tick the download in the expert settings, or choose another recipe."
                self.lacking = PlanError(error.message, hint)
                self.changed.emit()

        self._desk.tasks.run(self, look, lambda _: None, missed, urgent=True)

"""Step 2: how thoroughly. Three cards with honest times, and all there is to set in a fold-out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import PlanError
from engine.training.estimate import Pace
from engine.training.plan import Recipe, TrainingPlan
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.teach.expert_panel import ExpertPanel
from gui.teach.learns_card import LearnsCard
from gui.teach.lesson import Lesson
from gui.teach.recipe_card import RecipeCard
from gui.teach.recipe_checks import RecipeChecks

WIDEST = 1240
"""Lines of words that are longer are not read."""
ROOMY_FROM = 540
"""Below this height the cards have the room to themselves."""
CARDS = (Recipe.QUICK, Recipe.FINETUNE, Recipe.CNN)


class RecipeStep(QWidget):
    """Signals:
    changed: Another recipe, name or field.
    """

    changed = Signal()

    def __init__(self, desk: Desk, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._lesson = lesson
        self._pace = Pace()
        self._recipe = Recipe.QUICK
        self._named_by_hand = False
        self._checks = RecipeChecks(desk, self)
        self._checks.changed.connect(self._on_changed)
        self.setAccessibleName("Recipe")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the model")
        self.name.setToolTip("What the model is to be called; the same name again makes a new version of it")
        self.name.setMaximumWidth(320)
        self.name.textEdited.connect(self._on_named)
        self.name.textChanged.connect(self._checks.ask_name)
        label = QLabel("Name of the model")
        label.setBuddy(self.name)
        names = QHBoxLayout()
        names.setSpacing(16)
        names.addWidget(label)
        names.addWidget(self.name, 1)
        names.addStretch(1)
        self.cards: dict[Recipe, RecipeCard] = {}
        cards = QHBoxLayout()
        cards.setSpacing(16)
        for recipe in CARDS:
            card = RecipeCard(recipe)
            card.clicked.connect(lambda _=False, recipe=recipe: self.choose(recipe))
            self.cards[recipe] = card
            cards.addWidget(card, 1)
        self.fold = push(
            "Expert settings  ▸", "Show all there is to set", name="Expert settings", kind="quiet", flush=True
        )
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_fold)
        self.expert = ExpertPanel(desk.theme)
        self.expert.recipe_chosen.connect(self.choose)
        self.expert.changed.connect(self._on_changed)
        self._frame = QFrame()
        self._frame.setProperty("surface", "card")
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(20, 20, 20, 20)
        inside.addWidget(self.expert)
        self._frame.hide()
        self.learns = LearnsCard(desk)
        self.wrong = QLabel()
        self.wrong.setProperty("role", "wrong")
        self.wrong.setWordWrap(True)
        self.lacking = QLabel()
        self.lacking.setProperty("role", "wrong")
        self.lacking.setWordWrap(True)
        area = QScrollArea(self)
        body = QWidget(area.viewport())
        body.setMaximumWidth(WIDEST)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(16)
        column.addLayout(names)
        column.addWidget(self.wrong)
        column.addLayout(cards)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.lacking)
        column.addWidget(self._frame)
        column.addWidget(self.learns)
        column.addStretch(1)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        lesson.changed.connect(self._on_lesson)
        self.choose(Recipe.QUICK)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.learns.setVisible(self.height() >= ROOMY_FROM)

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    def read_pace(self) -> None:
        """What trainings took on this machine so far; before the first, how fast it is."""
        folder = self._desk.whisker.home.features

        def read() -> Pace:
            from engine.training.speed import measured

            return measured(folder)

        self._desk.tasks.run(self, read, self._on_pace, lambda _error: None)

    def choose(self, recipe: Recipe) -> None:
        self._recipe = recipe
        for each, card in self.cards.items():
            card.setChecked(each is recipe)
        self.expert.show_recipe(recipe)
        self._checks.ask_weights(recipe)
        self._on_changed()

    def plan(self) -> TrainingPlan:
        """What is chosen.

        Raises:
            PlanError: a field is out of its range, or the shelf would refuse the name.
        """
        assert self._lesson.folder is not None
        name = self.name.text().strip()
        if not name:
            raise PlanError("The model has no name yet.", "Say what it is to be called.")
        if self._checks.refused is not None:
            raise self._checks.refused
        plan = TrainingPlan(self._lesson.folder, name, self._recipe, **self.expert.values())
        plan.checked()
        return plan

    def problem(self) -> PlanError | None:
        """Why this cannot be started."""
        try:
            self.plan()
        except PlanError as error:
            return error
        return self._needs_word

    @property
    def _needs_word(self) -> PlanError | None:
        """The recipe's weights are to be fetched, and nobody agreed to that."""
        return None if self.expert.values().get("fetch_weights") else self._checks.lacking

    def _on_lesson(self) -> None:
        if self._lesson.folder is None:
            self._named_by_hand = False
        elif not self._named_by_hand:
            self.name.setText(_model_name(self._lesson.name))
        self.learns.show_classes(self._lesson.rows)
        self._on_changed()

    def _on_named(self) -> None:
        self._named_by_hand = True
        self._on_changed()

    def _on_pace(self, pace: Pace) -> None:
        self._pace = pace
        self._on_changed()

    def _on_changed(self) -> None:
        for recipe, card in self.cards.items():
            card.show_time(*self._time(recipe))
        self._show_fold()
        lacking = self._needs_word
        problem = self.problem() if self._lesson.folder is not None else None
        _say(self.wrong, problem if problem is not lacking else None)
        _say(self.lacking, lacking)
        self.changed.emit()

    def _on_fold(self, on: bool) -> None:
        self._frame.setVisible(on)
        self._show_fold()

    def _show_fold(self) -> None:
        """Its line says which recipe is chosen where that has no card, and how long it takes, folded or not."""
        time, basis = self._time(self._recipe)
        parts, tip = ["Expert settings"], "Show all there is to set"
        if self._recipe not in self.cards:
            parts.append(self._recipe.title)
            if time:
                parts.append(f"{time[0].lower()}{time[1:]} on this computer")
                tip = f"{tip}\n{self._recipe.title}: {time} on this computer, {basis}."
        self.fold.setText(f"{' · '.join(parts)}  {'▾' if self.fold.isChecked() else '▸'}")
        self.fold.setAccessibleName(", ".join(parts))
        self.fold.setToolTip(tip)

    def _time(self, recipe: Recipe) -> tuple[str, str]:
        """About how long it takes, and from what that is known; empty where nobody can say."""
        values = self.expert.values() if recipe is self._recipe else {}
        plan = TrainingPlan(Path(), "x", recipe, **values)
        try:
            seconds = self._pace.seconds(plan, self._lesson.pictures)
        except PlanError:
            return "", ""
        basis = "from the trainings before" if self._pace.timed(plan) else "from how fast this computer is"
        return f"About {words.duration(max(seconds, 5))}" if self._lesson.pictures else "", basis


def _say(label: QLabel, error: PlanError | None) -> None:
    label.setText(words.sentence(error) if error is not None else "")
    label.setVisible(error is not None)


def _model_name(name: str) -> str:
    """A name for the shelf; not that of a built-in model, which cannot be taught further."""
    from engine.bundle_intake import clean_name
    from engine.errors import WhiskerError

    try:
        clean = clean_name(name)
    except WhiskerError:
        clean = "my-model"
    return f"my-{clean}" if clean in ("cats-dogs", "everyday") else clean

"""All of a plan's fields, made from the plan's own description of them; each says what its default is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from engine.training.plan import BACKBONE_SIDE, DEFAULT_BACKBONE, Range, Recipe, TrainingPlan, knobs
from gui.choice_list import ChoiceList
from gui.elided_label import ElidedLabel
from gui.theme import Theme

COLUMNS = 1


class ExpertPanel(QWidget):
    """Signals:
    recipe_chosen: A recipe.
    changed: A field has another value.
    """

    recipe_chosen = Signal(object)
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Expert settings")
        self.fields: dict[str, QAbstractSpinBox] = {}
        self._said: dict[str, ElidedLabel] = {}
        self._place = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self.recipe = ChoiceList(theme)
        for recipe in Recipe:
            self.recipe.addItem(recipe.title, recipe)
        self.recipe.setToolTip("The way of training; the last two are classics that need a download")
        self.recipe.activated.connect(lambda at: self.recipe_chosen.emit(self.recipe.itemData(at)))
        self._add("Recipe", "The way of training.", self.recipe)
        self.backbone = ChoiceList(theme)
        for name, side in BACKBONE_SIDE.items():
            also = ", the usual one" if name == DEFAULT_BACKBONE else ", twice as fast"
            self.backbone.addItem(f"{name} ({side} px{also})", name)
        self.backbone.setCurrentIndex(self.backbone.findData(DEFAULT_BACKBONE))
        self.backbone.activated.connect(self.changed)
        self._add("Backbone", "The network that looks at the photos.", self.backbone)
        for name, knob in knobs().items():
            self._add_knob(name, knob)
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.valueChanged.connect(self.changed)
        self._add("Seed", "The same seed shuffles and splits the same way.", self.seed)
        self.fetch = QCheckBox("Download the weights once, if they are not here (59 to 95 MB)")
        self.fetch.setToolTip("Nothing is sent but the request for the file")
        self.fetch.toggled.connect(self.changed)
        self._grid.addWidget(self.fetch, self._grid.rowCount(), 0, 1, 3 * COLUMNS)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(3 * column + 2, 1)
        self.show_recipe(Recipe.QUICK)

    def show_recipe(self, recipe: Recipe) -> None:
        """Show this recipe's own defaults, and only the fields that it has."""
        self.recipe.setCurrentIndex(self.recipe.findData(recipe))
        defaults = TrainingPlan(Path(), "x", recipe).checked()
        lite = recipe in (Recipe.QUICK, Recipe.FINETUNE)
        self.backbone.setEnabled(lite)
        self.fetch.setVisible(recipe in (Recipe.VGG16, Recipe.RESNET50))
        for name, field in self.fields.items():
            default = getattr(defaults, name)
            field.setSpecialValueText("default" if default is None else f"default ({default:g})")
            # The backbone's own side is not to be argued with.
            field.setEnabled(not (lite and name == "image_size"))

    def values(self) -> dict[str, Any]:
        """The plan's fields that differ from the recipe's defaults."""
        chosen: dict[str, Any] = {"seed": self.seed.value()}
        for name, field in self.fields.items():
            assert isinstance(field, QSpinBox | QDoubleSpinBox)
            if field.isEnabled() and field.value() > field.minimum():
                chosen[name] = field.value()
        if self.backbone.isEnabled() and self.backbone.currentData() != DEFAULT_BACKBONE:
            chosen["backbone"] = self.backbone.currentData()
        if not self.fetch.isHidden() and self.fetch.isChecked():
            chosen["fetch_weights"] = True
        return chosen

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The wheel scrolls; it does not change a value that happens to be under the mouse.
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _add_knob(self, name: str, knob: Range) -> None:
        # One step below the lowest stands for the recipe's own default.
        field: QSpinBox | QDoubleSpinBox
        if knob.whole:
            whole = QSpinBox()
            whole.setRange(int(knob.low) - 1, int(knob.high))
            whole.setValue(whole.minimum())
            field = whole
        else:
            real = QDoubleSpinBox()
            decimals = 6 if knob.low and knob.low < 0.001 else 2
            step = 10.0**-decimals
            real.setDecimals(decimals)
            real.setRange(knob.low - step, knob.high)
            real.setValue(real.minimum())
            real.setSingleStep(max(step, 0.05 if decimals == 2 else 0.0001))
            field = real
        field.valueChanged.connect(self.changed)
        self.fields[name] = field
        self._add(knob.title, f"{knob.description} {_plain(knob.low)} to {_plain(knob.high)}.", field)

    def _add(self, title: str, said: str, field: QWidget) -> None:
        row, column = divmod(self._place, COLUMNS)
        self._place += 1
        label = QLabel(title)
        label.setBuddy(field)
        field.setAccessibleName(title)
        field.setAccessibleDescription(said)
        field.setToolTip(field.toolTip() or said)
        field.setFixedWidth(260)
        if isinstance(field, QAbstractSpinBox):
            field.lineEdit().setTextMargins(6, 0, 6, 0)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)
        line = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        line.setProperty("role", "secondary")
        line.set_full_text(said)
        self._grid.addWidget(label, row, 3 * column)
        self._grid.addWidget(field, row, 3 * column + 1)
        self._grid.addWidget(line, row, 3 * column + 2)


def _plain(number: float) -> str:
    """ "0.000001", not "1e-06"."""
    return f"{number:.6f}".rstrip("0").rstrip(".")

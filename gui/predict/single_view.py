"""One photo and its answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from engine.errors import WhiskerError
from gui.desk import Desk
from gui.predict import pictures, reasons
from gui.predict.answer import Answer
from gui.predict.answer_panel import WHY_TIP, AnswerPanel
from gui.predict.class_picker import ClassPicker
from gui.predict.corrections import Corrections
from gui.predict.neighbour_row import TILE
from gui.predict.photo_view import PhotoView
from gui.predict.reasons import Why
from gui.task import Task

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.history import Row
    from engine.prediction import Prediction

PATIENCE_MS = 120
"""An answer that comes sooner replaces the one before it without a skeleton in between."""
PANEL, NARROW_PANEL = 392, 328
ROOMY_FROM = 840
"""Below this width the words leave more of it to the photo."""


@dataclass
class Shown:
    """What stands in the view."""

    name: str
    path: Path | None
    photo: QImage | None = None
    missing: str = ""
    answer: Answer | None = None


class SingleView(QFrame):
    """A photo and what it is.

    Args:
        fixed_words: Whether the words keep one width and leave the rest to the photo.

    Signals:
        failed: The picture asked for cannot be answered; what stood here before stands again.
        named: The name of what is shown.
        answered: The history row of what is shown, or None.
    """

    failed = Signal(object)
    named = Signal(str)
    answered = Signal(object)

    def __init__(
        self, desk: Desk, corrections: Corrections, parent: QWidget | None = None, *, fixed_words: bool = True
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._corrections = corrections
        self._fixed_words = fixed_words
        self._now: Shown | None = None
        self._before: Shown | None = None
        self._under_way: list[Task] = []
        self._heat: dict[str, QImage] = {}
        self._explained: str | None = None
        self.setProperty("surface", "card")
        self.photo = PhotoView(desk.theme)
        self.panel = AnswerPanel(desk.theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 20, 16, 20)
        row.setSpacing(20)
        row.addWidget(self.photo, 1)
        row.addWidget(self.panel)
        self.picker = ClassPicker(desk.theme, self)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._show_loading)
        self.panel.why.setChecked(bool(desk.whisker.settings["show_heat_map"]))
        self.panel.why_toggled.connect(self._on_why_toggled)
        self.panel.copy_asked.connect(self.copy_answer)
        self.panel.bars.asked.connect(self._on_bar)
        self.panel.corrections.chosen.connect(self.correct)
        self.panel.corrections.more_asked.connect(self.ask_class)
        self.picker.chosen.connect(self.correct)
        desk.news.news.connect(self._hear)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fixed_words:
            self.panel.setFixedWidth(PANEL if self.width() >= ROOMY_FROM else NARROW_PANEL)

    @property
    def answer(self) -> Answer | None:
        """What is shown, None while it is on its way."""
        return self._now.answer if self._now is not None else None

    @property
    def path(self) -> Path | None:
        return self._now.path if self._now is not None else None

    def show_picture(self, path: Path, name: str = "") -> None:
        """Classify a picture and show the answer."""
        self._begin(Shown(name or path.name, path))
        whisker = self._desk.whisker
        self._do(lambda: whisker.classify(path, origin="window", name=name), self._on_prediction, urgent=True)
        self._preview(path)

    def show_row(self, row: Row) -> None:
        """Show an answer of the history as it was given."""
        self.show_answer(Answer.from_row(row))

    def show_answer(self, answer: Answer) -> None:
        """Show an answer that was given before."""
        self._begin(Shown(answer.name, answer.path))
        if answer.path is None:
            self._on_missing("This photo was not kept.")
        else:
            self._preview(answer.path)
        self._on_answer(answer)

    def forget(self) -> None:
        """Hold nothing of what is shown any more."""
        self._patience.stop()
        for task in self._under_way:
            task.cancel()
        self._under_way.clear()
        self._heat.clear()
        self._now = self._before = None
        self.photo.show_loading()
        self.panel.show_loading()

    def correct(self, label: str) -> None:
        answer = self.answer
        if answer is not None and answer.row is not None:
            self._corrections.correct(answer.row, label, answer.correction, answer.predicted_class)

    def ask_class(self) -> None:
        """Let one of all classes be chosen."""
        if self.answer is not None and self.answer.row is not None:
            self.picker.ask(self._classes(self.answer) or [name for name, _ in self.answer.top])

    def copy_answer(self) -> None:
        if self.answer is not None:
            QGuiApplication.clipboard().setText(self.answer.as_text(self._sure_above))
            self._desk.toast("Answer copied", None)

    def toggle_why(self) -> None:
        if self.answer is not None:
            self.panel.why.toggle()

    @property
    def _sure_above(self) -> float:
        return float(self._desk.whisker.settings["sure_above"])

    def _classes(self, answer: Answer) -> tuple[str, ...]:
        card = self._desk.model.card
        return tuple(card.classes) if card is not None and card.name == answer.model else ()

    def _begin(self, shown: Shown) -> None:
        for task in self._under_way:
            task.cancel()
        self._under_way.clear()
        if self._now is not None and self._now.answer is not None:
            self._before = self._now
        self._now = shown
        self._heat.clear()
        self._explained = None
        if self._before is None:
            self._show_loading()
        else:
            self._patience.start()

    def _do(self, work, done, *, urgent: bool = False) -> None:  # type: ignore[no-untyped-def]
        self._under_way.append(self._desk.tasks.run(self, work, done, self._on_failed, urgent=urgent))

    def _preview(self, path: Path) -> None:
        task = self._desk.tasks.run(
            self,
            lambda: pictures.preview(path),
            self._on_photo,
            lambda error: self._on_missing(error.message),
        )
        self._under_way.append(task)

    def _show_loading(self) -> None:
        if self._now is None:
            return
        if self._now.answer is None:
            self.panel.show_loading()
        if self._now.photo is None and not self._now.missing:
            self.photo.show_loading()

    def _on_prediction(self, answered: tuple[int | None, Prediction]) -> None:
        self._on_answer(Answer.from_prediction(*answered))

    def _on_answer(self, answer: Answer) -> None:
        assert self._now is not None
        self._now.answer = answer
        self._before = None
        if self._now.photo is not None:
            self._patience.stop()
        self.panel.show_answer(answer, self._classes(answer), self._sure_above)
        self._place_photo()
        self.named.emit(answer.name)
        self.answered.emit(answer.row)
        self._explain(None)

    def _on_photo(self, photo: QImage) -> None:
        assert self._now is not None
        self._now.photo = photo
        if self._now.answer is not None:
            self._patience.stop()
            self._place_photo()

    def _on_missing(self, why: str) -> None:
        assert self._now is not None
        self._now.missing = why
        if self._now.answer is not None:
            self._place_photo()

    def _place_photo(self) -> None:
        """The photo goes up with its answer, never beside another's."""
        assert self._now is not None
        if self._now.photo is not None:
            self.photo.show_photo(self._now.photo, self._now.name)
            self._lay_heat()
        elif self._now.missing:
            self.photo.show_missing(self._now.missing)

    def _on_failed(self, error: WhiskerError) -> None:
        self._patience.stop()
        for task in self._under_way:
            task.cancel()
        self._under_way.clear()
        self._now, self._before = self._before, None
        if self._now is not None and self._now.answer is not None:
            self._on_answer(self._now.answer)
        self.failed.emit(error)

    def _explain(self, class_name: str | None) -> None:
        answer = self.answer
        if answer is None or answer.path is None:
            return
        whisker, path = self._desk.whisker, answer.path
        stops, tile = self._desk.theme.heat_stops(), round(TILE * self._desk.theme.ratio)
        task = self._desk.tasks.run(
            self,
            lambda: reasons.find(whisker, answer, path, class_name or answer.predicted_class, stops, tile),
            self._on_reasons,
            self._on_no_reasons,
        )
        self._under_way.append(task)

    def _on_reasons(self, why: Why) -> None:
        self._heat[why.class_name] = why.heat
        self._explained = why.class_name
        self.panel.why.setEnabled(True)
        self.panel.why.setToolTip(WHY_TIP)
        self.panel.neighbours.show_neighbours(why.neighbours)
        self._lay_heat()

    def _on_no_reasons(self, error: WhiskerError) -> None:
        """The picture or its model is gone: the answer stands, the reason cannot be had any more."""
        self.panel.why.setEnabled(False)
        self.panel.why.setToolTip(error.message)

    def _lay_heat(self) -> None:
        on = self.panel.why.isChecked() and self._explained is not None
        heat = self._heat.get(self._explained or "")
        if self.photo.has_photo:
            self.photo.show_heat(heat if on else None)
        self.panel.bars.mark(self._explained if on else None)

    def _on_why_toggled(self, on: bool) -> None:
        self._desk.whisker.settings.set("show_heat_map", on)
        self._lay_heat()

    def _on_bar(self, class_name: str) -> None:
        same = class_name == self._explained and self.panel.why.isChecked()
        self.panel.why.setChecked(not same)
        if class_name in self._heat:
            self._explained = class_name
            self._lay_heat()
        else:
            self._explain(class_name)

    def _hear(self, news: News) -> None:
        from engine.bulletin import Corrected, SettingChanged

        answer = self.answer
        if answer is None or self._now is None:
            return
        if isinstance(news, Corrected) and news.row == answer.row:
            self._now.answer = replace(answer, correction=news.label)
            self.panel.show_correction(self._now.answer, self._classes(answer))
        elif isinstance(news, SettingChanged) and news.key == "sure_above":
            self.panel.show_answer(answer, self._classes(answer), self._sure_above)

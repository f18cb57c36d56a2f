"""The Teach page: four steps, Back always safe, and a training that goes on whichever page is in front."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import PlanError, WhiskerError
from gui.buttons import push
from gui.desk import Desk
from gui.page_header import PageHeader
from gui.pages import Page
from gui.problems import InlineMessage
from gui.teach.checkup import Checkup
from gui.teach.images_step import ImagesStep
from gui.teach.lesson import Lesson
from gui.teach.recipe_step import RecipeStep
from gui.teach.result_step import ResultStep
from gui.teach.step_bar import StepBar
from gui.teach.teaching import Teaching
from gui.teach.training_step import TrainingStep

if TYPE_CHECKING:
    from engine.training.events import TrainingEvent
    from gui.intake import Intake
    from gui.training_thread import Trains

IMAGES, RECIPE, TRAINING, RESULT = range(4)
PREPARE_MS = 200
"""After the recipe is shown, while it is being read."""
_LINES = (
    "Show it what you want told apart",
    "How thoroughly it should learn",
    "It learns from your photos, on this computer alone",
    "How good it is, on photos it never saw",
)


class TeachPage(Page):
    """Args:
    trainer: Who trains; the engine's own unless a test brings another.
    """

    drop_words = ("Drop to teach with these", "A folder for each class. Your photos stay where they are.")

    def __init__(self, desk: Desk, trainer: Trains | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._asked_to_close = False
        self._ran = False
        self.available = True
        self.setAccessibleName("Teach")
        self.lesson = Lesson(desk, self)
        self.checkup = Checkup(desk, self)
        self.teaching = Teaching(desk, trainer, self)
        self.header = PageHeader("Teach", _LINES[0])
        self.steps = StepBar()
        self.message = InlineMessage(desk.theme)
        self.stack = QStackedWidget(self)
        self.images = ImagesStep(desk, self.lesson, self.checkup, self.stack)
        self.recipe = RecipeStep(desk, self.lesson, self.stack)
        self.training = TrainingStep(desk, self.teaching, self.stack)
        self.result = ResultStep(desk, self.lesson, self.stack)
        for step in (self.images, self.recipe, self.training, self.result):
            self.stack.addWidget(step)
        self.anew = push("Start over", "Begin with other photos; these stay where they are", kind="quiet")
        self.back = push("Back", "One step back; nothing is lost (Alt+Left)")
        self.next = push("Next", "Go on (Ctrl+Enter)", kind="primary")
        self.hint = QLabel()
        self.hint.setProperty("role", "secondary")
        self._place()
        self._wire()
        self.show_step(IMAGES)

    def started(self) -> None:
        teaching = self.teaching
        self._desk.tasks.run(self, lambda: teaching.trainer.available(), self._on_available, lambda _error: None)

    def take(self, intake: Intake) -> bool:
        if not intake.paths or self.teaching.running or not self.available:
            return False
        self.message.clear()
        self.show_step(IMAGES)
        self.lesson.add(intake.paths)
        return True

    def may_close(self) -> bool:
        """Ask once, in its place, while a training is under way."""
        if not self.teaching.running or self._asked_to_close:
            return True
        self._asked_to_close = True
        self.message.show_message(
            "A training is under way.",
            "Close the window once more, or press the button, to stop it and quit. Nothing half-made is left.",
            kind="info",
            action=("Stop and quit", self._quit),
        )
        self.message.action.setFocus(Qt.FocusReason.OtherFocusReason)
        return False

    def _quit(self) -> None:
        self.window().close()

    def end(self) -> None:
        self.checkup.cancel()
        self.teaching.shut()

    def browse(self, label: str = "") -> None:
        """Choose a folder of labelled photos, or, with a label, photos of one class."""
        dialog = QFileDialog(self, f"Choose photos of {label}" if label else "Choose a folder of photos")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        mode = QFileDialog.FileMode.ExistingFiles if label else QFileDialog.FileMode.Directory
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(lambda files: self.lesson.add([Path(file) for file in files], label or None))
        dialog.open()

    def show_step(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        self.header.line.setText(_LINES[step])
        if step == RECIPE:
            self.recipe.read_pace()
            if self.available:
                self.teaching.warm_up()
            QTimer.singleShot(PREPARE_MS, self, self.training.prepare)
        self._refresh()

    @property
    def step(self) -> int:
        return self.stack.currentIndex()

    def start(self) -> None:
        """Begin the training that the recipe says."""
        try:
            plan = self.recipe.plan()
        except PlanError:
            self.show_step(RECIPE)
            return
        self._ran = True
        self.checkup.cancel()
        self.result.forget()
        self.message.clear()
        self.teaching.start(plan)
        self.show_step(TRAINING)
        self.training.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.lesson.look_for_offers()
        if self.lesson.folder is not None and self.available:
            self.teaching.warm_up()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.teaching.leave_idle()

    def _place(self) -> None:
        self.header.buttons.addWidget(self.anew)
        self.header.buttons.addWidget(self.back)
        self.header.buttons.addWidget(self.next)
        foot = QHBoxLayout()
        foot.addWidget(self.steps, 1)
        foot.addWidget(self.hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(12)
        column.addWidget(self.header)
        column.addLayout(foot)
        column.addWidget(self.message)
        column.addWidget(self.stack, 1)

    def _wire(self) -> None:
        self.anew.clicked.connect(self._on_anew)
        self.back.clicked.connect(self._on_back)
        self.next.clicked.connect(self._on_next)
        self.steps.chosen.connect(self.show_step)
        self.images.browse_asked.connect(self.browse)
        self.images.add_asked.connect(self.browse)
        self.recipe.changed.connect(self._refresh)
        self.training.back_asked.connect(partial(self.show_step, RECIPE))
        self.training.again_asked.connect(self.start)
        self.result.again_asked.connect(self.start)
        self.result.discarded.connect(partial(self.show_step, RECIPE))
        self.result.shown.connect(partial(self.show_step, RESULT))
        self.lesson.changed.connect(self._on_lesson)
        self.lesson.busy_changed.connect(self._refresh)
        self.lesson.edited.connect(lambda said: self._desk.toast(said, self.lesson.undo))
        self.lesson.began.connect(self._on_began)
        self.lesson.undone.connect(lambda: self._desk.toast("Taken back", None))
        self.lesson.failed.connect(self._on_failed)
        self.lesson.noted.connect(self._on_noted)
        self.message.closed.connect(self._on_message_closed)
        self.teaching.happened.connect(self._on_event)
        self.teaching.ended.connect(self._on_ended)
        for keys, do in (
            (QKeySequence(QKeySequence.StandardKey.Open), self.browse),
            (QKeySequence("Alt+Left"), self._on_back),
            (QKeySequence("Ctrl+Return"), self._on_next),
            (QKeySequence("Ctrl+Enter"), self._on_next),
            (QKeySequence(QKeySequence.StandardKey.Undo), self._on_undo),
        ):
            QShortcut(keys, self).activated.connect(do)
        self._escape = QShortcut(QKeySequence("Esc"), self.training)
        self._escape.activated.connect(self.teaching.cancel)

    def _refresh(self) -> None:
        step, running = self.step, self.teaching.running
        reachable = {IMAGES} if not running else set()
        if self.lesson.ready and not running:
            reachable.add(RECIPE)
        if running or self._ran:
            reachable.add(TRAINING)
        if self.result.outcome is not None and not running:
            reachable.add(RESULT)
        self.steps.show_step(step, reachable)
        self.anew.setVisible(step == IMAGES and self.lesson.folder is not None)
        self.back.setVisible(step != IMAGES and not running)
        self.next.setVisible(step in (IMAGES, RECIPE) and self.lesson.folder is not None)
        self.next.setText("Next" if step == IMAGES else "Start")
        self.next.setAccessibleName("Next" if step == IMAGES else "Start training")
        self.next.setToolTip("Go on (Ctrl+Enter)" if step == IMAGES else "Start training (Ctrl+Enter)")
        ready = self.lesson.ready and not running and self.available
        self.next.setEnabled(ready and (step == IMAGES or self.recipe.problem() is None))
        few = step == IMAGES and self.lesson.folder is not None and not ready and not self.lesson.busy
        self.hint.setText("Two classes with two photos each are the least; twenty each are better" if few else "")

    def _on_lesson(self) -> None:
        if self.lesson.folder is not None and self.isVisible() and self.available:
            self.teaching.warm_up()
        if not self.teaching.running:
            self.checkup.examine(self.lesson.folder if self.lesson.pictures else None)
        self._refresh()

    def _on_next(self) -> None:
        if not self.next.isVisible() or not self.next.isEnabled():
            return
        if self.step == IMAGES:
            self.show_step(RECIPE)
            if self.recipe.recipe in self.recipe.cards:
                self.recipe.cards[self.recipe.recipe].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.start()

    def _on_back(self) -> None:
        if self.teaching.running or self.step == IMAGES:
            return
        self.show_step(IMAGES if self.step == RECIPE else RECIPE)

    def _on_undo(self) -> None:
        # Elsewhere nobody would see what is undone.
        if self.step in (IMAGES, RESULT):
            self.lesson.undo()

    def _on_anew(self) -> None:
        self.checkup.examine(None)
        self.result.forget()
        self._ran = False
        self.images.show_classes()
        self.lesson.forget()
        self.show_step(IMAGES)

    def _on_event(self, event: TrainingEvent) -> None:
        from engine.training.events import Finished

        if isinstance(event, Finished):
            self.result.show_finished(event)

    def _on_ended(self) -> None:
        self._asked_to_close = False
        self.message.clear()
        if self.lesson.pictures and self.checkup.report is None:
            self.checkup.examine(self.lesson.folder)
        self._refresh()

    def _on_message_closed(self) -> None:
        self._asked_to_close = False

    def _on_available(self, available: bool) -> None:
        self.available = available
        if not available:
            self.images.empty.show_unavailable()
        self._refresh()

    def _on_began(self) -> None:
        if not self._asked_to_close:
            self.message.clear()

    def _on_failed(self, error: WhiskerError) -> None:
        self.message.show_message(error.message, error.hint)

    def _on_noted(self, problems: tuple[str, ...]) -> None:
        more = f" And {len(problems) - 1:,} more." if len(problems) > 1 else ""
        self.message.show_message(f"{problems[0]}{more}", kind="info")
        self.message.setToolTip("\n".join(problems[:30]))

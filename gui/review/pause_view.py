"""What stands in place of a photo: nothing to look at yet, looking for some, all looked at, or why not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push
from gui.review.finding import Progress
from gui.review.queue import Kind, Queue
from gui.theme import Theme

FOLDER_TIP = "Look through photos of a folder, those the model is least sure of first (Ctrl+Shift+O)"


class PauseView(QFrame):
    """Signals:
    more_asked: Go on with recent photos.
    folder_asked: A folder is to be chosen.
    samples_asked: The sample photos are wanted.
    cancel_asked: The looking should end.
    back_asked: What was said last should be taken back.
    """

    more_asked = Signal()
    folder_asked = Signal()
    samples_asked = Signal()
    cancel_asked = Signal()
    back_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._drawn = ("review", "accent")
        self.setProperty("surface", "card")
        self._icon = QLabel()
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.line = QLabel()
        self.line.setProperty("role", "secondary")
        self.line.setWordWrap(True)
        self.line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.line.setFixedWidth(520)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(320)
        self.bar.setAccessibleName("Progress")
        self.more = push("Look again", "Look for recent photos the model was not sure of", kind="primary")
        self.folder = push("Choose a folder…", FOLDER_TIP)
        self.samples = push("Try the sample photos", "Look through the photos that come with Whisker")
        self.cancel = push("Cancel", "Stop asking the model; what it answered already is looked through (Esc)")
        self.more.clicked.connect(self.more_asked)
        self.folder.clicked.connect(self.folder_asked)
        self.samples.clicked.connect(self.samples_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.back = push("Undo", "Back to the last photo, and take back what you said (Ctrl+Z)")
        self.back.clicked.connect(self.back_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(14)
        buttons.addStretch(1)
        self._buttons = (self.cancel, self.back, self.samples, self.folder, self.more)
        for button in self._buttons:
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(4)
        middle = Qt.AlignmentFlag.AlignHCenter
        for widget, space in ((self._icon, 16), (self.title, 8), (self.line, 20), (self.bar, 12)):
            column.addWidget(widget, 0, middle)
            column.addSpacing(space)
        column.addLayout(buttons)
        column.addStretch(5)
        theme.changed.connect(self._tint)

    def show_nothing(self, samples: bool) -> None:
        """Nothing was answered yet that a person should see."""
        self._show("review", "accent", "Nothing to look at yet")
        self._say(
            "Photos the model is not sure of come here, so that you can say what they are. "
            "Classify some on Predict, or look through a folder."
        )
        self._offer(self.folder, *([self.samples] if samples else []), primary=self.folder)

    def show_looking(self, progress: Progress | None) -> None:
        """Looking for photos; without progress it takes but a moment."""
        self._show("review", "muted", "Looking for photos")
        self._say("Those the model is least sure of come first.")
        self._offer(self.cancel)
        self.bar.show()
        if progress is None or not progress.total:
            self.bar.setRange(0, 0)
            return
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self._say(f"The model has answered {progress.done:,} of {progress.total:,}.")
        self.bar.setAccessibleDescription(self.line.text())

    def show_done(self, queue: Queue, more: int, unread: int) -> None:
        """All looked at."""
        self._show("check", "sure", "All looked at")
        confirmed, corrected = queue.count(Kind.CONFIRMED), queue.count(Kind.CORRECTED)
        counts = " They count in the next training." if confirmed + corrected else ""
        lines = [f"{confirmed:,} confirmed, {corrected:,} corrected.{counts}"]
        if skipped := queue.count(Kind.SKIPPED):
            lines.append(f"{skipped:,} skipped.")
        if lost := queue.count(Kind.GONE) + unread:
            was = "was" if lost == 1 else "were"
            lines.append(f"{words.count(lost, 'photo', 'photos')} could not be opened and {was} left out.")
        if more:
            lines.append(f"{words.count(more, 'photo is', 'photos are')} left that the model was not sure of.")
        self._say("\n".join(lines))
        self.more.setText("Go on" if more else "Look again")
        self.more.setAccessibleName(self.more.text())
        self._offer(*([self.back] if queue.can_go_back else []), self.folder, self.more, primary=self.more)

    def show_trouble(self, message: str, hint: str) -> None:
        self._show("warning", "wrong", "That did not work")
        self._say(f"{message} {hint}".strip())
        self.more.setText("Try again")
        self.more.setAccessibleName("Try again")
        self._offer(self.folder, self.more, primary=self.more)

    def _show(self, icon: str, token: str, title: str) -> None:
        self._drawn = (icon, token)
        self.title.setText(title)
        self.bar.hide()
        self._tint()

    def _say(self, text: str) -> None:
        self.line.setText(text)
        # A label of fixed width in a column keeps the height of its first words otherwise.
        self.line.setFixedHeight(self.line.heightForWidth(self.line.width()))

    def _offer(self, *buttons: QWidget, primary: QWidget | None = None) -> None:
        for button in self._buttons:
            button.setVisible(button in buttons)
            kind = "primary" if button is primary else ""
            if button.property("kind") != kind:
                button.setProperty("kind", kind)
                button.style().unpolish(button)
                button.style().polish(button)
        self.setAccessibleName(f"{self.title.text()}. {self.line.text()}")

    def _tint(self) -> None:
        icon, token = self._drawn
        self._icon.setPixmap(self._theme.pixmap(icon, token, 48, self._theme.ratio))

"""One photo as large as there is room, how far one is, what the model thinks, and a key for each class."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gui import words
from gui.buttons import push
from gui.elided_label import ElidedLabel
from gui.predict.photo_view import PhotoView
from gui.review.class_keys import ClassKeys
from gui.review.queue import Photo, Queue
from gui.theme import Theme


class _LargePhoto(PhotoView):
    """A photo in the middle of its room."""

    def photo_rect(self) -> QRect:
        rect = super().photo_rect()
        rect.moveCenter(self.rect().center())
        return rect


class LookView(QWidget):
    """Signals:
    skip_asked, back_asked: The buttons.
    resized: There is other room for the photo now.
    """

    skip_asked = Signal()
    back_asked = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.counter = QLabel()
        self.counter.setProperty("role", "secondary")
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.progress, 1)
        top.addWidget(self.counter)
        self.photo = _LargePhoto(theme)
        self.guess = QLabel()
        self.guess.setProperty("role", "title")
        self.guess.setTextFormat(Qt.TextFormat.PlainText)
        self.sureness = QLabel()
        self.sureness.setProperty("role", "secondary")
        self.name = ElidedLabel()
        self.name.setProperty("role", "secondary")
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        said = QHBoxLayout()
        said.setSpacing(12)
        said.addWidget(self.guess)
        said.addWidget(self.sureness, 0, Qt.AlignmentFlag.AlignVCenter)
        said.addWidget(self.name, 1)
        self.keys = ClassKeys()
        self.skip = push("S   Skip", "Leave it out, for instance when it is none of these (S)", name="Skip")
        self.skip.clicked.connect(self.skip_asked)
        self.back = push("Undo", "Back to the last photo, and take back what you said (Ctrl+Z)")
        self.back.clicked.connect(self.back_asked)
        foot = QHBoxLayout()
        foot.setSpacing(16)
        foot.addWidget(self.keys, 1, Qt.AlignmentFlag.AlignTop)
        for button in (self.back, self.skip):
            foot.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.photo, 1)
        column.addLayout(said)
        column.addLayout(foot)

    def show_place(self, queue: Queue) -> None:
        """How far one is."""
        place = min(queue.position + 1, len(queue))
        text = f"{place:,} of {len(queue):,}"
        self.counter.setText(text)
        self.progress.setRange(0, max(1, len(queue)))
        self.progress.setValue(queue.position)
        self.progress.setAccessibleDescription(text)
        self.back.setEnabled(queue.can_go_back)

    def show_guess(self, photo: Photo, classes: Sequence[str]) -> None:
        """What the model thinks of the photo, and the keys for it."""
        self.name.set_full_text(photo.name, str(photo.path))
        share = words.percent(photo.top[0][1])
        if photo.unknown:
            self.guess.setText("Not sure")
            self.sureness.setText("Unlike anything the model was shown. Enter: none of these")
        else:
            self.guess.setText(f"{words.headline(photo.predicted)}?")
            self.sureness.setText(f"{share} sure. Enter: yes")
        self.keys.offer(classes, [name for name, _ in photo.top], None if photo.unknown else photo.predicted)

    def show_photo(self, image: QImage, photo: Photo) -> None:
        image.setDevicePixelRatio(1.0)
        self.photo.show_photo(image, photo.name)
        self.setAccessibleName(f"{photo.name}: {self.guess.text()} {self.sureness.text()}")

    def room(self) -> QSize:
        """The room for the photo, in physical pixels."""
        ratio = self.devicePixelRatioF()
        return QSize(max(64, round(self.photo.width() * ratio)), max(64, round(self.photo.height() * ratio)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

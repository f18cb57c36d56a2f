"""No model can answer: why, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.errors import ModelNotFound, WhiskerError
from gui.buttons import push
from gui.theme import Theme


class NoModelView(QFrame):
    """Signals:
    choose_asked: Another model is to be chosen.
    retry_asked: The same one should be tried again.
    """

    choose_asked = Signal()
    retry_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("surface", "card")
        self._icon = QLabel()
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.why = QLabel()
        self.hint = QLabel()
        for label in (self.why, self.hint):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setFixedWidth(520)
        self.hint.setProperty("role", "secondary")
        self.choose = push("Choose another model…", "List the models on the shelf", kind="primary")
        self.choose.clicked.connect(self.choose_asked)
        self.retry = push("Try again", "Load the model once more")
        self.retry.clicked.connect(self.retry_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(14)
        buttons.addStretch(1)
        buttons.addWidget(self.retry)
        buttons.addWidget(self.choose)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(4)
        middle = Qt.AlignmentFlag.AlignHCenter
        for widget, space in ((self._icon, 16), (self.title, 8), (self.why, 4), (self.hint, 24)):
            column.addWidget(widget, 0, middle)
            column.addSpacing(space)
        column.addLayout(buttons)
        column.addStretch(5)
        theme.changed.connect(self._tint)
        self._tint()

    def show_error(self, error: WhiskerError) -> None:
        missing = isinstance(error, ModelNotFound)
        self.title.setText("There is no model to answer" if missing else "The model cannot answer")
        self.why.setText(error.message)
        self.hint.setText(error.hint)
        self.hint.setVisible(bool(error.hint))

    def _tint(self) -> None:
        self._icon.setPixmap(self._theme.pixmap("model", "muted", 48, self._theme.ratio))

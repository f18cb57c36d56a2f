"""One calm panel for faults of our own, however many there were, with a report that may be copied."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gui.buttons import push, tool
from gui.problems import announce
from gui.theme import ICON, Theme

TEXT = "Something went wrong inside Whisker."
HINT = "You can go on; your photos are untouched."
ABOUT = "This is all that is copied; the log stays on this computer."
REPORT_HEIGHT = 96


class TroublePanel(QFrame):
    """Hidden until the first fault; once put away it comes back with the next one.

    Signals:
        closed: The person has put it away.
        log_asked: The folder of the log should be opened.
    """

    closed = Signal()
    log_asked = Signal()

    def __init__(self, theme: Theme, toast: Callable[[str, None], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._toast = toast
        self.setProperty("surface", "message")
        self._icon = QLabel()
        self.text = QLabel(TEXT)
        self.text.setWordWrap(True)
        self.hint = QLabel(HINT)
        self.hint.setProperty("role", "secondary")
        self.hint.setWordWrap(True)
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setFixedHeight(REPORT_HEIGHT)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName("Report")
        self._folded = QWidget()
        self._folded.hide()
        self.details = push("Show report", "See what the report says before you copy it")
        self.details.clicked.connect(self._on_details)
        self.log = push("Open log folder", "Show the log in the file manager; it stays on this computer")
        self.log.clicked.connect(self.log_asked)
        self.copy = push("Copy report", "Copy the report, for whoever mends it")
        self.copy.clicked.connect(self._on_copy)
        self._close = tool("Put this message away", name="Put this message away", side=ICON)
        self._close.clicked.connect(self.put_away)
        self._place()
        theme.changed.connect(self._tint)
        self._tint()
        self.hide()

    def show_faults(self, times: int, report: str) -> None:
        """`times` faults since it was last put away, and what is known of them."""
        self.text.setText(TEXT if times <= 1 else f"Something went wrong inside Whisker, {times:,} times.")
        self.report.setPlainText(report)
        self.setAccessibleName(f"{self.text.text()} {HINT}")
        if not self.isVisible():
            self.show()
            announce(self)

    def put_away(self) -> None:
        self.hide()
        if not self._folded.isHidden():
            self._on_details()
        self.closed.emit()

    def _on_details(self) -> None:
        show = self._folded.isHidden()
        self._folded.setVisible(show)
        words = "Hide report" if show else "Show report"
        self.details.setText(words)
        self.details.setAccessibleName(words)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self._toast("The report is copied", None)

    def _place(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.hint)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self.details, self.copy, self._close):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        about = QLabel(ABOUT)
        about.setProperty("role", "secondary")
        foot = QHBoxLayout()
        foot.addWidget(about, 1)
        foot.addWidget(self.log)
        folded = QVBoxLayout(self._folded)
        folded.setContentsMargins(32, 0, 8, 0)
        folded.setSpacing(8)
        folded.addWidget(self.report)
        folded.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(10)
        column.addLayout(row)
        column.addWidget(self._folded)

    def _tint(self) -> None:
        self._icon.setPixmap(self._theme.icon("warning", "wrong").pixmap(ICON, ICON))
        self._close.setIcon(self._theme.icon("close", "muted"))

"""What this installation is: facts in groups, a report to copy, the log's folder, and the self-test."""

from __future__ import annotations

from PySide6 import __version__ as qt_version
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine import diagnosis
from engine.diagnosis import Fact
from engine.errors import WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.help.self_test_card import SelfTestCard
from gui.problems import InlineMessage
from gui.scroll_keys import scroll_by_keys

BESIDE_FROM = 860
"""From this width on the self-test stands beside the facts."""


class DiagnosisView(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._facts: list[tuple[str, list[Fact]]] = []
        self._reading = False
        self.message = InlineMessage(desk.theme)
        self.copy = push("Copy report", "Copy all of this for whoever helps; it names nobody", kind="primary")
        self.copy.setEnabled(False)
        self.log = push("Open log folder", "Show the logs in the file manager; they stay on this computer")
        self.again = push("Look again", "Read everything anew")
        self.self_test = SelfTestCard(desk)
        self.loading = QLabel("Looking…")
        self.loading.setProperty("role", "secondary")
        self._left = QVBoxLayout()
        self._right = QVBoxLayout()
        self._cards: list[QFrame] = []
        self._beside: bool | None = None
        self.area = QScrollArea()
        self._place()
        scroll_by_keys(self, self.area)
        self.copy.clicked.connect(self._on_copy)
        self.log.clicked.connect(self._on_log)
        self.again.clicked.connect(self.look)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._facts:
            self.look()

    def look(self) -> None:
        """Gather the facts; the models' hashes take a moment."""
        if self._reading:
            return
        self._reading = True
        self.again.setEnabled(False)
        whisker = self._desk.whisker
        self._desk.tasks.run(self, lambda: list(diagnosis.sections(whisker)), self._on_facts, self._on_failed)

    def report(self) -> str:
        """The facts, and what the self-test found, as a text."""
        lines: list[str] = []
        for title, facts in self._facts:
            lines.append(title)
            lines += [diagnosis.line(name, fact) for name, fact in facts]
        if self.self_test.lines:
            hide = diagnosis.redactor(self._desk.whisker)
            lines += ["Self-test", *(hide(line) for line in self.self_test.lines)]
        return "\n".join(lines) + "\n"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width() >= BESIDE_FROM)

    def _place(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.copy, self.log, self.again):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for column in (self._left, self._right):
            column.setSpacing(16)
        self._left.addWidget(self.loading)
        box = QWidget()
        self._row = row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 8)
        row.addLayout(self._left, 3)
        row.addLayout(self._right, 2)
        self.area.setWidget(box)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(buttons)
        column.addWidget(self.message)
        column.addWidget(self.area, 1)
        self._arrange(False)

    def _arrange(self, beside: bool, *, anew: bool = False) -> None:
        if beside == self._beside and not anew:
            return
        self._beside = beside
        for column in (self._left, self._right):
            for widget in (self.loading, self.self_test, *self._cards):
                column.removeWidget(widget)
            while column.count():
                column.takeAt(0)
        (self._right if beside else self._left).addWidget(self.self_test)
        self._left.addWidget(self.loading)
        for card in self._cards:
            self._left.addWidget(card)
        for column in (self._left, self._right):
            column.addStretch(1)
        self._row.setStretch(1, 2 if beside else 0)
        self._row.setSpacing(16 if beside else 0)

    def _on_facts(self, facts: list[tuple[str, list[Fact]]]) -> None:
        self._reading = False
        self.again.setEnabled(True)
        self.copy.setEnabled(True)
        self.loading.hide()
        self._facts = [(title, _with_qt(lines) if title == "Libraries" else lines) for title, lines in facts]
        for card in self._cards:
            card.hide()
            card.deleteLater()
        self._cards = [_card(title, lines) for title, lines in self._facts]
        self._arrange(bool(self._beside), anew=True)

    def _on_failed(self, error: WhiskerError) -> None:
        self._reading = False
        self.again.setEnabled(True)
        self.loading.hide()
        self.message.show_message(words.sentence(error), action=("Try again", self.look))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self._desk.toast("The report is copied", None)

    def _on_log(self) -> None:
        logs = self._desk.whisker.home.logs
        # Nothing was logged yet, perhaps; its home is there.
        folder = logs if logs.is_dir() else self._desk.whisker.home.root
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.message.show_message(
                f"This system has no file manager that Whisker could ask. The logs are in {logs}", kind="info"
            )


def _with_qt(libraries: list[Fact]) -> list[Fact]:
    return [*libraries, ("Qt", qt_version)]


def _card(title: str, facts: list[Fact]) -> QFrame:
    card = QFrame()
    card.setProperty("surface", "card")
    card.setAccessibleName(title)
    heading = QLabel(title)
    heading.setProperty("role", "group")
    grid = QGridLayout(card)
    grid.setContentsMargins(20, 16, 20, 18)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, 150)
    grid.setColumnStretch(1, 1)
    grid.addWidget(heading, 0, 0, 1, 2)
    grid.setRowMinimumHeight(1, 2)
    for row, (name, fact) in enumerate(facts, start=2):
        label = QLabel(name)
        label.setProperty("role", "secondary")
        value = QLabel(fact)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(f"{name}: {fact}")
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, 1)
    return card

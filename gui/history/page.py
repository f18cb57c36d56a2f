"""The History page: what was answered, and what was trained. Predict and Monitor lead here; Ctrl+H from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.buttons import push, tool
from gui.desk import Desk
from gui.history.answers_view import AnswersView
from gui.page_header import PageHeader
from gui.pages import Page
from gui.theme import ICON

if TYPE_CHECKING:
    from engine.bulletin import News
    from gui.history.runs_view import RunsView

LINE = "All answers and trainings, on this computer alone"


class HistoryPage(Page):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setAccessibleName("History")
        self.setWindowTitle("History")
        self.header = PageHeader("History", LINE)
        self.back = tool("Back to the page before (Esc)", name="Back", side=ICON)
        self.back.clicked.connect(desk.ways.back_asked)
        self.stack = QStackedWidget(self)
        self.answers = AnswersView(desk, self.stack)
        self._runs: RunsView | None = None
        self.stack.addWidget(self.answers)
        self.tabs = [
            push("Answers", "What was answered (Alt+1)", kind="choice"),
            push("Training runs", "What was trained, with its curves (Alt+2)", kind="choice"),
        ]
        group = QButtonGroup(self)
        tabs = QHBoxLayout()
        tabs.setSpacing(6)
        for at, tab in enumerate(self.tabs):
            tab.setCheckable(True)
            group.addButton(tab)
            tab.clicked.connect(lambda _=False, at=at: self.show_tab(at))
            tab.setShortcut(f"Alt+{at + 1}")
            tabs.addWidget(tab)
        self.header.buttons.addLayout(tabs)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.back)
        head.addWidget(self.header, 1)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        self.answers.first_asked.connect(lambda: desk.ways.page_asked.emit("predict"))
        QShortcut(QKeySequence("Esc"), self).activated.connect(self._on_escape)
        desk.news.news.connect(self._hear)
        desk.theme.changed.connect(self._tint)
        self._tint()
        self.tabs[0].setChecked(True)

    @property
    def runs(self) -> RunsView:
        """Made when it is first wanted: most come for the answers."""
        if self._runs is None:
            from gui.history.runs_view import RunsView

            self._runs = RunsView(self._desk, self.stack)
            self.stack.addWidget(self._runs)
        return self._runs

    def show_tab(self, at: int) -> None:
        """0 shows the answers, 1 the trainings."""
        self.tabs[at].setChecked(True)
        self.stack.setCurrentWidget(self.answers if at == 0 else self.runs)
        self._see()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._see()

    def end(self) -> None:
        self.answers.export.saving.cancel()

    def _see(self) -> None:
        answers = self.stack.currentWidget() is self.answers
        (self.answers if answers else self.runs).see()
        # The window gives the keyboard to the page that it shows.
        self.setFocusProxy(self.answers.table if answers else self.runs.list)
        self.setFocus()

    def _on_escape(self) -> None:
        if self.stack.currentWidget() is not self.answers or not self.answers.leave_one():
            self._desk.ways.back_asked.emit()

    def _hear(self, news: News) -> None:
        self.answers.hear(news)
        if self._runs is not None:
            self._runs.hear(news)

    def _tint(self) -> None:
        self.back.setIcon(self._desk.theme.icon("arrow-left", "text"))

"""The Help page: four views behind four buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.buttons import push
from gui.desk import Desk
from gui.help.about_view import AboutView
from gui.help.diagnosis_view import DiagnosisView
from gui.help.manual_view import ManualView
from gui.keys_sheet import KeyGroups
from gui.page_header import PageHeader
from gui.pages import Page
from gui.scroll_keys import scroll_by_keys

WIDEST = 1080
"""Of the list of keys: further apart, words and keys are hard to bring together."""

VIEWS = (
    ("manual", "Manual", "How to do what, with pictures"),
    ("shortcuts", "Shortcuts", "Which keys do what; over any page with Shift+F1"),
    ("diagnosis", "Diagnosis", "Versions, places, models, a self-test, and a report for whoever helps"),
    ("about", "About", "Version, what's new, licences, and the tour"),
)


class HelpPage(Page):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setAccessibleName("Help")
        self.header = PageHeader("Help", "All of it is on this computer")
        self.header.buttons.setSpacing(8)
        self.buttons: dict[str, QPushButton] = {}
        self.stack = QStackedWidget()
        self._made: dict[str, QWidget] = {}
        self._group = QButtonGroup(self)
        for key, title, tip in VIEWS:
            button = push(title, tip, kind="choice")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, key=key: self.show_view(key))
            self._group.addButton(button)
            self.buttons[key] = button
            self.header.buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        column.addWidget(self.stack, 1)
        self.show_view("manual")

    @property
    def manual(self) -> ManualView:
        view = self._view("manual")
        assert isinstance(view, ManualView)
        return view

    @property
    def diagnosis(self) -> DiagnosisView:
        view = self._view("diagnosis")
        assert isinstance(view, DiagnosisView)
        return view

    @property
    def about(self) -> AboutView:
        view = self._view("about")
        assert isinstance(view, AboutView)
        return view

    def show_view(self, key: str) -> None:
        """`manual`, `shortcuts`, `diagnosis` or `about`."""
        self.buttons[key].setChecked(True)
        self.stack.setCurrentWidget(self._view(key))

    def _about(self) -> AboutView:
        view = AboutView(self._desk)
        view.tour_asked.connect(self._desk.ways.tour_asked)
        return view

    def _view(self, key: str) -> QWidget:
        if key not in self._made:
            make: dict[str, Callable[[], QWidget]] = {
                "manual": lambda: ManualView(self._desk),
                "shortcuts": _shortcuts,
                "diagnosis": lambda: DiagnosisView(self._desk),
                "about": self._about,
            }
            self._made[key] = make[key]()
            self.stack.addWidget(self._made[key])
        return self._made[key]


def _shortcuts() -> QScrollArea:
    card = QFrame()
    card.setProperty("surface", "card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(24, 20, 24, 12)
    inside.addWidget(KeyGroups())
    box = QWidget()
    card.setMaximumWidth(WIDEST)
    row = QHBoxLayout()
    row.addWidget(card, 1)
    row.addStretch(0)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 8)
    column.addLayout(row)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidget(box)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setAccessibleName("Shortcuts")
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll_by_keys(area, area)
    return area

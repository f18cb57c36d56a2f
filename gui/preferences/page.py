"""The Preferences page: every setting with its sentence, in groups; what is chosen holds at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.errors import PortTaken
from engine.settings_schema import GROUPS, SCHEMA
from gui import words
from gui.desk import Desk
from gui.page_header import PageHeader
from gui.page_layout import place_in_page
from gui.pages import Page
from gui.preferences.home_row import HomeRow
from gui.preferences.model_row import ModelRow
from gui.preferences.row import Row, SettingRow
from gui.search_field import search_field

if TYPE_CHECKING:
    from engine.bulletin import News

COLUMNS_FROM = 1400
"""From this width of the page on, groups stand in two columns."""


class PreferencesPage(Page):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._beside: bool | None = None
        self.setAccessibleName("Preferences")
        self.header = PageHeader("Preferences", "What you change holds at once")
        self.search = search_field(
            desk.theme, "Search the preferences", "Show only settings that speak of this (Ctrl+F)"
        )
        self.search.setFixedWidth(220)
        self.rows: dict[str, SettingRow] = {
            key: SettingRow(desk.theme, desk.whisker.settings, setting)
            for key, setting in SCHEMA.items()
            if not setting.hidden
        }
        self.model = ModelRow(desk)
        self.home = HomeRow(desk)
        # A fact and no choice, until there is a second one.
        self.language = Row(
            "Language", "Whisker speaks English so far; there is nothing to choose yet.", QLabel("English")
        )
        self.groups = [_Group(title, rows) for title, rows in self._grouped()]
        self.nothing = QLabel()
        self.nothing.setProperty("role", "secondary")
        self.nothing.hide()
        self._columns = [QVBoxLayout() for _ in range(2)]
        self.area = QScrollArea()
        self._place()
        self.search.textChanged.connect(self._on_search)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._on_find)
        away = QShortcut(QKeySequence("Esc"), self)
        away.activated.connect(self._on_escape)
        desk.news.news.connect(self._hear)
        desk.server.changed.connect(self._say_refused_port)

    def _grouped(self) -> Iterator[tuple[str, Sequence[Row | HomeRow]]]:
        others = [row.setting.group for row in self.rows.values() if row.setting.group not in GROUPS]
        for group in dict.fromkeys((*GROUPS, *others)):
            rows: list[Row | HomeRow] = [row for row in self.rows.values() if row.setting.group == group]
            if group == "Answers":
                rows.insert(0, self.model)
            if group == "Window":
                rows.append(self.language)
            if rows:
                yield group or "Other", rows
        yield "Home", [self.home]

    def _place(self) -> None:
        self.header.buttons.addWidget(self.search)
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 8)
        for column in self._columns:
            column.setSpacing(16)
            row.addLayout(column, 1)
        self._columns[0].addWidget(self.nothing)
        self.area.setWidget(box)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        place_in_page(self, (self.header,), self.area)
        self._arrange(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width() >= COLUMNS_FROM)

    def _arrange(self, beside: bool) -> None:
        """One column, or two that are about as long."""
        if beside == self._beside:
            return
        self._beside = beside
        for column in self._columns:
            # Not takeAt: an item that outlives its place makes Qt forget that its widget may grow.
            for widget in (self.nothing, *self.groups):
                column.removeWidget(widget)
            while column.count():
                column.takeAt(0)
        self._columns[0].addWidget(self.nothing)
        heights = [0, 0]
        for group in self.groups:
            at = 1 if beside and heights[0] > heights[1] else 0
            self._columns[at].addWidget(group)
            heights[at] += 60 + 64 * len(group.rows)
        for column in self._columns:
            column.addStretch(1)
        row = self._columns[0].parent()
        assert isinstance(row, QHBoxLayout)
        row.setStretch(1, 1 if beside else 0)
        row.setSpacing(16 if beside else 0)

    def _on_search(self, text: str) -> None:
        shown = [group.show_matching(text) for group in self.groups]
        self.nothing.setText(f"No setting speaks of “{text.strip()}”. Esc shows all again.")
        self.nothing.setVisible(not any(shown))

    def _on_find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _on_escape(self) -> None:
        """All settings again; else what was typed and cannot be is what it was."""
        if self.search.text():
            self.search.clear()
            return
        focus = self.focusWidget()
        for row in self.rows.values():
            if focus is not None and row.isAncestorOf(focus):
                row.refresh()

    def _hear(self, news: News) -> None:
        from engine.bulletin import SettingChanged

        if isinstance(news, SettingChanged) and news.key in self.rows:
            self.rows[news.key].refresh()
            self._say_refused_port()

    def _say_refused_port(self) -> None:
        """A running server went back to the port that it had: else the number would change back without a word."""
        error = self._desk.server.error
        if isinstance(error, PortTaken):
            self.rows["server_port"].say(words.sentence(error))


class _Group(QFrame):
    """A card of settings that belong together."""

    def __init__(self, title: str, rows: Sequence[Row | HomeRow]) -> None:
        super().__init__()
        self.rows = rows
        self._title = title
        self._lines: list[QFrame] = []
        self.setProperty("surface", "card")
        self.setAccessibleName(title)
        heading = QLabel(title)
        heading.setProperty("role", "group")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(14)
        column.addWidget(heading)
        for row in rows:
            line = QFrame()
            line.setProperty("surface", "line")
            self._lines.append(line)
            column.addWidget(line)
            column.addWidget(row)

    def show_matching(self, words: str) -> bool:
        """Hide what the words are not in; whether anything is left."""
        whole = all(word in self._title.casefold() for word in words.casefold().split())
        found = False
        for row, line in zip(self.rows, self._lines, strict=True):
            matches = whole or row.matches(words)
            row.setVisible(matches)
            line.setVisible(matches)
            found |= matches
        self.setVisible(found)
        return found

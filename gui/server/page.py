"""The Server page: a switch, an address, who may reach it, lines to copy, and each request as it comes."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QGuiApplication,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.page_header import PageHeader
from gui.pages import Page
from gui.problems import InlineMessage
from gui.server import sample
from gui.server.power_card import PowerCard
from gui.server.reach_card import ReachCard
from gui.server.request_card import RequestCard
from gui.server.snippet_card import SnippetCard
from gui.server.state import Phase

LINE = "The same model for your scripts, other programs and a browser"
TWO_FROM, THREE_FROM = 820, 1500
"""From these widths of the page on, cards stand in two and in three columns."""
REACH_WIDTH = 372


class ServerPage(Page):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._columns = 0
        self._asked_to_close = False
        self.setAccessibleName("Server")
        state = desk.server
        self.header = PageHeader("Server", LINE)
        self.message = InlineMessage(desk.theme)
        self.power = PowerCard(desk.theme, state)
        self.reach = ReachCard(desk.theme, desk.whisker.settings, state)
        self.snippets = SnippetCard()
        self.requests = RequestCard(desk.theme, state, state.requests)
        self.area = QScrollArea()
        self._grid = QGridLayout()
        self._place()
        self._wire()
        self._show_state()

    def switch(self, on: bool) -> None:
        """On or off, as the person wants; asked once more where off would cancel a training."""
        state = self._desk.server
        if on:
            state.start()
        elif state.retraining:
            self.power.show_state()
            self.message.show_message(
                "A training that was asked for through the server is under way.",
                "Switching the server off cancels it. Nothing half-made is left.",
                kind="info",
                action=("Switch off all the same", self._switch_off),
            )
        else:
            state.stop()

    def try_sample(self) -> None:
        """Send a sample photo to the server, over HTTP."""
        from gui.predict.empty_view import find_samples

        samples, state = find_samples(), self._desk.server
        if not samples or state.url is None:
            return
        address, token = state.url, state.wish.token
        self._desk.tasks.run(
            self,
            lambda: sample.send(address, token, samples[0]),
            lambda _none: None,
            lambda error: self.message.show_message(error.message, error.hint),
        )

    def open_browser(self) -> None:
        state = self._desk.server
        if state.url is None:
            return
        QDesktopServices.openUrl(QUrl(state.url))
        if state.wish.token:
            self._desk.toast("Your browser asks for a name and a password: any name, and the token.", None)

    def copy(self, text: str, what: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._desk.toast(f"{what} copied.", None)

    def renew_token(self) -> None:
        state = self._desk.server
        before = state.renew_token()
        self._desk.toast("The token is another one now.", lambda: state.set("server_token", before))

    def may_close(self) -> bool:
        """Ask once, in its place, while a training that came through the server is under way."""
        if not self._desk.server.retraining or self._asked_to_close:
            return True
        self._asked_to_close = True
        self.message.show_message(
            "A training that was asked for through the server is under way.",
            "Close the window once more, or press the button, to stop it and quit. Nothing half-made is left.",
            kind="info",
            action=("Stop and quit", self._quit),
        )
        self.message.action.setFocus(Qt.FocusReason.OtherFocusReason)
        return False

    def _quit(self) -> None:
        self.window().close()

    def end(self) -> None:
        self._look(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width()
        self._arrange(3 if width >= THREE_FROM else 2 if width >= TWO_FROM else 1)

    def _look(self, looking: bool) -> None:
        self._desk.server.look(looking)

    def _place(self) -> None:
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 8)
        inner.setSpacing(16)
        inner.addWidget(self.power)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(16)
        inner.addLayout(self._grid, 1)
        self.area.setWidget(inside)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 8)
        column.setSpacing(16)
        column.addWidget(self.header)
        column.addWidget(self.message)
        column.addWidget(self.area, 1)
        self._arrange(2)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        grid = self._grid
        card: QWidget
        for card in (self.reach, self.snippets, self.requests):
            grid.removeWidget(card)
        for at in range(3):
            grid.setColumnStretch(at, 0)
            grid.setRowStretch(at, 0)
        self.reach.setMinimumWidth(0 if columns == 1 else REACH_WIDTH)
        self.reach.setMaximumWidth(16777215 if columns == 1 else REACH_WIDTH)
        if columns == 1:
            for row, card in enumerate((self.reach, self.snippets, self.requests)):
                grid.addWidget(card, row, 0)
            grid.setRowStretch(2, 1)
        elif columns == 2:
            grid.addWidget(self.reach, 0, 0, 2, 1)
            grid.addWidget(self.snippets, 0, 1)
            grid.addWidget(self.requests, 1, 1)
            grid.setRowStretch(1, 1)
            grid.setColumnStretch(1, 1)
        else:
            grid.addWidget(self.reach, 0, 0)
            grid.addWidget(self.snippets, 0, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.requests, 0, 2)
            grid.setRowStretch(0, 1)
            grid.setColumnStretch(1, 2)
            grid.setColumnStretch(2, 3)

    def _wire(self) -> None:
        self.power.switched.connect(self.switch)
        self.power.browser_asked.connect(self.open_browser)
        for card in (self.power, self.reach, self.snippets):
            card.copy_asked.connect(self.copy)
        self.reach.renew_asked.connect(self.renew_token)
        self.reach.reveal_changed.connect(self._show_state)
        self.requests.try_asked.connect(self.try_sample)
        self._desk.server.changed.connect(self._show_state)
        for keys, do in (
            ("Ctrl+Return", self.power.switch.click),
            ("Ctrl+Enter", self.power.switch.click),
            ("Ctrl+B", self.open_browser),
            ("Ctrl+Shift+C", self.snippets.copy.click),
        ):
            key = QShortcut(QKeySequence(keys), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(do)

    def _show_state(self) -> None:
        state = self._desk.server
        wish = state.wish
        self.snippets.fill(state.shared_url, wish.token, hide=not self.reach.revealed)
        for card in (self.reach, self.snippets, self.requests):
            card.setEnabled(state.available)
        if state.error is not None:
            offer = (f"Use port {state.free}", state.take_free_port) if state.free is not None else None
            self.message.show_message(state.error.message, state.error.hint, action=offer)
        elif state.phase in (Phase.STARTING, Phase.STOPPING, Phase.ON) and not self._asked_to_close:
            self.message.clear()

    def _switch_off(self) -> None:
        self.message.clear()
        self._desk.server.stop()

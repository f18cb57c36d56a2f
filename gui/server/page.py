"""The Server page: a switch, an address, who may reach it, lines to copy, and each request as it comes."""

from __future__ import annotations

from enum import Enum

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
from gui.not_remembered import NotRememberedLine
from gui.page_header import PageHeader
from gui.page_layout import MARGIN, place_in_page
from gui.pages import Page
from gui.problems import InlineMessage
from gui.server import sample
from gui.server.power_card import PowerCard
from gui.server.reach_card import ReachCard
from gui.server.request_card import RequestCard
from gui.server.snippet_card import SnippetCard
from gui.server.state import Phase

LINE = "The same model for your scripts, other programs and a browser"
TWO_FROM, WIDE_FROM = 1000, 1500
"""From the first width of the page on, the choices stand beside the rest; from the second, the requests have the
larger part of it."""
BESIDE_WIDTH, LEFT_WIDTH, ANY_WIDTH = 372, 620, 16777215


class Arrangement(Enum):
    """How the cards below the switch stand."""

    STACK = "one below the other"
    BESIDE = "the choices beside snippets and requests"
    WIDE = "choices and snippets beside the requests"


class ServerPage(Page):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._arrangement: Arrangement | None = None
        self._asked_to_close = False
        self._before_token: str | None = None
        self.setAccessibleName("Server")
        state = desk.server
        self.header = PageHeader("Server", LINE)
        self.message = InlineMessage(desk.theme)
        self.not_remembered = NotRememberedLine(desk, self)
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
        if state.phase in (Phase.STARTING, Phase.STOPPING):
            self.power.show_state()
        elif on:
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
        self._before_token = state.renew_token()
        self._desk.toast("The token is another one now.", self.undo)

    def undo(self) -> None:
        """Back to the token before the last renewal."""
        before, self._before_token = self._before_token, None
        if before is not None:
            self._desk.server.set("server_token", before)
            self._desk.toast("The token is the one before again.", None)

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
        self.power.fit(width - 2 * MARGIN)
        wide = Arrangement.WIDE if width >= WIDE_FROM else Arrangement.BESIDE
        self._arrange(wide if width >= TWO_FROM else Arrangement.STACK)

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
        place_in_page(self, (self.header, self.message, self.not_remembered), self.area)
        self._arrange(Arrangement.BESIDE)

    def _arrange(self, arrangement: Arrangement) -> None:
        if arrangement is self._arrangement:
            return
        self._arrangement = arrangement
        grid, reach, snippets, requests = self._grid, self.reach, self.snippets, self.requests
        card: QWidget
        for card in (reach, snippets, requests):
            grid.removeWidget(card)
            card.setMaximumWidth(ANY_WIDTH)
        for at in range(3):
            grid.setColumnStretch(at, 0)
            grid.setRowStretch(at, 0)
        match arrangement:
            case Arrangement.STACK:
                for row, card in enumerate((reach, snippets, requests)):
                    grid.addWidget(card, row, 0)
                grid.setRowStretch(2, 1)
                return
            case Arrangement.BESIDE:
                reach.setMaximumWidth(BESIDE_WIDTH)
                grid.addWidget(reach, 0, 0, 2, 1)
                grid.addWidget(snippets, 0, 1)
                grid.addWidget(requests, 1, 1)
            case Arrangement.WIDE:
                for card in (reach, snippets):
                    card.setMaximumWidth(LEFT_WIDTH)
                grid.addWidget(reach, 0, 0)
                grid.addWidget(snippets, 1, 0, Qt.AlignmentFlag.AlignTop)
                grid.addWidget(requests, 0, 1, 2, 1)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(0, 2 if arrangement is Arrangement.WIDE else 3)
        grid.setColumnStretch(1, 3 if arrangement is Arrangement.WIDE else 5)

    def _wire(self) -> None:
        self.power.switched.connect(self.switch)
        self.power.browser_asked.connect(self.open_browser)
        for card in (self.power, self.reach, self.snippets):
            card.copy_asked.connect(self.copy)
        self.reach.renew_asked.connect(self.renew_token)
        self.reach.reveal_changed.connect(self._show_state)
        self.requests.try_asked.connect(self.try_sample)
        self.message.closed.connect(self._desk.server.put_error_away)
        self._desk.server.changed.connect(self._show_state)
        for keys, do in (
            ("Ctrl+Return", self.power.switch.click),
            ("Ctrl+Enter", self.power.switch.click),
            ("Ctrl+B", self.open_browser),
            ("Ctrl+Z", self.undo),
            ("Ctrl+Shift+C", self.snippets.copy.click),
        ):
            # Of the window while the page is in front: who came with the mouse has no part of it under the keyboard.
            QShortcut(QKeySequence(keys), self).activated.connect(do)

    def _show_state(self) -> None:
        state = self._desk.server
        wish = state.wish
        self.snippets.fill(state.shared_url, wish.token, hide=not self.reach.revealed)
        for card in (self.reach, self.snippets, self.requests):
            card.setEnabled(state.available)
        if state.error is not None:
            offer = (f"Use port {state.free}", self._take_free_port) if state.free is not None else None
            self.message.show_message(state.error.message, state.error.hint, action=offer)
            return
        # What was asked about a training is settled with its end; the next one is asked about again.
        self._asked_to_close = self._asked_to_close and state.retraining
        if state.phase is not Phase.OFF and not self._asked_to_close:
            self.message.clear()

    def _take_free_port(self) -> None:
        # The button goes with its message; the keyboard goes on from the switch.
        self.power.switch.setFocus()
        self._desk.server.take_free_port()

    def _switch_off(self) -> None:
        self.message.clear()
        self._desk.server.stop()

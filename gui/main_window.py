"""The window: it places the rail, the pages and the status bar, and owns no logic."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from gui.desk import Desk
from gui.drop_target import DropTarget
from gui.pages import FOOT, PAGES, SIDE_PAGES, Page
from gui.problems import InlineMessage
from gui.rail import Rail
from gui.status_bar import StatusBar

if TYPE_CHECKING:
    from engine.history import Row
    from gui.intake import Intake
    from gui.trouble_panel import TroublePanel


class MainWindow(QMainWindow):
    """Signals:
    painted: The window has been painted for the first time.
    """

    painted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setObjectName("window")
        self.setWindowTitle("Whisker")
        self.setMinimumSize(960, 640)
        self.resize(1280, 800)
        self.rail = Rail(desk.theme, PAGES, FOOT)
        self.pages = QStackedWidget()
        self.status = StatusBar(desk)
        self.notice = InlineMessage(desk.theme)
        self._banner = _Banner(self.notice)
        self._trouble: TroublePanel | None = None
        self.drops = DropTarget(self, desk.theme)
        self._made: dict[str, Page] = {}
        self._rail_page = PAGES[0].key
        self._started = False
        self._ending = False
        self._place()
        self._wire()
        self.show_page(PAGES[0].key)

    def page(self, key: str) -> Page:
        """The page of this key, made when it is first wanted."""
        if key not in self._made:
            entry = next(entry for entry in (*PAGES, *FOOT, *SIDE_PAGES) if entry.key == key)
            page = entry.make(self._desk, self.pages)
            self._made[key] = page
            self.pages.addWidget(page)
            page.windowTitleChanged.connect(self._retitle)
            if self._started:
                page.started()
        return self._made[key]

    def show_page(self, key: str) -> None:
        page = self.page(key)
        before, focused = self.pages.currentWidget(), self.focusWidget()
        self.pages.setCurrentWidget(page)
        if before is not None and focused is not None and before.isAncestorOf(focused):
            # Else Qt looks for somebody to have the keyboard, and finds the rail.
            page.setFocus()
        self.drops.highlight.title, self.drops.highlight.line = page.drop_words
        self.rail.select(key)
        if key in self.rail.buttons:
            self._rail_page = key
        self._retitle()

    def show_answer(self, row: Row) -> None:
        """Show an answer of the history in Predict."""
        page = self.page(PAGES[0].key)
        page.show_answer(row)
        self.show_page(PAGES[0].key)

    def show_version(self, reference: str, *, compare: bool = False) -> None:
        """Show a version of a model in Models, beside the active one if it is to be compared."""
        self.show_page("models")
        page = self.page("models")
        page.show_version(reference, compare=compare)

    def take(self, intake: Intake) -> None:
        """Hand on what was dropped: to the page in front, else to the first."""
        current = self.pages.currentWidget()
        if isinstance(current, Page) and current.take(intake):
            return
        if self.page(PAGES[0].key).take(intake):
            self.show_page(PAGES[0].key)

    @property
    def trouble(self) -> TroublePanel:
        """The panel for faults of ours, made when it is first wanted."""
        if self._trouble is None:
            from gui.trouble_panel import TroublePanel

            self._trouble = TroublePanel(self._desk.theme, self._desk.toast)
            self._trouble.log_asked.connect(self._open_log_folder)
            self._banner.add(self._trouble)
        return self._trouble

    def show_notice(self, text: str) -> None:
        """Something that had to be set aside; nothing is asked of the person. Two come one after the other."""
        if not self.notice.isVisible():
            self.notice.show_message(text, kind="info")
        elif text not in self.notice.text.text():
            self.notice.text.setText(f"{self.notice.text.text()} {text}")

    def end(self) -> None:
        """Close without asking: the system or the terminal wants it."""
        self._ending = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._desk.server.retraining:
            # Made, if it was never looked at, so that it is asked.
            self.page("server")
        for key, page in self._made.items():
            if not self._ending and not page.may_close():
                asked = page.focusWidget()
                self.show_page(key)
                if asked is not None:
                    # What it asks with; showing the page took the keyboard from it.
                    asked.setFocus()
                event.ignore()
                return
        for page in self._made.values():
            page.end()
        super().closeEvent(event)

    def geometry_text(self) -> str:
        return bytes(self.saveGeometry().toBase64().data()).decode("ascii")

    def restore_geometry_text(self, text: str) -> None:
        if text:
            self.restoreGeometry(QByteArray.fromBase64(text.encode("ascii")))

    def _place(self) -> None:
        surface = _Surface(self._on_painted)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._banner)
        right.addWidget(self.pages, 1)
        # For what is said beside a page without covering it; takes no room while there is nothing.
        self.foot = QVBoxLayout()
        self.foot.setContentsMargins(24, 0, 24, 0)
        right.addLayout(self.foot)
        right.addWidget(self.status)
        row = QHBoxLayout(surface)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)
        self.setCentralWidget(surface)

    def _wire(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.status.page_asked.connect(self.show_page)
        self.drops.dropped.connect(self.take)
        QShortcut(QKeySequence("Shift+F1"), self, self.show_keys)
        ways = self._desk.ways
        ways.page_asked.connect(self.show_page)
        ways.tour_asked.connect(self.show_tour)
        ways.back_asked.connect(lambda: self.show_page(self._rail_page))
        ways.answer_asked.connect(self.show_answer)
        ways.version_asked.connect(self.show_version)
        ways.compare_asked.connect(lambda reference: self.show_version(reference, compare=True))
        QShortcut(QKeySequence("Ctrl+H"), self, lambda: self.show_page("history"))
        QShortcut(QKeySequence.StandardKey.Quit, self, self.close)

    def show_tour(self) -> None:
        """The three cards of the first start, beside the first page."""
        from gui.tour import show

        self.show_page(PAGES[0].key)
        show(self._desk, self)

    def _open_log_folder(self) -> None:
        logs = self._desk.whisker.home.logs
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(logs))):
            self._desk.toast(f"The log is in {logs}", None)

    def show_keys(self) -> None:
        """Which keys do what, or no longer."""
        from gui.keys_sheet import KeysSheet

        KeysSheet.toggle(self, self._desk.theme)

    def _retitle(self) -> None:
        current = self.pages.currentWidget()
        about = current.windowTitle() if current is not None else ""
        self.setWindowTitle(f"Whisker - {about}" if about else "Whisker")

    def _on_painted(self) -> None:
        self._started = True
        # Nothing has the keyboard yet, so no focus ring; the first Tab begins at the rail.
        self.setFocus()
        self.painted.emit()
        for page in tuple(self._made.values()):
            page.started()


class _Surface(QWidget):
    """The ground of the window; says once when it has been painted."""

    def __init__(self, painted: Callable[[], None]) -> None:
        super().__init__()
        self._painted: Callable[[], None] | None = painted

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._painted is not None:
            # Behind the painting, not in it.
            QTimer.singleShot(0, self._painted)
            self._painted = None


class _Banner(QWidget):
    """Messages above the page; takes no room while there is none."""

    def __init__(self, message: QWidget) -> None:
        super().__init__()
        self._messages: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 12, 24, 0)
        self._column.setSpacing(8)
        self.add(message)
        self.hide()

    def add(self, message: QWidget) -> None:
        """Above those that are there."""
        self._messages.append(message)
        self._column.insertWidget(0, message)
        message.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.setVisible(not all(message.isHidden() for message in self._messages))
        return super().eventFilter(watched, event)

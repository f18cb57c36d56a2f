"""The manual: its table of contents, searched as one types, and the page that is read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QShowEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine import paths
from engine.errors import WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.help.manual import ManualPage, read, resolve
from gui.help.reader import Reader
from gui.problems import InlineMessage
from gui.search_field import search_field

CONTENTS = 220
_KEY = Qt.ItemDataRole.UserRole


class ManualView(QWidget):
    """Signals:
    shown: A page is in front; its title.
    """

    shown = Signal(str)

    def __init__(self, desk: Desk, folder: Path | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._folder = folder or paths.manual()
        self._read = False
        self._pages: dict[str, ManualPage] = {}
        self._past: list[tuple[str, int]] = []
        self.now = ""
        self.search = search_field(desk.theme, "Search the manual", "Show only pages that speak of this (Ctrl+F)")
        self.contents = QListWidget()
        self.contents.setAccessibleName("Pages of the manual")
        self.reader = Reader(desk.theme, "Page of the manual")
        self.back = push("Back", "To the page before (Alt+Left)")
        self.message = InlineMessage(desk.theme)
        self._place()
        self._wire()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._read:
            self._read = True
            folder = self._folder
            self._desk.tasks.run(self, lambda: read(folder), self._on_pages, self._on_unread, urgent=True)

    def open(self, key: str, anchor: str = "") -> None:
        """Show a page, and of it the heading `anchor`; the one before can be gone back to."""
        if self.now and (key != self.now or anchor):
            self._past.append((self.now, self.reader.verticalScrollBar().value()))
        self._show(key)
        if anchor and not self.reader.go_to(anchor):
            self.message.show_message("That part of the page has another name by now.", kind="info")

    def go_back(self) -> None:
        if self._past:
            key, at = self._past.pop()
            self._show(key)
            self.reader.verticalScrollBar().setValue(at)

    def _show(self, key: str) -> None:
        page = self._pages[key]
        self.message.clear()
        if key != self.now:
            self.now = key
            self.reader.show_markdown(page.text, (self._folder / key).parent)
            self._mark(key)
        self.back.setEnabled(bool(self._past))
        if self.search.text().strip():
            self._find()
        self.shown.emit(page.title)

    def _place(self) -> None:
        self.contents.setFrameShape(QFrame.Shape.NoFrame)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.back.setEnabled(False)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.search)
        left.addWidget(self.contents, 1)
        left.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        beside = QWidget()
        beside.setFixedWidth(CONTENTS)
        beside.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        card = QFrame()
        card.setProperty("surface", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 8, 1, 8)
        inside.addWidget(self.reader)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.message)
        right.addWidget(card, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(beside)
        row.addLayout(right, 1)

    def _wire(self) -> None:
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._find)
        self.contents.currentItemChanged.connect(self._on_chosen)
        self.back.clicked.connect(self.go_back)
        self.reader.followed.connect(self._follow)
        for keys, do in (
            (QKeySequence(QKeySequence.StandardKey.Find), self._on_find_key),
            (QKeySequence("Esc"), self.search.clear),
            (QKeySequence(QKeySequence.StandardKey.Back), self.go_back),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.activated.connect(do)

    def _on_find_key(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _on_pages(self, pages: list[ManualPage]) -> None:
        self._pages = {page.key: page for page in pages}
        if not pages:
            self.message.show_message("The manual is not part of this installation.", "Install Whisker again.")
            return
        self._fill(pages)
        self.open(pages[0].key)

    def _on_unread(self, error: WhiskerError) -> None:
        self.message.show_message(words.sentence(error))

    def _fill(self, pages: list[ManualPage]) -> None:
        self.contents.blockSignals(True)
        self.contents.clear()
        section = ""
        for page in pages:
            if page.section != section:
                section = page.section
                heading = QListWidgetItem(section)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                font = heading.font()
                font.setBold(True)
                heading.setFont(font)
                self.contents.addItem(heading)
            item = QListWidgetItem(page.title)
            item.setData(_KEY, page.key)
            item.setToolTip(page.title)
            self.contents.addItem(item)
        self.contents.blockSignals(False)
        self._mark(self.now)

    def _mark(self, key: str) -> None:
        for at in range(self.contents.count()):
            if self.contents.item(at).data(_KEY) == key:
                self.contents.blockSignals(True)
                self.contents.setCurrentRow(at)
                self.contents.blockSignals(False)

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_KEY):
            self.open(item.data(_KEY))

    def _on_search(self, text: str) -> None:
        found = [page for page in self._pages.values() if page.speaks_of(text)]
        self._fill(found)
        if not found:
            self.message.show_message(f"No page speaks of “{text.strip()}”.", kind="info")
        else:
            self.message.clear()

    def _find(self) -> None:
        """The next place on this page that has the words; after the last the first."""
        sought = self.search.text().strip()
        # All of it, else the first word: a page is listed when it has each word somewhere.
        for words_of in (sought, sought.split(" ")[0]):
            if not words_of or self.reader.find(words_of):
                return
            before = self.reader.textCursor()
            self.reader.moveCursor(QTextCursor.MoveOperation.Start)
            if self.reader.find(words_of):
                return
            self.reader.setTextCursor(before)

    def _follow(self, link: str) -> None:
        if ":" in link.split("/", 1)[0]:
            # Whisker opens no connection by itself, and no browser either.
            self.message.show_message(
                f"This leads out of the manual: {link}",
                kind="info",
                action=("Copy address", lambda: self._copy(link)),
            )
            return
        key, anchor = resolve(self.now, link)
        if key in self._pages:
            self.open(key, anchor)
        else:
            path = str(self._folder / key)
            self.message.show_message(
                f"This is a file beside the manual: {path}", kind="info", action=("Copy path", lambda: self._copy(path))
            )

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._desk.toast("Copied", None)

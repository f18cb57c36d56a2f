"""Three cards for the first start: what one can do here. They stand beside the work and never in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.errors import SettingsError
from gui.buttons import push
from gui.desk import Desk
from gui.problems import announce

if TYPE_CHECKING:
    from engine.bulletin import News
    from gui.main_window import MainWindow

CARDS = (
    (
        "drop",
        "Drop a photo",
        "Anywhere in this window: photos, whole folders, a photo from your browser. You are told what it is and why.",
    ),
    (
        "teach",
        "Teach it your own things",
        "On Teach, drop a folder for each thing. In a minute or so you have a model of your own, with an honest score.",
    ),
    (
        "lock",
        "It all stays here",
        "No account, no upload. Help (F1) has the manual and this tour, Preferences (Ctrl+,) all that can be chosen.",
    ),
)
PICTURE = 40
DUE, SEEN = "due", "seen"


class Tour(QFrame):
    """One card at a time, below the page, which it does not cover. It goes when it is skipped, ends, or a first answer
    has come. Nothing moves, so there is nothing to be calmed.
    """

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__()
        self._desk = desk
        self._window = window
        self._before = window.focusWidget()
        self.at = 0
        self.setProperty("surface", "tour")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._picture = QLabel()
        self._picture.setFixedSize(PICTURE, PICTURE)
        self.title = QLabel()
        self.title.setProperty("role", "group")
        self.text = QLabel()
        self.text.setProperty("role", "secondary")
        self.text.setWordWrap(True)
        self.place = QLabel()
        self.place.setProperty("role", "status")
        self.skip = push("Skip", "Put the tour away; Help has it (Esc)", name="Skip the tour", kind="quiet")
        self.back = push("Back", "The card before (Left)")
        self.next = push("Next", "The next card (Right)", kind="primary")
        self._lay_out()
        self.skip.clicked.connect(lambda: self.put_away())
        self.back.clicked.connect(lambda: self.turn(-1))
        self.next.clicked.connect(lambda: self.turn(1))
        desk.news.news.connect(self._hear)
        desk.theme.changed.connect(self._show_card)
        self._show_card()

    def begin(self) -> None:
        """With the keyboard: arrows turn the cards, Esc puts them away."""
        self.setFocus()
        announce(self)

    def turn(self, by: int) -> None:
        """To another card; behind the last the tour is over."""
        if self.at + by >= len(CARDS):
            self.put_away()
            return
        self.at = max(0, self.at + by)
        self._show_card()
        announce(self)

    def put_away(self, *, asked: bool = True) -> None:
        """For good: it is not shown by itself again; where that cannot be kept, not again before the next start.

        Args:
            asked: Whether a person did it, who is then told what could not be kept.
        """
        had_keyboard = self.isAncestorOf(self._window.focusWidget()) if self._window.focusWidget() else False
        self.hide()
        try:
            self._desk.whisker.settings.set("tour", SEEN)
        except SettingsError as error:
            if asked:
                self._desk.toast(str(error), None)
        if had_keyboard or self.hasFocus():
            (self._before or self._window).setFocus()
        self.setParent(None)
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turns = {Qt.Key.Key_Right: 1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1, Qt.Key.Key_Left: -1}
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.put_away()
        elif key in turns:
            self.turn(turns[key])
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # While a card has the keyboard, these keys are its own and not the page's below.
            mine = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Left, Qt.Key.Key_Right)
            if event.key() in mine and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().event(event)

    def _hear(self, news: News) -> None:
        from engine.bulletin import Predicted, Unrecorded

        if isinstance(news, Predicted | Unrecorded):
            # The answer needs the room, and whoever has one knows how to get it.
            self.put_away(asked=False)

    def _show_card(self) -> None:
        icon, title, text = CARDS[self.at]
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(self._desk.theme.pixmap(icon, "accent", PICTURE, ratio))
        self.title.setText(title)
        self.text.setText(text)
        self.place.setText(f"{self.at + 1} of {len(CARDS)}")
        last = self.at == len(CARDS) - 1
        self.back.setVisible(self.at > 0)
        self.skip.setVisible(not last)
        self.next.setText("Done" if last else "Next")
        self.next.setAccessibleName("Done" if last else "Next")
        self.next.setToolTip("Put the tour away (Right)" if last else "The next card (Right)")
        self.setAccessibleName(f"Tour, {self.place.text()}. {title}. {text}")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.title)
        top.addWidget(self.place, 0, Qt.AlignmentFlag.AlignBottom)
        top.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(top)
        words.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addSpacing(8)
        row.addLayout(words, 1)
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)


def offer(desk: Desk, window: MainWindow, *, new_home: bool, busy: bool) -> None:
    """Show the tour if it is due: once in a new home, and not while files were brought along.

    Args:
        new_home: Nothing was kept here before this start.
        busy: The window was opened with files; then the tour waits for the next start.
    """
    settings = desk.whisker.settings
    due = settings["tour"] == DUE or (new_home and settings["tour"] != SEEN)
    if due and busy:
        try:
            settings.set("tour", DUE)
        except SettingsError:
            return
    elif due:
        show(desk, window)


def show(desk: Desk, window: MainWindow) -> Tour:
    """From the first card on, whether or not it is shown already."""
    shown = window.findChild(Tour)
    if shown is not None:
        shown.at = 0
        shown.turn(0)
        return shown
    tour = Tour(desk, window)
    window.foot.addWidget(tour)
    tour.begin()
    return tour

"""The page's keys: those of a photo work while one is looked at, Esc while photos are looked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

Keys = Mapping[str, Callable[[], None]]


class Keyboard(QObject):
    """Keeps still while the picker is open: its field takes letters itself, but Enter would be the page's.

    Args:
        page: Where the keys work.
        picker: The field in which a class is typed.
        looking: What a photo's keys do.
        back: Takes the last word back; may work without a photo, too.
        stop: Ends the search for photos.
        always: What keys do at any time.
    """

    def __init__(
        self,
        page: QWidget,
        picker: QWidget,
        *,
        looking: Keys,
        back: Callable[[], None],
        stop: Callable[[], None],
        always: Keys,
    ) -> None:
        super().__init__(page)
        self._page = page
        self._picker = picker
        self._looking = False
        self._back = self._key(QKeySequence.StandardKey.Undo, back)
        self._keys = [*(self._key(sequence, do) for sequence, do in looking.items()), self._back]
        self._stop = self._key("Esc", stop)
        for sequence, do in always.items():
            self._key(sequence, do)
        picker.installEventFilter(self)

    def follow(self, looking: bool, *, back: bool = False) -> None:
        """A photo is looked at from now on, or none; then `back` says whether there is a word to take back."""
        self._looking = looking
        self._enable(looking)
        self._back.setEnabled(looking or back)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._picker and event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._enable(event.type() == QEvent.Type.Hide and self._looking)
        return super().eventFilter(watched, event)

    def _enable(self, on: bool) -> None:
        for key in self._keys:
            key.setEnabled(on)
        self._stop.setEnabled(not on and not self._picker.isVisible())

    def _key(self, sequence: str | QKeySequence.StandardKey, do: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(sequence), self._page)
        # A key held down must not label what nobody has looked at.
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(do)
        return shortcut

"""Which key does what among many photos: over everything there but a text that is being typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut

from gui.predict.many.order import Filter

if TYPE_CHECKING:
    from gui.predict.many_view import ManyView

Action = Callable[[], object]


def action(view: ManyView, event: QKeyEvent) -> Action | None:
    """What this key does there; None when it is not one of these."""
    key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if held != Qt.KeyboardModifier.NoModifier:
        return _with_control(view).get(QKeySequence(event.keyCombination()))
    if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
        return lambda: view.press(key - Qt.Key.Key_1)
    plain: dict[Qt.Key, Action] = {
        Qt.Key.Key_Escape: view.step_back,
        Qt.Key.Key_H: view.toggle_why,
        Qt.Key.Key_C: view.ask_class,
    }
    if view.zoomed:
        plain |= {
            Qt.Key.Key_Space: lambda: view.zoom(False),
            Qt.Key.Key_Left: lambda: view.grid.step(-1),
            Qt.Key.Key_Up: lambda: view.grid.step(-1),
            Qt.Key.Key_Right: lambda: view.grid.step(1),
            Qt.Key.Key_Down: lambda: view.grid.step(1),
        }
    return plain.get(Qt.Key(key))


def add_shortcuts(view: ManyView) -> None:
    """The same while the keyboard is elsewhere in the window: on the rail, say, or a button above."""
    numbers = {QKeySequence(str(number)): partial(view.press, number - 1) for number in range(1, 10)}
    letters = {
        QKeySequence("Esc"): view.step_back,
        QKeySequence("H"): view.toggle_why,
        QKeySequence("C"): view.ask_class,
    }
    for keys, do in {**numbers, **letters, **_with_control(view)}.items():
        QShortcut(keys, view).activated.connect(do)


def _with_control(view: ManyView) -> dict[QKeySequence, Action]:
    return {
        QKeySequence("Ctrl+Z"): view.undo,
        QKeySequence("Ctrl+F"): view.search,
        QKeySequence("Ctrl+0"): lambda: view.show_only(Filter()),
        QKeySequence("Ctrl+E"): view.filing.ask_for_table,
        QKeySequence("Ctrl+A"): view.select_all,
        QKeySequence("Ctrl+Shift+S"): lambda: view.filing.show_panel(view.sorting.isHidden()),
    }

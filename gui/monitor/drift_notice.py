"""A gentle word when what the model is shown departs from what it was judged on; put away, it stays away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui import words
from gui.desk import Desk
from gui.problems import InlineMessage

if TYPE_CHECKING:
    from engine.drift import Outlook, Sign


class DriftNotice(InlineMessage):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk = desk
        self._signs: frozenset[tuple[str, str | None]] = frozenset()
        self._put_away: frozenset[tuple[str, str | None]] = frozenset()
        self.closed.connect(self._on_closed)

    def show_outlook(self, outlook: Outlook | None) -> None:
        """Say what departs, unless the person has put away a notice that said as much."""
        signs = outlook.signs if outlook is not None else ()
        kinds = frozenset((sign.kind, sign.class_name) for sign in signs)
        if kinds == self._signs:
            return
        self._signs = kinds
        if not kinds:
            self._put_away = kinds
            self.clear()
        elif not kinds <= self._put_away:
            advice = "If that is how your photos are now, teach it with some of them: its score was measured on others."
            self.show_message(
                "Lately the photos differ from those this model was judged by.",
                " ".join([*map(sentence, signs), advice]),
                kind="info",
                action=("Review some", lambda: self._desk.ways.page_asked.emit("review")),
            )

    def _on_closed(self) -> None:
        self._put_away = self._signs


def sentence(sign: Sign) -> str:
    """What departs, in figures a person can weigh."""
    share, expected = words.percent(sign.share), words.percent(sign.expected)
    latest = f"Of the latest {words.count(sign.pictures, 'photo', 'photos')}"
    if sign.kind == "class_mix":
        return f"{latest} it knew, {share} were called {sign.class_name}; {expected} were then."
    return f"{latest}, {share} are unlike what it was taught; about {expected} were then."

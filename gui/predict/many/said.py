"""What people say that many pictures are: shown at once, kept one after the other, taken back together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import WhiskerError
from gui import words
from gui.desk import Desk
from gui.predict.corrections import Corrections
from gui.predict.many.grid_model import GridModel
from gui.predict.many.picture import Picture

if TYPE_CHECKING:
    import threading

    from engine.bulletin import News


@dataclass(frozen=True)
class _Saying:
    """What some pictures are said to be, and what was said of each before; None for nothing."""

    pictures: tuple[Picture, ...]
    labels: tuple[str | None, ...]
    before: tuple[str | None, ...]

    def reversed(self) -> _Saying:
        return _Saying(self.pictures, self.before, self.labels)

    def show(self, model: GridModel) -> None:
        pairs = list(zip(self.pictures, self.labels, strict=True))
        for label in set(self.labels):
            model.correct([picture for picture, said in pairs if said == label], label)


class ManyCorrections(Corrections):
    """The corrections of a grid; the photo beside it corrects through the same, so that there is one undo."""

    def __init__(self, desk: Desk, model: GridModel) -> None:
        super().__init__(desk, model)
        self._model = model
        self._waiting_sayings: deque[tuple[_Saying, str, _Saying | None]] = deque()
        self._keeping = False
        self._past: list[_Saying] = []

    def say(self, pictures: Sequence[Picture], label: str) -> None:
        """All of these are `label`; those without a row in the history cannot be corrected."""
        changing = tuple(each for each in pictures if each.row is not None and each.correction != label)
        if not changing:
            if any(each.row is None and each.kept is not None for each in pictures):
                self._desk.toast("An answer that is not in the history cannot be corrected", None)
            return
        saying = _Saying(changing, (label,) * len(changing), tuple(each.correction for each in changing))
        self._past.append(saying)
        number = words.count(len(changing), "photo", "photos")
        self._do(saying, f"Corrected to {label}" if len(changing) == 1 else f"{number} corrected to {label}")

    def correct(self, row: int, label: str, before: str | None, predicted: str) -> None:
        picture = self._model.of_row(row)
        if picture is not None:
            self.say([picture], label)

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    def undo(self) -> None:
        if self._past:
            self._take_back(self._past[-1])

    def _take_back(self, saying: _Saying) -> None:
        if saying in self._past:
            self._past.remove(saying)
        number = words.count(len(saying.pictures), "correction", "corrections")
        said = "Taken back" if len(saying.pictures) == 1 else f"{number} taken back"
        self._do(saying.reversed(), said, undoes=saying)

    def forget(self) -> None:
        """The pictures are gone from the window; what was said of them stays in the history."""
        self._past.clear()

    def _do(self, saying: _Saying, said: str, *, undoes: _Saying | None = None) -> None:
        saying.show(self._model)
        self._waiting_sayings.append((saying, said, undoes))
        if not self._keeping:
            self._keep_next()

    def _keep_next(self) -> None:
        self._keeping = bool(self._waiting_sayings)
        if not self._keeping:
            return
        saying, said, undoes = self._waiting_sayings.popleft()
        whisker = self._desk.whisker
        rows = [(picture.row, label) for picture, label in zip(saying.pictures, saying.labels, strict=True)]

        def keep(_: threading.Event) -> Iterator[None]:
            for row, label in rows:
                if row is not None:
                    whisker.correct(row, label)
                yield None

        def kept() -> None:
            # This one, though the grid may have been left by then.
            self._desk.toast(said, (lambda: self._take_back(saying)) if undoes is None else None)
            self._keep_next()

        def refused(error: WhiskerError) -> None:
            if undoes is not None:
                self._past.append(undoes)
            elif saying in self._past:
                self._past.remove(saying)
            saying.reversed().show(self._model)
            self._desk.toast(words.sentence(error), None)
            self._keep_next()

        self._desk.tasks.follow(self, keep, lambda _: None, kept, refused)

    def _hear(self, news: News) -> None:
        from engine.bulletin import Corrected, HistoryCleared

        if isinstance(news, HistoryCleared):
            self._model.forget_rows(news.rows)
        elif isinstance(news, Corrected):
            picture = self._model.of_row(news.row)
            if picture is not None and picture.correction != news.label and not self._keeping:
                self._model.correct([picture], news.label)

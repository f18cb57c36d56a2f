"""The pictures as a Qt model: those that the filter wants, in the order asked for.

Handed over in handfuls while they stream. Each picture's place is found by its sort key, so that an answer costs
O(log n) however many there are; where a handful would move very many, the model is reset and the view keeps its
selection by the pictures themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from gui import words
from gui.predict.many.order import KEYS, Filter, Order
from gui.predict.many.picture import Group, Kept, Picture, State

if TYPE_CHECKING:
    from engine.errors import ImageError

PICTURE = Qt.ItemDataRole.UserRole + 1

MOVES = 64
"""With more pictures to move at once a reset is quicker than moving each."""

_Index = QModelIndex | QPersistentModelIndex


class GridModel(QAbstractListModel):
    """Signals:
    counted: The numbers in `counts`, or of the corrected, have changed.
    rearranged: The model was reset, but holds the same pictures; a view may take its selection up again.
    """

    counted = Signal()
    rearranged = Signal()

    def __init__(self, sure_above: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sure_above = sure_above
        self.pictures: list[Picture] = []
        self.shown: list[Picture] = []
        self.counts: Counter[Group] = Counter()
        self.corrected = 0
        self.order = Order.NAME
        self.filter = Filter()
        self._key = KEYS[self.order]
        self._keys: list[Any] = []
        self._by_row: dict[int, Picture] = {}

    # What the view asks

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.shown):
            return None
        picture = self.shown[index.row()]
        if role == PICTURE:
            return picture
        if role == Qt.ItemDataRole.DisplayRole:
            return picture.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return said(picture)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return picture.path
        return None

    def at(self, index: _Index) -> Picture | None:
        return self.shown[index.row()] if 0 <= index.row() < len(self.shown) else None

    def place(self, picture: Picture) -> int:
        """The row where it is shown; -1 if it is not."""
        place = bisect_left(self._keys, self._key(picture))
        return place if place < len(self.shown) and self.shown[place] is picture else -1

    def of_row(self, row: int) -> Picture | None:
        """The picture whose answer stands in this row of the history."""
        return self._by_row.get(row)

    # What happens to the pictures

    def add(self, pictures: Sequence[Picture]) -> None:
        """New ones, waiting."""
        for picture in pictures:
            picture.number = len(self.pictures)
            self.pictures.append(picture)
        self.counts[State.WAITING] += len(pictures)
        wanted = sorted(self._wanted(pictures), key=self._key)
        keys = [self._key(picture) for picture in wanted]
        if wanted and (not self._keys or keys[0] > self._keys[-1]):
            start = len(self.shown)
            self.beginInsertRows(QModelIndex(), start, start + len(wanted) - 1)
            self.shown += wanted
            self._keys += keys
            self.endInsertRows()
        elif len(wanted) > MOVES:
            self.arrange()
        else:
            for picture in wanted:
                self._insert(picture)
        self.counted.emit()

    def answer(self, results: Iterable[tuple[Picture, Kept | ImageError]]) -> None:
        """Outcomes have come."""
        self._change([(picture, _taking(picture, result, self.sure_above)) for picture, result in results])

    def correct(self, pictures: Iterable[Picture], label: str | None) -> None:
        """A person says what these are; None takes that back. Those that have gone meanwhile are not brought back."""
        here = []
        for picture in pictures:
            if picture.row is not None and self._by_row.get(picture.row) is not picture:
                picture.correction = label
            else:
                here.append((picture, _correcting(picture, label)))
        self._change(here)

    def forget_rows(self, rows: Iterable[int]) -> None:
        """The history has these no longer: the photos stay, but nothing more can be said of them."""
        gone = [picture for row in rows if (picture := self._by_row.pop(row, None)) is not None]
        self._change([(picture, picture.forget_row) for picture in gone])

    def judge(self, sure_above: float) -> None:
        """Answers count as sure from this confidence on."""
        self.sure_above = sure_above
        for picture in self.pictures:
            picture.judge(sure_above)
        self.counts = Counter(picture.group for picture in self.pictures)
        self.arrange()
        self.counted.emit()

    def repath(self, moved: Mapping[str, str]) -> None:
        """Files stand elsewhere now; those that are not named are back in their first place."""
        for picture in self.pictures:
            picture.path = moved.get(picture.found_at, picture.found_at)
        if self.shown:
            self.dataChanged.emit(self.index(0), self.index(len(self.shown) - 1))

    def clear(self) -> None:
        self.beginResetModel()
        self.pictures, self.shown, self._keys = [], [], []
        self.counts, self.corrected, self._by_row = Counter(), 0, {}
        self.filter = Filter()
        self.endResetModel()
        self.counted.emit()

    # What the person wants to see

    def choose(self, *, order: Order | None = None, filter: Filter | None = None) -> None:
        """Sort and filter otherwise."""
        if order in (None, self.order) and filter in (None, self.filter):
            return
        self.order, self.filter = order or self.order, filter or self.filter
        self._key = KEYS[self.order]
        self.arrange()

    def arrange(self) -> None:
        """Everything anew."""
        self.beginResetModel()
        # Each key is made once: with 10,000 pictures that is what keeps the pause below two frames.
        wanted = self._wanted(self.pictures)
        keys = list(map(self._key, wanted))
        order = sorted(range(len(keys)), key=keys.__getitem__)
        self.shown = [wanted[place] for place in order]
        self._keys = [keys[place] for place in order]
        self.endResetModel()
        self.rearranged.emit()

    def _wanted(self, pictures: Sequence[Picture]) -> Sequence[Picture]:
        return pictures if self.filter.all else list(filter(self.filter.wants, pictures))

    def _change(self, changes: Sequence[tuple[Picture, Callable[[], None]]]) -> None:
        """Do each change and put its picture where it then belongs."""
        in_place: list[int] = []
        moving: list[tuple[Picture, int, bool]] = []
        for picture, change in changes:
            before, place = self._key(picture), self.place(picture)
            self._recount(picture, change)
            wanted = self.filter.wants(picture)
            if place >= 0 and wanted and self._key(picture) == before:
                in_place.append(place)
            elif place >= 0 or wanted:
                moving.append((picture, place, wanted))
        if len(moving) > MOVES:
            self.arrange()
        else:
            self._move(moving)
            if in_place and not moving:
                self.dataChanged.emit(self.index(min(in_place)), self.index(max(in_place)))
            elif in_place:
                self.dataChanged.emit(self.index(0), self.index(len(self.shown) - 1))
        if changes:
            self.counted.emit()

    def _move(self, moving: Sequence[tuple[Picture, int, bool]]) -> None:
        for place in sorted((place for _, place, _ in moving if place >= 0), reverse=True):
            self.beginRemoveRows(QModelIndex(), place, place)
            del self.shown[place], self._keys[place]
            self.endRemoveRows()
        for picture, _, wanted in moving:
            if wanted:
                self._insert(picture)

    def _insert(self, picture: Picture) -> None:
        key = self._key(picture)
        place = bisect_left(self._keys, key)
        self.beginInsertRows(QModelIndex(), place, place)
        self.shown.insert(place, picture)
        self._keys.insert(place, key)
        self.endInsertRows()

    def _recount(self, picture: Picture, change: Callable[[], None]) -> None:
        self.counts[picture.group] -= 1
        self.corrected -= picture.correction is not None
        change()
        self.counts[picture.group] += 1
        self.corrected += picture.correction is not None
        if picture.row is not None:
            self._by_row[picture.row] = picture


def said(picture: Picture) -> str:
    """A picture and its answer in words."""
    name = picture.name
    if picture.correction is not None:
        return f"{name}: {picture.correction}, corrected by you"
    if picture.error is not None:
        return f"{name}: {picture.error}"
    if picture.kept is None:
        return f"{name}: not looked at yet"
    share = words.percent(picture.kept.confidence)
    if picture.state is State.UNKNOWN:
        return f"{name}: unknown, unlike anything this model was shown (nearest: {picture.kept.predicted_class})"
    if picture.state is State.UNSURE:
        return f"{name}: not sure, perhaps {picture.kept.predicted_class}, {share}"
    return f"{name}: {picture.kept.predicted_class}, {share}"


def _taking(picture: Picture, result: Kept | ImageError, sure_above: float) -> Callable[[], None]:
    return lambda: picture.take(result, sure_above)


def _correcting(picture: Picture, label: str | None) -> Callable[[], None]:
    def correct() -> None:
        picture.correction = label

    return correct

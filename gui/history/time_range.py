"""A span of time: today, the last days, or from one day to another, in the person's own time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QLabel, QWidget

Span = tuple[str, datetime | None, datetime | None]


class TimeRange(QWidget):
    """Two days to choose, both within the span.

    Signals:
        changed: Another span was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.last = self._field("First day"), self._field("Last day")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for words, field in (("From", self.first), ("to", self.last)):
            label = QLabel(words)
            label.setProperty("role", "secondary")
            row.addWidget(label)
            row.addWidget(field)
        self.first.dateChanged.connect(self._on_first)
        self.last.dateChanged.connect(self._on_last)

    def range(self) -> tuple[datetime, datetime]:
        """From the beginning of the first day to the end of the last."""
        first, last = (_day(field.date()) for field in (self.first, self.last))
        return midnight(first), midnight(last + timedelta(days=1))

    def show_range(self, since: datetime | None, until: datetime | None) -> None:
        """Have the fields show a span; what it leaves open is today."""
        if since is None and until is None:
            self.hide()
        today = date.today()
        first = since.astimezone().date() if since else today
        last = (until.astimezone() - timedelta(microseconds=1)).date() if until else today
        for field, day in ((self.first, first), (self.last, last)):
            field.blockSignals(True)
            field.setDate(QDate(day.year, day.month, day.day))
            field.blockSignals(False)

    @staticmethod
    def spans() -> list[Span]:
        """What is chosen most, in words."""
        today = date.today()
        return [
            ("Any time", None, None),
            ("Today", midnight(today), None),
            ("Yesterday", midnight(today - timedelta(days=1)), midnight(today)),
            ("Last 7 days", midnight(today - timedelta(days=6)), None),
            ("Last 30 days", midnight(today - timedelta(days=29)), None),
            ("This year", midnight(today.replace(month=1, day=1)), None),
        ]

    @classmethod
    def said(cls, since: datetime | None, until: datetime | None) -> str | None:
        """The span in words; None for any time."""
        if since is None and until is None:
            return None
        for words, begin, end in cls.spans():
            if (begin, end) == (since, until):
                return words
        first = _short(since) if since else "the beginning"
        last = _short(until - timedelta(microseconds=1)) if until else "today"
        return first if first == last else f"{first} to {last}"

    def _field(self, name: str) -> QDateEdit:
        field = QDateEdit()
        field.setCalendarPopup(True)
        field.setDisplayFormat("d MMM yyyy")
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.setDate(QDate.currentDate())
        return field

    def _on_first(self, day: QDate) -> None:
        if self.last.date() < day:
            self.last.setDate(day)
        else:
            self.changed.emit()

    def _on_last(self, day: QDate) -> None:
        if self.first.date() > day:
            self.first.setDate(day)
        else:
            self.changed.emit()


def midnight(day: date) -> datetime:
    """When a day begins here; the clock may change in its course."""
    return datetime.combine(day, time()).astimezone()


def _day(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())


def _short(at: datetime) -> str:
    here = at.astimezone()
    return f"{here.day} {here:%b} {here.year}"

"""Numbers and times the way people read them."""

from __future__ import annotations

import re
from datetime import datetime

from engine import shares
from engine.errors import WhiskerError

# A no-break space keeps "99 %" on one line.
_SPACE = "\u00a0"


def percent(share: float) -> str:
    """`share` 0 to 1 as "97 %", never broken between two lines."""
    return shares.percent(share).replace(" ", _SPACE)


def count(number: int, one: str, many: str) -> str:
    """ "1 photo", "1,204 photos"."""
    return f"{number:,}{_SPACE}{one if number == 1 else many}"


def headline(class_name: str) -> str:
    """A class name as a headline: "golden retriever" -> "Golden retriever"."""
    return class_name[:1].upper() + class_name[1:]


def milliseconds(elapsed: float) -> str:
    if elapsed >= 1000:
        return f"{elapsed / 1000:.1f}{_SPACE}s"
    return f"{max(1, round(elapsed))}{_SPACE}ms"


def when(at: datetime, now: datetime) -> str:
    """ "just now", "5 min ago", "14:02", "yesterday", "3 Mar", "3 Mar 2025"; both times with a zone."""
    at, now = at.astimezone(), now.astimezone()
    seconds = (now - at).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)}{_SPACE}min ago"
    days = (now.date() - at.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if days == 1:
        return "yesterday"
    day = f"{at.day}{_SPACE}{at:%b}"
    return day if at.year == now.year else f"{day} {at.year}"


def duration(seconds: float) -> str:
    """Time left: "a moment", "40 s", "3 min", "2 h 5 min"."""
    if seconds < 5:
        return "a moment"
    if (fives := round(seconds / 5) * 5) < 60:
        return f"{fives}{_SPACE}s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes}{_SPACE}min"
    return f"{minutes // 60}{_SPACE}h {minutes % 60}{_SPACE}min"


def sentence(error: WhiskerError) -> str:
    return f"{error.message} {error.hint}".strip()


def breakable(text: str) -> str:
    """`text` for a narrow label: a long name of a file may go on in the next line, at its own dashes and dots."""
    return re.sub(r"\S{21,}", lambda word: re.sub(r"([_\-./]|[^\W_]{20}(?=\w))", "\\1\u200b", word[0]), text)

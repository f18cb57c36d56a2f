"""Ways from one page to another: a page asks, the window takes the person there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Ways(QObject):
    """Signals:
    page_asked: The key of a page to be shown.
    back_asked: Back to the page of the rail that was in front before.
    answer_asked: A `Row` of the history to be shown in Predict.
    version_asked: NAME@VERSION of a model to be shown in Models.
    tour_asked: The cards of the first start, again.
    compare_asked: NAME@VERSION of a model to be compared with the active one in Models, before it answers.
    """

    page_asked = Signal(str)
    back_asked = Signal()
    answer_asked = Signal(object)
    version_asked = Signal(str)
    compare_asked = Signal(str)
    tour_asked = Signal()

"""States of Preferences, Help, the tour and the panel for faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from make_screenshots import State, Studio


def _preferences(studio: Studio) -> None:
    studio.window.show_page("preferences")
    studio.settle()


def _preferences_changed(studio: Studio) -> None:
    rows = studio.window.page("preferences").rows
    studio.whisker.settings.set("show_heat_map", True)
    rows["sure_above"].control.chosen.emit(0.9)
    rows["history_days"].control.field.setText("forever")
    rows["history_days"].control.field.editingFinished.emit()
    studio.window.page("preferences").area.verticalScrollBar().setValue(10_000)


def _preferences_search(studio: Studio) -> None:
    studio.window.page("preferences").search.setText("history")


def _preferences_nothing(studio: Studio) -> None:
    studio.window.page("preferences").search.setText("zebra")


POSES: dict[str, State] = {
    "preferences": _preferences,
    "preferences-changed": _preferences_changed,
    "preferences-search": _preferences_search,
    "preferences-nothing": _preferences_nothing,
}
"""In this order: each begins where the one before it ends."""

"""States of Preferences, Help, the tour and the panel for faults."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gui.tour import Tour

if TYPE_CHECKING:
    from studio import State, Studio


def _preferences(studio: Studio) -> None:
    studio.window.show_page("preferences")
    studio.settle()


def _preferences_changed(studio: Studio) -> None:
    rows = studio.window.page("preferences").rows
    studio.whisker.settings.set("show_heat_map", True)
    rows["sure_above"].control.chosen.emit(0.9)
    rows["history_days"].control.field.setText("forever")
    rows["history_days"].control.field.editingFinished.emit()
    rows["history_megabytes"].control.chosen.emit(100)
    studio.settle()
    studio.window.page("preferences").area.ensureWidgetVisible(rows["history_megabytes"], 0, 120)


def _preferences_search(studio: Studio) -> None:
    studio.window.page("preferences").search.setText("history")


def _preferences_nothing(studio: Studio) -> None:
    studio.window.page("preferences").search.setText("zebra")


def _trouble(studio: Studio) -> None:
    from gui.app import redactor
    from gui.faults import Faults

    studio.window.page("preferences").search.clear()
    studio.window.show_page("predict")
    with ExitStack() as shutdown:
        Faults(studio.window, lambda: studio.window.trouble, lambda: redactor(studio.whisker)).catch(shutdown)
        for _ in range(3):
            try:
                raise ValueError("a fault, to see how it looks")
            except ValueError as error:
                sys.excepthook(ValueError, error, error.__traceback__)
        studio.wait(lambda: "3 times" in studio.window.trouble.text.text())


def _trouble_report(studio: Studio) -> None:
    studio.window.trouble.details.click()


def _help_manual(studio: Studio) -> None:
    studio.window.trouble.put_away()
    studio.window.show_page("help")
    studio.settle()
    studio.window.page("help").manual.open("guide/predict.md")


def _help_api(studio: Studio) -> None:
    studio.window.page("help").manual.open("api.md", "all-calls")


def _help_link(studio: Studio) -> None:
    manual = studio.window.page("help").manual
    manual.search.setText("token")
    manual.reader.followed.emit("https://example.org/a/page")


def _help_shortcuts(studio: Studio) -> None:
    studio.window.page("help").manual.search.clear()
    studio.window.page("help").show_view("shortcuts")


def _help_diagnosis(studio: Studio) -> None:
    page = studio.window.page("help")
    page.show_view("diagnosis")
    studio.settle()
    page.diagnosis.self_test.start.click()
    studio.wait(lambda: not page.diagnosis.self_test.running)


def _help_about(studio: Studio) -> None:
    studio.window.page("help").show_view("about")


def _tour(studio: Studio) -> None:
    studio.window.show_keys()
    studio.window.page("help").about.tour.click()
    studio.settle()


def _tour_teach(studio: Studio) -> None:
    studio.window.findChild(Tour).next.click()


def _tour_last(studio: Studio) -> None:
    studio.window.findChild(Tour).next.click()


def _help_sheet(studio: Studio) -> None:
    studio.window.show_keys()


POSES: dict[str, State] = {
    "preferences": _preferences,
    "preferences-changed": _preferences_changed,
    "preferences-search": _preferences_search,
    "preferences-nothing": _preferences_nothing,
    "trouble": _trouble,
    "trouble-report": _trouble_report,
    "help-manual": _help_manual,
    "help-api": _help_api,
    "help-search": _help_link,
    "help-shortcuts": _help_shortcuts,
    "help-diagnosis": _help_diagnosis,
    "help-about": _help_about,
    "help-sheet": _help_sheet,
    "tour-drop": _tour,
    "tour-teach": _tour_teach,
    "tour-last": _tour_last,
}
"""In this order: each begins where the one before it ends."""

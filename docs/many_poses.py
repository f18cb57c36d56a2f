"""States of the Predict page with a folder of photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.predict.many.picture import State as PictureState
from gui.predict.many.run import Phase

if TYPE_CHECKING:
    from studio import State, Studio


def _many(studio: Studio) -> None:
    studio.desk.model.changed.emit()
    studio.page.open([studio.many])
    studio.wait(lambda: studio.page.stack.currentWidget() is studio.page.many and not studio.desk.jobs.running)


def _many_streaming(studio: Studio) -> None:
    """As it is while answers come: some have theirs, the others wait."""
    _many(studio)
    many = studio.page.many
    many.run.phase, many.run.done = Phase.ANSWERING, 9
    many.run.moved.emit()
    studio.desk.jobs.begin("predict", "Classifying 28 photos", many.run.cancel).progress(9, 28)
    for picture in many.model.pictures[9:]:
        picture.kept, picture.error, picture.state = None, None, PictureState.WAITING
    many.model.counts.clear()
    many.model.counts.update(picture.group for picture in many.model.pictures)
    many.model.arrange()


def _many_done(studio: Studio) -> None:
    studio.page.many.stop()
    studio.desk.jobs.running[0].end()
    _many(studio)


def _many_filtered(studio: Studio) -> None:
    studio.page.many.chips.states[PictureState.UNKNOWN].click()


def _many_failed(studio: Studio) -> None:
    studio.page.many.chips.states[PictureState.FAILED].click()


def _many_beside(studio: Studio) -> None:
    many = studio.page.many
    many.chips.all.click()
    many.grid.setFocus()
    QTest.keyClick(many.grid, Qt.Key.Key_Right)
    studio.wait(lambda: many.beside.single.answer is not None)


def _many_corrected(studio: Studio) -> None:
    many = studio.page.many
    QTest.keyClick(many.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(many.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(many.grid, Qt.Key.Key_2)


def _many_zoomed(studio: Studio) -> None:
    studio.toast.hide()
    QTest.keyClick(studio.page.many.grid, Qt.Key.Key_Space)


def _many_sorting(studio: Studio) -> None:
    many = studio.page.many
    many.zoom(False)
    many.grid.clearSelection()
    many.toolbar.sort.click()
    many.sorting.destination.setText("~/Pictures/Sorted")
    studio.wait(many.sorting.apply.isEnabled)


def _many_nothing(studio: Studio) -> None:
    many = studio.page.many
    many.sorting.close_button.click()
    many.toolbar.search.setText("zebra")


POSES: dict[str, State] = {
    "many-streaming": _many_streaming,
    "many": _many_done,
    "many-filtered": _many_filtered,
    "many-failed": _many_failed,
    "many-beside": _many_beside,
    "many-corrected": _many_corrected,
    "many-zoomed": _many_zoomed,
    "many-sorting": _many_sorting,
    "many-nothing": _many_nothing,
}

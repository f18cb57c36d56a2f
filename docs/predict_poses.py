"""States of the Predict page with one photo, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import ModelBroken
from gui.intake import Intake

if TYPE_CHECKING:
    from studio import State, Studio


def _empty(studio: Studio) -> None:
    studio.page.go_home()


def _single(studio: Studio) -> None:
    studio.page.single.panel.why.setChecked(False)
    studio.show(studio.samples[0])


def _heat(studio: Studio) -> None:
    studio.show(studio.samples[0])
    studio.page.single.panel.why.setChecked(True)


def _unknown(studio: Studio) -> None:
    studio.page.single.panel.why.setChecked(False)
    studio.show(studio.samples[1])


def _corrected(studio: Studio) -> None:
    studio.show(studio.samples[0])
    studio.page.single.correct("dog")


def _loading(studio: Studio) -> None:
    studio.toast.undo.click()
    studio.settle()
    studio.toast.hide()
    studio.page.single.panel.show_loading()
    studio.page.single.photo.show_loading()


def _unreadable(studio: Studio) -> None:
    studio.show(studio.samples[0])
    studio.page.open([studio.broken])
    studio.wait(studio.page.message.isVisible)


def _internet(studio: Studio) -> None:
    studio.page.go_home()
    studio.page.take(Intake(remote=["https://pictures.example/cat.jpg"]))


def _drop(studio: Studio) -> None:
    studio.page.message.clear()
    studio.window.drops.highlight.cover(studio.window)


def _keys(studio: Studio) -> None:
    studio.window.drops.highlight.hide()
    studio.window.show_keys()


def _everyday(studio: Studio) -> None:
    studio.window.show_keys()
    studio.use("everyday")
    studio.show(studio.samples[1])


def _unsure(studio: Studio) -> None:
    # A tabby for the thousand classes of everyday things: which breed, it cannot tell.
    studio.show(studio.samples[0])


def _picker(studio: Studio) -> None:
    studio.page.single.ask_class()
    studio.page.single.picker.search.setText("cat")


def _no_model(studio: Studio) -> None:
    studio.page.single.picker.leave()
    studio.use("cats-dogs")
    model = studio.desk.model
    model.card, before = None, model.card
    model.error = ModelBroken("The model cats-dogs was altered after it was made.", "Import or train it again.")
    model.changed.emit()
    model.card, model.error = before, None


POSES: dict[str, State] = {
    "empty": _empty,
    "photo": _single,
    "why": _heat,
    "unknown": _unknown,
    "corrected": _corrected,
    "loading": _loading,
    "unreadable": _unreadable,
    "internet": _internet,
    "drop": _drop,
    "shortcuts": _keys,
    "everyday": _everyday,
    "unsure": _unsure,
    "choose": _picker,
    "no-model": _no_model,
}

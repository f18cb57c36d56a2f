"""States of the Models page."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.card import Card

if TYPE_CHECKING:
    from studio import State, Studio


def _models(studio: Studio) -> None:
    studio.window.page("review").picker.leave()
    studio.use("cats-dogs")
    _keep_copies(studio)
    studio.window.show_page("models")
    studio.wait(lambda: len(studio.window.page("models").cards) == 3)


def _models_details(studio: Studio) -> None:
    studio.window.page("models").row("cats-dogs@1").details.click()


def _models_compare(studio: Studio) -> None:
    page = studio.window.page("models")
    page.row("cats-dogs@1").details.click()
    page.row("everyday@1").use.click()


def _models_trouble(studio: Studio) -> None:
    page = studio.window.page("models")
    page.show_all()
    (studio.whisker.shelf.find("my-pets@1").folder / "card.json").write_text("{", encoding="utf-8")
    page.read()
    page.import_models([studio.broken])


def _keep_copies(studio: Studio) -> None:
    """Two versions of a model on the shelf: the built-in one under another name, with scores of fewer photos."""
    shelf = studio.whisker.shelf
    folder = shelf.find("cats-dogs").folder
    for right, (low, high) in ((44, (0.7709, 0.9413)), (118, (0.9418, 0.9954))):
        staged = shelf.stage()
        shutil.copytree(folder, staged, dirs_exist_ok=True)
        card = Card.read(staged)
        images = right + 2 + 4 * (right < 100)
        scores = {
            **(card.metrics or {}),
            "images": images,
            "accuracy": right / images,
            "accuracy_interval": [low, high],
        }
        training = {**card.training, "images": 4 * images, "per_class": {}, "description": "My own photos"}
        replace(card, title="My pets", metrics=scores, training=training).write(staged)
        shelf.publish(staged, "my-pets")


POSES: dict[str, State] = {
    "models-all": _models,
    "models-details": _models_details,
    "models-compare": _models_compare,
    "models-trouble": _models_trouble,
}

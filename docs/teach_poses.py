"""How the Teach page is posed for its screenshots: a real list, a real check, and a real quick training."""

from __future__ import annotations

from typing import Any

import psutil

LONG_S = 600
"""A training beside other work on a small machine."""
SEEN_EPOCHS = 3
"""So many of them give a curve."""
held: list[psutil.Process] = []
"""The processes of the training that is photographed."""


def empty(studio: Any) -> None:
    studio.window.show_page("teach")


def images(studio: Any) -> None:
    page = _page(studio)
    page.images.empty.sample.click()
    studio.wait(lambda: page.lesson.rows and not page.checkup.busy, LONG_S)


def recipe(studio: Any) -> None:
    _page(studio).next.click()


def expert(studio: Any) -> None:
    _page(studio).recipe.fold.click()


def training(studio: Any) -> None:
    page = _page(studio)
    page.recipe.fold.click()
    # It is held still while it is photographed: on a quick machine it would be over before.
    page.teaching.happened.connect(_hold_still)
    page.next.click()
    studio.wait(lambda: held or not page.teaching.running, LONG_S)
    page.show_step(2)


def _hold_still(event: object) -> None:
    from engine.training.events import Epoch

    if isinstance(event, Epoch) and event.number >= SEEN_EPOCHS and not held:
        held.extend(child for child in psutil.Process().children(recursive=True) if _learns(child))
        for child in held:
            child.suspend()


def _learns(child: psutil.Process) -> bool:
    try:
        return any("spawn_main" in word for word in child.cmdline())
    except psutil.Error:
        return False


def result(studio: Any) -> None:
    page = _page(studio)
    page.teaching.happened.disconnect(_hold_still)
    while held:
        held.pop().resume()
    studio.wait(lambda: page.result.outcome is not None or not page.teaching.running, LONG_S)
    # It was over before it could be held still: then the page stands where it was photographed.
    page.show_step(3)
    studio.wait(page.result.isVisible)


def confusion(studio: Any) -> None:
    views = _page(studio).result.views
    views.show_view(1)
    views.confusion.choose(0, 0)
    photos = views.cell.grid
    studio.wait(lambda: all(photos._thumbs.get(shot.path) for shot in photos.photos.shots[:2]))


def classes(studio: Any) -> None:
    _page(studio).result.views.show_view(2)


def sureness(studio: Any) -> None:
    _page(studio).result.views.show_view(3)


def failed(studio: Any) -> None:
    from engine.training.events import Failed

    page = _page(studio)
    page.show_step(2)
    log = "Whisker/logs/training-20261123.log"
    hint = "The log says more; starting again takes it up where it was."
    page.training._on_event(Failed("training_died", "Training ended unexpectedly (exit status 1).", hint, log))


POSES = {
    "teach-empty": empty,
    "teach-images": images,
    "teach-recipe": recipe,
    "teach-expert": expert,
    "teach-training": training,
    "teach-result": result,
    "teach-confusion": confusion,
    "teach-classes": classes,
    "teach-sureness": sureness,
    "teach-failed": failed,
}


def _page(studio: Any) -> Any:
    return studio.window.page("teach")

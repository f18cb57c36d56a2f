"""Photograph the real window in every state, at two sizes, light and dark, into docs/screenshots/.

    python docs/make_screenshots.py [--only STATE] [--into FOLDER]
    python docs/make_screenshots.py --manual            those that the manual shows, into docs/images/

The window runs on a throw-away home with the built-in models and the sample photos. Every picture is of the real
thing: real answers, real heat maps, real messages. Works offscreen and on a display.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "docs")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")

import help_poses  # noqa: E402
import history_poses  # noqa: E402
import monitor_poses  # noqa: E402
import server_poses  # noqa: E402
import teach_poses  # noqa: E402
from PIL import Image, ImageEnhance  # noqa: E402
from PySide6.QtCore import QEvent, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from engine import images, paths  # noqa: E402
from engine.card import Card  # noqa: E402
from engine.errors import ModelBroken  # noqa: E402
from engine.whisker import Whisker  # noqa: E402
from gui.app import build  # noqa: E402
from gui.intake import Intake  # noqa: E402
from gui.predict.empty_view import find_samples  # noqa: E402
from gui.predict.many.picture import State as PictureState  # noqa: E402
from gui.predict.many.run import Phase  # noqa: E402
from gui.problems import Toast  # noqa: E402

SIZES = ((1280, 800), (1920, 1080))
LONGEST_WAIT_S = 30
OTHER_PAGES = (
    "review-",
    "models-",
    "teach-",
    "server-",
    "preferences",
    "help-",
    "tour-",
    "trouble",
    "monitor-",
    "history-",
)
"""States whose name says which page they are of; all others are of Predict."""
IN_THE_README = "why"
"""This state at the smaller size is also saved as predict-light.png and predict-dark.png, which are committed."""
IN_THE_MANUAL = (
    "why",
    "unknown",
    "many-beside",
    "many-failed",
    "many-sorting",
    "review-photo",
    "models-all",
    "models-details",
    "models-compare",
    "teach-images",
    "teach-recipe",
    "teach-training",
    "teach-confusion",
    "server-busy",
    "server-network",
    "preferences",
    "monitor-live",
    "history-answers",
    "history-runs",
)
"""Committed in docs/images, in light and at MANUAL_SIZE: PNG of 256 colours, which Qt reads without a plugin."""
MANUAL_SIZE = (1280, 800)


class Studio:
    """A window on a throw-away home, and the photos to show in it."""

    def __init__(self, home: Path) -> None:
        self.whisker = Whisker(paths.Home(home))
        app = QApplication.instance() or QApplication(["whisker"])
        assert isinstance(app, QApplication)
        self.window, self.desk = build(app, self.whisker, server_poses.AtHome)
        self.window.painted.connect(self.desk.model.load)
        self.samples = find_samples()
        self.photos = home / "Photos"
        self.many = home / "Holiday"
        self.broken = self.photos / "IMG_2047.jpg"
        self._make_photos()

    @property
    def page(self):  # type: ignore[no-untyped-def]
        return self.window.page("predict")

    @property
    def toast(self) -> Toast:
        return self.window.findChild(Toast)

    def wait(self, fact: Callable[[], object], longest: float = LONGEST_WAIT_S) -> None:
        """Until `fact()` holds and what it started has come to rest."""
        end = time.monotonic() + longest
        while not fact() or self.desk.tasks.busy:
            if time.monotonic() > end:
                raise SystemExit(f"waited in vain for {fact}")
            QTest.qWait(10)
        QTest.qWait(250)

    def settle(self) -> None:
        self.wait(lambda: True)

    def show(self, path: Path) -> None:
        self.page.open([path])
        self.wait(lambda: self.page.single.answer is not None and self.page.single.answer.name == path.name)

    def close(self) -> None:
        self.desk.news.close()
        self.desk.tasks.close()
        self.desk.server.close()
        self.window.end()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self.whisker.close()

    def _make_photos(self) -> None:
        """More photos out of the samples: crops, turned, darker; one that is cut off."""
        self.photos.mkdir(parents=True)
        self.many.mkdir()
        for at, sample in enumerate(self.samples):
            photo = images.open_rgb(sample)
            width, height = photo.size
            for turn in range(9):
                left, top = (turn % 3) * width // 8, (turn // 3) * height // 8
                part = photo.crop((left, top, left + width * 3 // 4, top + height * 3 // 4))
                part = ImageEnhance.Brightness(part).enhance(0.7 + 0.08 * turn)
                part.save(self.many / f"IMG_{2000 + 10 * turn + at}.jpg", quality=90)
        whole = (self.many / "IMG_2000.jpg").read_bytes()
        self.broken.write_bytes(whole[: len(whole) // 2])
        (self.many / "IMG_2099.jpg").write_bytes(whole[: len(whole) // 2])


State = Callable[[Studio], None]


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
    _use(studio, "everyday")
    studio.show(studio.samples[1])


def _unsure(studio: Studio) -> None:
    # A tabby for the thousand classes of everyday things: which breed, it cannot tell.
    studio.show(studio.samples[0])


def _picker(studio: Studio) -> None:
    studio.page.single.ask_class()
    studio.page.single.picker.search.setText("cat")


def _no_model(studio: Studio) -> None:
    studio.page.single.picker.leave()
    _use(studio, "cats-dogs")
    model = studio.desk.model
    model.card, before = None, model.card
    model.error = ModelBroken("The model cats-dogs was altered after it was made.", "Import or train it again.")
    model.changed.emit()
    model.card, model.error = before, None


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


def _review_nothing(studio: Studio) -> None:
    studio.window.show_page("review")
    page = studio.window.page("review")
    studio.settle()
    while page.queue.now is not None:
        page.skip()
        studio.settle()
    page.begin()


def _review_photo(studio: Studio) -> None:
    _use(studio, "cats-dogs")
    studio.window.page("review").begin_folder([studio.many])
    studio.wait(lambda: studio.window.page("review").look.photo.has_photo)


def _review_done(studio: Studio) -> None:
    page = studio.window.page("review")
    while page.queue.now is not None:
        page.confirm()
        studio.settle()


def _review_choose(studio: Studio) -> None:
    _use(studio, "everyday")
    page = studio.window.page("review")
    page.begin_folder(list(studio.samples))
    studio.wait(lambda: page.look.photo.has_photo)
    page.choose_class()
    page.picker.search.setText("cat")


def _models(studio: Studio) -> None:
    studio.window.page("review").picker.leave()
    _use(studio, "cats-dogs")
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


def _use(studio: Studio, model: str) -> None:
    studio.desk.model.activate(model)
    studio.wait(lambda: studio.desk.model.card is not None and studio.desk.model.card.name == model)


STATES: dict[str, State] = {
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
    "many-streaming": _many_streaming,
    "many": _many_done,
    "many-filtered": _many_filtered,
    "many-failed": _many_failed,
    "many-beside": _many_beside,
    "many-corrected": _many_corrected,
    "many-zoomed": _many_zoomed,
    "many-sorting": _many_sorting,
    "many-nothing": _many_nothing,
    "review-nothing": _review_nothing,
    "review-photo": _review_photo,
    "review-done": _review_done,
    "review-choose": _review_choose,
    "models-all": _models,
    "models-details": _models_details,
    "models-compare": _models_compare,
    "models-trouble": _models_trouble,
    **server_poses.POSES,
    **teach_poses.POSES,
    **history_poses.POSES,
    **monitor_poses.POSES,
    **help_poses.POSES,
}
"""In this order: each begins where the one before it ends."""


@contextmanager
def studio() -> Iterator[Studio]:
    with tempfile.TemporaryDirectory() as home:
        # A training's own process looks for its lists below this home.
        os.environ["WHISKER_HOME"] = home
        opened = Studio(Path(home))
        try:
            opened.window.show()
            opened.wait(lambda: opened.desk.model.card is not None)
            for path in sorted(opened.many.iterdir())[:8]:
                if path.name != "IMG_2099.jpg":
                    opened.whisker.classify(path, origin="window")
            opened.settle()
            yield opened
        finally:
            opened.close()


def picture_name(state: str) -> str:
    """What a state's picture is called: its page, then the state."""
    return state if state.startswith(OTHER_PAGES) else f"predict-{state}"


def photograph_manual(only: str | None) -> None:
    """The pictures of the manual, into docs/images."""
    with studio() as opened:
        opened.desk.theme.choose("light")
        opened.window.resize(*MANUAL_SIZE)
        for name, pose in STATES.items():
            pose(opened)
            opened.settle()
            if name in IN_THE_MANUAL and only in (None, name):
                target = CHECKOUT / "docs" / "images" / f"{picture_name(name)}.png"
                opened.window.grab().save(str(target))
                with Image.open(target) as picture:
                    small = picture.convert("RGB").quantize(256)
                small.save(target, optimize=True)
                print(target.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=STATES, help="save this state alone")
    parser.add_argument("--into", type=Path, default=CHECKOUT / "docs" / "screenshots")
    parser.add_argument("--manual", action="store_true", help="renew docs/images, which the manual shows")
    wanted = parser.parse_args()
    if wanted.manual:
        photograph_manual(wanted.only)
        return
    wanted.into.mkdir(parents=True, exist_ok=True)
    for appearance in ("light", "dark"):
        for width, height in SIZES:
            with studio() as opened:
                opened.desk.theme.choose(appearance)
                opened.window.resize(width, height)
                for name, pose in STATES.items():
                    pose(opened)
                    opened.settle()
                    if wanted.only in (None, name):
                        target = wanted.into / f"{picture_name(name)}-{width}x{height}-{appearance}.png"
                        opened.window.grab().save(str(target))
                        print(target.name)
                        if name == IN_THE_README and (width, height) == SIZES[0]:
                            shutil.copy(target, wanted.into / f"predict-{appearance}.png")


if __name__ == "__main__":
    main()

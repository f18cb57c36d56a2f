"""The real window on a throw-away home, to be photographed: its photos, and waiting until it has come to rest."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import server_poses
from PIL import ImageEnhance
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine import images, paths
from engine.whisker import Whisker
from gui.app import build
from gui.predict.empty_view import find_samples
from gui.problems import Toast

LONGEST_WAIT_S = 30


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

    def use(self, model: str) -> None:
        """Let another model answer."""
        self.desk.model.activate(model)
        self.wait(lambda: self.desk.model.card is not None and self.desk.model.card.name == model)

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

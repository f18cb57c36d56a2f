"""The whole way once for real: folders dropped, a model trained by TensorFlow, used, and another answer than before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from gui.teach.page import RESULT, TeachPage
from tests.gui.conftest import Opened
from tests.gui.fruit import fruit_folders

pytestmark = pytest.mark.slow


@pytest.fixture
def fruit(tmp_path: Path) -> list[Path]:
    return fruit_folders(tmp_path / "fruit")


@pytest.fixture
def page(opened: Opened) -> Iterator[TeachPage]:
    opened.window.show_page("teach")
    page = opened.window.page("teach")
    assert isinstance(page, TeachPage)
    yield page
    opened.window.end()


def test_that_dropped_folders_become_a_model_that_answers(opened: Opened, page: TeachPage, fruit: list[Path]) -> None:
    question = fruit[0] / "3.png"
    before = opened.whisker.classify(question, origin="window")[1]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder)) for folder in fruit])
    assert opened.drop(mime)
    opened.wait(lambda: page.lesson.pictures == 32)
    opened.qtbot.waitUntil(lambda: page.next.isEnabled() and not page.checkup.busy, timeout=120_000)
    page.next.click()
    page.next.click()
    over = page.training.message.isVisible
    opened.qtbot.waitUntil(lambda: page.step == RESULT or over(), timeout=400_000)
    assert page.step == RESULT, page.training.message.text.text()
    assert "right on photos it never saw" in page.result.headline.text()
    page.result.use.click()
    opened.wait(lambda: opened.whisker.shelf.active.name == "fruit")
    opened.settle()
    after = opened.whisker.classify(question, origin="window")[1]
    assert (before.predicted_class, after.predicted_class) == ("cat", "apple")
    assert all(path.is_file() for folder in fruit for path in (folder / f"{at}.png" for at in range(16)))

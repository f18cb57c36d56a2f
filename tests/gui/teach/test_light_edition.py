from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from gui.teach.page import TeachPage
from tests.bundles import RED, solid
from tests.gui.conftest import Opened


def test_that_without_tensorflow_the_first_step_says_what_training_needs(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    opened.window.show_page("teach")
    page = opened.window.page("teach")
    assert isinstance(page, TeachPage)
    opened.wait(lambda: not page.available)
    empty = page.images.empty
    assert empty.isVisible()
    assert empty.title.text() == "Training needs the full edition"
    assert not empty.browse.isVisible()
    assert not empty.sample.isVisible()
    photo = solid(tmp_path / "a.png", RED)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo))])
    assert opened.drop(mime)
    opened.wait(lambda: opened.page.single.answer is not None)
    opened.settle()
    assert page.lesson.pictures == 0, "what is dropped is answered instead"

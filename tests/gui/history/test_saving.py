from __future__ import annotations

import json
from pathlib import Path

import pytest

from gui.problems import Toast
from tests.gui.history.conftest import Page


def test_that_what_is_shown_is_written_into_a_file(page: Page, tmp_path: Path) -> None:
    page.answers.bar.unknown.click()
    page.found()
    file = tmp_path / "history.jsonl"
    page.answers.export.write(file)
    page.opened.wait(lambda: not page.answers.export.saving.running)
    assert [json.loads(line)["name"] for line in file.read_text(encoding="utf-8").splitlines()] == ["grey thing.png"]
    assert page.opened.window.findChild(Toast).text.text() == "Saved 1\u00a0answer in history.jsonl"
    assert page.opened.desk.jobs.running == []


def test_that_an_export_can_be_stopped_and_leaves_nothing(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    reached, goes_on = threading.Event(), threading.Event()
    search = page.opened.whisker.history.search

    def slow(*args: object, **kwargs: object) -> object:
        reached.set()
        goes_on.wait(10)
        return search(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(page.opened.whisker.history, "search", slow)
    file = tmp_path / "history.csv"
    page.answers.export.write(file)
    assert reached.wait(10)
    assert page.answers.export.stop.isVisible()
    page.answers.export.stop.click()
    goes_on.set()
    page.opened.settle()
    assert not page.answers.export.stop.isVisible()
    assert [each.name for each in tmp_path.iterdir()] == ["photos"]


def test_that_a_file_that_cannot_be_written_is_named(page: Page, tmp_path: Path) -> None:
    page.answers.export.write(tmp_path / "not there" / "history.csv")
    page.opened.wait(page.answers.message.isVisible)
    assert "could not be written" in page.answers.message.text.text()

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from gui.predict.many.picture import Picture, State
from gui.predict.many.run import Phase
from tests.bundles import BLUE, solid
from tests.conftest import lock
from tests.gui.conftest import Opened
from tests.gui.predict.conftest import Held, drop, names


def test_that_cancel_stops_keeps_what_is_answered_and_continue_does_the_rest(
    opened: Opened, album: Path, held: Held
) -> None:
    drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.ANSWERING and many.progress.cancel.isVisible())
    assert opened.desk.jobs.running
    many.progress.cancel.click()
    opened.wait(lambda: many.run.phase is Phase.STOPPED)
    assert not opened.desk.jobs.running
    assert len(names(many)) == 8
    done = many.run.done
    assert many.model.counts[State.WAITING] == 8 - done
    assert many.progress.text.text() == f"Stopped at {done} of 8"
    held.go.set()
    many.progress.resume.click()
    opened.wait(lambda: many.run.phase is Phase.DONE)
    assert many.run.done == 8
    assert many.model.counts[State.WAITING] == 0
    assert opened.whisker.history.count() == 7


def test_that_pictures_dropped_while_others_are_answered_wait_their_turn(
    opened: Opened, album: Path, held: Held, tmp_path: Path
) -> None:
    drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.ANSWERING)
    drop(opened, solid(tmp_path / "late.png", BLUE))
    opened.wait(lambda: "late.png" in names(many))
    assert many.run.busy
    held.go.set()
    opened.wait(lambda: many.run.phase is Phase.DONE)
    assert many.model.counts["dog"] == 3


def test_that_a_folder_that_may_not_be_read_is_named_and_the_rest_still_answered(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solid(tmp_path / "photos" / "seen.png", BLUE)
    solid(tmp_path / "photos" / "also.png", BLUE)
    solid(tmp_path / "photos" / "private" / "hidden.png", BLUE)
    lock(monkeypatch, tmp_path / "photos" / "private")
    drop(opened, tmp_path / "photos")
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.DONE)
    assert sorted(names(many)) == ["also.png", "seen.png"]
    opened.wait(opened.page.message.isVisible)
    assert opened.page.message.text.text().startswith("private may not be read.")


def test_that_going_home_in_the_midst_of_it_leaves_nothing_running(opened: Opened, album: Path, held: Held) -> None:
    drop(opened, album)
    many = opened.page.many
    opened.wait(lambda: many.run.phase is Phase.ANSWERING)
    many.toolbar.back.click()
    assert opened.page.stack.currentWidget() is opened.page.empty
    opened.settle()
    assert not opened.desk.jobs.running
    assert not many.model.pictures


def test_that_pictures_are_let_go_of_without_the_garbage_collector(opened: Opened, album: Path) -> None:
    """It passes over what was set aside while it was there, and would never find them."""
    # What other tests left, and was set aside since.
    gc.unfreeze()
    gc.collect()
    gc.disable()
    try:
        drop(opened, album)
        opened.wait(lambda: opened.page.many.run.phase is Phase.DONE)
        opened.settle()
        assert _pictures(album)
        opened.page.go_home()
        opened.wait(lambda: not _pictures(album))
    finally:
        gc.enable()


def _pictures(album: Path) -> list[Picture]:
    """Of this test: a pool that was closed before its turn keeps hold of those of another for good."""
    gc.unfreeze()
    return [each for each in gc.get_objects() if type(each) is Picture and album in Path(each.path).parents]

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QPushButton

from gui.problems import Toast
from gui.tour import CARDS, Tour, offer
from tests.bundles import RED, solid
from tests.gui.conftest import Opened

CHECKOUT = Path(__file__).resolve().parents[2]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def no_history(home: Path) -> None:
    """From the start on, none can be opened."""
    (home / "whisker.db").mkdir(parents=True)


@pytest.fixture
def tour(opened: Opened) -> Tour:
    offer(opened.desk, opened.window, new_home=True, busy=False)
    shown = opened.window.findChild(Tour)
    assert isinstance(shown, Tour)
    return shown


def _gone(opened: Opened) -> bool:
    return opened.window.findChild(Tour) is None


def test_that_three_cards_are_turned_with_their_buttons_and_then_it_is_over(opened: Opened, tour: Tour) -> None:
    seen = []
    for _ in CARDS:
        seen.append(tour.title.text())
        last = tour
        opened.qtbot.mouseClick(tour.next, LEFT)
    assert seen == [title for _, title, _ in CARDS]
    assert last.next.text() == "Done"
    assert _gone(opened)
    assert opened.whisker.settings["tour"] == "seen"


def test_that_it_is_turned_and_skipped_by_keyboard_alone(opened: Opened, tour: Tour) -> None:
    assert tour.hasFocus()
    opened.qtbot.keyClick(tour, Qt.Key.Key_Right)
    assert tour.place.text() == "2 of 3"
    opened.qtbot.keyClick(tour, Qt.Key.Key_Left)
    opened.qtbot.keyClick(tour, Qt.Key.Key_Left)
    assert tour.place.text() == "1 of 3"
    opened.qtbot.keyClick(tour, Qt.Key.Key_Escape)
    assert _gone(opened)
    assert opened.whisker.settings["tour"] == "seen"
    assert opened.page.stack.isVisible()


def test_that_skip_puts_it_away_and_the_keyboard_goes_on_in_the_window(opened: Opened, tour: Tour) -> None:
    opened.qtbot.mouseClick(tour.skip, LEFT)
    assert _gone(opened)
    opened.wait(lambda: opened.window.focusWidget() is not None)


def test_that_it_covers_nothing(opened: Opened, tour: Tour) -> None:
    for size in ((960, 640), (1280, 800), (1920, 1080)):
        opened.window.resize(*size)
        opened.wait(lambda: tour.y() > opened.window.pages.geometry().bottom())
        opened.wait(lambda: tour.geometry().bottom() < opened.window.status.y())


def test_that_a_toast_and_a_card_can_both_be_read(opened: Opened) -> None:
    opened.desk.toast("The path is copied", None)
    toast = opened.window.findChild(Toast)
    assert isinstance(toast, Toast)
    offer(opened.desk, opened.window, new_home=True, busy=False)
    tour = opened.window.findChild(Tour)
    assert isinstance(tour, Tour)
    for size in ((960, 640), (1280, 800), (1920, 1080)):
        opened.window.resize(*size)
        opened.wait(lambda: tour.y() > opened.window.pages.geometry().bottom())
        opened.wait(lambda: tour.geometry().bottom() < opened.window.status.y())
        opened.wait(lambda: toast.isVisible() and not toast.geometry().intersects(tour.geometry()))
        assert toast.y() > opened.window.height() / 2
        opened.desk.toast("The path is copied once more", None)
        assert not toast.geometry().intersects(tour.geometry())
    below = toast.y()
    tour.put_away()
    opened.wait(lambda: toast.y() > below)
    assert toast.geometry().bottom() < opened.window.status.y()
    toast.hide()


def test_that_a_drop_is_taken_while_it_is_shown_and_the_answer_puts_it_away(
    opened: Opened, tour: Tour, tmp_path: Path
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(solid(tmp_path / "a.png", RED)))])
    assert opened.drop(mime, tour.geometry().center().toPointF())
    opened.wait(lambda: opened.page.single.answer is not None)
    opened.wait(lambda: _gone(opened))
    assert opened.whisker.settings["tour"] == "seen"
    opened.settle()


def test_that_once_seen_it_is_not_shown_again_but_help_has_it(opened: Opened, tour: Tour) -> None:
    tour.put_away()
    offer(opened.desk, opened.window, new_home=True, busy=False)
    assert _gone(opened)
    opened.window.show_page("help")
    page = opened.window.page("help")
    page.show_view("about")  # type: ignore[attr-defined]
    opened.settle()
    again = next(button for button in page.findChildren(QPushButton) if button.text() == "Show the tour again")
    opened.qtbot.mouseClick(again, LEFT)
    assert not _gone(opened)
    assert opened.window.pages.currentWidget() is opened.page


def test_that_asked_for_while_it_is_shown_it_begins_again(opened: Opened, tour: Tour) -> None:
    opened.qtbot.mouseClick(tour.next, LEFT)
    opened.window.show_tour()
    assert opened.window.findChildren(Tour) == [tour]
    assert tour.place.text() == "1 of 3"


def test_that_an_older_home_is_not_bothered(opened: Opened) -> None:
    offer(opened.desk, opened.window, new_home=False, busy=False)
    assert _gone(opened)
    assert opened.whisker.settings["tour"] == "unknown"


def test_that_with_files_brought_along_it_waits_for_the_next_start(opened: Opened) -> None:
    offer(opened.desk, opened.window, new_home=True, busy=True)
    assert _gone(opened)
    offer(opened.desk, opened.window, new_home=False, busy=False)
    assert not _gone(opened)


def test_that_a_home_that_cannot_be_written_lets_it_be_put_away(
    opened: Opened, tour: Tour, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.settings.write_atomically", full)
    opened.qtbot.mouseClick(tour.skip, LEFT)
    assert _gone(opened)


def test_that_the_first_answer_puts_it_away_in_a_home_that_could_not_be_written_from_the_start(
    no_history: None, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("engine.settings.write_atomically", read_only)
    (said,) = opened.whisker.tidy()
    assert "not remembered" in said
    offer(opened.desk, opened.window, new_home=True, busy=False)
    assert not _gone(opened)
    opened.show(solid(tmp_path / "a.png", RED))
    opened.wait(lambda: _gone(opened))
    # Nobody asked for a setting to be kept.
    assert not any("settings" in toast.accessibleName() for toast in opened.window.findChildren(Toast))


def test_that_a_screen_reader_is_told_each_card_whole(tour: Tour) -> None:
    assert tour.accessibleName() == f"Tour, 1 of 3. {CARDS[0][1]}. {CARDS[0][2]}"
    for button in (tour.skip, tour.back, tour.next):
        assert button.accessibleName()
        assert button.toolTip()


@pytest.mark.slow
def test_that_a_real_first_start_shows_it_and_the_second_does_not(home: Path, shelf: Path) -> None:
    program = (
        "from pathlib import Path\nfrom PySide6.QtCore import QTimer\nfrom PySide6.QtWidgets import QApplication\n"
        "from engine.whisker import Whisker\nfrom engine.paths import Home\nfrom gui import app, main_window\n"
        f"whisker = Whisker(Home(Path({str(home)!r})), Path({str(shelf)!r}))\n"
        "say = main_window.MainWindow._on_painted\n"
        "def look(window):\n"
        "    from gui.tour import Tour\n"
        "    tour = window.findChild(Tour)\n"
        "    print('tour' if tour else 'none', flush=True)\n"
        "    if tour: tour.put_away()\n"
        "    QTimer.singleShot(500, window.end)\n"
        "def painted(window):\n    say(window)\n    QTimer.singleShot(1000, lambda: look(window))\n"
        "main_window.MainWindow._on_painted = painted\n"
        "raise SystemExit(app.run(whisker, []))\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WHISKER_HOME": str(home)}
    said = [
        subprocess.run(
            [sys.executable, "-c", program], cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["tour", "none"]

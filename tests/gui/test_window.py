from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PySide6.QtWidgets import QApplication, QWidget

from engine.bulletin import Predicted
from gui import app as life
from gui.keys_sheet import KeysSheet
from gui.models.page import ModelsPage
from gui.pages import FOOT, PAGES, SIDE_PAGES
from gui.problems import Toast
from tests.bundles import RED, solid
from tests.gui.conftest import Opened
from tests.gui.names import nameless

CHECKOUT = Path(__file__).resolve().parents[2]


def _run(program: str, home: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WHISKER_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True
    )


def test_that_the_title_begins_with_the_programs_name_and_ends_with_the_photos(opened: Opened, tmp_path: Path) -> None:
    assert opened.window.windowTitle() == "Whisker"
    opened.show(solid(tmp_path / "rose.png", RED))
    assert opened.window.windowTitle() == "Whisker - rose.png"


def test_that_the_rail_has_the_pages_there_are_and_ctrl_1_reaches_the_first(opened: Opened) -> None:
    assert list(opened.window.rail.buttons) == [page.key for page in (*PAGES, *FOOT)]
    opened.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert opened.window.pages.currentWidget() is opened.page
    assert opened.window.rail.buttons["predict"].isChecked()


def test_that_a_page_that_is_made_shows_no_window_of_its_own_not_even_for_a_moment(opened: Opened) -> None:
    shown: list[str] = []

    class Windows(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(f"{type(watched).__name__} {watched.accessibleName()}")
            return False

    windows, app = Windows(), QApplication.instance()
    assert app is not None
    app.installEventFilter(windows)
    for page in (*PAGES, *SIDE_PAGES, *FOOT):
        opened.window.show_page(page.key)
    opened.settle()
    app.removeEventFilter(windows)
    assert shown == []
    assert opened.window.isActiveWindow()


def test_that_whatever_can_be_pressed_or_filled_in_has_a_name_and_buttons_tell_what_they_do(
    opened: Opened, tmp_path: Path
) -> None:
    assert nameless(opened.window) == []
    opened.show(solid(tmp_path / "trip" / "a.png", RED))
    opened.page.single.ask_class()
    assert nameless(opened.window) == []
    opened.page.single.picker.leave()
    opened.page.open([tmp_path / "trip"])
    opened.wait(lambda: opened.whisker.history.count() == 2)
    opened.settle()
    assert nameless(opened.window) == []


def test_that_everything_can_be_reached_with_tab_alone(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "a.png", RED))
    wanted = {
        opened.window.rail.buttons["predict"],
        opened.window.status.model,
        opened.page.browse_button,
        opened.page.single.panel.why,
        opened.page.single.panel.copy,
        opened.page.single.panel.bars.bars[0],
        opened.page.single.panel.corrections.choices[1],
        opened.page.recent.list,
    }
    reached = set()
    widget = opened.window.rail.buttons["predict"].nextInFocusChain()
    for _ in range(500):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.add(widget)
        widget = widget.nextInFocusChain()
    assert wanted <= reached


def test_that_a_drop_anywhere_in_the_window_is_taken_and_shown_before(opened: Opened, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(solid(tmp_path / "a.png", RED)))])
    on_the_rail = QPointF(20, 300)
    assert opened.drop(mime, on_the_rail)
    assert not opened.window.drops.highlight.isVisible()
    opened.wait(lambda: opened.page.single.answer is not None)
    assert opened.page.single.answer is not None
    assert opened.page.single.answer.predicted_class == "cat"


def test_that_a_second_start_brings_this_window_back_with_the_files(opened: Opened, tmp_path: Path) -> None:
    opened.window.showMinimized()
    life._come_forward(opened.window, [solid(tmp_path / "a.png", RED)], "")
    assert not opened.window.isMinimized()
    opened.wait(lambda: opened.page.single.answer is not None)
    opened.settle()


def test_that_the_status_bar_names_the_model_and_offers_the_others(opened: Opened) -> None:
    status = opened.window.status
    assert status.model.text() == "cats-dogs v1"
    opened.qtbot.mouseClick(status.model, Qt.MouseButton.LeftButton)
    opened.wait(lambda: status._menu.isVisible())
    offered = {action.text().split(" · ")[0]: action for action in status._menu.actions()}
    assert offered["Cats dogs"].isChecked()
    assert offered["Things"].text().endswith("…")
    status._menu.close()
    opened.settle()


def test_that_a_model_that_never_answered_first_shows_what_it_would_change(opened: Opened, tmp_path: Path) -> None:
    status = opened.window.status

    def choose(title: str) -> None:
        opened.qtbot.mouseClick(status.model, Qt.MouseButton.LeftButton)
        opened.wait(lambda: status._menu.isVisible())
        next(action for action in status._menu.actions() if action.text().startswith(title)).trigger()
        status._menu.close()

    opened.show(solid(tmp_path / "red.png", RED))
    choose("Things")
    models = opened.window.page("models")
    assert isinstance(models, ModelsPage)
    opened.wait(lambda: models.compare.isVisible() and not models.compare.replay.run.running)
    assert models.compare.replay.headline.text() == "1 of 1 answer would change"
    assert status.model.text() == "cats-dogs v1"
    models.compare.use.click()
    opened.wait(lambda: status.model.text() == "things v1")
    opened.settle()
    choose("Cats dogs")
    opened.wait(lambda: status.model.text() == "cats-dogs v1")
    opened.settle()


def test_that_the_status_bar_shows_jobs_and_leads_to_their_page(opened: Opened) -> None:
    jobs = opened.window.status.jobs
    assert jobs.text() == "No jobs running"
    job = opened.desk.jobs.begin("predict", "Classifying", lambda: None)
    job.progress(25, 100)
    assert jobs.text().replace("\u00a0", " ") == "Classifying · 25 %"
    assert jobs.isEnabled()
    job.end()
    assert jobs.text() == "No jobs running"


def test_that_shift_f1_lists_the_keys_and_any_key_puts_the_list_away(opened: Opened) -> None:
    opened.key(Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    sheet = opened.window.findChild(KeysSheet)
    assert sheet is not None
    opened.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert opened.window.findChild(KeysSheet) is None


def test_that_a_key_tried_out_on_the_list_of_keys_only_puts_it_away(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "tom.png", RED))
    for key in (Qt.Key.Key_2, Qt.Key.Key_Escape, Qt.Key.Key_H, Qt.Key.Key_Tab):
        opened.key(Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
        sheet = QApplication.focusWidget()
        assert isinstance(sheet, KeysSheet)
        opened.qtbot.keyClick(sheet, key)
        opened.settle()
        assert opened.window.findChild(KeysSheet) is None
    assert opened.page.stack.currentWidget() is opened.page.single
    assert not opened.page.single.panel.why.isChecked()
    assert opened.whisker.history.recent(1)[0].correction is None


def test_that_a_toast_that_was_minimised_with_the_window_goes_all_the_same(opened: Opened) -> None:
    toast = opened.window.findChild(Toast)
    opened.desk.toast("Answer copied", None)
    toast._timer.setInterval(300)
    opened.window.hide()
    opened.window.show()
    assert toast.isVisible()
    opened.wait(lambda: not toast.isVisible())


def test_that_news_from_another_thread_arrives_on_the_gui_thread(opened: Opened, tmp_path: Path) -> None:
    import threading

    heard: list[object] = []
    opened.desk.news.news.connect(lambda news: heard.append((type(news), threading.current_thread())))
    path = solid(tmp_path / "a.png", RED)
    thread = threading.Thread(target=lambda: opened.whisker.classify(path, origin="api"))
    thread.start()
    opened.wait(lambda: heard)
    thread.join()
    assert heard[0] == (Predicted, threading.main_thread())
    opened.wait(lambda: opened.page.recent.filled)
    opened.settle()


def test_that_the_windows_place_is_remembered(opened: Opened) -> None:
    opened.window.resize(960, 700)
    text = opened.window.geometry_text()
    opened.window.resize(1000, 650)
    opened.window.restore_geometry_text(text)
    assert (opened.window.width(), opened.window.height()) == (960, 700)
    opened.window.restore_geometry_text("this is no geometry")


def test_that_the_window_never_gets_smaller_than_its_content_can_bear(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "a.png", RED))
    opened.window.resize(1, 1)
    assert (opened.window.width(), opened.window.height()) == (960, 640)


def test_that_sigterm_closes_the_window_and_the_program_ends_with_0(home: Path, shelf: Path) -> None:
    program = (
        "from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "from engine.whisker import Whisker\nfrom engine.paths import Home\nfrom gui import app, main_window\n"
        f"whisker = Whisker(Home(Path({str(home)!r})), Path({str(shelf)!r}))\n"
        "say = main_window.MainWindow._on_painted\n"
        "def painted(window):\n    say(window)\n    QTimer.singleShot(0, lambda: print('up', flush=True))\n"
        "main_window.MainWindow._on_painted = painted\n"
        "raise SystemExit(app.run(whisker, []))\n"
    )
    with _run(program, home) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "window_geometry" in (home / "settings.json").read_text("utf-8")


def test_that_the_window_is_painted_before_anything_heavy_is_imported(home: Path) -> None:
    heavy = ("numpy", "PIL", "onnxruntime", "tensorflow", "scipy", "pandas", "sklearn", "sqlite3._x")
    program = (
        f"import sys\nimport gui.app, gui.predict.page\nprint([name for name in {heavy!r} if name in sys.modules])"
    )
    with _run(program, home) as process:
        out, _ = process.communicate(timeout=60)
    assert out.strip() == "[]"

"""Real faults, raised where programs raise them."""

from __future__ import annotations

import getpass
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThread, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QPaintEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from gui.app import redactor
from gui.faults import Faults
from gui.trouble_panel import TroublePanel
from tests.bundles import RED, solid
from tests.gui.conftest import Opened

NAME = "Mia at the lake"
PATH = f"/home/somebody/{NAME}.jpg"
CHECKOUT = Path(__file__).resolve().parents[2]


def _fail(*_: object) -> None:
    raise ValueError(PATH + " is no 'answer'")


def _fail_elsewhere() -> None:
    raise KeyError(NAME)


@pytest.fixture
def caught(opened: Opened, caplog: pytest.LogCaptureFixture) -> Iterator[TroublePanel]:
    """The panel, while faults are caught as in a running program."""
    with ExitStack() as shutdown:
        Faults(opened.window, lambda: opened.window.trouble, lambda: redactor(opened.whisker)).catch(shutdown)
        yield opened.window.trouble
    caplog.clear()


def _in_a_slot(opened: Opened) -> None:
    button = QPushButton("Fail", opened.window)
    button.clicked.connect(_fail)
    button.click()
    button.deleteLater()


def _in_a_timer(opened: Opened) -> None:
    QTimer.singleShot(0, _fail)


def _in_a_thread(opened: Opened) -> None:
    thread = threading.Thread(target=_fail)
    thread.start()
    thread.join()


def _in_a_task(opened: Opened) -> None:
    opened.desk.tasks.run(opened.window, _fail, lambda _: None, lambda _: None)
    opened.settle()


def _in_a_stream(opened: Opened) -> None:
    def stream(stop: threading.Event) -> Iterator[int]:
        yield 1
        _fail()

    opened.desk.tasks.follow(opened.window, stream, lambda _: None, lambda: None, lambda _: None)
    opened.settle()


def _in_what_a_task_delivers(opened: Opened) -> None:
    opened.desk.tasks.run(opened.window, lambda: 1, _fail, lambda _: None)
    opened.settle()


def _in_a_qthread(opened: Opened) -> None:
    class Failing(QThread):
        def run(self) -> None:
            _fail()

    thread = Failing(opened.window)
    thread.start()
    assert thread.wait(10_000)


def _in_news(opened: Opened) -> None:
    from engine.bulletin import HistoryCleared

    opened.desk.news.news.connect(_fail)
    opened.whisker.bulletin.tell(HistoryCleared())
    opened.wait(opened.window.trouble.isVisible)
    opened.desk.news.news.disconnect(_fail)


@pytest.mark.parametrize(
    "where",
    [
        _in_a_slot,
        _in_a_timer,
        _in_a_thread,
        _in_a_task,
        _in_a_stream,
        _in_what_a_task_delivers,
        _in_a_qthread,
        _in_news,
    ],
)
def test_that_wherever_a_fault_is_raised_it_is_logged_shown_once_and_the_window_goes_on(
    opened: Opened,
    caught: TroublePanel,
    where: Callable[[Opened], None],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    where(opened)
    opened.wait(caught.isVisible)
    assert caught.text.text() == "Something went wrong inside Whisker."
    logged = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert [record.message for record in logged] == ["a fault of ours"]
    assert NAME in str(logged[0].exc_info)
    opened.show(solid(tmp_path / "red.png", RED))
    assert opened.page.single.answer is not None


def test_that_a_painting_that_fails_again_and_again_is_counted_and_not_stacked(
    opened: Opened, caught: TroublePanel, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            _fail()

    widget = Failing(opened.window)
    widget.resize(20, 20)
    widget.show()
    again = QTimer(widget, interval=1)
    again.timeout.connect(widget.update)
    again.start()
    opened.wait(lambda: re.search(r", \d{2,} times", caught.text.text()))
    again.stop()
    opened.wait(lambda: caught.report.toPlainText().count("\nValueError: ") == 1)
    widget.hide()
    widget.deleteLater()
    assert sum(record.levelno == logging.CRITICAL for record in caplog.records) < 10


def test_that_the_report_can_be_seen_and_copied_and_names_nothing_of_the_persons(
    opened: Opened, caught: TroublePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "somebody")
    QTimer.singleShot(0, _fail)
    QTimer.singleShot(0, _fail_elsewhere)
    opened.wait(lambda: caught.text.text() == "Something went wrong inside Whisker, 2 times.")
    assert not caught.report.isVisible()
    opened.qtbot.mouseClick(caught.details, Qt.MouseButton.LeftButton)
    assert caught.report.isVisible()
    opened.qtbot.mouseClick(caught.copy, Qt.MouseButton.LeftButton)
    copied = QApplication.clipboard().text()
    assert copied == caught.report.toPlainText()
    assert "ValueError: <file> is no <text>" in copied
    assert "in _fail_elsewhere" in copied
    for word in ("Mia", "somebody", str(CHECKOUT)):
        assert word not in copied


def test_that_put_away_it_comes_back_with_the_next_fault_and_counts_anew(opened: Opened, caught: TroublePanel) -> None:
    for _ in range(5):
        QTimer.singleShot(0, _fail)
    opened.wait(lambda: ", 5 times" in caught.text.text())
    opened.qtbot.mouseClick(caught._close, Qt.MouseButton.LeftButton)
    assert not caught.isVisible()
    QTimer.singleShot(0, _fail)
    opened.wait(caught.isVisible)
    assert caught.text.text() == "Something went wrong inside Whisker."
    assert "ValueError" in caught.report.toPlainText()


def test_that_a_notice_does_not_hide_a_fault(opened: Opened, caught: TroublePanel) -> None:
    opened.window.show_notice("The settings were damaged.")
    QTimer.singleShot(0, _fail)
    opened.wait(caught.isVisible)
    assert opened.window.notice.isVisible()


def test_that_the_log_folder_is_opened_or_said(
    opened: Opened, caught: TroublePanel, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url) or False)
    QTimer.singleShot(0, _fail)
    opened.wait(caught.isVisible)
    opened.qtbot.mouseClick(caught.log, Qt.MouseButton.LeftButton)
    assert asked == [QUrl.fromLocalFile(str(home / "logs"))]


def _started(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.argv = ['main.py']\nimport main\n{script}\nsys.exit(main.main())"],
        cwd=CHECKOUT,
        env={"PATH": "", "WHISKER_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "script",
    [
        "import gui.app\ndef build(*_, **__): raise ValueError('a bad day')\ngui.app.build = build",
        "import gui.app\ndef run(*_, **__): raise ValueError('a bad day')\ngui.app.run = run",
        "import engine.whisker\ndef init(*_): raise ValueError('a bad day')\nengine.whisker.Whisker.__init__ = init",
    ],
    ids=["while the window is made", "before it", "while the engine is opened"],
)
def test_that_a_fault_before_there_is_a_window_is_a_sentence_with_the_logs_path(script: str, home: Path) -> None:
    ran = _started(script, home)
    assert ran.returncode == 1
    log = home / "logs" / "whisker.log"
    assert ran.stderr.strip() == (
        "Something went wrong inside Whisker, and it cannot go on. Your photos are untouched. "
        f"The log has the details: {log}"
    )
    assert "ValueError: a bad day" in log.read_text("utf-8")


def test_that_without_a_place_for_a_log_the_sentence_says_what_it_was(home: Path) -> None:
    (home / "logs").write_text("in the way")
    ran = _started("import gui.app\ndef run(*_, **__): raise ValueError('a bad day')\ngui.app.run = run", home)
    assert ran.stderr.strip().endswith("It was: ValueError: a bad day")

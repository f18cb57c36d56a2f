"""The window's life: start-up and shutdown are the two lists in `run`."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication

from engine import paths
from engine.errors import SettingsError
from engine.logs import open_log
from engine.version import __version__
from gui import ahead, interpreter
from gui.bulletin_bridge import BulletinBridge
from gui.desk import Desk
from gui.faults import Faults
from gui.jobs import Jobs
from gui.main_window import MainWindow
from gui.model_state import ModelState
from gui.not_remembered import Remembering
from gui.problems import Toast
from gui.server.state import ServerState
from gui.task import Tasks
from gui.theme import Theme
from gui.ways import Ways

if TYPE_CHECKING:
    from engine.bulletin import News
    from engine.redaction import Redactor
    from engine.whisker import Whisker
    from gui.server.switch import MakeServer
    from gui.single_instance.front_door import FrontDoor

log = logging.getLogger(__name__)


def run(
    whisker: Whisker, drop: list[Path], door: FrontDoor | None = None, make_server: MakeServer | None = None
) -> int:
    """Open the window, with `drop` already dropped on it, and stay until it is closed.

    Args:
        door: Brings the files of every Whisker that is started after this one.
        make_server: Makes the server that the window switches on and off; None in an edition without one.

    Returns:
        The exit status: 0 when the window was closed in whatever way.
    """
    app = _application()
    window, desk = build(app, whisker, make_server)
    with ExitStack() as shutdown:
        # Start-up, in this order; each step hands its own undoing to the shutdown list.
        _pass_on_qt_messages(shutdown)
        shutdown.callback(open_log(whisker.home.logs))
        Faults(window, lambda: window.trouble, lambda: redactor(whisker)).catch(shutdown)
        window.restore_geometry_text(str(whisker.settings["window_geometry"]))
        window.painted.connect(lambda: app.setWindowIcon(desk.theme.app_icon()))
        window.painted.connect(lambda: _end_on_sigterm(app, window, shutdown))
        window.painted.connect(lambda: _keep_crash_note(window, whisker, shutdown))
        desk.model.changed.connect(lambda: _say_substitution(window, desk))
        window.painted.connect(desk.model.load)
        window.painted.connect(interpreter.tune)
        window.painted.connect(lambda: ahead.import_soon(window, desk.tasks))
        window.painted.connect(lambda: _tidy(window, desk))
        window.painted.connect(lambda: _start_server(desk))
        window.painted.connect(lambda: shutdown.callback(whisker.monitor.follow()))
        if drop:
            window.painted.connect(lambda: _drop(window, drop))
        new_home = not os.path.exists(whisker.home.database)
        window.painted.connect(lambda: _offer_tour(window, desk, new_home=new_home, busy=bool(drop)))
        if door is not None:
            window.painted.connect(lambda: door.open(lambda files, token: _come_forward(window, files, token)))
            shutdown.callback(door.shut)
        if sys.platform == "darwin":
            _take_handed_files(app, window, shutdown)
        window.show()
        status = app.exec()
        # Shutdown, in this order; what the steps above left comes last.
        try:
            whisker.settings.set("window_geometry", window.geometry_text())
        except SettingsError as error:
            # A full or read-only disk must not keep the window from closing, and nobody misses its place.
            log.warning("%s", error)
        desk.news.close()
        if not desk.tasks.close():
            log.warning("some work did not end in time")
        desk.server.close()
        window.end()
        _delete(window)
    return int(status)


def redactor(whisker: Whisker) -> Redactor:
    """What clears a report of this home's own; imported with the first report."""
    from engine import diagnosis

    return diagnosis.redactor(whisker)


def build(app: QApplication, whisker: Whisker, make_server: MakeServer | None = None) -> tuple[MainWindow, Desk]:
    """The window and what its pages share, not shown yet."""
    theme = Theme(app, paths.resources(), str(whisker.settings["appearance"]))
    tasks = Tasks()
    news = BulletinBridge(whisker.bulletin, tasks)
    toasts: list[Toast] = []

    def say(text: str, undo: Callable[[], None] | None) -> None:
        toasts[0].say(text, undo)

    model = ModelState(whisker, tasks, news, tasks)
    jobs = Jobs(tasks)
    server = ServerState(make_server, whisker, theme, tasks, news, jobs, tasks)
    server.said.connect(lambda text: say(text, None))
    remembering = Remembering(news, tasks)
    desk = Desk(whisker, theme, tasks, news, model, jobs, server, remembering, say, Ways(tasks))
    window = MainWindow(desk)
    tasks.setParent(window)
    theme.setParent(window)
    toasts.append(Toast(theme, window, window.pages))
    news.news.connect(lambda news: _follow_appearance(news, desk))
    return window, desk


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(["whisker"])
    app.setApplicationName("Whisker")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("whisker")
    if not QFontInfo(app.font()).family():
        log.error("no fonts are installed: text cannot be shown; install a font package such as fonts-dejavu-core")
    return app


def _tidy(window: MainWindow, desk: Desk) -> None:
    """Off the GUI thread; what had to be set aside is said in the window."""

    def said(problems: list[str]) -> None:
        if problems:
            window.show_notice(" ".join(problems))

    desk.tasks.run(window, desk.whisker.tidy, said, lambda error: window.show_notice(str(error)))


def _say_substitution(window: MainWindow, desk: Desk) -> None:
    if desk.model.substitution:
        window.show_notice(desk.model.substitution)


def _start_server(desk: Desk) -> None:
    """Where the person wants it on from the start: once the model has loaded, whose answers it gives."""
    if not desk.whisker.settings["server_with_app"]:
        return

    def start() -> None:
        desk.model.changed.disconnect(start)
        desk.server.start()

    desk.model.changed.connect(start)


def _drop(window: MainWindow, drop: list[Path]) -> None:
    from gui.intake import Intake

    window.take(Intake(paths=drop))


def _take_handed_files(app: QApplication, window: MainWindow, shutdown: ExitStack) -> None:
    from gui.handed_files import HandedFiles

    handed = HandedFiles(app, lambda files: _come_forward(window, files, ""))
    window.painted.connect(handed.ready)
    shutdown.callback(lambda: app.removeEventFilter(handed))


def _keep_crash_note(window: MainWindow, whisker: Whisker, shutdown: ExitStack) -> None:
    from gui.crash_note import keep_note

    if said := keep_note(whisker.home.logs, shutdown):
        window.show_notice(said)


def _offer_tour(window: MainWindow, desk: Desk, *, new_home: bool, busy: bool) -> None:
    if desk.whisker.settings["tour"] != "seen":
        from gui.tour import offer

        offer(desk, window, new_home=new_home, busy=busy)


def _come_forward(window: MainWindow, files: list[Path], token: str) -> None:
    """Somebody started Whisker again: show this window, with what was named."""
    if token:
        # What Wayland wants to see before a window may come to the front; Qt looks for it here.
        os.environ["XDG_ACTIVATION_TOKEN"] = token
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    if files:
        _drop(window, files)


def _follow_appearance(news: News, desk: Desk) -> None:
    from engine.bulletin import SettingChanged

    if isinstance(news, SettingChanged) and news.key == "appearance":
        desk.theme.choose(str(desk.whisker.settings["appearance"]))


def _end_on_sigterm(app: QApplication, window: MainWindow, shutdown: ExitStack) -> None:
    """SIGTERM and Ctrl-C close the window as its cross does.

    Python runs signal handlers only between its own instructions, and the event loop may sleep for ever: so the
    signal writes to a socket that wakes the loop.
    """
    import signal
    import socket

    if threading.current_thread() is not threading.main_thread():
        return
    here, there = socket.socketpair()
    here.setblocking(False)
    there.setblocking(False)
    notifier = QSocketNotifier(here.fileno(), QSocketNotifier.Type.Read)

    def woken() -> None:
        notifier.setEnabled(False)
        window.end()
        app.quit()

    notifier.activated.connect(woken)
    before_fd = signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
    before = {which: signal.signal(which, lambda *_: None) for which in (signal.SIGTERM, signal.SIGINT)}

    def restore() -> None:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(before_fd)
        for which, handler in before.items():
            signal.signal(which, handler)
        here.close()
        there.close()

    shutdown.callback(restore)


def _pass_on_qt_messages(shutdown: ExitStack) -> None:
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }
    qt = logging.getLogger("qt")
    before = qInstallMessageHandler(lambda kind, _context, text: qt.log(levels[kind], "%s", text))
    shutdown.callback(lambda: qInstallMessageHandler(before))


def _delete(window: MainWindow) -> None:
    """Qt objects go before the application does, or their destructors run in what is left of it."""
    from PySide6.QtCore import QCoreApplication, QEvent

    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

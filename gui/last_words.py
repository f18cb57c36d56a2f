"""What is said when there is no window to say it in: before the first, after the last, or instead of one."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from types import TracebackType

log = logging.getLogger(__name__)


def say(sentence: str) -> None:
    """On the terminal; where the program was double-clicked and has none, in a small box."""
    print(sentence, file=sys.stderr)
    if getattr(sys, "frozen", False) and not sys.stderr.isatty() and _has_screen():
        show_box(sentence)


def show_box(sentence: str) -> None:
    """Stays until it is closed. With no window there is nowhere else to say it."""
    from PySide6.QtWidgets import QApplication, QMessageBox

    app = QApplication.instance() or QApplication(["whisker"])
    box = QMessageBox(QMessageBox.Icon.Warning, "Whisker", sentence)
    box.setAccessibleName(sentence)
    box.exec()
    del app


def _has_screen() -> bool:
    return os.environ.get("QT_QPA_PLATFORM", "") not in ("offscreen", "minimal")


def catch_before_the_window(logs: Path) -> None:
    """Until `Faults.catch`, and once it is over: a sentence, and where the log is."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        from engine.logs import NAME, open_log

        if issubclass(kind, KeyboardInterrupt):
            return
        close = open_log(logs)
        log.critical("a fault of ours, without a window", exc_info=(kind, error, trace))
        close()
        written = (logs / NAME).is_file()
        where = f"The log has the details: {logs / NAME}" if written else f"It was: {kind.__name__}: {error}"
        say(f"Something went wrong inside Whisker, and it cannot go on. Your photos are untouched. {where}")

    sys.excepthook = hook

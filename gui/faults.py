"""Faults of our own: logged in full, shown once and calmly, and the window goes on.

Wherever one is raised, in a slot, a painting, a task, a thread, it ends in one of Python's hooks. The log has it with
all its words; what the window offers to copy has been cleared of the person's own.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from engine.redaction import Redactor
    from gui.trouble_panel import TroublePanel

log = logging.getLogger(__name__)

LOGGED_IN_FULL = 3
"""The same fault is logged with its traceback so often; then only each time its number doubles."""
KEPT = 5
"""Different faults that the panel keeps; the first ones tell most."""
TOGETHER_MS = 100
"""What comes within this time is shown together."""


@dataclass
class Fault:
    """One fault, however often it came."""

    report: str
    times: int = 1


class Faults(QObject):
    """Carries faults from whatever thread to the panel.

    Args:
        window: Their parent.
        panel: Where they are shown; asked for with the first fault, so that the start need not make it.
        redactor: Makes what clears a report of the person's own; called with the first fault.
    """

    _arrived = Signal(object)

    def __init__(self, window: QObject, panel: Callable[[], TroublePanel], redactor: Callable[[], Redactor]) -> None:
        super().__init__(window)
        self._ask_panel = panel
        self._panel: TroublePanel | None = None
        self._redactor = redactor
        self._counts: dict[object, int] = {}
        self._guard = threading.Lock()
        self._reports: dict[object, str] = {}
        self.faults: dict[object, Fault] = {}
        self._again = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._again.timeout.connect(self._tell)
        self._arrived.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def catch(self, shutdown: ExitStack) -> None:
        """From now on, until `shutdown`."""
        before, before_threads, before_last = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hook, self._thread_hook, self._last_hook

        def restore() -> None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = before, before_threads, before_last

        shutdown.callback(restore)

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        key = _place(error)
        with self._guard:
            times = self._counts[key] = self._counts.get(key, 0) + 1
        if times <= LOGGED_IN_FULL:
            log.critical("a fault of ours", exc_info=(kind, error, trace))
        elif times & (times - 1) == 0:
            log.critical("a fault of ours, %d times by now: %s", times, kind.__name__)
        if key not in self._reports:
            from engine.faults import report

            # Cleared and written out in the thread that has it: for the window it is a text.
            self._reports[key] = report(error, self._redactor())
        self._arrived.emit(key)

    def _thread_hook(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._hook(args.exc_type, args.exc_value, args.exc_traceback)

    def _last_hook(self, args: sys.UnraisableHookArgs) -> None:
        """In a destructor, say: nobody was waiting for it, so it is only logged."""
        if args.exc_value is not None:
            log.error("a fault of ours: %s", args.err_msg, exc_info=args.exc_value)

    def _show(self, key: object) -> None:
        if key in self.faults:
            self.faults[key].times += 1
        elif len(self.faults) < KEPT:
            self.faults[key] = Fault(self._reports[key])
        if not self._again.isActive():
            # A painting that fails does so with every frame.
            self._again.start()

    def _tell(self) -> None:
        times = sum(fault.times for fault in self.faults.values())
        texts = [
            f"{fault.report}\n({fault.times} times)" if fault.times > 1 else fault.report
            for fault in self.faults.values()
        ]
        if self._panel is None:
            self._panel = self._ask_panel()
            self._panel.closed.connect(self.faults.clear)
        self._panel.show_faults(times, "\n\n".join(texts))


def _place(error: BaseException) -> object:
    """What makes two faults the same: their kind and where they were raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else None
    return type(error), where

"""How Python itself is set while a window is open, so that neither its lock nor its tidying up holds the window up.

The garbage collector now and then walks through everything that was ever made and stops every thread for some 30 ms,
in the middle of whatever is done. What has been loaded stays for good, so it need not be walked through.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

SWITCH_S = 0.001
"""A thread that wants the GIL waits this long before it asks for it: Python's 5 ms add up to frames that are missed."""
SETTLED_MS = 3_000
"""By then what was begun has been made, and the window has nothing to do."""


def tune(window: QObject) -> None:
    """To be called once the window was painted."""
    sys.setswitchinterval(SWITCH_S)
    _settle_soon(window)


def before_much() -> None:
    """Much will be made now, and looked through by the collector: without all that is there already."""
    gc.freeze()


def after_much(owner: QObject) -> None:
    """All that was made has been let go of; `owner` lives as long as the window."""
    gc.unfreeze()
    _settle_soon(owner)


def _settle_soon(owner: QObject) -> None:
    QTimer.singleShot(SETTLED_MS, owner, _settle)


def _settle() -> None:
    gc.collect()
    gc.freeze()

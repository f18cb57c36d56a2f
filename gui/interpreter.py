"""How Python itself is set while a window is open, so that neither its lock nor its tidying up holds the window up.

The garbage collector now and then walks through everything that was ever made and stops every thread for some 50 ms,
in the middle of whatever is done. What has been loaded stays for good, so it need not be walked through. What is set
aside is never looked at again: so nothing large may hold itself, that it be gone as soon as it is let go of.
"""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.001
"""A thread that wants the GIL waits this long before it asks for it: Python's 5 ms add up to frames that are missed."""


def tune() -> None:
    """To be called once the window was painted."""
    sys.setswitchinterval(SWITCH_S)
    set_aside()


def set_aside() -> None:
    """The collector passes over all that is there by now; in any thread, and at no cost.

    To be called after much has been loaded that stays, and before much is made.
    """
    gc.freeze()

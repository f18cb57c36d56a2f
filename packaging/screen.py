"""A screen of our own, under Xvfb: start programs on it, wait for their windows, press keys, drop files, look at it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contents import CHECKOUT
from PIL import Image
from Xlib import XK, X, display
from Xlib.error import BadDrawable, BadMatch, BadWindow, XError
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

DROPS = CHECKOUT / "tests" / "gui" / "xdnd_source.py"
PATIENCE_S = 60.0


class NotSeen(Exception):
    """What was waited for did not come."""


def wait(fact: Callable[[], object], what: str, seconds: float = PATIENCE_S, pause: float = 0.004) -> float:
    """Wait until `fact` holds; returns the moment (of perf_counter).

    Raises:
        NotSeen: it did not in time.
    """
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if fact():
            return time.perf_counter()
        time.sleep(pause)
    raise NotSeen(f"waited {seconds:.0f} s for {what}")


class Screen:
    """An X server without a screen.

    Attributes:
        environment: What a program needs to be shown there.
    """

    def __init__(self, number: int) -> None:
        self.name = f":{number}"
        self.environment = {"DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}
        self._display = display.Display(self.name)
        self._root = self._display.screen().root

    def windows(self) -> list[Window]:
        """Whisker's windows that can be seen."""
        found = []
        for window in self._root.query_tree().children:
            try:
                name = window.get_wm_name() or self._utf8_name(window)
                if name and str(name).startswith("Whisker") and window.get_attributes().map_state == X.IsViewable:
                    found.append(window)
            except (BadWindow, BadDrawable):
                continue  # It went while we looked.
        return found

    def _utf8_name(self, window: Window) -> str:
        found = window.get_full_text_property(self._display.intern_atom("_NET_WM_NAME"))
        return str(found or "")

    def colours(self) -> int:
        """How many colours a row through the middle of the screen shows: one while nothing is drawn."""
        size = self._root.get_geometry()
        try:
            strip = self._root.get_image(0, size.height // 3, size.width, 1, X.ZPixmap, 0xFFFFFFFF)
        except (BadMatch, XError):
            return 0
        row = bytes(strip.data)
        return len({row[at : at + 4] for at in range(0, len(row), 4)})

    def picture(self) -> Image.Image:
        size = self._root.get_geometry()
        raw = self._root.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xFFFFFFFF)
        return Image.frombytes("RGB", (size.width, size.height), bytes(raw.data), "raw", "BGRX")

    def press(self, *names: str) -> None:
        """Press these keys together, as in press("Control_L", "2")."""
        codes = [self._display.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        for window in self.windows()[:1]:
            window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.sync()
        for kind, order in ((X.KeyPress, codes), (X.KeyRelease, reversed(codes))):
            for code in order:
                xtest.fake_input(self._display, kind, code)
        self._display.sync()

    def drop(self, *paths: Path) -> bool:
        """Drop files on the window as a file manager would; whether it took them."""
        window = self.windows()[0]
        command = [sys.executable, str(DROPS), str(window.id), *map(str, paths)]
        environment = {**os.environ, **self.environment}
        said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return said.stdout.strip() == "accepted"

    def close(self) -> None:
        self._display.close()


@contextmanager
def screen(width: int = 1280, height: int = 800) -> Iterator[Screen]:
    """A fresh X server that any user of this machine may use, for as long as the block lasts."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-ac", "-nolisten", "tcp"],
            pass_fds=[writing],
            stdout=log,
            stderr=log,
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as said:
                number = said.readline().strip()
            if not number:
                raise NotSeen("Xvfb did not start")
            shown = Screen(int(number))
            try:
                yield shown
            finally:
                shown.close()
        finally:
            server.terminate()
            server.wait(10)

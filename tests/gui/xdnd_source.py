"""A program that drops files on an X11 window the way a file manager does, by the XDND protocol, without a mouse.

    python xdnd_source.py WINDOW_ID|TITLE PATH...

TITLE is what the window's title begins with. Prints "accepted" when the window took the drop.
https://freedesktop.org/wiki/Specifications/XDND has the protocol.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from Xlib import X, Xatom
from Xlib.display import Display
from Xlib.protocol import event

VERSION = 5
LONGEST_S = 10


class Source:
    def __init__(self, window: int, payload: bytes) -> None:
        self.display = Display()
        self.atom = self.display.intern_atom
        self.root = self.display.screen().root
        self.target = self.display.create_resource_object("window", window)
        self.own = self.root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        self.kind = self.atom("text/uri-list")
        self.payload = payload
        self.own.set_selection_owner(self.atom("XdndSelection"), X.CurrentTime)
        self.display.sync()

    def send(self, name: str, *data: int) -> None:
        message = event.ClientMessage(
            window=self.target, client_type=self.atom(name), data=(32, [self.own.id, *data, *[0] * (4 - len(data))])
        )
        self.target.send_event(message, event_mask=0)
        self.display.flush()

    def drop(self) -> bool:
        """Enter, hover over the middle, drop; whether the window finished it as accepted."""
        size = self.target.get_geometry()
        corner = self.root.translate_coords(self.target, 0, 0)
        x, y = abs(corner.x) + size.width // 2, abs(corner.y) + size.height // 2
        self.send("XdndEnter", VERSION << 24, self.kind)
        self.send("XdndPosition", 0, (x << 16) | y, X.CurrentTime, self.atom("XdndActionCopy"))
        end = time.monotonic() + LONGEST_S
        dropped = False
        while time.monotonic() < end:
            if not self.display.pending_events():
                time.sleep(0.005)
                continue
            news = self.display.next_event()
            if news.type == X.SelectionRequest:
                self.hand_over(news)
            elif news.type == X.ClientMessage and news.client_type == self.atom("XdndFinished"):
                return bool(news.data[1][1] & 1)
            elif news.type == X.ClientMessage and news.client_type == self.atom("XdndStatus") and not dropped:
                dropped = bool(news.data[1][1] & 1)
                if dropped:
                    self.send("XdndDrop", 0, X.CurrentTime)
        return False

    def hand_over(self, asked: event.SelectionRequest) -> None:
        place = asked.property or asked.target
        if asked.target == self.kind:
            asked.requestor.change_property(place, self.kind, 8, self.payload)
        elif asked.target == self.atom("TARGETS"):
            asked.requestor.change_property(place, Xatom.ATOM, 32, [self.kind])
        else:
            place = X.NONE
        answer = event.SelectionNotify(
            time=asked.time,
            requestor=asked.requestor,
            selection=asked.selection,
            target=asked.target,
            property=place,
        )
        asked.requestor.send_event(answer)
        self.display.flush()


def find_window(title: str) -> int:
    """The identity of a visible top-level window whose title begins so.

    Raises:
        SystemExit: there is none.
    """
    display = Display()
    found = [
        window.id
        for window in display.screen().root.query_tree().children
        if (window.get_wm_name() or "").startswith(title) and window.get_attributes().map_state == X.IsViewable
    ]
    display.close()
    if not found:
        raise SystemExit(f"There is no window whose title begins with {title}.")
    return int(found[0])


if __name__ == "__main__":
    which, files = sys.argv[1], "".join(Path(path).absolute().as_uri() + "\r\n" for path in sys.argv[2:])
    window = int(which) if which.isdecimal() else find_window(which)
    print("accepted" if Source(window, files.encode()).drop() else "refused")

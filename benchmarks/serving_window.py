"""A window that serves, for the load test: its Server page is open, and a beat on its thread is noted meanwhile.

Prints its address once it listens. At SIGTERM it ends, and prints how the beats were, as JSON in milliseconds. Needs no
display.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.heartbeat import STALL_MS, Control, Pulse
from benchmarks.real_window import open_window, settle, wait
from server.local_server import LocalServer
from server.ports import free_port

if TYPE_CHECKING:
    from gui.desk import Desk


def main() -> int:
    home = Path(os.environ["WHISKER_HOME"])
    with open_window(
        home,
        page="server",
        make_server=lambda over: LocalServer(over, behind_window=True),
        before=lambda whisker: whisker.settings.set("server_port", free_port(after=5500)),
    ) as opened:
        figures = served(opened.desk)
    print(json.dumps(figures), flush=True)
    return 0


def served(desk: Desk) -> dict[str, float]:
    """Until SIGTERM; the beats meanwhile."""
    from PySide6.QtCore import QTimer

    desk.server.start()
    wait(lambda: desk.server.on)
    settle(1.0)
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: ended.append(number))
    pulse, control = Pulse(QTimer), Control()
    pulse.start()
    print(desk.server.url, flush=True)
    wait(lambda: bool(ended), 24 * 3600)
    pulse.stop()
    idle = control.stop()
    gaps = np.array(pulse.gaps) * 1e3
    return {
        "beats": len(gaps),
        "p50": float(np.percentile(gaps, 50)),
        "p99": float(np.percentile(gaps, 99)),
        "max": float(gaps.max()),
        "stalls": int((gaps > STALL_MS).sum()),
        "work_p99": float(np.percentile(pulse.work, 99)) * 1e3,
        "work_max": max(pulse.work) * 1e3,
        "idle_max": idle,
        "listed": desk.server.requests.heard,
    }


if __name__ == "__main__":
    raise SystemExit(main())

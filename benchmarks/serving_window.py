"""A window that serves, for the load test: its Server page is open, and a beat on its thread is noted meanwhile.

Prints its address once it listens. At SIGTERM it ends, and prints how the beats were, as JSON in milliseconds. Needs no
display.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

from benchmarks.window_folder import STALL_MS, Control, Pulse, settle, wait
from server.local_server import LocalServer, free_port


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from engine.paths import Home
    from engine.whisker import Whisker
    from gui.app import build

    app = QApplication(["whisker"])
    whisker = Whisker(Home(Path(os.environ["WHISKER_HOME"])))
    whisker.settings.set("server_port", free_port(after=5500))
    sys.setswitchinterval(0.001)  # as gui.app.run does
    window, desk = build(app, whisker, lambda over: LocalServer(over, behind_window=True))
    window.painted.connect(desk.model.load)
    window.resize(1280, 800)
    window.show()
    wait(lambda: desk.model.card is not None)
    window.show_page("server")
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
    figures = {
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
    desk.news.close()
    desk.tasks.close()
    desk.server.close()
    window.close()
    whisker.close()
    print(json.dumps(figures), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

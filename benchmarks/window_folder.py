"""Drop ten thousand files on the real window and watch whether it stays fluid.

    python benchmarks/window_folder.py [--files 10000] [--as folder|files] [--model cats-dogs]

A timer of 16 ms in the window's thread notes how long it really took from one beat to the next: a gap is a moment in
which nothing could be clicked. While the answers stream in, the grid is scrolled, filtered and sorted, as a person
would. Then the same pictures are dropped again and cancelled. Needs no display.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

CANCEL_MS = 300


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--as", dest="shape", choices=("folder", "files"), default="folder", help="what is dropped")
    parser.add_argument("--model", default="cats-dogs")
    parser.add_argument("--calm", action="store_true", help="only watch; no scrolling, filtering and sorting")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["WHISKER_HOME"] = str(Path(scratch, "home"))
        pictures = make_pictures(Path(scratch, "pictures"), arguments.files)
        return measure(pictures, arguments)


def make_pictures(folder: Path, number: int) -> Path:
    """Small JPEGs, each different, in folders of a thousand."""
    random = np.random.default_rng(0)
    for index in range(number):
        into = folder / f"{index // 1000:02}"
        into.mkdir(parents=True, exist_ok=True)
        rough = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(rough).resize((320, 240), Image.Resampling.BILINEAR).save(into / f"photo {index}.jpg")
    return folder


def measure(pictures: Path, arguments: argparse.Namespace) -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.real_window import open_window

    with open_window(Path(os.environ["WHISKER_HOME"]), model=arguments.model) as opened:
        return watched(opened.window, pictures, arguments)


def watched(window: Any, pictures: Path, arguments: argparse.Namespace) -> int:
    from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
    from PySide6.QtGui import QDragEnterEvent, QDropEvent
    from PySide6.QtWidgets import QApplication

    from benchmarks.heartbeat import STALL_MS, Control, Pulse
    from benchmarks.real_window import settle, wait
    from gui.predict.many.order import Filter, Order

    page = window.page("predict")
    wait(lambda: hasattr(page, "many"))
    many = page.many
    pulse = Pulse(QTimer)
    process = psutil.Process()

    def drop() -> None:
        mime = QMimeData()
        urls = [pictures] if arguments.shape == "folder" else sorted(pictures.rglob("*.jpg"))
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in urls])
        copy, left, held = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        where = QPoint(400, 400)
        pulse.begin()
        QApplication.sendEvent(window, QDragEnterEvent(where, copy, mime, left, held))
        QApplication.sendEvent(window, QDropEvent(QPointF(where), copy, mime, left, held))

    def busy_hands() -> None:
        bar = many.grid.verticalScrollBar()
        if hands["turn"] % 12 == 6:
            many._on_order(Order.LEAST_SURE if hands["turn"] % 24 == 6 else Order.NAME)
        if hands["turn"] % 12 == 0 and len(many.model.counts) > 1:
            named = [group for group in many.model.counts if isinstance(group, str)]
            many.show_only(Filter(group=named[0]) if named and hands["turn"] % 24 == 0 else Filter())
        bar.setValue((bar.value() + 700) % max(1, bar.maximum()))
        hands["turn"] += 1

    hands = {"turn": 1}
    restless = QTimer(interval=250)
    restless.timeout.connect(busy_hands)
    settle(1.0)
    control = Control()
    before = process.memory_info().rss
    began = time.perf_counter()
    pulse.start()
    drop()
    if not arguments.calm:
        restless.start()
    memory = []

    def done() -> bool:
        if not memory or time.perf_counter() - memory[-1][0] > 0.25:
            memory.append((time.perf_counter(), many.run.done, process.memory_info().rss))
        return many.run.phase.value == "done" and many.run.done > 0

    wait(done, 600)
    took = time.perf_counter() - began
    restless.stop()
    settle(0.5)
    pulse.stop()
    elsewhere = control.stop()
    after = process.memory_info().rss
    early = next((rss for _, count, rss in memory if count >= arguments.files // 5), after)

    page.go_home()
    settle(0.5)
    drop()
    wait(lambda: many.run.done >= arguments.files // 10, 120)
    at = time.perf_counter()
    many.progress.cancel.click()
    clicked = time.perf_counter()
    wait(lambda: not many.run.busy and many.run._answering is None, 30)
    stopped = time.perf_counter()

    gaps = np.array(pulse.gaps) * 1e3
    stalls = int((gaps > STALL_MS).sum())
    cancel = (stopped - at) * 1e3
    print(f"{arguments.files:,} pictures of 320x240 dropped as {arguments.shape}, model {arguments.model}")
    print(f"answered in {took:.1f} s, {arguments.files / took:.0f} a second; load {os.getloadavg()[0]:.1f}\n")
    for name, value in (
        ("heartbeat p50", f"{np.percentile(gaps, 50):.1f} ms"),
        ("heartbeat p99", f"{np.percentile(gaps, 99):.1f} ms"),
        ("heartbeat max", f"{gaps.max():.1f} ms"),
        (f"gaps over {STALL_MS} ms", f"{stalls} of {len(gaps):,}"),
        ("most own work in a gap", f"{max(pulse.work) * 1e3:.1f} ms"),
        ("an idle process, max", f"{elsewhere:.1f} ms"),
        ("memory before", f"{before / 1e6:.0f} MB"),
        ("memory after a fifth", f"{early / 1e6:.0f} MB"),
        ("memory after all", f"{after / 1e6:.0f} MB"),
        ("thumbnails kept", f"{many.thumbnails.bytes / 1e6:.1f} MB"),
        ("cancel, click handled", f"{(clicked - at) * 1e3:.1f} ms"),
        ("cancel, all work ended", f"{cancel:.1f} ms"),
    ):
        print(f"{name:24} {value:>14}")
    good = stalls == 0 and cancel <= CANCEL_MS
    print("\nas it should be" if good else "\nNOT as it should be")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())

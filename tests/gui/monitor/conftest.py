"""The page over invented samples: the sampler stands still, and the test says what it saw."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pytest

from engine.monitor import Latency, Sample
from engine.monitor.answers import sketch
from gui.monitor.page import MonitorPage
from tests.gui.conftest import Opened


def sample(**changes: float | None) -> Sample:
    """A quiet machine."""
    calm = Sample(
        at=time.time(),
        cpu_percent=23.0,
        memory_percent=41.0,
        disk_percent=60.0,
        process_cpu_percent=8.0,
        process_memory_bytes=200_000_000,
        process_threads=9,
        predictions_per_second=2.0,
        latency=Latency(10, 12.0, 30.0, 45.0),
        cores=4,
        memory_total_bytes=8_000_000_000,
        disk_read_per_second=1.5e6,
        disk_written_per_second=4e5,
        requests_per_second=1.0,
        received_per_second=2e4,
        sent_per_second=900.0,
    )
    return replace(calm, **changes)  # type: ignore[arg-type]


@dataclass
class Watched:
    """The window with its Monitor page in front."""

    opened: Opened
    page: MonitorPage

    def feed(self, *samples: Sample, ago: int = 0) -> None:
        """Let the sampler have seen these, the last one `ago` seconds ago; then let the page show them."""
        monitor = self.opened.whisker.monitor
        now = time.time() - ago
        for at, each in enumerate(samples, start=1 - len(samples)):
            monitor._timeline.add(now + at, each.figures(), sketch([12.0]) if each.predictions_per_second else {})
        monitor._latest, monitor._looked = samples[-1], monitor._clock() + 3600
        self.show()

    def show(self) -> None:
        before = self.page.shown
        self.page.sampled.emit()
        self.opened.wait(lambda: self.page.shown is not before and not self.page._to_draw)
        self.opened.settle()


@pytest.fixture
def watched(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monitor = opened.whisker.monitor
    monkeypatch.setattr(monitor, "_keep_looking", lambda _stop: None)
    monitor._latest, monitor._looked = sample(), monitor._clock() + 3600
    opened.window.show_page("monitor")
    page = opened.window.page("monitor")
    assert isinstance(page, MonitorPage)
    opened.wait(lambda: page.shown is not None and not page._to_draw)
    opened.settle()
    return Watched(opened, page)

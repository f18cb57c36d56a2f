"""The monitor counts what is told and looks at the machine no more often than it must."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.bulletin import Bulletin, Predicted, RequestAnswered
from engine.database import Database
from engine.monitor import HOUR, LATENCIES, MINUTE, Monitor, Sample, percentile
from engine.monitor.gpu import GpuLoad
from engine.monitor.store import PointStore
from engine.prediction import Prediction


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def bulletin() -> Bulletin:
    return Bulletin()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monitor(bulletin: Bulletin, clock: Clock, tmp_path: Path) -> Monitor:
    return Monitor(bulletin, tmp_path / "not" / "there" / "yet", clock)


def answer(milliseconds: float = 5.0, *, best: int = 0, unknown: bool = False) -> Prediction:
    probabilities = np.array([0.1, 0.1], np.float32)
    probabilities[best] = 0.9
    return Prediction("a.png", ("cat", "dog"), probabilities, 1.0, unknown, "pets", 1, milliseconds)


def test_that_answers_are_counted_by_class_and_the_unknown_apart(bulletin: Bulletin, monitor: Monitor) -> None:
    bulletin.tell(Predicted((1, 2), (answer(), answer(best=1))))
    bulletin.tell(Predicted((3, 4), (answer(best=1), answer(unknown=True))))
    counts = monitor.counts()
    assert (counts.total, counts.unknown, counts.per_class) == (4, 1, {"dog": 2, "cat": 1})


def test_that_percentiles_are_those_of_the_latest_answers(bulletin: Bulletin, monitor: Monitor) -> None:
    assert monitor.latency().p50 is None
    bulletin.tell(Predicted((0,), (answer(99999.0),)))
    for milliseconds in range(1, LATENCIES + 1):
        bulletin.tell(Predicted((0,), (answer(float(milliseconds)),)))
    latency = monitor.latency()
    assert (latency.count, latency.p50, latency.p95, latency.p99) == (1000, 500.0, 950.0, 990.0)


@pytest.mark.parametrize(("share", "expected"), [(0.01, 10.0), (0.5, 20.0), (0.67, 30.0), (1.0, 30.0)])
def test_that_a_percentile_is_one_of_the_values(share: float, expected: float) -> None:
    assert percentile([10.0, 20.0, 30.0], share) == expected


def test_that_a_sample_looks_at_machine_disk_and_process(monitor: Monitor) -> None:
    sample = monitor.sample()
    assert 0.0 <= sample.cpu_percent <= 100.0
    assert 0.0 < sample.memory_percent <= 100.0
    assert sample.disk_percent is not None
    assert 0.0 < sample.disk_percent <= 100.0
    assert sample.process_memory_bytes > 1_000_000
    assert sample.process_threads >= 1


def test_that_load_is_measured_between_looks_whichever_thread_looks(monitor: Monitor, clock: Clock) -> None:
    def burn() -> None:
        end = time.process_time() + 0.15
        while time.process_time() < end:
            pass

    monitor.sample()
    burn()
    clock.now += 1.0
    seen: list[Sample] = []
    asking = threading.Thread(target=lambda: seen.append(monitor.sample()))
    asking.start()
    asking.join()
    assert seen[0].cpu_percent > 10.0
    assert seen[0].process_cpu_percent > 10.0


def test_that_two_who_ask_together_are_given_one_sample(monitor: Monitor, clock: Clock) -> None:
    first = monitor.sample()
    assert monitor.sample() is first
    clock.now += 1.0
    assert monitor.sample() is not first
    assert [point.samples for point in monitor.points(HOUR)] == [2]


def test_that_the_rate_is_counted_from_sample_to_sample(bulletin: Bulletin, monitor: Monitor, clock: Clock) -> None:
    clock.now += 1.0
    monitor.sample()
    bulletin.tell(Predicted(tuple(range(30)), tuple(answer() for _ in range(30))))
    clock.now += 2.0
    assert monitor.sample().predictions_per_second == pytest.approx(15.0)
    clock.now += 2.0
    assert monitor.sample().predictions_per_second == 0.0


def test_that_samples_come_by_themselves_only_while_somebody_follows(monitor: Monitor) -> None:
    def sampling() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "monitor"]

    first, second = monitor.follow(), monitor.follow()
    assert len(sampling()) == 1
    thread = sampling()[0]
    first()
    first()  # leaving twice counts once
    assert thread.is_alive()
    second()
    thread.join(3.0)
    assert not thread.is_alive()
    assert monitor.points(MINUTE)


def test_that_many_threads_may_tell_and_ask_at_once(bulletin: Bulletin, monitor: Monitor) -> None:
    def work() -> None:
        for _ in range(200):
            bulletin.tell(Predicted((1,), (answer(),)))
            monitor.latency()
            monitor.sample()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert monitor.counts().total == 800


def test_that_leaving_after_closing_does_no_harm(monitor: Monitor) -> None:
    leave = monitor.follow()
    monitor.close()
    leave()


def test_that_nothing_is_counted_after_closing(bulletin: Bulletin, monitor: Monitor) -> None:
    monitor.close()
    bulletin.tell(Predicted((1,), (answer(),)))
    assert monitor.counts().total == 0


def test_that_requests_and_bytes_of_our_own_server_are_rates(
    bulletin: Bulletin, monitor: Monitor, clock: Clock
) -> None:
    monitor.sample()
    for _ in range(6):
        bulletin.tell(RequestAnswered(0.0, "GET", "/", 200, 1.0, "127.0.0.1"))
    monitor.answers.moved(received=300, sent=900)
    clock.now += 3.0
    sample = monitor.sample()
    rates = (sample.requests_per_second, sample.received_per_second, sample.sent_per_second)
    assert rates == pytest.approx((2.0, 100.0, 300.0))
    assert monitor.answers.traffic() == (300, 900)


def test_that_a_follower_is_given_every_sample_and_none_after_it_left(monitor: Monitor) -> None:
    seen: list[Sample] = []
    arrived = threading.Event()

    def each(sample: Sample) -> None:
        seen.append(sample)
        arrived.set()

    leave = monitor.follow(each)
    assert arrived.wait(5.0)
    leave()
    known = len(seen)
    monitor.sample()
    assert len(seen) == known
    assert monitor.points(MINUTE)


def test_that_the_graphics_card_is_asked_only_while_somebody_looks_closely(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr("engine.monitor.gpu.Gpu.look", lambda _: GpuLoad(30.0, None))
    assert monitor.sample().gpu_percent is None
    leave = monitor.follow(closely=True)
    clock.now += 1.0
    assert monitor.sample().gpu_percent == 30.0
    leave()
    clock.now += 1.0
    assert monitor.sample().gpu_percent is None


class Kept:
    """A home's whisker, sampling on a clock of its own."""

    def __init__(self, home: Path) -> None:
        self.database = Database(home / "whisker.db")
        self.clock = Clock()
        self.now = 1_800_000_000.0
        self.monitor = Monitor(
            Bulletin(), home, self.clock, now=lambda: self.now, store=lambda: PointStore(self.database)
        )

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.monitor.sample()
            self.clock.now += 1.0
            self.now += 1.0

    def close(self) -> None:
        self.monitor.close()
        self.database.close()


def test_that_the_last_hour_is_there_again_after_a_restart(tmp_path: Path) -> None:
    first = Kept(tmp_path)
    first.monitor._keep()
    first.run(25)
    first.close()
    second = Kept(tmp_path)
    second.now += 40
    second.monitor._keep()
    assert [point.samples for point in second.monitor.points(HOUR)] == [10, 10, 5]
    assert second.monitor.problem == ""
    second.close()


def test_that_a_database_that_is_locked_keeps_no_sample_waiting_and_loses_nothing(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.monitor._keep()
    kept.database._writer.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "whisker.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    kept.run(10)
    kept.monitor._keep()
    assert "in use" in kept.monitor.problem
    assert len(kept.monitor.points(MINUTE)) == 10
    other.execute("ROLLBACK")
    other.close()
    kept.monitor._keep()
    assert kept.monitor.problem == ""
    assert sum(point.samples for point in PointStore(kept.database).load(kept.now) if point.step == HOUR.step) == 10
    kept.close()


def test_that_a_clock_set_back_leaves_charts_that_go_on(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.monitor._keep()
    kept.run(30)
    kept.monitor._keep()
    kept.now -= 3000
    kept.run(5)
    kept.monitor._keep()
    assert sum(point.samples for point in kept.monitor.points(HOUR)) == 5
    assert all(point.at <= kept.now for point in PointStore(kept.database).load(kept.now + 10_000))
    kept.close()

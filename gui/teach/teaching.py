"""The training under way, whichever page is in front: one thread that follows it, a line in the status bar."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gui.desk import Desk
from gui.jobs import Job
from gui.training_thread import TrainingThread

if TYPE_CHECKING:
    from engine.training.events import TrainingEvent
    from engine.training.plan import TrainingPlan
    from gui.training_thread import Trains

IDLE_MS = 10 * 60_000
"""A warm child holds a few hundred MB: so long it waits for Start while nobody is on the page."""

NEARLY = 0.98
"""What a run that takes longer than was thought stands at."""


class Teaching(QObject):
    """Attributes:
    plan: What is or was taught; None before the first time.
    stopping: What cancelling is doing, in words; empty while nobody cancelled.
    share: Of the whole run, by time, 0 to 1; None while nobody knows.

    Signals:
        happened: A `TrainingEvent` of the run.
        began: A run was started.
        stopping_changed: Cancelling has come further.
        ended: A run is over; its last event was told before, and the thread is gone.
    """

    happened = Signal(object)
    began = Signal()
    stopping_changed = Signal()
    ended = Signal()

    def __init__(self, desk: Desk, trainer: Trains | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._trainer = trainer
        self._thread: TrainingThread | None = None
        self._job: Job | None = None
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._idle.timeout.connect(self._cool_down)
        self._slow = QTimer(self, singleShot=True, interval=500)
        self._slow.timeout.connect(self._on_slow)
        self.plan: TrainingPlan | None = None
        self.stopping = ""
        self.began_at = 0.0
        self.share: float | None = None
        self._ends_at: float | None = None

    @property
    def running(self) -> bool:
        return self._thread is not None

    @property
    def log(self) -> str:
        return self._thread.log if self._thread is not None else ""

    @property
    def left(self) -> float | None:
        """Seconds until it will be over; None while nobody knows."""
        return None if self._ends_at is None else max(0.0, self._ends_at - time.monotonic())

    @property
    def trainer(self) -> Trains:
        """Slow when first asked for: not on the GUI thread."""
        return self._trainer or self._desk.whisker.trainer

    def warm_up(self) -> None:
        """Have TensorFlow imported before it is needed, and the charts' library too."""
        self._idle.stop()
        if not self.running:
            self._desk.tasks.run(self, self._warm, lambda _: None, lambda _error: None)

    def leave_idle(self) -> None:
        """Nobody looks: a child that is not used soon is let go."""
        self._idle.start()

    def start(self, plan: TrainingPlan) -> None:
        """Begin; a run that is under way goes on instead."""
        if self._thread is not None:
            return
        self._idle.stop()
        self.plan, self.stopping, self.began_at = plan, "", time.monotonic()
        self.share = self._ends_at = None
        thread = TrainingThread(self.trainer, plan, self)
        thread.happened.connect(self._on_event)
        thread.finished.connect(self._on_finished)
        self._thread = thread
        self._job = self._desk.jobs.begin("teach", f"Teaching {plan.name}", self.cancel)
        self.began.emit()
        thread.start()

    def cancel(self) -> None:
        """Stop the run, and say what that is doing; may be pressed again."""
        if self._thread is None:
            return
        if not self.stopping:
            self._say("Asking it to stop…")
            self._slow.start()
        self._thread.cancel()

    def shut(self) -> None:
        """End the run and wait for its thread; for when the window closes."""
        self._idle.stop()
        self._slow.stop()
        thread = self._thread
        if thread is not None:
            thread.cancel()
            thread.wait()
            self._on_finished()

    def _say(self, text: str) -> None:
        self.stopping = text
        self.stopping_changed.emit()

    def _on_slow(self) -> None:
        if self._thread is not None:
            self._say("It does not answer; ending it…")

    def tell_share(self) -> None:
        """Work out the share anew; it never goes back, and is all only when it is over."""
        left, passed = self.left, time.monotonic() - self.began_at
        if left is not None:
            self.share = max(self.share or 0.0, min(passed / max(passed + left, 0.1), NEARLY))
            if self._job is not None:
                self._job.progress(round(100 * self.share), 100)

    def _on_event(self, event: TrainingEvent) -> None:
        from engine.training.events import Batch, Prepared, Stage

        match event:
            case Prepared(seconds=seconds) | Stage(seconds_left=seconds) | Batch(seconds_left=seconds):
                if seconds is not None:
                    self._ends_at = time.monotonic() + seconds
        self.tell_share()
        self.happened.emit(event)

    def _on_finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._slow.stop()
        thread.deleteLater()
        if self._job is not None:
            self._job.end()
            self._job = None
        self.stopping = ""
        self.ended.emit()

    def _warm(self) -> None:
        self.trainer.warm_up()
        # 0.7 s that the window would otherwise stand still for when the first curve is drawn.
        import pyqtgraph  # noqa: F401

    def _cool_down(self) -> None:
        if not self.running:
            self._desk.tasks.run(self, lambda: self.trainer.cool_down(), lambda _: None, lambda _error: None)

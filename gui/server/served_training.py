"""A training that a program asked for, or that began by itself, among the jobs of the status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.jobs import Job, Jobs

if TYPE_CHECKING:
    from engine.bulletin import News, Retrained


class ServedTraining:
    """Shows one job from a training's beginning to its end."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._job: Job | None = None

    @property
    def shown(self) -> bool:
        return self._job is not None

    def hear(self, news: News) -> None:
        # Not imported with the window, which may never need it.
        from engine.bulletin import RetrainingBegun
        from engine.training.events import Batch, Last, Stage, TrainingReported

        if isinstance(news, RetrainingBegun):
            # Its first word comes seconds later, and meanwhile the machine is busy already.
            self._begin()
            return
        if not isinstance(news, TrainingReported):
            return
        if isinstance(news.event, Last):
            self.end()
            return
        job = self._begin()
        if isinstance(news.event, Batch | Stage) and news.event.total:
            job.progress(news.event.done, news.event.total)

    def _begin(self) -> Job:
        if self._job is None:
            self._job = self._jobs.begin("server", "Retraining for the server", lambda: None)
        return self._job

    def end(self) -> None:
        if self._job is not None:
            self._job.end()
            self._job = None


def in_words(news: Retrained) -> str:
    """How it ended, for a person who may not know that it began."""
    how = "by itself" if news.automatic else "for the server"
    if news.reference is None:
        return f"A retraining {how} has ended without a model. {news.said}"
    name, _, version = news.reference.partition("@")
    return f"{name} v{version} was trained {how}. {news.said}"

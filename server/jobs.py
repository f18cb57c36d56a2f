"""Retraining on the pictures that were sent: one job at a time, its events kept for whoever follows it."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from engine.bulletin import RetrainingBegun
from engine.errors import DatasetError, ModelError, TrainingBusy, WhiskerError
from engine.training.events import Cancelled, Finished, Last, TrainingEvent
from engine.training.plan import Recipe, TrainingPlan
from server.errors import JobFinished, JobNotFound
from server.job import BROKE_OFF, Job, news_of, note
from server.uploads import Uploads

if TYPE_CHECKING:
    from engine.whisker import Whisker

KEPT_JOBS = 20
OWN_NAME = "my-model"
PICTURES_A_CLASS = 2


class Run(Protocol):
    """A training under way; engine.training.run.TrainingRun."""

    @property
    def id(self) -> str: ...
    @property
    def plan(self) -> TrainingPlan: ...
    def events(self) -> Iterator[TrainingEvent]: ...
    def cancel(self) -> None: ...


class Trainer(Protocol):
    """Starts trainings; engine.training.trainer.Trainer."""

    def start(self, plan: TrainingPlan) -> Run: ...


class Jobs:
    """The retrainings of one server.

    Args:
        whisker: Whose shelf takes the models.
        uploads: What is learnt from.
        trainer: Makes the trainer when it is first needed; importing it takes 60 ms.
    """

    def __init__(self, whisker: Whisker, uploads: Uploads, trainer: Callable[[], Trainer]) -> None:
        self._whisker = whisker
        self._uploads = uploads
        self._make_trainer = trainer
        self._trainer: Trainer | None = None
        self._jobs: dict[str, Job] = {}
        self._runs: dict[str, tuple[Run, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._closing = False

    def start(
        self,
        recipe: Recipe = Recipe.QUICK,
        *,
        epochs: int | None = None,
        name: str | None = None,
        activate: bool | None = None,
        automatic: bool = False,
    ) -> Job:
        """Begin to learn from the uploads.

        Args:
            name: The model's name; None for the active model's, if it knows these very classes, else OWN_NAME.
                A built-in model goes on under a name of its own.
            activate: Whether the new model answers from then on; None to let it unless it is worse.
            automatic: Nobody asked for it, so it only answers from then on if it is better.

        Raises:
            ModelProtected: the name is that of a built-in model.
            DatasetError: fewer than two classes with two pictures each were sent.
            TrainingError: it cannot start, or another one is under way.
        """
        with self._lock:
            if self._closing or any(not job.over for job in self._jobs.values()):
                raise TrainingBusy("A training is under way already.", "Wait until it ends, or cancel it.")
            labels = [label for label, count in self._uploads.counts().items() if count >= PICTURES_A_CLASS]
            if len(labels) < 2:
                raise DatasetError(
                    "There is too little to learn from.", "Upload two photos or more of each of two classes first."
                )
            if name is not None:
                # What the shelf refuses is known now, not after an hour of training.
                name = self._whisker.shelf.spelling(name)
            plan = TrainingPlan(self._uploads.folder, name or self._name_for(labels), recipe, epochs=epochs)
            if self._trainer is None:
                self._trainer = self._make_trainer()
            run = self._trainer.start(plan)
            self._uploads.begin()
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            job = Job(run.id, recipe.value, plan.name, run.plan.epochs, automatic, activate, now)
            self._jobs[job.id] = job
            while len(self._jobs) > KEPT_JOBS:
                self._jobs.pop(next(iter(self._jobs)))
            thread = threading.Thread(target=self._follow, args=(job, run), name="retraining", daemon=True)
            self._runs[job.id] = run, thread
            thread.start()
            return job

    @property
    def under_way(self) -> bool:
        """Whether a retraining has begun and is not over. Never waits: a window asks."""
        return bool(self._runs)

    def latest(self) -> list[Job]:
        """The latest jobs, the last one first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def get(self, identity: str) -> Job:
        """One job.

        Raises:
            JobNotFound: there is none of that name.
        """
        with self._lock:
            job = self._jobs.get(identity)
        if job is None:
            raise JobNotFound("There is no such retraining.", "The server forgets them when it stops.")
        return job

    def cancel(self, identity: str, patience: float = 2.0) -> Job:
        """End a job; waits up to `patience` seconds until it is over.

        Raises:
            JobNotFound: there is none of that name.
            JobFinished: it ended by itself before.
        """
        job = self.get(identity)
        with self._lock:
            under_way = self._runs.get(identity)
        if under_way is not None:
            under_way[0].cancel()
            under_way[1].join(patience)
        elif job.state != "cancelled":
            raise JobFinished("This retraining is over.", "Its model is on the shelf, if it made one.")
        return job

    def close(self) -> None:
        """Cancel what is under way and wait for its end, which takes at most a second or two."""
        with self._lock:
            self._closing = True
            under_way = list(self._runs.values())
        for run, thread in under_way:
            run.cancel()
            thread.join(3.0)

    def _name_for(self, labels: list[str]) -> str:
        try:
            active = self._whisker.shelf.active
        except ModelError:
            return OWN_NAME
        if set(labels) != set(active.card.classes):
            return OWN_NAME
        return f"my-{active.name}" if active.builtin else active.name

    def _follow(self, job: Job, run: Run) -> None:
        began = time.monotonic()
        last: Last | None = None
        self._whisker.bulletin.tell(RetrainingBegun(job.automatic))
        try:
            for event in run.events():
                used = self._use(job, event) if isinstance(event, Finished) else None
                if isinstance(event, Last):
                    self._settle(event)
                with job.changed:
                    job.seconds = round(time.monotonic() - began, 2)
                    note(job, event)
                    # The log's path is nobody's business beyond this machine.
                    told = {key: value for key, value in event.as_json().items() if key != "log"}
                    if used is not None:
                        job.activated, why = used
                        job.notes.append(why)
                        told |= {"activated": job.activated, "notes": list(job.notes)}
                    job.tell(told)
                if isinstance(event, Last):
                    last = event
                    break
        finally:
            if last is None:
                self._settle(None)
            with self._lock:
                self._runs.pop(job.id, None)
            with job.changed:
                if not job.over:
                    job.state, job.error = "failed", {"code": "training_died", "message": BROKE_OFF}
                job.changed.notify_all()
            # Told when all is over: whoever hears it may begin the next one.
            self._whisker.bulletin.tell(news_of(job, last))

    def _settle(self, last: Last | None) -> None:
        """Count the pictures as learnt, unless the end of the server broke their training off.

        Also after a failure: else the next picture would begin the same training again.
        """
        if not (self._closing and isinstance(last, Cancelled | None)):
            self._uploads.learnt()

    def _use(self, job: Job, finished: Finished) -> tuple[bool, str]:
        """Let the new model answer, or not; whether, and why in words."""
        verdict = (finished.comparison or {}).get("verdict")
        before = str((finished.comparison or {}).get("with") or "the model before").replace("@", " v")
        if job.activate is False:
            return False, "It is kept on the shelf, as was asked; the model before goes on answering."
        if job.activate is None and job.automatic and verdict != "better":
            return False, f"It is kept aside: the comparison does not say that it is better than {before}."
        if job.activate is None and verdict == "worse":
            return False, f"It is kept aside: the comparison says that it is worse than {before}."
        try:
            self._whisker.shelf.activate(f"{finished.model}@{finished.version}")
        except WhiskerError as error:
            return False, f"It is kept aside: {error}"
        return True, "It answers from now on."

"""The facade: what a face needs of the engine. It holds the rooms and adds only what takes two of them.

Whole because faces know this one object: a question to one room alone is asked of that room.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine import paths
from engine.bulletin import (
    Bulletin,
    Corrected,
    HistoryCleared,
    ModelActivated,
    News,
    NotRemembered,
    Predicted,
    SettingChanged,
    Unrecorded,
)
from engine.durable import sweep
from engine.errors import HistoryError
from engine.glimpses import Glimpses
from engine.history import History
from engine.model_in_use import ModelInUse
from engine.model_shelf import ModelShelf
from engine.monitor import Monitor
from engine.prediction import Outcome, Prediction
from engine.settings import Settings
from engine.upkeep import Upkeep

# NumPy, Pillow and onnxruntime take 0.4 s to import. Methods import them, so that the window is painted before.
if TYPE_CHECKING:
    from engine.card import Card
    from engine.drift import Outlook
    from engine.explain import Reasons
    from engine.forgetting import Traces
    from engine.images import Limits
    from engine.monitor.store import PointStore
    from engine.predictor import Predictor
    from engine.training.trainer import Trainer

# While a folder streams, rows are written together: one transaction costs as much as one row.
RECORD_TOGETHER = 64
RECORD_EVERY_S = 0.1


class Whisker:
    """The engine over one home.

    Args:
        home: All that is written lies there.
        builtin: The folder of models that ship with the program.
    """

    def __init__(self, home: paths.Home, builtin: Path | None = None) -> None:
        self.home = home
        self.bulletin = Bulletin()
        self.settings = Settings(home.settings, self.bulletin)
        self.shelf = ModelShelf(home, builtin or paths.builtin_models(), self.bulletin)
        self.monitor = Monitor(self.bulletin, home.root, store=self._points, children=self._children)
        self.glimpses = Glimpses()
        self._history: History | None = None
        self._outlook: tuple[tuple[str, int, int], Outlook] | None = None
        self._trainer: Trainer | None = None
        self._forgetful = False  # whether it was said that answers are not remembered, and none was since
        self._in_use = ModelInUse(self.shelf, self.settings)
        # A model loads under a lock of its own: meanwhile the window reads the history in another thread.
        self._opening = threading.Lock()
        self._upkeep = Upkeep(self._prune, lambda: self.history.fold_back())
        self._stop_listening = self.bulletin.listen(self._hear)

    @property
    def history(self) -> History:
        """The history, opened when first used."""
        with self._opening:
            if self._history is None:
                self._history = History(self.home.database)
            return self._history

    @property
    def predictor(self) -> Predictor:
        """The model that answers: $MODEL_PATH, else the shelf's active one. Loaded when first used.

        An active one that is broken gives way to the version before it; `substitution` says so.

        Raises:
            ModelError: there is none, or it is broken and no other is sound.
        """
        return self._in_use.predictor

    @property
    def substitution(self) -> str | None:
        """A sentence that says which model answers in the place of the chosen one, and why; None while all is well."""
        return self._in_use.substitution

    @property
    def trainer(self) -> Trainer:
        """Starts training runs; TensorFlow stays in their own process."""
        from engine.run_log import RunLog
        from engine.training.trainer import Trainer

        with self._opening:
            if self._trainer is None:
                self._trainer = Trainer(self.home, self.shelf, self.bulletin, record=RunLog(lambda: self.history).hear)
            return self._trainer

    def load(self, reference: str) -> Predictor:
        """The model `NAME` or `NAME@VERSION`, whether active or not."""
        return self._in_use.load(self.shelf.find(reference).folder)

    def classify(
        self, source: Path | bytes, *, origin: str, name: str = "", limits: Limits | None = None
    ) -> tuple[int | None, Prediction]:
        """Answer one picture, remember it and tell of it.

        Args:
            origin: Who asks: `window`, `cli` or `api`.

        Returns:
            Its row in the history (None when the history could not be written) and the answer.

        Raises:
            ImageError: the picture cannot be read.
        """
        prediction = self.predictor.predict(source, name, limits)
        row = self._remember([prediction], origin)[0]
        if isinstance(source, bytes):
            self.glimpses.keep(row, source, limits)
        return row, prediction

    def classify_together(
        self,
        pictures: Sequence[bytes],
        *,
        origin: str,
        names: Sequence[str],
        limits: Limits | None = None,
        many: bool = False,
    ) -> list[Outcome]:
        """Answer a few pictures by one run of the network, remember them together and tell of them, in order.

        Args:
            many: Whether other threads ask as well; otherwise that is found out.

        Raises:
            ModelError: no model can answer.
        """
        from engine.images import DESKTOP
        from engine.together import answer_together

        limits = limits or DESKTOP
        outcomes = answer_together(self.predictor, pictures, names, limits=limits, many=many)
        for picture, (row, _) in zip(pictures, self._with_rows(outcomes, origin), strict=True):
            self.glimpses.keep(row, picture, limits)
        return outcomes

    def classify_many(
        self,
        files: Sequence[Path],
        *,
        origin: str,
        predictor: Predictor | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[tuple[int | None, Outcome]]:
        """Answer many pictures in order, remembering as they stream; a `Failure` has no row."""
        from engine.folder_run import classify_as_ready

        together: list[Outcome] = []
        written = -RECORD_EVERY_S
        for outcomes in classify_as_ready(
            predictor or self.predictor, files, cancel=cancel, behind_window=origin == "window"
        ):
            together += outcomes
            waited = time.monotonic() - written >= RECORD_EVERY_S
            if together and (not outcomes or waited or len(together) >= RECORD_TOGETHER):
                yield from self._with_rows(together, origin)
                together, written = [], time.monotonic()
        yield from self._with_rows(together, origin)

    def explain(self, source: Path | bytes, class_name: str | None = None) -> Reasons:
        """Why the active model says what it says."""
        from engine.explain import explain

        return explain(self.predictor, source, class_name)

    def outlook(self, card: Card | None = None) -> Outlook:
        """What a model was shown lately, and whether it is still what it was judged on.

        Args:
            card: The model's; the active one's, which is loaded for it, unless given.

        Raises:
            ModelError: there is no model, or it is broken.
            HistoryError: the history cannot be read.
        """
        from engine.drift import LOOKED_AT, outlook

        card, newest = card or self.predictor.card, self.history.newest()
        key = (card.name, card.version, newest)
        # Asked for each second by whoever watches; a folder that streams by itself must not make it dear.
        if self._outlook is None or self._outlook[0] != key:
            self._outlook = key, outlook(card, self.history.latest_of(card.name, card.version, LOOKED_AT))
        return self._outlook[1]

    def correct(self, row: int, label: str | None) -> None:
        """Note what the picture of history row `row` really is; None takes the correction back."""
        self.history.correct(row, label)
        self.bulletin.tell(Corrected(row, label))

    def traces(self, rows: Sequence[int]) -> Traces:
        """Everything that is kept about the pictures of these rows of the history."""
        from engine.forgetting import traces

        return traces(self.history, self.home, rows)

    def forget(self, found: Traces) -> None:
        """Remove everything that `traces` has found; it cannot be undone, and no file of the person's is touched."""
        from engine.forgetting import forget

        forget(self.history, self.home, found)
        self.bulletin.tell(HistoryCleared(found.rows))

    def tidy(self) -> list[str]:
        """What is due once at a start: clear away what a crash left half-made, and forget what is past its time.

        Returns:
            Sentences about what had to be set aside, for a person to see.
        """
        from engine.training.lock import training_goes_on

        self.shelf.sweep()
        sweep(self.home.root, self.home.pasted, self.home.journals)
        try:
            if not training_goes_on(self.home):
                self.history.end_interrupted_runs()
            self._upkeep.begin()
            damaged = self.history.problems
        except HistoryError as error:
            self._forgetful = True
            news = _not_remembered(error)
            damaged = [f"{news.message} {news.hint}".rstrip()]
        return [*self.settings.problems, *damaged]

    def close(self) -> None:
        self._stop_listening()
        self._upkeep.close()
        self.monitor.close()
        if self._trainer is not None:
            self._trainer.close()
        if self._history is not None:
            self._history.close()

    def _points(self) -> PointStore:
        from engine.monitor.store import PointStore

        return PointStore(self.history.database)

    def _children(self) -> list[int]:
        # The sampler must not be what makes the trainer.
        return [] if self._trainer is None else self._trainer.processes()

    def _with_rows(self, outcomes: Sequence[Outcome], origin: str) -> Iterator[tuple[int | None, Outcome]]:
        answered = [outcome for outcome in outcomes if isinstance(outcome, Prediction)]
        rows = iter(self._remember(answered, origin))
        for outcome in outcomes:
            yield (next(rows) if isinstance(outcome, Prediction) else None), outcome

    def _remember(self, predictions: Sequence[Prediction], origin: str) -> Sequence[int | None]:
        """Answers matter more than their record: a full disk must not keep them from the person."""
        try:
            rows = self.history.record(predictions, origin)
        except HistoryError as error:
            if predictions:
                self.bulletin.tell(Unrecorded(tuple(predictions)))
            if predictions and not self._forgetful:
                self._forgetful = True
                self.bulletin.tell(_not_remembered(error))
            return [None] * len(predictions)
        self._forgetful = self._forgetful and not rows
        self._upkeep.written(len(rows))
        if rows:
            self.bulletin.tell(Predicted(tuple(rows), tuple(predictions)))
        return rows

    def _prune(self, stop: threading.Event) -> None:
        days, megabytes = int(self.settings["history_days"]), int(self.settings["history_megabytes"])
        if self.history.prune(days, megabytes, stop):
            self.bulletin.tell(HistoryCleared())

    def _hear(self, news: News) -> None:
        if isinstance(news, SettingChanged) and news.key in ("history_days", "history_megabytes"):
            self._upkeep.begin()
        if isinstance(news, HistoryCleared):
            self.glimpses.forget()
        if isinstance(news, ModelActivated) or news == SettingChanged("threads"):
            self._in_use.let_go()


def _not_remembered(error: HistoryError) -> NotRemembered:
    reason = f"{error.message[:1].lower()}{error.message[1:]}"
    return NotRemembered(f"Answers are given but not remembered: {reason}", error.hint)

"""Acts on the history: answers, corrections, and a database of an older Whisker that is brought up to date."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from engine import database
from engine.history import History
from engine.migrations import STEPS, migrate
from engine.whisker import Whisker
from tests.faults.acts.act import Act, Place, Said, Say

OLD_ROWS = 20_000


class Predicting(Act):
    name = "predicting"

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        with place.open() as whisker:
            _ = whisker.predictor
            say("ready")
            while True:
                if rng.random() < 0.5:
                    row, answer = whisker.classify(rng.choice(place.photos), origin="cli")
                    say("did", str(row), answer.predicted_class)
                else:
                    some = rng.sample(place.photos, 8)
                    for row, outcome in whisker.classify_many(some, origin="cli"):
                        say("did", str(row), getattr(outcome, "predicted_class", "?"))

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        there = {str(row.id): row.predicted_class for row in whisker.history.recent(10**9)}
        return [f"answer {row}: {name}" for row, name in said.did if there.get(row) != name]


class Correcting(Act):
    name = "correcting"

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        with place.open() as whisker:
            _ = whisker.predictor
            say("ready")
            while True:
                row, _answer = whisker.classify(rng.choice(place.photos), origin="window")
                assert row is not None
                label = f"class {rng.randrange(10)}"
                whisker.correct(row, label)
                say("did", str(row), label)
                if rng.random() < 0.2:
                    say("try", str(row))
                    whisker.correct(row, None)
                    say("did", str(row), "")

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        there = {str(each.row): each.label for each in whisker.history.corrections()}
        wanted = {row: label for row, label in said.did if [row] not in said.unsure}
        lost = [f"correction {row}: {label}" for row, label in wanted.items() if label and there.get(row) != label]
        return lost + [f"that correction {row} was taken back" for row in wanted if not wanted[row] and row in there]


class Upgrading(Act):
    """Each round begins with a database of some older version, full of answers and corrections."""

    name = "upgrading the database"
    span_s = 0.3

    def __init__(self) -> None:
        self._rounds = 0

    def begin(self, place: Place) -> None:
        home = place.home
        for file in home.root.glob("whisker.db*"):
            file.unlink()
        self._rounds += 1
        age = 2 + self._rounds % max(1, len(STEPS) - 2)
        old = place.root / f"old-{age}.db"
        if not old.exists():
            _old_database(old, age)
        home.root.mkdir(exist_ok=True)
        shutil.copyfile(old, home.database)

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        def slowly(connection: sqlite3.Connection) -> list[str]:
            # Between any two statements there is time for a kill.
            connection.set_trace_callback(lambda _: time.sleep(0.01))
            done = migrate(connection)
            connection.set_trace_callback(None)
            return done

        database.migrate = slowly
        say("ready")
        history = History(place.home.database)
        say("did", str(history.count()))
        while True:
            signal.pause()

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        history = whisker.history
        lost = [] if history.count() >= OLD_ROWS else [f"{OLD_ROWS - history.count()} old answers"]
        there = {each.row: each.label for each in history.corrections()}
        lost += [f"old correction {row}" for row in range(1, OLD_ROWS, 10) if there.get(row) != f"class {row % 7}"]
        with closing(sqlite3.connect(place.home.database)) as connection:
            applied = [name for (name,) in connection.execute("SELECT name FROM migrations")]
        return lost + ([] if set(STEPS) <= set(applied) else ["a step of the upgrade"])


def _old_database(path: Path, age: int) -> None:
    """What a Whisker that knew only the first `age` steps would have left."""
    kept = dict(STEPS)
    for name in list(STEPS)[age:]:
        del STEPS[name]
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        migrate(old)
        top = json.dumps([["cat", 0.75], ["dog", 0.25]])
        latest = int(time.time() * 1e6)
        old.execute("BEGIN")
        old.executemany(
            "INSERT INTO predictions (id, at, source, name, path, model, model_version, predicted_class, confidence, "
            "unknown, top, elapsed_ms) VALUES (?, ?, 'window', 'a.jpg', '/p/a.jpg', 'm', 1, 'cat', 0.75, 0, ?, 2.5)",
            ((row, latest - OLD_ROWS + row, top) for row in range(1, OLD_ROWS + 1)),
        )
        old.executemany(
            "INSERT INTO corrections (row, at, label, path) VALUES (?, 1, ?, '/p/a.jpg')",
            ((row, f"class {row % 7}") for row in range(1, OLD_ROWS, 10)),
        )
        old.execute("COMMIT")
    STEPS.update(kept)

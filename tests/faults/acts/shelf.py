"""Acts on the shelf of models: published, chosen, renamed, removed; and taught by a child process."""

from __future__ import annotations

import random
import shutil
import time
from multiprocessing.connection import Connection
from pathlib import Path

from engine.errors import WhiskerError
from engine.training.events import Finished, Stage
from engine.training.messages import Job, Staged, Warm
from engine.training.plan import TrainingPlan
from engine.training.trainer import Trainer
from engine.whisker import Whisker
from tests.faults.acts.act import Act, Place, Said, Say

METRICS = {"accuracy": 0.9, "accuracy_interval": [0.6, 0.98], "images": 10}
KEPT = 6  # versions, so that checking all of them stays quick


class Publishing(Act):
    name = "publishing"

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        with place.open() as whisker:
            shelf = whisker.shelf
            say("ready")
            while True:
                staged = shelf.stage()
                shutil.copytree(place.spare, staged, dirs_exist_ok=True)
                entry = shelf.publish(staged, "pets", proved=rng.random() < 0.5)
                say("did", "publish", entry.reference)
                if rng.random() < 0.7:
                    say("try", "use", entry.reference)
                    shelf.activate(entry.reference)
                    say("did", "use", entry.reference)
                if rng.random() < 0.3:
                    shelf.retitle("pets", f"Pets {rng.randrange(100)}")
                mine = [each for each in shelf.list() if each.name == "pets" and not each.active]
                if len(mine) > KEPT:
                    oldest = mine[-1].reference
                    say("try", "remove", oldest)
                    removed = shelf.remove(oldest)
                    if rng.random() < 0.3:
                        shelf.restore(removed)
                        removed = shelf.remove(oldest)
                    say("did", "remove", oldest)

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        there = {entry.reference for entry in whisker.shelf.list()}
        gone = {reference for _, (what, reference) in said.log if what == "remove"}
        restorable = {removed.reference for removed in whisker.shelf.removed()}
        lost = []
        used = ["cats-dogs@1"]
        for acknowledged, (what, reference) in said.log:
            if what == "publish" and reference not in there and reference not in (gone & restorable):
                lost.append(f"model {reference}")
            if what == "use":
                used = [reference] if acknowledged else [*used, reference]
        if whisker.shelf.active.reference not in used:
            lost.append(f"the choice of {used[0]}: {whisker.shelf.active.reference} answers")
        return lost


def teach_in_little(connection: Connection, log: Path) -> None:
    """A training of a tenth of a second that leaves everything half-made on its way, as a real one does."""
    connection.send(Warm())
    job = connection.recv()
    assert isinstance(job, Job)
    spare = Path(job.plan.folder).parent / "spare"
    job.checkpoints.mkdir(parents=True, exist_ok=True)
    for name in ("reading", "learning", "exporting"):
        connection.send(Stage(name, name.title()))
        (job.checkpoints / f"{name}.npz").write_bytes(b"half")
        time.sleep(0.02)
    for part in sorted(spare.iterdir()):
        content = part.read_bytes()
        with (job.staging / part.name).open("wb") as file:
            file.write(content[:100])
            file.flush()
            time.sleep(0.01)
            file.write(content[100:])
    connection.send(Staged(METRICS, None, ()))


class Training(Act):
    """Half of the kills take the program alone, so that its child has to notice."""

    name = "training"
    span_s = 2.5

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        with place.open() as whisker:
            trainer = Trainer(place.home, whisker.shelf, whisker.bulletin, target=teach_in_little)
            say("ready")
            while True:
                run = trainer.start(TrainingPlan(place.root / "photos", "taught"))
                for event in run.events():
                    if isinstance(event, Finished):
                        say("did", f"{event.model}@{event.version}")
                mine = [each.reference for each in whisker.shelf.list() if each.name == "taught"]
                if len(mine) > KEPT:
                    say("did", f"-{mine[-1]}")
                    whisker.shelf.remove(mine[-1])

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        there = {entry.reference for entry in whisker.shelf.list()}
        removed = {words[0][1:] for words in said.did if words[0].startswith("-")}
        lost = [f"model {words[0]}" for words in said.did if words[0][0] != "-" and words[0] not in there | removed]
        trainer = Trainer(place.home, whisker.shelf, whisker.bulletin, target=teach_in_little)
        try:
            run = trainer.start(TrainingPlan(place.root / "photos", "afterwards"))
        except WhiskerError as error:
            return [*lost, f"no training starts any more: {error}"]
        last = [event for event in run.events() if isinstance(event, Finished)]
        if not last:
            return [*lost, "a training after the kill does not end well"]
        whisker.shelf.remove(f"{last[0].model}@{last[0].version}")
        shutil.rmtree(place.home.trash, ignore_errors=True)
        return lost

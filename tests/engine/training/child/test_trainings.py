"""Real trainings, as small as they can be: TensorFlow trains, tf2onnx exports, onnxruntime answers."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.bulletin import Bulletin
from engine.card import Card
from engine.errors import TrainingError
from engine.explain import explain
from engine.model_shelf import ModelShelf
from engine.neighbours import read_neighbours
from engine.paths import Home
from engine.predictor import Predictor
from engine.training.events import Epoch, Exported, Failed, Finished, Prepared, Resumed, TrainingEvent
from engine.training.plan import Recipe, TrainingPlan, enlarged
from engine.training.trainer import Trainer
from tests.engine.training.children import prefers_what_it_tuned, teaches_on_a_full_disk

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[4]
WEIGHTS = """
import sys, h5py, keras
from keras.src.legacy.saving import legacy_h5_format
keras.utils.set_random_seed(0)
network = getattr(keras.applications, sys.argv[1])(include_top=False, weights=None, input_shape=(32, 32, 3))
with h5py.File(sys.argv[2], "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, network)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures, stripes that lie and stripes that stand, no two alike."""
    folder = tmp_path_factory.mktemp("stripes")
    for number in range(40):
        rng = np.random.default_rng(number)
        wave = np.sin(np.arange(64) / rng.uniform(1.5, 4) + rng.uniform(0, 6))[:, None, None]
        picture = np.clip(128 + 90 * wave * rng.uniform(0.3, 1, 3) + rng.normal(0, 25, (64, 64, 3)), 0, 255)
        if number % 2:
            picture = picture.transpose(1, 0, 2)
        path = folder / ("standing" if number % 2 else "lying") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(picture.astype(np.uint8)).save(path)
    return folder


@pytest.fixture
def shelf(home: Path, tmp_path: Path) -> ModelShelf:
    return ModelShelf(Home(home), tmp_path / "no-builtin-models", Bulletin())


@pytest.fixture
def trainer(home: Path, shelf: ModelShelf) -> Iterator[Trainer]:
    trainer = Trainer(Home(home), shelf, Bulletin())
    yield trainer
    trainer.close()


def of_kind(events: list[TrainingEvent], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def imagenet_weights(target: Path, network: str) -> Path:
    """A file in the layout of keras.applications, with weights that know nothing."""
    ran = subprocess.run([sys.executable, "-c", WEIGHTS, network, target], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return target


@pytest.mark.parametrize(
    "options",
    [
        {"recipe": Recipe.QUICK, "backbone": "lite0", "image_size": 64},
        {"recipe": Recipe.FINETUNE, "backbone": "lite0", "image_size": 64, "epochs": 1, "batch_size": 8},
        {"recipe": Recipe.CNN, "image_size": 32, "epochs": 1, "batch_size": 8},
        {"recipe": Recipe.VGG16, "image_size": 32},
        {"recipe": Recipe.RESNET50, "image_size": 32},
    ],
    ids=lambda options: options["recipe"].value,
)
def test_that_every_recipe_makes_a_model_that_answers(
    trainer: Trainer, shelf: ModelShelf, folder: Path, tmp_path: Path, home: Path, options: dict[str, Any]
) -> None:
    recipe = options["recipe"]
    if recipe in (Recipe.VGG16, Recipe.RESNET50):
        network = {Recipe.VGG16: "VGG16", Recipe.RESNET50: "ResNet50"}[recipe]
        options = {**options, "weights": imagenet_weights(tmp_path / "notop.h5", network)}
    run = trainer.start(TrainingPlan(folder, "stripes", **options))
    events = list(run.events())
    finished = events[-1]
    assert isinstance(finished, Finished), (finished, run.log.read_text(encoding="utf-8")[-2000:])

    (prepared,) = of_kind(events, Prepared)
    assert (prepared.classes, prepared.unreadable) == (("lying", "standing"), 0)
    assert prepared.train + prepared.validation + prepared.test == 40
    (exported,) = of_kind(events, Exported)
    assert exported.max_difference <= 1e-4
    if recipe in (Recipe.FINETUNE, Recipe.CNN):
        # Heads tell of epochs, too, but these take no time worth telling.
        assert [epoch.number for epoch in of_kind(events, Epoch) if epoch.seconds] == [1]

    entry = shelf.find("stripes@1")
    card = Card.read(entry.folder)
    assert card.recipe == recipe.value
    assert card.metrics == finished.metrics
    assert finished.metrics["images"] == prepared.test
    assert card.lineage["plan"]["image_size"] == options["image_size"]
    assert len(card.golden) == 3
    assert card.training["familiarity"]["images"] == prepared.test
    # Loading holds hash, shapes and golden answers against the card.
    predictor = Predictor(entry.folder)
    answer = predictor.predict(folder / "lying" / "0.png")
    assert answer.probabilities.sum() == pytest.approx(1, abs=1e-4)
    assert predictor.class_weights.shape[1] == 2
    features, files, labels = read_neighbours(entry.folder / "neighbours.npz", 2)
    assert len(features) == len(files) == len(labels) == prepared.train
    evaluation = json.loads((entry.folder / "evaluation.json").read_text(encoding="utf-8"))
    assert len(evaluation["test"]) == prepared.test
    right = sum(row["label"] == row["predicted_class"] for row in evaluation["test"])
    assert right / prepared.test == pytest.approx(finished.metrics["accuracy"])
    assert not list(Home(home).staging.iterdir())
    if recipe is Recipe.QUICK:
        assert finished.metrics["accuracy"] >= 0.75


def test_that_a_network_that_is_better_for_fine_tuning_answers_at_a_larger_size(
    home: Path, shelf: ModelShelf, folder: Path
) -> None:
    trainer = Trainer(Home(home), shelf, Bulletin(), target=prefers_what_it_tuned)
    plan = TrainingPlan(folder, "stripes", Recipe.FINETUNE, "lite0", image_size=64, epochs=1, batch_size=8)
    finished = list(trainer.start(plan).events())[-1]
    assert isinstance(finished, Finished)
    assert any(note.startswith("Fine-tuning was kept") for note in finished.notes)
    predictor = Predictor(shelf.find("stripes@1").folder)
    assert predictor.card.input.width == enlarged(64) == 96
    # Neighbours are told by the network as it is now, so a picture is most like itself.
    (first, *_) = read_neighbours(predictor.path / "neighbours.npz", 2)[1]
    (nearest,) = explain(predictor, Path(str(first)), neighbours=1).neighbours
    assert nearest.path == Path(str(first))
    assert nearest.similarity > 0.98


def test_that_a_killed_training_goes_on_after_its_last_finished_epoch(
    trainer: Trainer, shelf: ModelShelf, folder: Path, home: Path
) -> None:
    plan = TrainingPlan(folder, "stripes", Recipe.CNN, image_size=32, epochs=3, batch_size=8)
    events = trainer.start(plan).events()
    for event in events:
        if isinstance(event, Epoch):
            (child,) = multiprocessing.active_children()
            os.kill(child.pid or 0, signal.SIGKILL)
            break
    events.close()  # type: ignore[attr-defined]
    assert not shelf.list()

    again = list(trainer.start(plan).events())
    assert isinstance(again[-1], Finished), again[-1]
    (resumed,) = of_kind(again, Resumed)
    assert resumed.epoch >= 1
    assert [epoch.number for epoch in of_kind(again, Epoch)] == list(range(resumed.epoch + 1, 4))
    assert not list(Home(home).checkpoints.iterdir())


def test_that_a_training_goes_on_though_its_last_epoch_was_torn_and_says_when_all_are_damaged(
    trainer: Trainer, folder: Path, home: Path
) -> None:
    plan = TrainingPlan(folder, "torn", Recipe.CNN, image_size=32, epochs=4, batch_size=8)

    def until(kind: type[TrainingEvent], number: int = 1) -> None:
        events = trainer.start(plan).events()
        seen = 0
        for event in events:
            seen += isinstance(event, kind)
            if seen == number:
                (child,) = multiprocessing.active_children()
                os.kill(child.pid or 0, signal.SIGKILL)
                break
        events.close()  # type: ignore[attr-defined]
        assert seen == number

    until(Epoch, 3)
    (kept,) = Home(home).checkpoints.rglob("latest.weights.h5")
    os.truncate(kept, kept.stat().st_size // 2)
    for score in Home(home).checkpoints.rglob("best.txt"):
        score.write_bytes(b"")
    until(Resumed)

    for file in kept.parent.iterdir():
        os.truncate(file, 3)
    (*_, failed) = trainer.start(plan).events()
    assert isinstance(failed, Failed)
    assert "thrown away" in failed.message
    assert not list(Home(home).checkpoints.glob("*"))


def test_that_a_full_disk_is_a_sentence_and_leaves_nothing(home: Path, shelf: ModelShelf, folder: Path) -> None:
    trainer = Trainer(Home(home), shelf, Bulletin(), target=teaches_on_a_full_disk)
    plan = TrainingPlan(folder, "stripes", backbone="lite0", image_size=64)
    failed = list(trainer.start(plan).events())[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "folder_error", Path(failed.log).read_text(encoding="utf-8")[-2000:]
    assert "refused" in failed.message
    assert not shelf.list()
    assert not list(Home(home).staging.iterdir())


def test_that_the_wrong_weights_are_a_sentence(trainer: Trainer, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.h5").write_bytes(b"no weights at all")
    plan = TrainingPlan(folder, "stripes", Recipe.VGG16, image_size=32, weights=tmp_path / "wrong.h5")
    failed = list(trainer.start(plan).events())[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "weights_unavailable", Path(failed.log).read_text(encoding="utf-8")[-2000:]


def test_that_ctrl_c_in_a_terminal_ends_a_real_training_within_a_second(folder: Path, home: Path) -> None:
    command = [sys.executable, "main.py", "train", str(folder), "--recipe", "cnn", "--image-size", "64", "--json"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if json.loads(line)["event"] in ("batch", "epoch"):
                break
        sent = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        last = list(process.stdout)[-1]
        assert time.monotonic() - sent < 1.5
        assert json.loads(last)["event"] == "cancelled"
        assert process.wait(10) == 130
        assert process.stderr.read() == "Stopped. Nothing was kept.\n"
    assert not list(Home(home).staging.iterdir())
    assert not list(Home(home).checkpoints.glob("*"))
    assert not list(Home(home).models.glob("*/*"))


MEASURED = """
import json, sys
from pathlib import Path
import psutil
from engine.paths import Home, default_home
from engine.training.events import Finished
from engine.training.plan import TrainingPlan
from engine.whisker import Whisker

if __name__ == "__main__":
    whisker = Whisker(Home(default_home()))
    trainer = whisker.trainer
    before = psutil.Process().memory_info().rss
    events = list(trainer.start(TrainingPlan(Path(sys.argv[1]), "stripes", backbone="lite0", image_size=64)).events())
    grown = psutil.Process().memory_info().rss - before
    state = whisker.history.runs()[0].state
    print(json.dumps([isinstance(events[-1], Finished), grown / 1e6, "tensorflow" in sys.modules, state]))
    whisker.close()
"""


def test_that_the_parent_stays_as_small_as_it_was(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "measured.py"
    script.write_text(MEASURED, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, script, folder],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    finished, megabytes, tensorflow, state = json.loads(ran.stdout)
    assert (finished, tensorflow, state) == (True, False, "finished")
    # The shelf's look at the new model brings onnxruntime and NumPy at most.
    assert megabytes < 80


def test_that_a_loss_that_is_no_number_ends_the_training_with_a_sentence() -> None:
    from engine.training.child.fit import Told

    class Reporter:
        cancelled = False

    told = Told(Reporter(), epochs=3, batches=2)  # type: ignore[arg-type]  # the loss is looked at before it is told
    with pytest.raises(TrainingError, match="no longer a number") as error:
        told.on_train_batch_end(0, {"loss": float("nan")})
    assert "smaller learning rate" in error.value.hint

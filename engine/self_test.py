"""Does this installation work? Each part does its job once, in a throw-away home."""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.errors import WhiskerError
from engine.paths import Home
from engine.whisker import Whisker

# Everything a step can foresee going wrong with an installation; a step's failure is a line, and the next step runs.
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "AVIF", "HEIF", "GIF")


class StepFailed(Exception):
    """A step's own finding, in words."""


def decode(whisker: Whisker) -> str:
    """Read each picture format."""
    from PIL import Image
    from pillow_heif import register_heif_opener

    from engine import images

    register_heif_opener()
    for form in FORMATS:
        file = io.BytesIO()
        Image.new("RGB", (64, 48), (200, 60, 30)).save(file, form)
        shape = images.load(file.getvalue(), 32, 32, name=form).shape
        if shape != (32, 32, 3):
            raise StepFailed(f"a {form} came out as {shape}")
    return ", ".join(FORMATS)


def load_models(whisker: Whisker) -> str:
    """Load each built-in model and hold its answers against its card."""
    from engine.predictor import Predictor

    entries = [entry for entry in whisker.shelf.list() if entry.builtin]
    if whisker.shelf.problems:
        raise StepFailed(whisker.shelf.problems[0])
    if not entries:
        raise StepFailed("no built-in model came with this program")
    for entry in entries:
        # Loading compares the hash and the golden answers.
        Predictor(entry.folder)
    return ", ".join(entry.reference for entry in entries)


def predict_samples(whisker: Whisker) -> str:
    """Answer the sample pictures with each built-in model."""
    from engine.folder_run import classify, find_images
    from engine.paths import samples
    from engine.prediction import Failure
    from engine.predictor import Predictor

    files = find_images([samples()])
    if not files:
        raise StepFailed("no sample photo came with this program")
    answers = 0
    for entry in whisker.shelf.list():
        for outcome in classify(Predictor(entry.folder, check=False), files):
            if isinstance(outcome, Failure):
                raise StepFailed(str(outcome.error))
            answers += 1
    return f"{answers} answers"


def explain_sample(whisker: Whisker) -> str:
    """Say why, for one sample."""
    from engine.folder_run import find_images
    from engine.paths import samples

    file = find_images([samples()])[0]
    heat = whisker.explain(file).heat
    if not (heat.min() >= 0 and 0 < heat.max() <= 1):
        raise StepFailed("the heat map is empty")
    return f"{heat.shape[1]} x {heat.shape[0]} places"


def remember(whisker: Whisker) -> str:
    """Write an answer to the history, correct it and read it back."""
    from engine.folder_run import find_images
    from engine.paths import samples

    row, prediction = whisker.classify(find_images([samples()])[0], origin="cli")
    if row is None:
        raise StepFailed("the history cannot be written")
    whisker.correct(row, "something else")
    found = whisker.history.row(row)
    if (found.predicted_class, found.correction) != (prediction.predicted_class, "something else"):
        raise StepFailed(f"the history says {found}")
    return "written, corrected and read back"


def answer_over_http(whisker: Whisker, make_server: MakeServer | None) -> str:
    """Ask over the API, as another program would."""
    import json
    import urllib.request

    from engine.folder_run import find_images
    from engine.paths import samples

    if make_server is None:
        return "left out: this edition has no server"
    picture = find_images([samples()])[0].read_bytes()
    switched = make_server(whisker)
    address = switched.start("127.0.0.1", 0)
    try:
        # Without the system's proxy, which may not know this machine's own address.
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with ask.open(urllib.request.Request(f"{address}/api/predict", picture), timeout=30) as answer:
            said = json.load(answer)
    finally:
        switched.stop()
    return f"{address} says {said['predicted_class']}"


def teach(whisker: Whisker, cancel: threading.Event) -> str:
    """Teach a small model, put it on the shelf, and ask it."""
    from engine.paths import sample_set, samples
    from engine.training.events import Finished
    from engine.training.plan import TrainingPlan

    if not whisker.trainer.available():
        return "left out: this edition cannot train"
    training = whisker.trainer.start(TrainingPlan(sample_set(), "self-test", backbone="lite0"))
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            if cancel.wait(0.2):
                training.cancel()
                return

    threading.Thread(target=watch, name="self-test", daemon=True).start()
    try:
        *_, last = training.events()
    finally:
        ended.set()
    if not isinstance(last, Finished):
        raise StepFailed(str(last))
    predictor = whisker.load(f"{last.model}@{last.version}")
    for name, expected in (("cat.jpg", "cat"), ("coffee.jpg", "cup")):
        answer = predictor.predict(samples() / name).predicted_class
        if answer != expected:
            raise StepFailed(f"the new model calls {name} a {answer}")
    return f"{last.metrics['images']} photos judged, {100 * last.metrics['accuracy']:.0f} % right"


class Server(Protocol):
    """Something to switch on and off; the engine does not know the server, it is handed one."""

    def start(self, host: str, port: int) -> str: ...
    def stop(self) -> None: ...


MakeServer = Callable[[Whisker], Server]
Do = Callable[[Whisker], str]


@dataclass(frozen=True)
class Began:
    """A step is under way; `number` counts from 1."""

    number: int
    steps: int
    name: str


@dataclass(frozen=True)
class Ended:
    """A step has ended: `outcome` is what it found, or what was wrong."""

    number: int
    steps: int
    name: str
    well: bool
    outcome: str
    seconds: float


def run(
    make_server: MakeServer | None = None, *, teach_too: bool = True, cancel: threading.Event | None = None
) -> Iterator[Began | Ended]:
    """Go through the steps; a failure is said and the next step runs.

    Args:
        make_server: Makes the server that answers over HTTP; None leaves that step out.
        teach_too: Whether a model is trained; it takes the longest, and a TensorFlow of its own process.
        cancel: Ends it after the step under way, a training at its next batch.
    """
    steps: list[tuple[str, Do]] = [
        ("read every photo format", decode),
        ("load the built-in models", load_models),
        ("answer the sample photos", predict_samples),
        ("say why", explain_sample),
        ("keep the history", remember),
        ("answer over HTTP", lambda whisker: answer_over_http(whisker, make_server)),
    ]
    stop = cancel or threading.Event()
    if teach_too:
        steps.append(("teach a small model, export it and ask it", lambda whisker: teach(whisker, stop)))
    with tempfile.TemporaryDirectory(prefix="whisker-self-test-", ignore_cleanup_errors=True) as folder:
        whisker = Whisker(Home(Path(folder)))
        try:
            for number, (name, step) in enumerate(steps, start=1):
                if stop.is_set():
                    return
                yield Began(number, len(steps), name)
                began = time.perf_counter()
                try:
                    well, outcome = True, step(whisker)
                except (WhiskerError, StepFailed, ImportError, OSError, LookupError, ValueError, TypeError) as error:
                    well, outcome = False, str(error)
                yield Ended(number, len(steps), name, well, outcome, time.perf_counter() - began)
        finally:
            whisker.close()

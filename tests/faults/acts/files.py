"""Acts on files: pictures sent for retraining, people's own photos that are sorted and relabelled, the settings."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from engine.dataset import sorter
from engine.dataset.labels import LabelEditor
from engine.journal import journals
from engine.prediction import Prediction
from engine.whisker import Whisker
from tests.faults.acts.act import CHECKOUT, Act, Place, Said, Say
from tests.server.conftest import encoded


class Uploading(Act):
    """The real `serve` is killed; its client remembers what was answered with 201."""

    name = "uploading"

    def command(self, place: Place, seed: int) -> list[str]:
        return [sys.executable, str(CHECKOUT / "main.py"), "serve", "--port", "0"]

    def environment(self, place: Place) -> dict[str, str]:
        return super().environment(place) | {"MODEL_PATH": str(place.builtin / "cats-dogs")}

    def ready(self, text: str) -> bool:
        return text.startswith("http://") and text.endswith("\n")

    def meanwhile(self, place: Place, text: str, rng: random.Random, say: Say) -> None:
        connection = http.client.HTTPConnection(urlsplit(text.split()[0]).netloc, timeout=10)
        try:
            while True:
                files = [
                    (rng.choice(("cat", "dog")), encoded(tuple(rng.randbytes(3)))) for _ in range(rng.choice((1, 5)))
                ]  # type: ignore[arg-type]
                body = b"".join(
                    b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s.%d.png"\r\n\r\n%s\r\n'
                    % (label.encode(), number, data)
                    for number, (label, data) in enumerate(files)
                )
                kind = {"Content-Type": "multipart/form-data; boundary=x"}
                connection.request("POST", "/api/upload", body + b"--x--\r\n", kind)
                answer = connection.getresponse()
                content = json.loads(answer.read())
                if answer.status == 201:
                    for saved in content["saved"]:
                        say("did", saved["label"], saved["sha256"])
        except (OSError, http.client.HTTPException, ValueError):
            # The server was killed.
            return
        finally:
            connection.close()

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        from server.uploads import Uploads

        uploads = Uploads(place.home.uploads)
        uploads.sweep()
        there = Counter(hashes(place.home.uploads.rglob("*.png")))
        lost = [f"upload {label}/{sha256}" for label, sha256 in said.did if not there[sha256]]
        torn = [path for path in place.home.uploads.rglob("*.png") if path.stem != hashes([path])[0]]
        strange = [path for path in place.home.uploads.rglob("*") if path.is_file() and path.suffix != ".png"]
        return lost + [f"torn upload {path}" for path in torn] + [f"half an upload {path}" for path in strange]


class Sorting(Act):
    """Somebody's photos are moved and put back, over and over: none may be lost, and undo brings all of them back."""

    name = "sorting"

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        with place.open() as whisker:
            outcomes = [each for _, each in whisker.classify_many(place.photos, origin="cli")]
            answers = [each for each in outcomes if isinstance(each, Prediction)]
            say("ready")
            while True:
                plan = sorter.plan(answers, place.root / "sorted", min_confidence=0.5, move=rng.random() < 0.7)
                sorter.apply(plan, place.home.journals)
                say("did", "sorted")
                sorter.undo(place.home.journals)
                say("did", "put back")

    def begin(self, place: Place) -> None:
        original = place.root / "original photos"
        if not original.exists():
            shutil.copytree(place.root / "photos", original)

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        wanted = hashes((place.root / "original photos").glob("*.png"))
        both = hashes([*(place.root / "photos").glob("*.png"), *(place.root / "sorted").rglob("*.png")])
        lost = [f"photo {sha256}" for sha256 in set(wanted) - set(both)]
        if journals(place.home.journals, "sort"):
            sorter.undo(place.home.journals, on_left=lambda path, why: lost.append(f"{path} was not put back: {why}"))
        if hashes((place.root / "photos").iterdir()) != wanted:
            lost.append("the photos are not as before")
        if (place.root / "sorted").exists():
            lost.append("something is left where they were sorted to")
        return lost


class Labelling(Act):
    """A labelled folder is relabelled, renamed and put aside; undoing everything must give it back byte for byte."""

    name = "labelling"

    def begin(self, place: Place) -> None:
        folder = place.root / "labelled"
        if not folder.exists():
            for number, photo in enumerate(place.photos):
                target = folder / ("cat", "dog")[number % 2] / photo.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(photo, target)
            shutil.copytree(folder, place.root / "as labelled")

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        editor = LabelEditor(place.root / "labelled", place.home)
        say("ready")
        while True:
            pictures = sorted((place.root / "labelled").rglob("*.png"))
            some = rng.sample(pictures, min(3, len(pictures)))
            if rng.random() < 0.2 and len(pictures) > 10:
                editor.quarantine(some)
            elif rng.random() < 0.8:
                editor.relabel(some, rng.choice(("cat", "dog", "fox")))
            else:
                editor.undo()
            say("did", "edit")

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        folder, before = place.root / "labelled", place.root / "as labelled"
        wanted = hashes(before.rglob("*.png"))
        both = hashes([*folder.rglob("*.png"), *place.home.quarantine.rglob("*.png")])
        lost = [f"photo {sha256}" for sha256 in set(wanted) - set(both)]
        editor = LabelEditor(folder, place.home)
        while (undone := editor.undo()) is not None:
            lost += [f"{path} was left: {why}" for path, why in undone.left]
        now = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        then = {path.relative_to(before): path.read_bytes() for path in before.rglob("*") if path.is_file()}
        return lost + ([] if now == then else ["the labelled folder is not as before"])


class Choosing(Act):
    name = "choosing settings"
    span_s = 0.2

    def do(self, place: Place, rng: random.Random, say: Say) -> None:
        with place.open() as whisker:
            say("ready")
            while True:
                value = rng.randrange(1, 3650)
                say("try", str(value))
                whisker.settings.set("history_days", value)
                say("did", str(value))

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        wanted: list[str] = []
        for acknowledged, (value,) in said.log:
            wanted = [value] if acknowledged else [*wanted, value]
        now = str(whisker.settings["history_days"])
        # Before the first is acknowledged it may still be the default.
        return [] if now in wanted or not said.did else [f"the setting {wanted[0]}: it is {now}"]


def hashes(paths: Iterable[Path]) -> list[str]:
    """SHA-256 of each file's content, sorted."""
    return sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)

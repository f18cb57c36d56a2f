"""kill -9 of the window while its server takes pictures, or trains: nothing acknowledged is lost, nothing half-made."""

from __future__ import annotations

import hashlib
import http.client
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.paths import Home
from engine.predictor import Predictor
from engine.whisker import Whisker
from tests.gui.server.app_process import App, app
from tests.server.conftest import CAT, shades

pytestmark = pytest.mark.slow


def until(fact: Callable[[], object], patience: float = 30.0) -> None:
    end = time.monotonic() + patience
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.01)


def kept(home: Path) -> dict[str, Path]:
    """The pictures below the home by their names' hash, each of them whole."""
    found = {file.stem: file for file in (home / "uploads").glob("*/*") if not file.name.startswith(".")}
    for digest, file in found.items():
        assert hashlib.sha256(file.read_bytes()).hexdigest() == digest, f"{file} is torn"
    return found


def kill(running: App) -> list[psutil.Process]:
    """Kill the window alone; the processes it had started, which notice and end."""
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.kill()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    return children


def nothing_half_made(home: Path) -> None:
    assert not list((home / "uploads").glob("*/.*")), "half an upload"
    whisker = Whisker(Home(home))
    try:
        whisker.shelf.sweep()
        for entry in whisker.shelf.list():
            if not entry.builtin:
                Predictor(entry.folder)
        assert list(whisker.home.staging.iterdir() if whisker.home.staging.is_dir() else []) == []
    finally:
        whisker.close()


def test_that_killed_during_uploads_it_keeps_what_it_acknowledged(home: Path, shelf: Path) -> None:
    chance = random.Random(7)
    acknowledged: list[str] = []
    pictures = iter({**shades("cat", 50), **shades("dog", 50)}.items())

    def send(running: App) -> None:
        for name, data in pictures:
            try:
                _, answer = running.upload({name: data})
            except (OSError, http.client.HTTPException, ValueError):
                return
            acknowledged.extend(item["sha256"] for item in answer["saved"])

    for _ in range(3):
        before = len(acknowledged)
        with app(home, shelf) as running:
            senders = [threading.Thread(target=send, args=(running,)) for _ in range(3)]
            for sender in senders:
                sender.start()
            until(lambda before=before: len(acknowledged) >= before + 5)
            time.sleep(chance.random() * 0.03)
            running.kill()
            for sender in senders:
                sender.join()
    assert len(acknowledged) >= 15
    with app(home, shelf) as again:
        assert set(acknowledged) <= set(kept(home))
        assert again.ask("GET", "/api/upload")[1]["total"] == len(kept(home))
        nothing_half_made(home)


def test_that_killed_in_the_middle_of_a_training_it_answers_as_before_and_can_train_again(
    home: Path, shelf: Path
) -> None:
    with app(home, shelf, "does_not_listen") as running:
        assert running.upload({**shades("cat", 3), **shades("dog", 3)})[0] == 201
        assert running.ask("POST", "/api/predict", CAT)[0] == 200
        assert running.ask("POST", "/api/retrain")[0] == 202
        until((home / "uploads" / "pids").exists)
        assert kill(running)
    with app(home, shelf, "finishes") as again:
        assert len(kept(home)) == 6
        assert again.ask("GET", "/api/upload")[1]["since_last_training"] == 6
        assert again.ask("GET", "/api/model-info")[1]["name"] == "cats-dogs"
        assert len(again.ask("GET", "/api/predictions")[1]["predictions"]) == 1
        assert again.ask("POST", "/api/predict", CAT)[1]["predicted_class"] == "cat"
        _, started = again.ask("POST", "/api/retrain")
        until(lambda: again.ask("GET", started["status_url"])[1]["state"] == "finished")
        assert again.ask("GET", "/api/model-info")[1]["name"] == "my-cats-dogs"
    nothing_half_made(home)


def test_that_killed_at_any_moment_of_training_the_shelf_holds_only_whole_models(home: Path, shelf: Path) -> None:
    """Trainings that end in a moment, one after another, so that the kill falls into publishing and activating."""
    chance = random.Random(11)
    acknowledged: list[int] = []

    def train(running: App) -> None:
        try:
            while True:
                _, started = running.ask("POST", "/api/retrain")
                state = {"state": "running"}
                while state["state"] == "running":
                    state = running.ask("GET", started["status_url"])[1]
                if state["state"] == "finished":
                    acknowledged.append(int(state["model_version"]))
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return

    for _ in range(4):
        before = len(acknowledged)
        with app(home, shelf) as running:
            running.upload({**shades("cat", 3), **shades("dog", 3)})
            training = threading.Thread(target=train, args=(running,))
            training.start()
            until(lambda before=before: len(acknowledged) > before, 60)
            time.sleep(chance.random() * 2)
            kill(running)
            training.join()
        nothing_half_made(home)
        whisker = Whisker(Home(home), shelf)
        versions = [entry.version for entry in whisker.shelf.list() if entry.name == "my-cats-dogs"]
        whisker.close()
        assert set(acknowledged) <= set(versions)

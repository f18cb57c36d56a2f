from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.self_test import Began, Ended, run
from tests.bundles import RED, make_bundle, solid


@pytest.fixture(autouse=True)
def installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    make_bundle(tmp_path / "models" / "cats-dogs")
    solid(tmp_path / "samples" / "red.png", RED)
    monkeypatch.setattr("engine.paths.builtin_models", lambda: tmp_path / "models")
    monkeypatch.setattr("engine.paths.samples", lambda: tmp_path / "samples")
    return tmp_path


def test_that_each_step_is_told_when_it_begins_and_when_it_ends_and_none_trains_unasked() -> None:
    news = list(run(teach_too=False))
    began = [said for said in news if isinstance(said, Began)]
    ended = [said for said in news if isinstance(said, Ended)]
    assert [said.number for said in began] == [said.number for said in ended] == list(range(1, 7))
    assert all(said.well for said in ended), ended
    assert ended[-1].outcome.startswith("left out")
    assert not any("teach" in said.name for said in began)


def test_that_it_can_be_stopped_between_steps(home: Path) -> None:
    stop = threading.Event()
    heard = []
    for said in run(teach_too=False, cancel=stop):
        heard.append(said)
        stop.set()
    assert [type(said) for said in heard] == [Began, Ended]
    assert list(home.iterdir()) == []


def test_that_a_broken_model_fails_its_step_and_the_others_run(installation: Path) -> None:
    with (installation / "models" / "cats-dogs" / "model.onnx").open("ab") as file:
        file.write(b"\0")
    ended = [said for said in run(teach_too=False) if isinstance(said, Ended)]
    assert [said.well for said in ended][:2] == [True, False]
    assert len(ended) == 6

"""A few pictures in one run of the network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine import images
from engine.bulletin import News, Predicted
from engine.paths import Home
from engine.prediction import Failure, Prediction
from engine.predictor import Predictor
from engine.together import answer_together
from engine.whisker import Whisker
from tests.bundles import BLUE, RED, make_bundle, solid


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    return Predictor(make_bundle(tmp_path / "models" / "pets"))


@pytest.fixture
def red(tmp_path: Path) -> Path:
    return solid(tmp_path / "red.png", RED)


@pytest.fixture
def blue(tmp_path: Path) -> Path:
    return solid(tmp_path / "blue.png", BLUE)


def test_that_files_and_contents_are_answered_in_order(predictor: Predictor, red: Path, blue: Path) -> None:
    answers = answer_together(predictor, [blue, red.read_bytes()], ["", "sent"])
    assert [answer.predicted_class for answer in answers if isinstance(answer, Prediction)] == ["dog", "cat"]
    assert [answer.source for answer in answers] == ["", "sent"]
    assert [answer.path for answer in answers] == [blue, None]


def test_that_files_have_their_own_names_and_the_unreadable_one_says_why(
    predictor: Predictor, red: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("no picture")
    first, second, third = answer_together(predictor, [red, note, red])
    assert isinstance(second, Failure)
    assert "note.txt" in str(second.error)
    assert first.source == third.source == "red.png"


def test_that_none_of_them_being_a_picture_asks_the_network_nothing(predictor: Predictor) -> None:
    assert all(isinstance(answer, Failure) for answer in answer_together(predictor, [b"no", b"picture"]))


def test_that_each_answer_is_the_one_it_gets_alone(predictor: Predictor, red: Path, blue: Path) -> None:
    for source, answer in zip((red, blue, red), answer_together(predictor, [red, blue, red]), strict=True):
        alone = predictor.predict(source)
        assert isinstance(answer, Prediction)
        assert answer.probabilities.tolist() == pytest.approx(alone.probabilities.tolist(), abs=1e-6)
        assert answer.unknown == alone.unknown


def test_that_they_are_remembered_and_told_of_together(home: Path, tmp_path: Path, red: Path, blue: Path) -> None:
    make_bundle(tmp_path / "models" / "cats-dogs")
    whisker = Whisker(Home(home), tmp_path / "models")
    news: list[News] = []
    whisker.bulletin.listen(news.append)
    pictures = [red.read_bytes(), b"no picture", blue.read_bytes()]
    whisker.classify_together(pictures, origin="api", names=["a", "b", "c"])
    assert [row.name for row in whisker.history.recent(5)] == ["c", "a"]
    assert [len(one.rows) for one in news if isinstance(one, Predicted)] == [2]
    whisker.close()


def test_that_one_who_decodes_counts_as_asking(
    predictor: Predictor, red: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # While a picture is being decoded, the next one already takes the session that leaves it a core.
    made: list[int] = []
    real, load = predictor._session, images.load

    def session(threads: int) -> object:
        made.append(threads)
        return real(threads)

    def decode(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(images, "load", load)
        predictor.predict(red)
        return load(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 0, 0), raising=False)
    predictor._alone_threads = 2
    monkeypatch.setattr(predictor, "_session", session)
    monkeypatch.setattr(images, "load", decode)
    predictor.predict(red)
    assert made == [1]

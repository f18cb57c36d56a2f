from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine.card import golden_image
from engine.errors import ImageNotFound, ImageTooLarge, ModelBroken
from engine.images import Limits
from engine.predictor import Predictor
from tests.bundles import BLUE, GREY, PURPLE, RED, make_bundle, solid


def batch(*seeds: int) -> np.ndarray:
    return np.stack([golden_image(seed, 32, 32) for seed in seeds])


def test_that_a_picture_is_answered_with_its_class_and_its_maker(bundle: Path, tmp_path: Path) -> None:
    predictor = Predictor(bundle)
    file = solid(tmp_path / "red.png", RED)
    answer = predictor.predict(file)
    assert answer.predicted_class == "cat"
    assert answer.confidence > 0.99
    assert (answer.source, answer.path, answer.model, answer.model_version) == ("red.png", file, "pets", 1)
    assert not answer.unknown
    assert answer.elapsed_ms > 0
    assert predictor.predict(solid(tmp_path / "blue.png", BLUE)).predicted_class == "dog"
    assert predictor.predict(solid(tmp_path / "purple.png", PURPLE)).confidence < 0.7


def test_that_a_picture_unlike_any_taught_is_unknown(bundle: Path, tmp_path: Path) -> None:
    assert Predictor(bundle).predict(solid(tmp_path / "grey.png", GREY)).unknown


def test_that_a_model_without_a_threshold_never_says_unknown(tmp_path: Path) -> None:
    predictor = Predictor(make_bundle(tmp_path / "pets", unknown_threshold=None))
    assert not predictor.predict(solid(tmp_path / "grey.png", GREY)).unknown


def test_that_bytes_are_answered_under_the_name_they_are_given(bundle: Path, tmp_path: Path) -> None:
    content = solid(tmp_path / "red.png", RED).read_bytes()
    answer = Predictor(bundle).predict(content, "pasted image")
    assert (answer.source, answer.path, answer.predicted_class) == ("pasted image", None, "cat")


def test_that_limits_and_missing_files_are_told(bundle: Path, tmp_path: Path) -> None:
    predictor = Predictor(bundle)
    with pytest.raises(ImageNotFound):
        predictor.predict(tmp_path / "gone.png")
    with pytest.raises(ImageTooLarge):
        predictor.predict(solid(tmp_path / "red.png", RED), limits=Limits(10, 10))


def test_that_threads_get_the_answers_a_single_caller_gets(bundle: Path) -> None:
    predictor = Predictor(bundle)
    serial = [predictor.run(batch(seed)).probabilities for seed in range(40)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda seed: predictor.run(batch(seed)).probabilities, range(40)))
    for alone, among_others in zip(serial, together, strict=True):
        assert np.allclose(alone, among_others, atol=1e-5)


def test_that_the_lone_and_the_shared_session_agree(bundle: Path) -> None:
    predictor = Predictor(bundle, threads=2)
    lone, shared = predictor.run(batch(1, 2, 3), reasons=True), predictor.run(batch(1, 2, 3), reasons=True, many=True)
    assert predictor._alone is not predictor._shared
    assert np.allclose(lone.probabilities, shared.probabilities, atol=1e-5)
    assert lone.features is not None
    assert shared.features is not None
    assert np.allclose(lone.features, shared.features, atol=1e-5)


def test_that_a_batch_answers_each_picture_as_if_it_were_alone(bundle: Path) -> None:
    predictor = Predictor(bundle)
    together = predictor.run(batch(1, 2, 3)).probabilities
    for row, seed in enumerate((1, 2, 3)):
        assert np.allclose(together[row], predictor.run(batch(seed)).probabilities[0], atol=1e-5)


def test_that_reasons_are_brought_only_when_asked_for(bundle: Path) -> None:
    predictor = Predictor(bundle)
    assert predictor.run(batch(1)).features is None
    outputs = predictor.run(batch(1), reasons=True)
    assert outputs.features is not None
    assert outputs.activation_map is not None
    assert outputs.activation_map.shape == (1, 4, 4, 3)


def test_that_one_thread_needs_one_session(bundle: Path) -> None:
    predictor = Predictor(bundle, threads=1)
    predictor.prepare_for_many()
    assert predictor._alone is predictor._shared


def test_that_a_lone_caller_goes_the_way_that_is_quicker_just_now(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = Predictor(bundle, threads=2)
    gone: list[bool] = []

    def took(fast: bool, _: float) -> None:
        gone.append(fast)
        real(fast, 0.015 if fast else 0.008)

    real = predictor._pace.took
    monkeypatch.setattr(predictor._pace, "took", took)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 0, 0), raising=False)
    for _ in range(40):
        predictor.run(batch(1))
    # There is one session only, and it is not worth another one to know better.
    assert gone == [True] * 40
    predictor.prepare_for_many()
    for _ in range(40):
        predictor.run(batch(1))
    assert gone[-20:].count(True) <= 2


def test_that_on_a_busy_machine_a_lone_caller_goes_calmly_from_the_start(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (100.0, 0, 0), raising=False)
    predictor = Predictor(bundle, threads=2)
    predictor.run(batch(1))
    assert predictor._shared_session is not None


def test_that_callers_that_come_together_share_a_one_thread_session(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 0, 0), raising=False)
    predictor = Predictor(bundle, threads=2)
    inside, leave = threading.Event(), threading.Event()

    class Slow:
        def run(self, *_: object) -> list[np.ndarray]:
            inside.set()
            assert leave.wait(10)
            return [np.zeros((1, 2)), np.zeros(1)]

    predictor._alone = Slow()
    first = threading.Thread(target=lambda: predictor.run(batch(1)))
    first.start()
    assert inside.wait(10)
    assert predictor._shared_session is None
    second = predictor.run(batch(1))
    leave.set()
    first.join()
    assert second.probabilities.max() > 0.5
    assert predictor._shared.get_session_options().intra_op_num_threads == 1


def test_that_a_predictor_outlives_its_bundle(bundle: Path) -> None:
    predictor = Predictor(bundle, threads=2)
    before = predictor.run(batch(1)).probabilities
    shutil.rmtree(bundle)
    assert np.allclose(predictor.run(batch(1), many=True).probabilities, before, atol=1e-5)


def test_that_a_failing_network_is_a_sentence(bundle: Path) -> None:
    predictor = Predictor(bundle)
    with pytest.raises(ModelBroken, match="could not answer"):
        predictor.run(np.zeros((1, 5, 5, 3), dtype=np.uint8))
    assert predictor.run(batch(1)).probabilities.shape == (1, 2)


def test_that_asking_brings_in_no_learning_library(bundle: Path, tmp_path: Path) -> None:
    picture = solid(tmp_path / "red.png", RED)
    code = (
        "import sys; from pathlib import Path; from engine.predictor import Predictor;"
        f"assert Predictor(Path({str(bundle)!r})).predict(Path({str(picture)!r})).predicted_class == 'cat';"
        "heavy = {'tensorflow', 'keras', 'onnx', 'scipy', 'sklearn', 'pandas', 'pillow_heif', 'PySide6'};"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")

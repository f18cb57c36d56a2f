from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto

from engine.card import golden_image
from engine.errors import ImageNotFound, ImageTooLarge, ModelBroken
from engine.images import Limits
from engine.predictor import Predictor
from tests.bundles import BLUE, GREY, PURPLE, RED, make_bundle, solid
from tests.engine.bundle_edits import edit_card, edit_metadata, edit_model, seal


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "pets")


def refusal(path: Path) -> ModelBroken:
    with pytest.raises(ModelBroken) as caught:
        Predictor(path)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert "ONNXRuntime" not in str(caught.value)
    return caught.value


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


def test_that_no_session_spins_and_none_reads_other_files(bundle: Path) -> None:
    predictor = Predictor(bundle, threads=2)
    for session in (predictor._alone, predictor._shared):
        options = session.get_session_options()
        assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
        assert options.get_session_config_entry("session.model_external_initializers_file_folder_path") == os.devnull


def test_that_callers_that_come_together_share_a_one_thread_session(bundle: Path) -> None:
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


def test_that_an_onnx_file_alone_carries_its_card(bundle: Path, tmp_path: Path) -> None:
    lone = tmp_path / "served.onnx"
    shutil.copyfile(bundle / "model.onnx", lone)
    whole, alone = Predictor(bundle), Predictor(lone)
    assert alone.card.classes == whole.card.classes
    assert alone.card.input == whole.card.input
    assert alone.card.golden == whole.card.golden
    assert alone.card.sha256["model.onnx"] == whole.card.sha256["model.onnx"]
    picture = solid(tmp_path / "grey.png", GREY)
    assert alone.predict(picture).unknown
    assert np.array_equal(alone.predict(picture).probabilities, whole.predict(picture).probabilities)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("classes", None),
        ("resize", None),
        ("classes", "cat, dog"),
        ("classes", '["cat"]'),
        ("resize", '{"width": 31, "height": 32, "fit": "squash", "resample": "bilinear"}'),
        ("resize", "[]"),
        ("unknown_threshold", "low"),
        ("golden", "[1]"),
        ("golden", "[" * 100_000),
        ("temperature", "hot"),
    ],
)
def test_that_an_onnx_file_that_does_not_describe_itself_is_refused(bundle: Path, key: str, value: str | None) -> None:
    edit_metadata(bundle, key, value)
    refusal(bundle / "model.onnx")


def test_that_an_onnx_file_without_threshold_or_golden_answers_still_serves(bundle: Path) -> None:
    for key in ("unknown_threshold", "golden", "temperature", "versions", "name", "version"):
        edit_metadata(bundle, key, None)
    predictor = Predictor(bundle / "model.onnx")
    assert predictor.card.name == "model"
    assert predictor.card.unknown_threshold is None


def test_that_a_path_without_a_model_is_said_to_have_none(bundle: Path, tmp_path: Path) -> None:
    assert "nowhere.onnx" in refusal(tmp_path / "nowhere.onnx").message
    (bundle / "model.onnx").unlink()
    assert "model.onnx" in refusal(bundle).message


def test_that_a_keras_file_is_not_served(bundle: Path) -> None:
    assert "no ONNX model" in refusal(bundle / "model.keras").message


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_that_a_truncated_model_is_refused(bundle: Path, share: float) -> None:
    file = bundle / "model.onnx"
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    assert "altered" in refusal(bundle).message
    if share < 0.9:  # The last bytes are metadata, which a lone file may lack.
        refusal(file)
        seal(bundle)
        refusal(bundle)


def test_that_a_model_swapped_for_another_is_refused(bundle: Path, tmp_path: Path) -> None:
    other = make_bundle(tmp_path / "other", classes=("dog", "cat"))
    shutil.copyfile(other / "model.onnx", bundle / "model.onnx")
    assert "altered" in refusal(bundle).message
    seal(bundle)
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_card_without_the_models_hash_is_refused(bundle: Path) -> None:
    edit_card(bundle, sha256={})
    assert "altered" in refusal(bundle).message


def test_that_a_model_that_answers_otherwise_than_when_it_was_made_is_refused(bundle: Path) -> None:
    golden = json.loads((bundle / "card.json").read_text(encoding="utf-8"))["golden"]
    golden[0]["probabilities"] = {"cat": 0.5, "dog": 0.5}
    edit_card(bundle, golden=golden)
    assert "does not answer as it did" in refusal(bundle).message


@pytest.mark.parametrize("probabilities", [{"bird": 0.9}, {"cat": float("nan")}])
def test_that_a_golden_answer_that_cannot_be_met_is_refused(bundle: Path, probabilities: dict[str, float]) -> None:
    golden = [{"seed": 1, "predicted_class": "cat", "probabilities": probabilities, "tolerance": 0.9}]
    edit_card(bundle, golden=golden)
    refusal(bundle)


def test_that_weights_that_went_bad_are_noticed_by_the_golden_answers(bundle: Path) -> None:
    def poison(model: Any) -> None:
        weights = next(each for each in model.graph.initializer if each.name == "weights")
        weights.raw_data = np.full(6, np.nan, dtype=np.float32).tobytes()

    edit_model(bundle, poison)
    assert "does not answer as it did" in refusal(bundle).message


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ["cat", "dog", "bird"]},
        {"classes": ["dog", "cat"]},
        {"input": {"width": 64, "height": 32, "fit": "squash", "resample": "bilinear"}},
    ],
)
def test_that_a_card_of_another_shape_is_refused(bundle: Path, changes: dict[str, Any]) -> None:
    edit_card(bundle, **changes)
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_model_for_one_picture_at_a_time_is_refused(bundle: Path) -> None:
    def fix_batch(model: Any) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    edit_model(bundle, fix_batch)
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_threshold_without_a_familiarity_is_refused(bundle: Path) -> None:
    edit_model(bundle, lambda model: model.graph.output.pop())
    assert "does not fit its card" in refusal(bundle).message


def test_that_a_missing_card_and_a_newer_format_are_refused(bundle: Path) -> None:
    edit_card(bundle, format=9)
    assert "newer Whisker" in refusal(bundle).message
    (bundle / "card.json").unlink()
    assert "card.json" in refusal(bundle).message


@pytest.mark.parametrize("location", ["../outside.bin", "/etc/hostname", "inside.bin", "nowhere.bin"])
def test_that_weights_in_other_files_are_not_fetched(bundle: Path, location: str) -> None:
    def move_out(model: Any) -> None:
        weights = next(each for each in model.graph.initializer if each.name == "weights")
        for place in (bundle / "inside.bin", bundle.parent / "outside.bin"):
            place.write_bytes(weights.raw_data)
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value=location)

    edit_model(bundle, move_out)
    refusal(bundle)
    refusal(bundle / "model.onnx")


def test_that_a_model_with_unknown_operators_is_refused(bundle: Path) -> None:
    def invent(model: Any) -> None:
        model.graph.node[0].op_type = "Conjure"

    edit_model(bundle, invent)
    refusal(bundle)


def test_that_a_failing_network_is_a_sentence(bundle: Path) -> None:
    predictor = Predictor(bundle)
    with pytest.raises(ModelBroken, match="could not answer"):
        predictor.run(np.zeros((1, 5, 5, 3), dtype=np.uint8))
    assert predictor.run(batch(1)).probabilities.shape == (1, 2)


def test_that_damage_anywhere_in_the_model_is_refused_or_harmless(bundle: Path) -> None:
    file = bundle / "model.onnx"
    content = file.read_bytes()
    for seed in range(150):
        chance = random.Random(seed)
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(damaged)
        seal(bundle)
        try:
            Predictor(bundle)
        except ModelBroken:
            continue


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


@pytest.mark.skipif(sys.platform == "win32", reason="the home is found through other variables there")
def test_that_onnxruntime_notes_nothing_down_and_has_nothing_to_send(bundle: Path, tmp_path: Path) -> None:
    assert callable(onnxruntime.disable_telemetry_events)
    picture = solid(tmp_path / "red.png", RED)
    person = tmp_path / "person"
    person.mkdir()
    code = (
        "from pathlib import Path; from engine.predictor import Predictor;"
        f"Predictor(Path({str(bundle)!r})).predict(Path({str(picture)!r}))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    subprocess.run([sys.executable, "-c", code], env=environment | {"HOME": str(person)}, check=True, timeout=60)
    assert list(person.rglob("*")) == []

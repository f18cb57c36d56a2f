from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
from onnx import TensorProto

from engine.predictor import Predictor
from tests.bundles import RED, solid
from tests.engine.bundle_edits import edit_model, seal
from tests.engine.conftest import refusal


def test_that_no_session_spins_between_pictures_and_none_reads_other_files(bundle: Path) -> None:
    predictor = Predictor(bundle, threads=2)
    for session, spins in ((predictor._alone, "1"), (predictor._shared, "0")):
        options = session.get_session_options()
        assert options.get_session_config_entry("session.intra_op.allow_spinning") == spins
        assert options.get_session_config_entry("session.force_spinning_stop") == "1"
        assert options.get_session_config_entry("session.model_external_initializers_file_folder_path") == os.devnull


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

from __future__ import annotations

import json
from pathlib import Path

import onnxruntime
import pytest

from tests.bundles import BLUE, make_bundle, solid
from tests.cli.conftest import Command
from tests.engine.foreign_models import foreign, labels


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "weather", ("fire", "water"))


def test_that_the_list_marks_the_model_that_answers(command: Command) -> None:
    ran = command("models")
    assert ran.code == 0
    assert ran.out[1].startswith("*  cats-dogs@1")
    assert ran.out[2].startswith("   everyday@1")
    assert command("models", "list").out == ran.out


def test_that_the_list_as_json_holds_what_a_program_needs(command: Command) -> None:
    first, second = map(json.loads, command("models", "--json").out)
    assert (first["name"], first["version"], first["active"], first["builtin"]) == ("cats-dogs", 1, True, True)
    assert first["classes"] == ["cat", "dog"]
    assert first["metrics"]["accuracy"] == 1.0
    assert second["active"] is False


def test_that_the_chosen_model_answers_until_it_is_rolled_back(command: Command, tmp_path: Path) -> None:
    picture = solid(tmp_path / "a.png", BLUE)
    assert command("models", "use", "everyday").out == ["everyday@1 answers from now on."]
    assert "sky" in command("predict", picture).out[0]
    assert command("models", "rollback").out == ["cats-dogs@1 answers again."]
    assert "dog" in command("predict", picture).out[0]


def test_that_rolling_back_with_nothing_before_is_a_sentence(command: Command) -> None:
    ran = command("models", "rollback")
    assert ran.code == 1
    assert "no earlier model" in ran.err


def test_that_show_says_how_good_a_model_is(command: Command) -> None:
    text = "\n".join(command("models", "show", "cats-dogs").out)
    assert "2: cat, dog" in text
    assert "20 of 20 right on photos that it had not seen (95 % sure: 83.9 % to 100.0 %)" in text
    card = json.loads(command("models", "show", "cats-dogs", "--json").out[0])["card"]
    assert card["golden"]


def test_that_an_exported_onnx_file_answers_on_its_own(command: Command, tmp_path: Path) -> None:
    ran = command("models", "export", "cats-dogs", tmp_path)
    (written,) = ran.out
    session = onnxruntime.InferenceSession(Path(written) / "model.onnx")
    assert session.get_inputs()[0].name == "image"
    assert json.loads(session.get_modelmeta().custom_metadata_map["classes"]) == ["cat", "dog"]


def test_that_a_classifier_made_elsewhere_needs_its_labels(command: Command, tmp_path: Path) -> None:
    foreign(tmp_path / "insects.onnx")
    ran = command("models", "import", tmp_path / "insects.onnx")
    assert ran.code == 1
    assert "--labels" in ran.err
    listed = labels(tmp_path)
    normalised = ["--mean", "0.485", "0.456", "0.406", "--std", "0.229", "0.224", "0.225"]
    assert command("models", "import", tmp_path / "insects.onnx", "--size", "32").code == 2
    ran = command("models", "import", tmp_path / "insects.onnx", "--labels", listed, *normalised)
    assert ran.out == ["insects@1 is on the shelf. `models use insects@1` lets it answer."]
    solid(tmp_path / "red.png", BLUE)
    assert command("predict", tmp_path / "red.png", "--model", "insects").code == 0


@pytest.mark.parametrize("labelled", [False, True])
def test_that_a_tensorflow_lite_model_is_called_what_it_is(command: Command, tmp_path: Path, labelled: bool) -> None:
    (tmp_path / "insects.tflite").write_bytes(b"\x1c\0\0\0TFL3" + bytes(64))
    named = ["--labels", labels(tmp_path)] if labelled else []
    ran = command("models", "import", tmp_path / "insects.tflite", *named)
    assert ran.code == 1
    assert "insects.tflite is a TensorFlow Lite file, and Whisker can only use ONNX models." in ran.err
    assert "damaged" not in ran.err


def test_that_a_model_that_is_not_there_is_said_to_be_missing(command: Command, tmp_path: Path) -> None:
    ran = command("models", "import", tmp_path / "nowhere.onnx")
    assert ran.code == 1
    assert ran.err == f"There is no model at {tmp_path / 'nowhere.onnx'}. Check the path.\n"


def test_that_an_export_never_overwrites(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "model.keras"
    target.write_text("mine")
    ran = command("models", "export", "cats-dogs", target, "--format", "keras")
    assert ran.code == 1
    assert "is there already" in ran.err
    assert target.read_text() == "mine"


def test_that_an_imported_model_can_be_used_removed_and_put_back(command: Command, bundle: Path) -> None:
    assert command("models", "import", bundle).out[0].startswith("weather@1 is on the shelf.")
    assert command("models", "import", bundle, "--name", "other").out[0].startswith("other@1")
    assert command("models", "use", "weather").code == 0
    removed = command("models", "remove", "weather")
    assert removed.out == ["weather@1 is off the shelf. `models restore weather@1` puts it back."]
    assert not any("weather" in line for line in command("models").out)
    assert command("models", "restore", "weather@1").out == ["weather@1 is back on the shelf."]
    assert any("weather@1" in line for line in command("models").out)


def test_that_restoring_without_a_name_takes_the_last_removed(command: Command, bundle: Path) -> None:
    command("models", "import", bundle)
    command("models", "remove", "weather")
    assert command("models", "restore").out == ["weather@1 is back on the shelf."]
    ran = command("models", "restore")
    assert ran.code == 1
    assert "No model was removed." in ran.err


def test_that_a_built_in_model_stays(command: Command) -> None:
    ran = command("models", "remove", "cats-dogs")
    assert ran.code == 1
    assert "built-in" in ran.err


def test_that_an_altered_bundle_is_not_imported(command: Command, bundle: Path) -> None:
    with (bundle / "model.onnx").open("ab") as file:
        file.write(b"\0")
    ran = command("models", "import", bundle)
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 1
    assert command("models", "--json").code == 0
    assert not any("weather" in line for line in command("models").out)


def test_that_a_folder_that_is_no_bundle_is_a_sentence(command: Command, tmp_path: Path) -> None:
    ran = command("models", "import", tmp_path)
    assert ran.code == 1
    assert "no readable card" in ran.err


def test_that_a_damaged_model_is_named_and_the_others_are_listed(command: Command, bundle: Path, home: Path) -> None:
    command("models", "import", bundle)
    (home / "models" / "weather" / "1" / "card.json").write_text("{")
    ran = command("models")
    assert len(ran.out) == 3
    assert "damaged" in ran.err


def test_that_an_empty_name_is_said_to_be_empty(command: Command) -> None:
    ran = command("models", "use", "")
    assert ran.code == 1
    assert ran.err == "The name of the model is empty. Models on the shelf: cats-dogs, everyday.\n"


def test_that_json_with_a_verb_that_has_none_is_wrong_usage(command: Command) -> None:
    assert command("models", "--json", "use", "everyday").code == 2
    assert command("models", "dance").code == 2

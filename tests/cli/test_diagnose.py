from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from tests.cli.conftest import Command


def test_that_the_report_has_versions_places_and_model_hashes(command: Command) -> None:
    text = "\n".join(command("diagnose").out)
    for word in ("onnxruntime", "free space", "cores", "cats-dogs@1", "sha256", "as made, answers now"):
        assert word in text


def test_that_the_report_names_no_person(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "annegret")
    monkeypatch.setattr(Path, "home", lambda: Path("/houses/annegret"))
    monkeypatch.setenv("UPLOAD_FOLDER", "/houses/annegret/uploads")
    monkeypatch.setenv("MODEL_PATH", "/elsewhere/annegret/model.onnx")
    text = "\n".join(command("diagnose").out)
    assert "annegret" not in text
    assert "~/uploads" in text
    assert "/elsewhere/<user>/model.onnx" in text


def test_that_an_altered_model_is_called_altered(command: Command, builtin: Path, home: Path, tmp_path: Path) -> None:
    command("models", "import", builtin / "everyday", "--name", "mine")
    with (home / "models" / "mine" / "1" / "model.onnx").open("ab") as file:
        file.write(b"\0")
    assert any("mine@1" in line and "ALTERED" in line for line in command("diagnose").out)

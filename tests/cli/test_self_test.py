from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundles import RED, solid
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def installation(monkeypatch: pytest.MonkeyPatch, builtin: Path, tmp_path: Path) -> Path:
    """A light edition with the tiny models and one sample picture; its program folder is returned."""
    solid(tmp_path / "samples" / "red.png", RED)
    monkeypatch.setattr("engine.paths.builtin_models", lambda: builtin)
    monkeypatch.setattr("engine.paths.samples", lambda: tmp_path / "samples")
    monkeypatch.setattr("engine.training.trainer.Trainer.available", lambda trainer: False)
    return tmp_path


def test_that_a_sound_installation_passes_every_check(command: Command) -> None:
    ran = command("self-test")
    assert ran.code == 0, ran.out
    assert ran.out[-1] == "All is well."
    assert all(line.startswith("ok ") for line in ran.out[:-1])


def test_that_the_persons_own_history_is_left_alone(command: Command, home: Path) -> None:
    command("self-test")
    assert list(home.iterdir()) == []


def test_that_a_missing_sample_fails_its_checks_and_the_others_still_run(command: Command, installation: Path) -> None:
    (installation / "samples" / "red.png").unlink()
    ran = command("self-test")
    assert ran.code == 1
    assert any(line.startswith("ok ") for line in ran.out)
    assert any(line.startswith("FAILED") and "sample" in line for line in ran.out)
    assert "checks failed." in ran.out[-1]


@pytest.mark.slow
def test_that_this_very_checkout_passes_and_teaches_a_small_model(tmp_path: Path) -> None:
    """With the real built-in models and samples, as a packaged build proves itself."""
    main = Path(__file__).resolve().parents[2] / "main.py"
    home = dict(os.environ, WHISKER_HOME=str(tmp_path / "home"))
    ran = subprocess.run(
        [sys.executable, str(main), "self-test"], env=home, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "cats-dogs@1, everyday@1" in ran.stdout
    assert "10 photos judged, 100 % right" in ran.stdout

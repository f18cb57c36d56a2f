from __future__ import annotations

from pathlib import Path

import pytest

from engine.training.messages import GetReady, Warm
from engine.training.process import Child


@pytest.mark.slow
def test_that_the_process_of_a_training_leaves_nothing_in_the_persons_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras, TensorFlow, onnxruntime and what they import have habits: settings, lists of fonts, identities."""
    person = tmp_path / "person"
    person.mkdir()
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(person))
    child = Child(tmp_path / "home" / "logs")
    try:
        child.connection.send(GetReady(tmp_path / "home" / "cache"))
        assert isinstance(child.connection.recv(), Warm)
    finally:
        child.end()
        child.connection.close()
    assert sorted(person.rglob("*")) == []

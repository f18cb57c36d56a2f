from __future__ import annotations

from pathlib import Path

import pytest

from tests.bundles import RED, solid
from tests.cli.conftest import Command


@pytest.mark.parametrize(
    "arguments",
    [
        ("predict", ""),
        ("sort", "--move", "", "sorted"),
        ("sort", "--move", "photos", ""),
        ("evaluate", ""),
        ("check", ""),
        ("train", ""),
        ("models", "import", ""),
        ("models", "export", "cats-dogs", ""),
    ],
)
def test_that_an_empty_path_is_not_taken_for_the_folder_one_is_in(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    solid(tmp_path / "photos" / "red.png", RED)
    monkeypatch.chdir(tmp_path)
    ran = command(*arguments)
    assert (ran.code, ran.out) == (2, [])
    assert "It is empty; a dot is the folder you are in." in ran.err
    assert [path.name for path in tmp_path.rglob("*.png")] == ["red.png"]
    assert not (tmp_path / "sorted").exists()


def test_that_a_dot_is_the_folder_one_is_in(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solid(tmp_path / "red.png", RED)
    monkeypatch.chdir(tmp_path)
    assert command("predict", ".").out == ["red.png: cat (100 %)"]

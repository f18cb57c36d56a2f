from __future__ import annotations

import sys
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


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep the folder one is in")
def test_that_a_name_in_a_folder_that_is_gone_is_wrong_usage(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for arguments in (("train", "x"), ("sort", "x", "y"), ("predict", "x"), ("models", "export", "cats-dogs", "x")):
        ran = command(*arguments)
        assert ran.code == 2
        assert "The folder you are in is gone" in ran.err
    red = solid(tmp_path / "red.png", RED)
    assert command("predict", red).out == [f"{red}: cat (100 %)"]


def test_that_a_dot_is_the_folder_one_is_in(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solid(tmp_path / "red.png", RED)
    monkeypatch.chdir(tmp_path)
    assert command("predict", ".").out == ["red.png: cat (100 %)"]

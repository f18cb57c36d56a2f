from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import click
import flask
import notices
import pytest

from engine import paths
from tests.packaging.conftest import CHECKOUT


def test_that_each_part_is_named_with_its_version_and_the_text_of_its_licence() -> None:
    found = notices.parts([click.__file__, flask.__file__, flask.json.__file__, paths.__file__])
    named = {part.name.lower(): part for part in found}
    assert set(named) == {"click", "flask", "pyinstaller"}
    assert named["flask"].version == metadata.version("flask")
    assert named["click"].licence == "BSD-3-Clause"
    assert "Redistribution and use" in named["click"].texts[0]


def test_that_python_itself_is_a_part() -> None:
    import json

    (python,) = [part for part in notices.parts([json.__file__]) if part.name == "Python"]
    assert python.version == sys.version.split()[0]


def test_that_libraries_whose_wheel_brings_no_text_get_it(tmp_path: Path) -> None:
    import PySide6

    (qt,) = [part for part in notices.parts([PySide6.__file__]) if part.name.lower().startswith("pyside6")]
    assert any("GNU LESSER GENERAL PUBLIC LICENSE" in text for text in qt.texts)
    assert any("GNU GENERAL PUBLIC LICENSE" in text for text in qt.texts)


def test_that_a_file_of_unknown_origin_stops_the_build(tmp_path: Path) -> None:
    stranger = tmp_path / "libstranger.so"
    stranger.touch()
    with pytest.raises(notices.UnknownOrigin, match=r"libstranger\.so"):
        notices.parts([stranger])


def test_that_the_runtime_of_windows_is_known_wherever_it_was_found(tmp_path: Path) -> None:
    names = ("api-ms-win-crt-heap-l1-1-0.dll", "VCRUNTIME140_1.dll", "MSVCP140.dll", "ucrtbase.dll")
    for name in names:
        (tmp_path / name).touch()
    found = [part.name for part in notices.parts(tmp_path / name for name in names)]
    assert found == ["Microsoft C and C++ runtime", "pyinstaller"]


def test_that_the_notices_begin_with_what_whisker_itself_carries() -> None:
    text = notices.text(notices.parts([click.__file__]))
    assert text.startswith((CHECKOUT / "THIRD-PARTY.md").read_text(encoding="utf-8"))
    assert f"click {metadata.version('click')}: BSD-3-Clause" in text


def test_that_the_windows_help_lists_the_parts() -> None:
    said = notices.summary(notices.parts([click.__file__]))
    assert said.startswith((CHECKOUT / "THIRD-PARTY.md").read_text(encoding="utf-8").rstrip())
    assert f"| click | {metadata.version('click')} | BSD-3-Clause |" in said


def test_that_distributions_are_listed_as_pip_would_pin_them() -> None:
    assert notices.distributions([click.__file__, paths.__file__]) == [f"click=={metadata.version('click')}"]

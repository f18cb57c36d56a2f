from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo, QRawFont
from PySide6.QtWidgets import QApplication

from engine import paths
from gui.theme import Theme

GUI = Path(__file__).resolve().parents[2] / "gui"
TOKENS = json.loads((paths.resources() / "theme" / "tokens.json").read_text("utf-8"))
ON_WINDOW_AND_SURFACE = ("text", "muted", "accent", "sure", "unsure", "unknown", "wrong")


def _luminance(color: str) -> float:
    def channel(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    parts = QColor(color)
    return 0.2126 * channel(parts.redF()) + 0.7152 * channel(parts.greenF()) + 0.0722 * channel(parts.blueF())


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_that_every_text_colour_can_be_read_on_every_ground(mode: str) -> None:
    colors = TOKENS[mode]
    pairs = [(text, ground) for text in ON_WINDOW_AND_SURFACE for ground in ("window", "surface", "raised")]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_hover"), ("on_accent", "accent_press")]
    pairs += [
        ("on_toast", "toast"),
        ("toast_accent", "toast"),
        ("on_accent_soft", "accent_soft"),
        ("text", "accent_soft"),
    ]
    pairs += [("text", "track"), ("muted", "accent_soft")]
    poor = [
        (a, b, round(_contrast(colors[a], colors[b]), 2)) for a, b in pairs if _contrast(colors[a], colors[b]) < 4.5
    ]
    assert poor == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_that_field_borders_stand_out_from_their_ground(mode: str) -> None:
    assert _contrast(TOKENS[mode]["line_strong"], TOKENS[mode]["surface"]) >= 3


def test_that_both_looks_have_the_same_tokens() -> None:
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


def test_that_the_heat_ramp_grows_lighter_all_along() -> None:
    lightness = [_luminance(color) for _, color, _ in TOKENS["heat"]]
    assert lightness == sorted(lightness)


def test_that_no_colour_is_written_in_python() -> None:
    literal = re.compile(r"""["']#[0-9a-fA-F]{3,8}["']|QColor\(\s*\d|\brgba?\(|GlobalColor\.(?!transparent)""")
    found = [
        f"{path.name}: {line.strip()}"
        for path in GUI.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if literal.search(line)
    ]
    assert found == []


def test_that_every_icon_named_in_the_code_is_there_and_has_one_colour(qapp: QApplication) -> None:
    icons = paths.resources() / "icons"
    for icon in icons.glob("*.svg"):
        text = icon.read_text("utf-8")
        assert icon.stem in ("whisker", "whisker-small") or ("currentColor" in text and "#" not in text), icon
    named = re.compile(r"""(?:icon|pixmap)\(\s*["']([\w-]+)["']""")
    for path in GUI.rglob("*.py"):
        for name in named.findall(path.read_text("utf-8")):
            assert (icons / f"{name}.svg").is_file(), f"{path.name} wants {name}"


def test_that_a_choice_overrides_the_system_and_system_gives_it_back(qapp: QApplication) -> None:
    theme = Theme(qapp, paths.resources())
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.dark))
    theme.choose("dark")
    assert theme.color("window").name().upper() == TOKENS["dark"]["window"]
    assert qapp.palette().window().color() == theme.color("window")
    theme.choose("light")
    theme.choose("system")
    assert told == [True, False]


def test_that_letters_are_not_boxes(qapp: QApplication) -> None:
    assert QFontInfo(qapp.font()).family()
    font = QRawFont.fromFont(qapp.font())
    assert all(font.supportsCharacter(ord(letter)) for letter in "Whisker 99 % · …")

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cli.heat_maps import HeatMaps, names, overlay
from engine.history import History
from engine.paths import Home
from engine.prediction import Outcome
from tests.bundles import BLUE, GREY, PURPLE, RED, make_bundle, solid
from tests.cli.conftest import Command
from tests.conftest import lock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five pictures in three folders, one of them damaged."""
    folder = tmp_path / "photos"
    solid(folder / "b.png", BLUE)
    solid(folder / "a.jpg", RED)
    solid(folder / "inner" / "a.jpg", BLUE)
    solid(folder / "inner" / "deep" / "grey.png", GREY)
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("not a picture")
    return folder


def test_that_a_picture_is_answered_with_its_class_and_share(command: Command, tmp_path: Path) -> None:
    ran = command("predict", solid(tmp_path / "red.png", RED))
    assert (ran.code, ran.out, ran.err) == (0, [f"{tmp_path / 'red.png'}: cat (100 %)"], "")


def test_that_a_table_is_not_written_over_a_photo(command: Command, tmp_path: Path) -> None:
    red, blue = solid(tmp_path / "red.png", RED), solid(tmp_path / "blue.png", BLUE)
    before = red.read_bytes()
    ran = command("predict", "--csv", red, blue)
    assert ran.code == 2
    assert "named like a photo" in ran.err
    assert red.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_that_each_answer_is_one_line_whatever_the_name(command: Command, tmp_path: Path) -> None:
    solid(tmp_path / "new\nline.png", RED)
    (tmp_path / "bad\x1b[2J.png").write_bytes(b"no picture")
    ran = command("predict", tmp_path)
    assert ran.out == [f"{tmp_path}/new\\nline.png: cat (100 %)"]
    assert "\x1b" not in ran.err
    assert len(ran.err.splitlines()) == 2


def test_that_a_link_that_leads_back_to_itself_is_called_so(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "a.jpg")
    ran = command("predict", tmp_path / "a.jpg")
    assert ran.code == 1
    assert "a.jpg is a link that leads back to itself." in ran.err


def test_that_unsure_and_unknown_pictures_are_called_so(command: Command, tmp_path: Path) -> None:
    files = [solid(tmp_path / "1.png", PURPLE), solid(tmp_path / "2.png", GREY)]
    unsure, unknown = command("predict", *files).out
    assert "not sure, perhaps cat (6" in unsure
    assert "unknown: unlike anything" in unknown


def test_that_json_gives_one_object_a_line_in_sorted_path_order(command: Command, folder: Path) -> None:
    ran = command("predict", folder, "--json")
    objects = [json.loads(line) for line in ran.out]
    paths = [answer["path"] for answer in objects]
    assert paths == sorted(str(path) for path in folder.rglob("*") if path.suffix in (".png", ".jpg"))
    by_name = {os.path.relpath(answer["path"], folder): answer for answer in objects}
    assert by_name["a.jpg"]["predicted_class"] == "cat"
    assert by_name["a.jpg"]["confidence"] == by_name["a.jpg"]["probabilities"]["cat"] > 0.99
    assert set(by_name["a.jpg"]["probabilities"]) == {"cat", "dog"}
    assert by_name["a.jpg"]["unknown"] is False
    assert by_name[os.path.join("inner", "deep", "grey.png")]["unknown"] is True


def test_that_a_folder_that_may_not_be_read_is_named_and_the_others_are_still_answered(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solid(tmp_path / "red.png", RED)
    solid(tmp_path / "locked" / "blue.png", BLUE)
    lock(monkeypatch, tmp_path / "locked")
    ran = command("predict", tmp_path)
    assert (ran.code, ran.out) == (1, [f"{tmp_path / 'red.png'}: cat (100 %)"])
    assert f"{tmp_path / 'locked'}: this folder may not be read." in ran.err
    assert "1 answered, 1 failed." in ran.err


def test_that_a_damaged_file_is_named_and_the_others_are_still_answered(command: Command, folder: Path) -> None:
    ran = command("predict", folder, "--json")
    assert ran.code == 1
    failed = [answer for answer in map(json.loads, ran.out) if "error" in answer]
    assert [answer["path"] for answer in failed] == [str(folder / "broken.jpg")]
    assert failed[0]["error"]["code"] == "image_unreadable"
    assert str(folder / "broken.jpg") in ran.err
    assert "4 answered, 1 failed" in ran.err


def test_that_a_missing_file_is_named_and_the_others_are_still_answered(command: Command, tmp_path: Path) -> None:
    ran = command("predict", tmp_path / "gone.jpg", solid(tmp_path / "red.png", RED))
    assert ran.code == 1
    assert len(ran.out) == 1
    assert "gone.jpg is not there" in ran.err


def test_that_a_folder_without_pictures_is_a_failure_that_is_named(command: Command, tmp_path: Path) -> None:
    ran = command("predict", tmp_path)
    assert ran.code == 1
    assert f"{tmp_path}: there are no photos" in ran.err


def test_that_a_picture_named_twice_is_answered_once(command: Command, folder: Path) -> None:
    assert len(command("predict", folder, folder / "a.jpg", "--json").out) == 5


def test_that_another_model_can_be_asked(command: Command, tmp_path: Path) -> None:
    picture = solid(tmp_path / "blue.png", BLUE)
    assert command("predict", picture, "--model", "everyday").out == [f"{picture}: sky (> 99 %)"]


def test_that_a_model_that_is_not_there_is_answered_with_those_that_are(command: Command, tmp_path: Path) -> None:
    ran = command("predict", solid(tmp_path / "a.png", RED), "--model", "nobody")
    assert ran.code == 1
    assert "There is no model nobody." in ran.err
    assert "cats-dogs, everyday" in ran.err


def test_that_top_limits_the_classes_that_are_shown(command: Command, tmp_path: Path) -> None:
    picture = solid(tmp_path / "a.png", RED)
    (line,) = command("predict", picture, "--model", "everyday", "--top", "2", "--json").out
    best, second = json.loads(line)["probabilities"].items()
    assert best[0] == "ruby"
    assert best[1] > second[1]
    assert command("predict", picture, "--top", "0").code == 2


def test_that_a_table_has_a_row_a_picture_and_a_column_a_class(command: Command, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "new" / "answers.csv"
    command("predict", folder, "--csv", table)
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "predicted_class", "confidence", "unknown", "error", "cat", "dog"]
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    broken = rows[2]
    assert broken["path"] == str(folder / "broken.jpg")
    assert broken["predicted_class"] == broken["cat"] == ""
    assert broken["error"]
    assert rows[0]["predicted_class"] == "cat"
    assert rows[0]["unknown"] == "false"
    assert float(rows[0]["cat"]) == float(rows[0]["confidence"])


def test_that_a_table_with_top_names_classes_and_shares_in_pairs(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "answers.csv"
    command("predict", folder / "b.png", "--model", "everyday", "--top", "2", "--csv", table)
    heading, row = csv.reader(table.read_text(encoding="utf-8").splitlines())
    assert heading[5:] == ["class_1", "probability_1", "class_2", "probability_2"]
    assert row[5] == "sky"


def test_that_a_table_begins_with_a_byte_order_mark_only_if_a_name_needs_it(command: Command, tmp_path: Path) -> None:
    plain, special = tmp_path / "plain.csv", tmp_path / "special.csv"
    command("predict", solid(tmp_path / "tiger.png", RED), "--csv", plain)
    command("predict", solid(tmp_path / "k\u00e4tzchen.png", RED), "--csv", special)
    assert plain.read_bytes().startswith(b"path,")
    assert special.read_bytes().startswith(b"\xef\xbb\xbfpath,")
    assert "k\u00e4tzchen" in special.read_text(encoding="utf-8-sig")


def test_that_a_dash_writes_the_table_alone_to_standard_output(
    command: Command, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command("predict", folder, "--csv", "-")
    command("predict", folder, "--csv", "answers.csv")
    assert [path.name for path in tmp_path.glob("*") if path.is_file()] == ["answers.csv"]
    assert ran.out == (tmp_path / "answers.csv").read_text(encoding="utf-8").splitlines()
    assert "broken.jpg" in ran.err
    assert ran.code == 1


def test_that_two_things_for_standard_output_are_wrong_usage(command: Command, folder: Path) -> None:
    ran = command("predict", folder, "--json", "--csv", "-")
    assert (ran.code, ran.out) == (2, [])
    assert "both want standard output" in ran.err


def test_that_a_table_that_cannot_be_written_is_a_sentence(command: Command, folder: Path) -> None:
    ran = command("predict", folder / "a.jpg", "--csv", folder / "b.png" / "answers.csv")
    assert ran.code == 1
    assert "could not be written" in ran.err


def test_that_each_answered_picture_gets_a_heat_map_of_its_own_name(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    maps = tmp_path / "maps"
    command("predict", folder, "--explain", maps)
    assert sorted(path.name for path in maps.iterdir()) == [
        "b.heat.png",
        "grey.heat.png",
        "inner-a.jpg.heat.png",
        "photos-a.jpg.heat.png",
    ]
    with Image.open(maps / "b.heat.png") as picture:
        assert picture.size == (48, 40)


def test_that_heat_maps_never_replace_the_pictures_beside_them(command: Command, tmp_path: Path) -> None:
    picture = solid(tmp_path / "a.png", RED)
    before = picture.read_bytes()
    command("predict", tmp_path, "--explain", tmp_path)
    assert picture.read_bytes() == before
    assert (tmp_path / "a.heat.png").is_file()


def test_that_heat_map_names_never_collide() -> None:
    files = [Path(name) for name in ("x/a.jpg", "y/x/a.jpg", "z/x/A.JPG", "x/b.jpg", "x/b.png", "c.gif")]
    given = names(files)
    assert len({name.casefold() for name in given.values()}) == len(files)
    assert given[Path("c.gif")] == "c.heat.png"
    assert given[Path("x/b.png")] == "b.png.heat.png"


def test_that_a_photo_that_vanishes_before_its_heat_map_costs_the_others_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png", "c.png"):
        solid(tmp_path / "photos" / name, RED)
    real = HeatMaps.write

    def write(maps: HeatMaps, outcome: Outcome) -> None:
        (tmp_path / "photos" / "b.png").unlink(missing_ok=True)
        real(maps, outcome)

    monkeypatch.setattr(HeatMaps, "write", write)
    ran = command("predict", tmp_path / "photos", "--explain", tmp_path / "maps")
    assert ran.code == 1
    assert len(ran.out) == 3
    assert ran.err.startswith(f"{tmp_path / 'photos' / 'b.png'}: it has no heat map. b.png is not there.")
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == ["a.heat.png", "c.heat.png"]


def test_that_a_heat_map_of_a_very_long_name_can_be_written(command: Command, tmp_path: Path) -> None:
    for last in "ab":
        solid(tmp_path / ("é" * 125 + last + ".png"), RED)
    assert command("predict", tmp_path, "--explain", tmp_path / "maps").code == 0
    assert len(list((tmp_path / "maps").iterdir())) == 2


def test_that_a_heat_map_leaves_cold_places_as_they_are() -> None:
    heat = np.zeros((4, 4), np.float32)
    heat[0, 0] = 1.0
    picture = np.asarray(overlay(Image.new("RGB", (64, 64), (0, 0, 200)), heat))
    assert tuple(picture[63, 63]) == (0, 0, 200)
    assert picture[2, 2, 0] > 100


def test_that_answers_stand_in_the_history_with_their_source(command: Command, folder: Path, home: Path) -> None:
    command("predict", folder)
    history = History(Home(home).database)
    assert {row.source for row in history.recent()} == {"cli"}
    assert history.count() == 4
    history.close()


def test_that_the_model_of_model_path_answers(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_PATH", str(make_bundle(tmp_path / "mine", ("fire", "water"))))
    picture = solid(tmp_path / "a.png", BLUE)
    assert command("predict", picture).out == [f"{picture}: water (100 %)"]


@pytest.mark.parametrize("arguments", [["predict"], ["predict", "a", "--top", "x"], ["predict", "a", "--nonsense"]])
def test_that_wrong_usage_is_explained_and_ends_with_2(command: Command, arguments: list[str]) -> None:
    ran = command(*arguments)
    assert ran.code == 2
    assert "Usage:" in ran.err


def test_that_a_history_that_cannot_be_written_is_said_once_and_the_answers_are_given(
    command: Command, home: Path, folder: Path
) -> None:
    (home / "whisker.db").mkdir()
    ran = command("predict", folder / "a.jpg", folder / "b.png")
    assert ran.code == 0
    assert len(ran.out) == 2
    assert ran.err.splitlines() == [
        f"Answers are given but not remembered: the history {home / 'whisker.db'} cannot be opened. "
        "Check the permissions of the file and its folder."
    ]

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import DatasetError, TrainingCancelled
from engine.training.plan import TrainingPlan
from engine.training.preparation import Pictures, prepare


def paint(path: Path, seed: int) -> Path:
    """A picture like no other: coarse blocks of colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    Image.fromarray(rough).resize((48, 40), Image.Resampling.NEAREST).save(path)
    return path


def prepared(folder: Path, test: Path | None = None) -> Pictures:
    return prepare(TrainingPlan(folder, "pets", test=test), lambda done, total: None, lambda: None)


def refused(folder: Path) -> str:
    with pytest.raises(DatasetError) as error:
        prepared(folder)
    assert error.value.hint
    return error.value.message


def class_folders(folder: Path) -> None:
    for number in range(12):
        paint(folder / ("cat" if number % 2 else "dog") / "deep" / f"{number}.PNG", number)


def names(folder: Path) -> None:
    for number in range(12):
        paint(folder / f"{'cat' if number % 2 else 'dog'}.{number}.jpg", number)


def table(folder: Path) -> None:
    lines = ["file,label"]
    for number in range(12):
        paint(folder / "pictures" / f"{number}.png", number)
        lines.append(f"pictures/{number}.png,{'cat' if number % 2 else 'dog'}")
    (folder / "labels.csv").write_text("\n".join(lines), encoding="utf-8")


def divided(folder: Path) -> None:
    class_folders(folder / "train")
    for number in range(4):
        paint(folder / "test" / ("cat" if number % 2 else "dog") / f"{number}.png", 100 + number)


@pytest.mark.parametrize("lay_out", [class_folders, names, table, divided])
@pytest.mark.parametrize("name", ["plain", "with spaces and 🐕 é"])
def test_that_every_layout_becomes_pictures_with_labels(
    tmp_path: Path, lay_out: Callable[[Path], None], name: str
) -> None:
    lay_out(tmp_path / name)
    pictures = prepared(tmp_path / name)
    assert pictures.classes == ("cat", "dog")
    assert pictures.counts() == ({"cat": 8, "dog": 8} if lay_out is divided else {"cat": 6, "dog": 6})
    assert not pictures.unreadable
    honest, _ = pictures.divide(seed=0)
    assert len(honest.train) + len(honest.validation) + len(honest.test) == len(pictures.paths)
    given = [at for at, part in enumerate(pictures.parts) if part == "test"]
    assert honest.test.tolist() == given if given else len(honest.test) > 0


def test_that_unreadable_pictures_are_left_out_and_named(tmp_path: Path) -> None:
    class_folders(tmp_path)
    (tmp_path / "cat" / "broken.jpg").write_bytes(b"\xff\xd8\xffnothing more")
    (tmp_path / "cat" / "empty.png").touch()
    pictures = prepared(tmp_path)
    assert len(pictures.paths) == 12
    assert len(pictures.unreadable) == 2
    assert any("broken.jpg" in sentence for sentence in pictures.unreadable)


def test_that_one_class_is_not_enough(tmp_path: Path) -> None:
    for number in range(5):
        paint(tmp_path / "cat" / f"{number}.png", number)
    assert "one class" in refused(tmp_path)


def test_that_three_pictures_are_not_enough(tmp_path: Path) -> None:
    for number, label in enumerate(("cat", "cat", "dog")):
        paint(tmp_path / label / f"{number}.png", number)
    assert "one class with at least 2 usable photos" in refused(tmp_path)


def test_that_four_pictures_are(tmp_path: Path) -> None:
    for number in range(4):
        paint(tmp_path / ("cat" if number % 2 else "dog") / f"{number}.png", number)
    honest, _ = prepared(tmp_path).divide(0)
    assert (len(honest.train), len(honest.test)) == (2, 2)


def test_that_a_folder_of_damage_is_a_sentence(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for number in range(3):
            (tmp_path / label / f"{number}.jpg").write_bytes(b"\xff\xd8\xff" + bytes(number))
    assert "None of the photos" in refused(tmp_path)


def test_that_an_empty_folder_and_one_that_is_not_there_are_sentences(tmp_path: Path) -> None:
    assert "no photos" in refused(tmp_path)
    assert "is not there" in refused(tmp_path / "nowhere")


def test_that_a_hundred_classes_of_two_are_learnt_from_one_and_judged_by_the_other(tmp_path: Path) -> None:
    for number in range(200):
        paint(tmp_path / f"class {number // 2}" / f"{number}.png", number)
    pictures = prepared(tmp_path)
    assert len(pictures.classes) == 100
    assert pictures.classes[:3] == ("class 0", "class 1", "class 2")
    honest, _ = pictures.divide(0)
    assert np.bincount(pictures.labels[honest.train]).tolist() == [1] * 100
    assert np.bincount(pictures.labels[honest.test]).tolist() == [1] * 100


def test_that_a_class_too_small_is_left_out_with_a_note(tmp_path: Path) -> None:
    class_folders(tmp_path)
    paint(tmp_path / "owl" / "0.png", 50)
    pictures = prepared(tmp_path)
    assert pictures.classes == ("cat", "dog")
    assert any("owl" in note for note in pictures.notes)


def test_that_rare_classes_weigh_more_and_that_is_said(tmp_path: Path) -> None:
    class_folders(tmp_path)
    for number in range(20):
        paint(tmp_path / "cat" / f"more {number}.png", 60 + number)
    pictures = prepared(tmp_path)
    cat, dog = pictures.class_weights(np.arange(len(pictures.paths)))
    assert dog == pytest.approx(cat * 26 / 6)
    assert any("Rare classes count for more" in note and "dog" in note for note in pictures.notes)


def test_that_a_test_folder_alone_judges(tmp_path: Path) -> None:
    divided(tmp_path / "taught")
    for number, label in enumerate(("cat", "dog", "owl")):
        paint(tmp_path / "judges" / label / f"{number}.png", 200 + number)
    pictures = prepared(tmp_path / "taught", tmp_path / "judges")
    honest, _ = pictures.divide(0)
    assert {pictures.paths[at].parents[1].name for at in honest.test} == {"judges"}
    assert len(honest.test) == 2
    assert any("owl" in note for note in pictures.notes)
    assert any("own test photos were left out" in note for note in pictures.notes)


def test_that_pictures_that_may_not_be_read_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class_folders(tmp_path)
    closed = paint(tmp_path / "cat" / "closed.png", 70)
    opened = Path.open

    def open_or_refuse(path: Path, *arguments: object, **more: object) -> object:
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_or_refuse)
    (sentence,) = prepared(tmp_path).unreadable
    assert "closed.png may not be read" in sentence


def test_that_a_name_that_is_no_text_is_read_all_the_same(tmp_path: Path) -> None:
    class_folders(tmp_path)
    os.rename(tmp_path / "cat" / "deep" / "1.PNG", os.fsencode(tmp_path / "cat") + b"/\xff.png")
    assert len(prepared(tmp_path).paths) == 12


def test_that_the_same_pictures_have_the_same_fingerprint_wherever_they_lie(tmp_path: Path) -> None:
    for name in ("one", "two"):
        class_folders(tmp_path / name)
    one, two = (prepared(tmp_path / name) for name in ("one", "two"))
    assert one.fingerprint == two.fingerprint
    paint(tmp_path / "two" / "cat" / "new.png", 300)
    assert prepared(tmp_path / "two").fingerprint != one.fingerprint
    assert replace(one, labels=1 - one.labels).fingerprint != one.fingerprint


def test_that_copies_stand_on_one_side(tmp_path: Path) -> None:
    class_folders(tmp_path)
    for number in range(1, 12, 2):
        paint(tmp_path / "cat" / f"copy of {number}.png", number)
    pictures = prepared(tmp_path)
    honest, naive = pictures.divide(0)
    assert honest.kept_together == 12
    sides = {side: {pictures.contents[at] for at in getattr(honest, side)} for side in ("train", "validation", "test")}
    assert not sides["train"] & sides["test"]
    assert len(naive.test) > 0


def test_that_reading_is_told_and_can_be_stopped(tmp_path: Path) -> None:
    class_folders(tmp_path)
    told: list[tuple[int, int]] = []
    plan = TrainingPlan(tmp_path, "pets")
    prepare(plan, lambda done, total: told.append((done, total)), lambda: None)
    assert told[-1] == (12, 12)

    def stop() -> None:
        raise TrainingCancelled("Cancelled.")

    with pytest.raises(TrainingCancelled):
        prepare(plan, lambda done, total: None, stop)


@pytest.mark.parametrize(("light", "said"), [(5, "of one camera or one day"), (1, "frames of one video")])
def test_that_pictures_of_a_fixed_camera_can_be_divided(tmp_path: Path, light: int, said: str) -> None:
    """A quality inspector's: the same part each time, with a scratch or without."""
    part = np.random.default_rng(0).integers(40, 215, (12, 12, 3), dtype=np.uint8)
    scene = np.asarray(Image.fromarray(part).resize((96, 96)), np.int16)
    for number in range(40):
        shade = np.random.default_rng(number + 1).normal(128, light, (8, 8)).clip(0, 255).astype(np.uint8)
        picture = scene + np.asarray(Image.fromarray(shade).resize((96, 96)), np.int16)[..., None] - 128
        if number % 2:
            picture[number : number + 4, 20:50] = 255
        path = tmp_path / ("scratched" if number % 2 else "good") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(path)
    pictures = prepared(tmp_path)
    honest, _ = pictures.divide(0)
    assert np.bincount(pictures.labels[honest.test]).tolist() == [4, 4]
    assert len(honest.validation) >= 2
    assert any(said in note for note in honest.notes)

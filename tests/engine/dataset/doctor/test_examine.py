"""Tests for the doctor: what is wrong is found, what is fine is left alone, and no folder is too odd for it."""

from __future__ import annotations

import io
import json
import os
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from engine.dataset.doctor import Finding, Kind, Report, examine
from engine.errors import DatasetError
from tests.engine.dataset.doctor.features import by_class
from tests.engine.dataset.pictures import cropped, detailed, grainy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """'pets 🐾 of mine' with 24 flawless pictures of each of two classes."""
    root = tmp_path / "pets 🐾 of mine"
    for number, label in enumerate(("cat", "dog")):
        (root / label).mkdir(parents=True)
        for i in range(24):
            grainy(100 * number + i).save(root / label / f"{label} {i}.png")
    return root


def kinds(report: Report) -> dict[str, int]:
    return dict(Counter(finding.kind.code for finding in report.findings))


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


def test_that_nothing_is_said_of_a_sound_folder(folder: Path):
    report = examine(folder, by_class)
    assert report.findings == ()
    assert report.complete
    assert (report.pictures, report.classes) == (48, ("cat", "dog"))


def test_that_a_damaged_picture_is_named_with_the_engines_sentence(folder: Path):
    whole = (folder / "cat" / "cat 0.png").read_bytes()
    (folder / "cat" / "half.png").write_bytes(whole[: len(whole) // 2])
    finding = only(examine(folder, by_class))
    assert (finding.kind, finding.fix) == (Kind.UNREADABLE, "quarantine")
    assert finding.message.startswith("half.png ends too early")


def test_that_a_picture_under_another_formats_name_is_found(folder: Path):
    grainy(500).save(folder / "cat" / "new.jpg", quality=95)
    (folder / "cat" / "new.jpg").rename(folder / "cat" / "new.png")
    finding = only(examine(folder, by_class))
    assert (finding.kind, finding.fix) == (Kind.MISNAMED, "rename")
    assert finding.message == "new.png is a JPEG file under another format's name."


def test_that_a_picture_without_a_pictures_name_is_found(folder: Path):
    grainy(500).save(folder / "cat" / "new.jpg", quality=95)
    (folder / "cat" / "new.jpg").rename(folder / "cat" / "IMG_0001")
    finding = only(examine(folder, by_class))
    assert (finding.kind, finding.path.name, finding.fix) == (Kind.MISNAMED, "IMG_0001", "rename")


def test_that_other_files_are_counted_once(folder: Path):
    for name in ("a.txt", "b.json", "cat/c.pdf", "dog/d.doc"):
        (folder / name).write_bytes(b"BM no picture")
    finding = only(examine(folder, by_class))
    assert finding.kind is Kind.STRAY_FILES
    assert finding.message.startswith("4 files are not photos and were left out: ")


def test_that_the_same_file_twice_is_found(folder: Path):
    (folder / "cat" / "again.png").write_bytes((folder / "cat" / "cat 3.png").read_bytes())
    finding = only(examine(folder, by_class))
    assert (finding.kind, finding.fix) == (Kind.EXACT_DUPLICATE, "keep one")
    assert {finding.path.name, finding.other and finding.other.name} == {"again.png", "cat 3.png"}


def test_that_of_a_picture_and_its_smaller_copy_the_larger_is_kept(folder: Path):
    grainy(3).resize((90, 90)).save(folder / "cat" / "a small copy.png")
    finding = only(examine(folder))
    assert (finding.kind, finding.fix) == (Kind.NEAR_DUPLICATE, "keep one")
    assert finding.path.name == "a small copy.png"
    assert finding.other == folder / "cat" / "cat 3.png"


def test_that_of_five_copies_four_are_too_many(folder: Path):
    for n in range(4):
        cropped(grainy(3).resize((200, 200))).resize((100 + n, 100)).save(folder / "cat" / f"copy {n}.png")
    found = examine(folder).of(Kind.NEAR_DUPLICATE)
    assert len(found) == 4
    assert {finding.other for finding in found} & {finding.path for finding in found} == set()


def test_that_one_picture_under_two_labels_is_found_and_the_doubtful_one_goes(folder: Path):
    (folder / "dog" / "cat 3.png").write_bytes((folder / "cat" / "cat 3.png").read_bytes())
    unsure = only(examine(folder))
    assert (unsure.kind, unsure.fix) == (Kind.CONFLICTING_LABELS, "none")
    sure = only(examine(folder, by_class))
    assert (sure.kind, sure.fix) == (Kind.CONFLICTING_LABELS, "keep one")
    assert sure.path == folder / "dog" / "cat 3.png"
    assert sure.message == (
        "dog/cat 3.png is called dog, but it is the same file as cat/cat 3.png, which is called cat."
    )


def test_that_a_copy_across_the_given_split_is_found_and_the_test_part_is_kept(folder: Path):
    for part, numbers in (("train", range(16)), ("test", range(16, 24))):
        for label in ("cat", "dog"):
            (folder / part / label).mkdir(parents=True)
            for n in numbers:
                (folder / label / f"{label} {n}.png").rename(folder / part / label / f"{label} {n}.png")
    for label in ("cat", "dog"):
        (folder / label).rmdir()
    copy = folder / "train" / "cat" / "cat 100.png"
    copy.write_bytes((folder / "test" / "cat" / "cat 20.png").read_bytes())
    finding = examine(folder, by_class).of(Kind.SPLIT_LEAK)[0]
    assert (finding.path, finding.fix) == (copy, "keep one")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda image: image.point(lambda level: level // 6), Kind.TOO_DARK),
        (lambda image: image.point(lambda level: 210 + level // 6), Kind.TOO_BRIGHT),
        (lambda image: image.point(lambda level: 110 + level // 10), Kind.LOW_CONTRAST),
        (lambda image: image.filter(ImageFilter.GaussianBlur(4)), Kind.BLURRY),
        (lambda image: image.resize((48, 60)), Kind.TOO_SMALL),
        (lambda image: image.resize((700, 200)), Kind.ODD_SHAPE),
    ],
)
def test_that_a_poor_picture_is_found(folder: Path, change: Callable[[Image.Image], Image.Image], kind: Kind):
    change(detailed(200)).save(folder / "dog" / "dog poor.png")
    finding = only(examine(folder, by_class))
    assert (finding.kind, finding.path.name) == (kind, "dog poor.png")


def test_that_what_most_of_a_folder_is_like_is_said_once(folder: Path):
    for path in folder.rglob("*.png"):
        Image.open(path).resize((32, 32)).save(path)
    found = examine(folder, by_class).of(Kind.TOO_SMALL)
    assert [finding.path for finding in found] == [folder]
    assert found[0].message.startswith("48 of 48 photos: too small.")


def test_that_wrong_labels_are_found_and_no_others(folder: Path):
    for n in (2, 9):
        (folder / "dog" / f"dog {n}.png").rename(folder / "cat" / f"dog {n}.png")
    report = examine(folder, by_class)
    assert kinds(report) == {"mislabelled": 2}
    assert [finding.path.name for finding in report.findings] == ["dog 2.png", "dog 9.png"]
    assert {finding.fix for finding in report.findings} == {"relabel to dog"}
    assert report.findings[0].message == "dog 2.png is called cat, but looks like dog."


def test_that_small_and_uneven_classes_are_found(folder: Path):
    (folder / "lynx").mkdir()
    for n in range(3):
        grainy(900 + n).save(folder / "lynx" / f"lynx {n}.png")
    found = examine(folder, by_class).findings
    assert {finding.kind for finding in found} == {Kind.CLASS_TOO_SMALL, Kind.IMBALANCE}
    assert {finding.fix for finding in found} == {"add more photos"}
    assert found[0].message == "lynx has only 3 photos to learn from; 20 or more are needed."


def test_that_a_folder_of_one_class_is_examined_all_the_same(folder: Path):
    for path in (folder / "dog").iterdir():
        path.unlink()
    (folder / "dog").rmdir()
    assert only(examine(folder, by_class)).kind is Kind.ONE_CLASS


def test_that_a_hundred_classes_of_two_are_one_finding(tmp_path: Path):
    for n in range(100):
        (tmp_path / f"class {n}").mkdir()
        for i in range(2):
            grainy(1000 + 2 * n + i, 64).save(tmp_path / f"class {n}" / f"{i}.png")
    report = examine(tmp_path, by_class)
    assert kinds(report) == {"class_too_small": 1}
    assert report.findings[0].message == "100 of 100 classes have only 2 photos each; 20 or more are needed."


def test_that_three_pictures_are_no_error(tmp_path: Path):
    for n, name in enumerate(("cat.0.png", "cat.1.png", "dog.0.png")):
        grainy(n).save(tmp_path / name)
    assert kinds(examine(tmp_path, by_class)) == {"class_too_small": 2}


def test_that_a_folder_of_damaged_pictures_is_told_picture_by_picture(tmp_path: Path):
    for name in ("cat.0.png", "cat.1.png", "dog.0.png"):
        (tmp_path / name).write_bytes(os.urandom(40))
    report = examine(tmp_path, by_class)
    assert kinds(report) == {"unreadable": 3}


def test_that_an_empty_folder_is_a_sentence(tmp_path: Path):
    with pytest.raises(DatasetError, match="There are no photos"):
        examine(tmp_path)


def test_that_a_picture_that_may_not_be_read_is_named_and_not_to_be_moved(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    real = io.open

    def guarded(path, *arguments, **options):
        if str(path).endswith("cat 0.png"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(io, "open", guarded)
    finding = only(examine(folder, by_class))
    assert (finding.kind, finding.fix) == (Kind.UNREADABLE, "none")
    assert "may not be read" in finding.message


def test_that_the_same_folder_gives_the_same_report(folder: Path):
    (folder / "cat" / "again.png").write_bytes((folder / "cat" / "cat 3.png").read_bytes())
    cropped(grainy(7)).save(folder / "dog" / "dog 99.png")
    assert examine(folder, by_class) == examine(folder, by_class)


def test_that_progress_is_told_stage_by_stage_and_ends_full(folder: Path):
    told: list[tuple[str, int, int]] = []
    examine(folder, by_class, progress=lambda *what: told.append(what))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["Looking at each photo", "Comparing them"]
    assert all(done == total for stage, done, total in told if (stage, done, total) == told[-1])


@pytest.mark.parametrize("stage", ["Looking at each photo", "Comparing them"])
def test_that_a_cancelled_examination_ends_with_what_it_has(folder: Path, stage: str):
    (folder / "cat" / "half.png").write_bytes((folder / "cat" / "cat 0.png").read_bytes()[:3000])
    cancel = threading.Event()

    def tell(now: str, *_: int) -> None:
        if now == stage:
            cancel.set()

    report = examine(folder, by_class, progress=tell, cancel=cancel)
    assert not report.complete
    assert not report.of(Kind.MISLABELLED)


def test_that_findings_have_the_public_shape(folder: Path):
    (folder / "cat" / "again.png").write_bytes((folder / "cat" / "cat 3.png").read_bytes())
    shape = json.loads(json.dumps(only(examine(folder)).as_json()))
    assert list(shape) == ["kind", "path", "other", "message", "fix"]
    assert shape["kind"] == "exact_duplicate"
    assert Path(shape["path"]).is_file()
    assert Path(shape["other"]).is_file()

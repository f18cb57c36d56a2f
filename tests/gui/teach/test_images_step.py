from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from gui.problems import Toast
from tests.bundles import BLUE, RED, solid
from tests.gui.teach.conftest import Taught


def test_that_the_empty_page_has_one_sentence_and_one_button(taught: Taught) -> None:
    assert taught.page.images.empty.isVisible()
    assert taught.page.images.empty.browse.isVisible()
    assert not taught.page.next.isVisible()


def test_that_dropped_folders_become_classes_and_the_trainer_is_warmed_up(taught: Taught, photos: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photos / label)) for label in ("cat", "dog")])
    assert taught.opened.drop(mime)
    taught.wait(lambda: taught.page.lesson.pictures == 16)
    taught.settle()
    assert taught.page.lesson.classes == ["cat", "dog"]
    assert taught.trainer.warmed
    assert taught.page.next.isEnabled()
    assert taught.page.images.line.text().startswith("2\u00a0classes")


def test_that_a_folder_without_pictures_is_said_in_its_place(taught: Taught, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    taught.page.lesson.add([tmp_path / "nothing"])
    taught.wait(taught.page.message.isVisible)
    assert "nothing" in taught.page.message.text.text()
    taught.settle()


def test_that_a_class_is_renamed_merged_and_left_out_and_each_is_undone(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    page, lesson = taught.page, taught.page.lesson
    page.images.model.setData(page.images.model.index(0), "kitten")
    taught.wait(lambda: lesson.classes == ["dog", "kitten"])
    lesson.merge(["dog", "kitten"], "dog")
    taught.wait(lambda: lesson.classes == ["dog"])
    assert not page.next.isEnabled()
    lesson.undo()
    taught.wait(lambda: lesson.classes == ["dog", "kitten"])
    page.images.list.setCurrentIndex(page.images.model.index(0))
    page.images.leave.click()
    taught.wait(lambda: lesson.classes == ["kitten"])
    toast = taught.opened.window.findChild(Toast)
    assert toast is not None
    toast.undo.click()
    taught.wait(lambda: lesson.classes == ["dog", "kitten"])
    lesson.undo()
    taught.wait(lambda: lesson.classes == ["cat", "dog"])
    assert len(list(photos.rglob("*.png"))) == 16
    taught.settle()


def test_that_photos_dropped_on_a_class_are_of_that_class(taught: Taught, photos: Path, tmp_path: Path) -> None:
    from tests.conftest import picture

    taught.open(photos)
    picture(999).save(tmp_path / "one.png")
    taught.page.images.list.dropped.emit("dog", [tmp_path / "one.png"])
    taught.wait(lambda: taught.page.lesson.labels.get(tmp_path / "one.png") == "dog")
    taught.settle()


def test_that_a_finding_is_looked_at_mended_and_the_mending_undone(taught: Taught, photos: Path) -> None:
    (photos / "dog" / "copy.png").write_bytes((photos / "dog" / "0.png").read_bytes())
    taught.open(photos)
    panel = taught.page.images.findings
    taught.wait(lambda: panel.cards)
    card = next(card for card in panel.cards if "twice" in card.accessibleName())
    card.look.click()
    assert len(taught.page.images.looking.grid.photos.shots) == 2
    taught.page.images.looking.back.click()
    card.fix.click()
    taught.wait(lambda: taught.page.lesson.pictures == 16)
    assert (photos / "dog" / "copy.png").is_file()
    taught.page.lesson.undo()
    taught.wait(lambda: taught.page.lesson.pictures == 17)
    taught.settle()


def test_that_corrected_photos_are_offered_and_included(taught: Taught, photos: Path, tmp_path: Path) -> None:
    tom = solid(tmp_path / "tom.png", RED)
    row, _ = taught.opened.whisker.classify(tom, origin="window")
    assert row is not None
    taught.opened.whisker.correct(row, "dog")
    taught.open(photos)
    offers = taught.page.images.findings.offers
    assert offers.isVisible()
    assert offers.buttons[0].accessibleName() == "Include 1\u00a0photo that you corrected"
    offers.buttons[0].click()
    taught.wait(lambda: taught.page.lesson.labels.get(tom) == "dog")
    taught.settle()
    assert not offers.isVisible()


def test_that_photos_sent_through_the_api_are_offered_and_can_be_the_beginning(taught: Taught) -> None:
    uploads = taught.opened.whisker.home.uploads
    for label, colour in (("cat", RED), ("dog", BLUE)):
        for at in range(3):
            solid(uploads / label / f"{label}{at}.png", colour, (48 + at, 40))
    taught.page.lesson.look_for_offers()
    empty = taught.page.images.empty
    taught.wait(lambda: empty.offers.buttons)
    assert empty.offers.isVisible()
    assert empty.offers.buttons[0].accessibleName() == "Include 6\u00a0photos sent through the API"
    empty.offers.buttons[0].click()
    taught.wait(lambda: taught.page.lesson.classes == ["cat", "dog"])
    taught.settle()
    assert taught.page.next.isEnabled()
    assert not taught.page.images.findings.offers.isVisible()
    taught.page.anew.click()
    taught.wait(lambda: empty.offers.isVisible())
    taught.settle()

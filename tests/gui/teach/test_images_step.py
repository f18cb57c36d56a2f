from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QLineEdit

from engine.dataset.doctor import Finding, Kind
from gui.problems import Toast
from gui.teach.findings_panel import NARROW
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


def test_that_a_renamed_class_stays_selected_wherever_it_moves_and_a_refusal_is_over_with_the_next_try(
    taught: Taught, photos: Path
) -> None:
    taught.open(photos)
    page, lesson, view = taught.page, taught.page.lesson, taught.page.images.list

    def rename(new: str) -> None:
        page.images.rename.click()
        editor = view.findChild(QLineEdit)
        assert editor is not None
        editor.setText(new)
        taught.opened.qtbot.keyClick(editor, Qt.Key.Key_Return)

    view.setCurrentIndex(page.images.model.index(0))
    rename("a" * 120)
    taught.wait(page.message.isVisible)
    assert page.message.hint.text() == "It is too long."
    taught.settle()
    rename("zebra")
    taught.wait(lambda: lesson.classes == ["dog", "zebra"])
    assert view.selected() == ["zebra"]
    assert not page.message.isVisible()
    taught.opened.qtbot.keyClick(view, Qt.Key.Key_Delete)
    taught.wait(lambda: lesson.classes == ["dog"])
    assert view.currentIndex().row() == 0
    assert not view.selected()
    taught.settle()


def test_that_what_was_taken_back_is_not_offered_to_be_taken_back_once_more(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    lesson = taught.page.lesson
    lesson.rename("cat", "kitten")
    lesson.rename("dog", "puppy")
    taught.wait(lambda: lesson.classes == ["kitten", "puppy"])
    toast = taught.opened.window.findChild(Toast)
    assert toast is not None
    taught.wait(lambda: "puppy" in toast.text.text())
    taught.opened.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    taught.wait(lambda: lesson.classes == ["dog", "kitten"])
    assert toast.text.text() == "Taken back"
    assert not toast.undo.isVisible()
    taught.settle()


def test_that_photos_dropped_on_a_class_are_of_that_class(taught: Taught, photos: Path, tmp_path: Path) -> None:
    from tests.conftest import picture

    taught.open(photos)
    picture(999).save(tmp_path / "one.png")
    taught.page.images.list.dropped.emit("dog", [tmp_path / "one.png"])
    taught.wait(lambda: taught.page.lesson.labels.get(tmp_path / "one.png") == "dog")
    toast = taught.opened.window.findChild(Toast)
    assert toast is not None
    taught.wait(lambda: toast.text.text() == "1\u00a0photo added to dog")
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


def test_that_suspects_say_what_they_look_like_and_are_gone_through_one_by_one(taught: Taught, photos: Path) -> None:
    taught.open(photos)
    images, lesson = taught.page.images, taught.page.lesson
    suspects = [photos / "dog" / f"{at}.png" for at in range(3)]
    found = [
        Finding(Kind.MISLABELLED, path, None, f"{path.name} looks like cat.", fix="relabel to cat") for path in suspects
    ]
    images.findings.look_asked.emit(found)
    looking = images.looking
    assert looking.isVisible()
    assert [(shot.line, shot.second) for shot in looking.grid.photos.shots] == [("dog", "looks like cat")] * 3
    where = looking.grid.visualRect(looking.grid.photos.index(1, 0)).center()
    taught.opened.qtbot.mouseClick(looking.grid.viewport(), Qt.MouseButton.LeftButton, pos=where)
    looking.leave.click()
    taught.wait(lambda: suspects[1] not in lesson.labels)
    assert looking.isVisible()
    assert [shot.path for shot in looking.grid.photos.shots] == [suspects[0], suspects[2]]
    assert looking.grid.currentIndex().row() == 1
    lesson.undo()
    taught.wait(lambda: suspects[1] in lesson.labels)
    assert len(looking.grid.photos.shots) == 3
    lesson.relabel(suspects, "cat")
    taught.wait(lambda: not looking.isVisible())
    taught.settle()


def test_that_a_long_name_of_a_file_does_not_widen_the_findings(taught: Taught, photos: Path) -> None:
    copy = photos / "dog" / f"{'a' * 60}_{'b' * 60}.png"
    copy.write_bytes((photos / "dog" / "0.png").read_bytes())
    taught.open(photos)
    panel = taught.page.images.findings
    taught.wait(lambda: any("twice" in card.accessibleName() for card in panel.cards))
    taught.opened.window.resize(960, 640)
    taught.settle()
    assert all(card.minimumSizeHint().width() <= NARROW - 20 for card in panel.cards)


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


def test_that_what_was_said_elsewhere_of_a_photo_that_is_here_is_offered_as_its_label(
    taught: Taught, photos: Path
) -> None:
    taught.open(photos)
    cat = next(path for path, label in taught.page.lesson.labels.items() if label == "cat")
    row, _ = taught.opened.whisker.classify(cat, origin="window")
    assert row is not None
    taught.opened.whisker.correct(row, "Siamese")
    taught.page.lesson.look_for_offers()
    taught.wait(lambda: not taught.page.lesson.busy)
    assert not taught.page.lesson.offers, "a name that is no class here says nothing against the label"
    taught.opened.whisker.correct(row, "dog")
    taught.page.lesson.look_for_offers()
    offers = taught.page.images.findings.offers
    taught.wait(lambda: taught.page.lesson.offers)
    assert offers.buttons[0].accessibleName() == "Relabel 1\u00a0photo here that you call something else"
    offers.buttons[0].click()
    taught.wait(lambda: taught.page.lesson.labels.get(cat) == "dog")
    taught.settle()
    assert not offers.isVisible()
    taught.page.lesson.undo()
    taught.wait(lambda: taught.page.lesson.labels.get(cat) == "cat" and taught.page.lesson.offers)


@pytest.mark.parametrize(
    ("right", "words"), [([False], "corrected"), ([True], "confirmed"), ([False, True], "corrected or confirmed")]
)
def test_that_photos_whose_answer_was_right_are_not_called_corrected(
    taught: Taught, photos: Path, tmp_path: Path, right: list[bool], words: str
) -> None:
    for number, each in enumerate(right):
        row, answer = taught.opened.whisker.classify(solid(tmp_path / f"{number}.png", RED), origin="window")
        assert row is not None
        taught.opened.whisker.correct(row, answer.predicted_class if each else "something else")
    taught.open(photos)
    (offer,) = taught.page.lesson.offers
    assert offer.words().endswith(f"that you {words}")


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

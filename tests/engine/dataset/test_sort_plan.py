from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.dataset.sort_plan import SortPlan, plan
from engine.errors import FolderError, ImageEmpty
from engine.prediction import Failure, Prediction
from tests.engine.dataset.sorting import answer, content


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    for name in ("a.jpg", "b.jpg", "c.jpg", "sub/a.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"bytes of {name}".encode())
    return folder


def targets(planned: SortPlan) -> dict[str, str]:
    return {each.source.name: each.target.relative_to(planned.destination).as_posix() for each in planned.moves}


def copies(destination: Path, *outcomes: Prediction | Failure) -> SortPlan:
    return plan(outcomes, destination, min_confidence=0.8, move=False)


def moves(destination: Path, *outcomes: Prediction | Failure) -> SortPlan:
    return plan(outcomes, destination, min_confidence=0.8, move=True)


def test_that_each_picture_goes_to_its_class_and_doubtful_ones_to_unsure(inbox: Path, tmp_path: Path) -> None:
    before = content(tmp_path)
    planned = copies(
        tmp_path / "sorted",
        answer(inbox / "a.jpg", "fox/wolf"),
        answer(inbox / "b.jpg", "dog", confidence=0.79),
        answer(inbox / "c.jpg", "dog", unknown=True),
    )
    assert targets(planned) == {"a.jpg": "fox_wolf/a.jpg", "b.jpg": "unsure/b.jpg", "c.jpg": "unsure/c.jpg"}
    assert planned.counts == {"fox_wolf": 1, "unsure": 2}
    assert [each.label for each in planned.moves] == ["fox_wolf", "unsure", "unsure"]
    assert content(tmp_path) == before


def test_that_one_name_from_two_folders_is_numbered(inbox: Path, tmp_path: Path) -> None:
    planned = copies(tmp_path / "sorted", answer(inbox / "a.jpg"), answer(inbox / "sub" / "a.jpg"))
    assert [each.target.name for each in planned.moves] == ["a.jpg", "a (2).jpg"]


def test_that_what_stands_in_the_destination_is_not_overwritten(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "sorted" / "cat").mkdir(parents=True)
    (tmp_path / "sorted" / "cat" / "a.jpg").write_bytes(b"another picture")
    assert targets(copies(tmp_path / "sorted", answer(inbox / "a.jpg"))) == {"a.jpg": "cat/a (2).jpg"}


def test_that_a_copy_that_is_there_already_is_not_made_again(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "sorted" / "cat").mkdir(parents=True)
    (tmp_path / "sorted" / "cat" / "a.jpg").write_bytes(b"another picture")
    shutil.copy(inbox / "a.jpg", tmp_path / "sorted" / "cat" / "a (2).jpg")
    planned = copies(tmp_path / "sorted", answer(inbox / "a.jpg"))
    assert (planned.moves, planned.settled, planned.skipped) == ((), (inbox / "a.jpg",), ())


def test_that_a_picture_in_its_own_class_folder_stays(inbox: Path) -> None:
    home = inbox / "cat" / "holiday"
    home.mkdir(parents=True)
    shutil.copy(inbox / "a.jpg", home / "d.jpg")
    for planned in (moves(inbox, answer(home / "d.jpg")), copies(inbox, answer(home / "d.jpg"))):
        assert (planned.moves, planned.settled) == ((), (home / "d.jpg",))


def test_that_moving_takes_a_picture_from_another_class_folder_and_copying_leaves_it(inbox: Path) -> None:
    wrong = inbox / "dog" / "d.jpg"
    wrong.parent.mkdir()
    shutil.copy(inbox / "a.jpg", wrong)
    assert targets(moves(inbox, answer(wrong))) == {"d.jpg": "cat/d.jpg"}
    assert copies(inbox, answer(wrong)).settled == (wrong,)


def test_that_a_picture_given_twice_is_sorted_once(inbox: Path, tmp_path: Path) -> None:
    again = inbox / "sub" / ".." / "a.jpg"
    planned = moves(tmp_path / "sorted", answer(inbox / "a.jpg"), answer(again))
    assert len(planned.moves) == 1
    assert len(planned.settled) == 1


def test_that_what_cannot_be_sorted_is_named_with_the_reason(inbox: Path, tmp_path: Path) -> None:
    link = inbox / "link.jpg"
    link.symlink_to("a.jpg")
    pasted = Prediction("pasted image", answer(inbox).classes, answer(inbox).probabilities, None, False, "m", 1, 1.0)
    broken = Failure("b.jpg", ImageEmpty("b.jpg is empty."), inbox / "b.jpg")
    planned = moves(tmp_path / "sorted", pasted, broken, answer(link))
    assert planned.skipped == (
        (Path("pasted image"), "it came without a file"),
        (inbox / "b.jpg", "b.jpg is empty."),
        (link, "it is a link to another file, which moving would break"),
    )
    assert targets(copies(tmp_path / "sorted", answer(link))) == {"link.jpg": "cat/link.jpg"}


def test_that_relative_paths_are_understood(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inbox)
    planned = copies(Path("sorted"), answer(Path("a.jpg")))
    assert (planned.moves[0].source, planned.moves[0].target) == (inbox / "a.jpg", inbox / "sorted" / "cat" / "a.jpg")


def test_that_a_file_is_no_destination(inbox: Path) -> None:
    with pytest.raises(FolderError, match="is a file, not a folder"):
        copies(inbox / "a.jpg", answer(inbox / "b.jpg"))

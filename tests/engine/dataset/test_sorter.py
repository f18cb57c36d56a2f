from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from engine.card import file_sha256
from engine.dataset import sorter
from engine.errors import FolderError
from tests.engine.dataset.sorting import SORTED, Desk, content, files

pytestmark = pytest.mark.usefixtures("no_waiting_for_the_disk")


@pytest.mark.usefixtures("disk")
def test_that_copies_are_made_and_originals_stay(desk: Desk) -> None:
    journal = desk.sort(move=False)
    assert (journal.sorted, journal.skipped, journal.cancelled) == (7, (), False)
    assert files(desk.sorted) == SORTED
    assert (desk.sorted / "cat" / "a (2).jpg").read_bytes() == (desk.inbox / "y" / "a.jpg").read_bytes()
    assert {name: inside for name, inside in content(desk.root).items() if name in desk.before} == desk.before


@pytest.mark.usefixtures("disk")
def test_that_moved_pictures_are_gone_from_where_they_were(desk: Desk) -> None:
    desk.sort(move=True)
    assert files(desk.root) == [f"sorted/{name}" for name in SORTED]


@pytest.mark.usefixtures("disk")
def test_that_a_sorted_picture_keeps_its_date(desk: Desk) -> None:
    desk.sort(move=False)
    assert (desk.sorted / "dog" / "b.jpg").stat().st_mtime == 1_000_001


def test_that_progress_is_told_picture_by_picture(desk: Desk) -> None:
    told: list[tuple[int, int]] = []
    desk.sort(move=False, progress=lambda done, total: told.append((done, total)))
    assert told == [(number, 7) for number in range(1, 8)]


@pytest.mark.parametrize("move", [True, False])
@pytest.mark.parametrize("together", [1, 3, 32])
def test_that_a_cancelled_sorting_can_be_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, move: bool, together: int
) -> None:
    monkeypatch.setattr(sorter, "TOGETHER", together)
    cancel = threading.Event()
    journal = desk.sort(move, cancel=cancel, progress=lambda done, total: cancel.set() if done == 3 else None)
    assert (journal.sorted, journal.cancelled) == (3, True)
    assert len(files(desk.sorted)) == 3
    assert desk.undo() == (3, {})
    assert content(desk.root) == desk.before


def test_that_a_cancel_with_the_last_picture_stops_nothing(desk: Desk) -> None:
    cancel = threading.Event()
    journal = desk.sort(True, cancel=cancel, progress=lambda done, total: cancel.set() if done == total else None)
    assert not journal.cancelled


def test_that_cancelling_before_the_start_leaves_nothing(desk: Desk) -> None:
    cancel = threading.Event()
    cancel.set()
    assert desk.sort(True, cancel=cancel) == sorter.Journal(None, 0, (), True)
    assert content(desk.root) == desk.before
    assert files(desk.journals) == []


def test_that_sorting_a_folder_into_itself_twice_copies_nothing_twice(desk: Desk) -> None:
    desk.sorted = desk.inbox
    desk.sort(move=False)
    after = content(desk.root)
    desk.pictures = list(desk.inbox.rglob("*.jpg"))
    assert desk.plan(move=False).moves == ()
    assert content(desk.root) == after
    desk.undo()
    assert content(desk.root) == desk.before


# What people do between sorting and undoing.


# What the world does while it sorts.


def test_that_a_picture_gone_or_changed_since_the_plan_is_skipped_and_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = desk.plan(move=False)
    desk.pictures[0].unlink()
    hashed = file_sha256

    def change(path: Path) -> str:
        sha256 = hashed(path)
        if path == desk.pictures[1]:
            path.write_bytes(b"saved by an editor at this very moment")
        return sha256

    monkeypatch.setattr(sorter, "file_sha256", change)
    told: list[int] = []
    journal = sorter.apply(planned, desk.journals, progress=lambda done, total: told.append(done))
    assert journal.sorted == 5
    assert dict(journal.skipped) == {
        desk.pictures[0]: "it is no longer there",
        desk.pictures[1]: "it was changed while it was being sorted",
    }
    assert told == [1, 2, 3, 4, 5, 6, 7]
    monkeypatch.undo()
    assert desk.undo() == (5, {})


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("move", [True, False])
def test_that_a_file_that_appears_since_the_plan_is_not_overwritten(desk: Desk, move: bool) -> None:
    planned = desk.plan(move)
    (desk.sorted / "dog").mkdir(parents=True)
    (desk.sorted / "dog" / "b.jpg").write_bytes(b"the person's own")

    def put_another(done: int, total: int) -> None:
        if done == 1:
            (desk.sorted / "dog" / "d.jpg").write_bytes(b"this one too")

    assert sorter.apply(planned, desk.journals, put_another).sorted == 7
    inside = content(desk.sorted)
    assert (inside["dog/b.jpg"], inside["dog/d.jpg"]) == (b"the person's own", b"this one too")
    assert inside["dog/b (2).jpg"] == desk.before["inbox/b.jpg"]
    assert inside["dog/d (2).jpg"] == desk.before["inbox/d.jpg"]
    assert desk.undo() == (7, {})
    assert files(desk.sorted) == ["dog/b.jpg", "dog/d.jpg"]


@pytest.mark.parametrize("move", [True, False])
def test_that_a_full_disk_stops_with_the_files_name_and_can_be_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, move: bool
) -> None:
    link, calls = os.link, iter(range(100))

    def fill(source: Path, target: Path) -> None:
        if next(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        link(source, target)

    monkeypatch.setattr(os, "link", fill)
    with pytest.raises(FolderError, match=r"d\.jpg could not be .* \(No space left on device\)") as stopped:
        desk.sort(move)
    assert stopped.value.hint.startswith("3 photos were")
    assert stopped.value.hint.endswith("Make room and try again.")
    assert desk.undo() == (3, {})
    assert content(desk.root) == desk.before


def test_that_a_file_in_a_folders_place_stops_with_its_name(desk: Desk) -> None:
    desk.sorted.mkdir()
    (desk.sorted / "dog").write_text("a file named like a class")
    with pytest.raises(FolderError, match=r"b\.jpg could not be copied to .*dog.*\(Not a directory\)") as stopped:
        desk.sort(move=False)
    assert stopped.value.hint.startswith("1 photo was copied before it; undo")
    assert desk.undo()[0] == 1
    assert files(desk.sorted) == ["dog"]


def test_that_a_sorting_stopped_at_its_first_picture_does_not_speak_of_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(FolderError, match=r"a\.jpg could not be moved") as stopped:
        desk.sort(move=True)
    assert stopped.value.hint == "Nothing was moved. Make room and try again."


def test_that_nothing_is_sorted_without_a_journal(desk: Desk) -> None:
    desk.journals.write_text("a file where the journals should be")
    with pytest.raises(FolderError, match=r"journal .* could not be written"):
        desk.sort(move=True)
    assert content(desk.root) == desk.before

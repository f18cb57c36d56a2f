from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.card import file_sha256
from engine.dataset import sorter
from engine.errors import FolderError
from tests.engine.dataset.sorting import CLASSES, answer, content, files

ROOT = Path(__file__).parents[3]


class Desk:
    """An inbox of seven pictures, some in sub-folders, and a place to sort them into."""

    def __init__(self, root: Path) -> None:
        self.root = root / "desk"
        self.inbox = self.root / "inbox"
        self.sorted = self.root / "sorted"
        self.journals = root / "journals"
        names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "x/a.jpg", "y/a.jpg"]
        self.pictures = [self.inbox / name for name in names]
        for number, picture in enumerate(self.pictures):
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(bytes([number]) * (1000 + number))
            os.utime(picture, (1_000_000 + number, 1_000_000 + number))
        self.before = content(self.root)

    def plan(self, move: bool) -> sorter.SortPlan:
        outcomes = [answer(picture, CLASSES[picture.read_bytes()[0] % 2]) for picture in self.pictures]
        return sorter.plan(outcomes, self.sorted, min_confidence=0.8, move=move)

    def sort(self, move: bool, **options: Any) -> sorter.Journal:
        return sorter.apply(self.plan(move), self.journals, **options)

    def undo(self) -> tuple[int, dict[str, str]]:
        """How many were put back, and what was left, with the reason."""
        left: dict[str, str] = {}
        restored = sorter.undo(self.journals, lambda path, reason: left.update({self.name(path): reason}))
        return restored, left

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of syncs would take minutes on a busy disk, and only a power cut would tell the difference."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(params=["one disk", "two disks", "no hard links"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kinds of places people sort between."""
    link = os.link

    def refuse(source: Path, target: Path) -> None:
        if request.param == "no hard links":
            raise OSError(errno.EPERM, "Operation not permitted")
        if request.param == "two disks" and not str(source).endswith(".part"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target)

    monkeypatch.setattr(os, "link", refuse)
    return str(request.param)


SORTED = ["cat/a (2).jpg", "cat/a.jpg", "cat/c.jpg", "cat/e.jpg", "dog/a.jpg", "dog/b.jpg", "dog/d.jpg"]


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
@pytest.mark.parametrize("move", [True, False])
def test_that_undo_puts_every_byte_back(desk: Desk, move: bool) -> None:
    desk.sort(move)
    assert desk.undo() == (7, {})
    assert content(desk.root) == desk.before
    assert [picture.stat().st_mtime for picture in desk.pictures] == [1_000_000 + number for number in range(7)]


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


def test_that_sortings_are_undone_last_first(desk: Desk) -> None:
    first = desk.plan(move=True)
    sorter.apply(first, desk.journals)
    again = [answer(each.target, "fox/wolf") for each in first.moves]
    sorter.apply(sorter.plan(again, desk.sorted, min_confidence=0.8, move=True), desk.journals)
    assert {Path(name).parent.as_posix() for name in files(desk.root)} == {"sorted/fox_wolf"}
    desk.undo()
    assert files(desk.sorted) == SORTED
    desk.undo()
    assert content(desk.root) == desk.before
    with pytest.raises(FolderError, match="no sorting to undo"):
        desk.undo()


def test_that_a_sorting_of_nothing_hides_no_earlier_one(desk: Desk) -> None:
    desk.sort(move=True)
    nothing = sorter.plan([], desk.sorted, min_confidence=0.8, move=True)
    assert sorter.apply(nothing, desk.journals).path is None
    assert desk.undo() == (7, {})


def test_that_without_any_sorting_there_is_nothing_to_undo(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="no sorting to undo"):
        sorter.undo(tmp_path / "nowhere")


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


@pytest.mark.parametrize("move", [True, False])
def test_that_a_picture_changed_since_is_left_and_said(desk: Desk, move: bool) -> None:
    desk.sort(move)
    (desk.sorted / "dog" / "b.jpg").write_bytes(b"cropped by the person")
    assert desk.undo() == (6, {"sorted/dog/b.jpg": "it was changed since it was sorted"})
    assert (desk.sorted / "dog" / "b.jpg").read_bytes() == b"cropped by the person"
    assert files(desk.sorted) == ["dog/b.jpg"]


def test_that_the_only_copy_left_is_never_removed(desk: Desk) -> None:
    desk.sort(move=False)
    desk.pictures[1].unlink()
    restored, left = desk.undo()
    assert (restored, list(left)) == (6, ["sorted/dog/b.jpg"])
    assert "only one left" in left["sorted/dog/b.jpg"]
    assert (desk.sorted / "dog" / "b.jpg").read_bytes() == desk.before["inbox/b.jpg"]


def test_that_another_file_in_the_old_place_is_not_overwritten(desk: Desk) -> None:
    desk.sort(move=True)
    desk.pictures[1].write_bytes(b"a new b.jpg")
    restored, left = desk.undo()
    assert (restored, list(left)) == (6, ["sorted/dog/b.jpg"])
    assert desk.pictures[1].read_bytes() == b"a new b.jpg"
    assert (desk.sorted / "dog" / "b.jpg").read_bytes() == desk.before["inbox/b.jpg"]


def test_that_pictures_removed_and_folders_used_since_are_respected(desk: Desk) -> None:
    desk.sort(move=True)
    (desk.sorted / "dog" / "b.jpg").unlink()
    (desk.sorted / "cat" / "notes.txt").write_text("mine")
    assert desk.undo() == (6, {"sorted/dog/b.jpg": "it is no longer where it was sorted to"})
    assert files(desk.sorted) == ["cat/notes.txt"]
    assert not (desk.sorted / "dog").exists()


def test_that_an_old_folder_removed_since_is_made_again(desk: Desk) -> None:
    desk.sort(move=True)
    for folder in (desk.inbox / "x", desk.inbox / "y", desk.inbox):
        folder.rmdir()
    assert desk.undo() == (7, {})
    assert content(desk.root) == desk.before


def test_that_a_disk_taken_out_does_not_use_up_the_undo(desk: Desk) -> None:
    desk.sort(move=True)
    desk.sorted.rename(desk.root / "elsewhere")
    with pytest.raises(FolderError, match="is not there") as refused:
        desk.undo()
    assert "Connect its disk" in refused.value.hint
    (desk.root / "elsewhere").rename(desk.sorted)
    assert desk.undo() == (7, {})


def test_that_an_undo_stopped_by_a_failure_can_be_finished(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.sort(move=True)
    with monkeypatch.context() as patch:
        fail_at(patch, 4, OSError(errno.EACCES, "Permission denied"))
        with pytest.raises(FolderError, match="could not be put back"):
            desk.undo()
    desk.undo()
    assert content(desk.root) == desk.before


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
    assert stopped.value.hint.startswith("3 pictures were")
    assert desk.undo() == (3, {})
    assert content(desk.root) == desk.before


def test_that_a_file_in_a_folders_place_stops_with_its_name(desk: Desk) -> None:
    desk.sorted.mkdir()
    (desk.sorted / "dog").write_text("a file named like a class")
    with pytest.raises(FolderError, match=r"b\.jpg could not be copied to .*dog.*\(Not a directory\)"):
        desk.sort(move=False)
    assert desk.undo()[0] == 1
    assert files(desk.sorted) == ["dog"]


def test_that_nothing_is_sorted_without_a_journal(desk: Desk) -> None:
    desk.journals.write_text("a file where the journals should be")
    with pytest.raises(FolderError, match=r"journal .* could not be written"):
        desk.sort(move=True)
    assert content(desk.root) == desk.before


class Crash(BaseException):
    """The power goes."""


def fail_at(patch: pytest.MonkeyPatch, step: int, error: BaseException, for_good: bool = False) -> None:
    """The file system's `step`-th operation fails, and if `for_good` all after it: the program is no more."""
    steps = iter(range(1, 1_000_000))

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **options: Any) -> Any:
            now = next(steps)
            if now == step or (for_good and now > step):
                raise error
            return real(*args, **options)

        return operation

    for name in ("link", "rename", "unlink", "mkdir", "rmdir", "replace", "fsync"):
        patch.setattr(os, name, failing(getattr(os, name)))


def crashes(act: Callable[[], object]) -> Iterator[int]:
    """Let `act` crash at its first operation on files, then at its second, and so on until it is through."""
    for step in range(1, 1_000):
        with pytest.MonkeyPatch.context() as patch:
            fail_at(patch, step, Crash(), for_good=True)
            try:
                act()
            except Crash:
                pass
            else:
                return
        yield step


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("move", [True, False])
def test_that_a_crash_at_any_moment_of_a_sorting_can_be_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, move: bool
) -> None:
    monkeypatch.setattr(sorter, "TOGETHER", 3)
    moments = 0
    for step in crashes(lambda: desk.sort(move)):
        whole = {inside for inside in content(desk.root).values() if inside is not None}
        assert set(desk.before.values()) - {None} <= whole, f"a picture was lost at step {step}"
        try:
            _, left = desk.undo()
        except FolderError:
            left = {}
        assert left == {}, f"at step {step}"
        assert content(desk.root) == desk.before, f"at step {step}"
        moments = step
    assert moments > 20


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("move", [True, False])
def test_that_a_crash_at_any_moment_of_an_undo_can_be_undone(desk: Desk, move: bool) -> None:
    desk.sort(move)
    for _ in crashes(desk.undo):
        desk.undo()
        assert content(desk.root) == desk.before
        desk.sort(move)
    assert content(desk.root) == desk.before


@pytest.mark.parametrize("move", [True, False])
def test_that_a_torn_journal_line_costs_nothing(desk: Desk, move: bool) -> None:
    journal = desk.sort(move)
    assert journal.path is not None
    lines = journal.path.read_bytes().splitlines(keepends=True)
    # Without a single "done", and torn in the middle of a line that never led to anything.
    kept = [line for line in lines if b'"done"' not in line]
    journal.path.write_bytes(b"".join(kept) + b'{"file": 8, "sha256": "ab\xc3')
    assert desk.undo() == (7, {})
    assert content(desk.root) == desk.before


def test_that_a_newer_whiskers_journal_is_left_to_it(desk: Desk) -> None:
    desk.journals.mkdir()
    (desk.journals / "sort-000001.jsonl").write_text('{"journal": 2}\n')
    with pytest.raises(FolderError, match="newer Whisker"):
        desk.undo()


def test_that_a_program_killed_while_it_sorts_can_be_undone(desk: Desk) -> None:
    sort = (
        "import sys, time; from pathlib import Path\n"
        "from tests.engine.dataset.test_sorter import Desk\n"
        "desk = Desk(Path(sys.argv[1]))\n"
        "def told(done, total):\n"
        "    print(done, flush=True)\n"
        "    if done == 4: time.sleep(60)\n"
        "desk.sort(move=True, progress=told)\n"
    )
    command = [sys.executable, "-c", sort, str(desk.root.parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(4)] == ["1", "2", "3", "4"]
        process.kill()
    assert len(files(desk.sorted)) == 4
    assert desk.undo() == (4, {})
    assert content(desk.root) == desk.before

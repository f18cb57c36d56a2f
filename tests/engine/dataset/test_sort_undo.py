from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from engine.dataset import sorter
from engine.errors import FolderError
from tests.engine.dataset.sorting import SORTED, Desk, answer, content, crashes, fail_at, files

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("no_waiting_for_the_disk")


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize("move", [True, False])
def test_that_undo_puts_every_byte_back(desk: Desk, move: bool) -> None:
    desk.sort(move)
    assert desk.undo() == (7, {})
    assert content(desk.root) == desk.before
    assert [picture.stat().st_mtime for picture in desk.pictures] == [1_000_000 + number for number in range(7)]


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
        "from tests.engine.dataset.sorting import Desk\n"
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

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import FolderError
from engine.journal import Journal, journals, read_journal


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    with Journal(tmp_path / "journals", "labels", {"labels": 1, "title": "Moved"}) as written:
        written.promise({"path": "a.png"})
    return written.path


def test_that_what_was_promised_is_read_back(journal: Path) -> None:
    assert read_journal(journal, "labels", 1) == [{"labels": 1, "title": "Moved"}, {"path": "a.png"}]
    assert journals(journal.parent, "labels") == [journal]


def test_that_a_journal_to_which_nothing_was_promised_leaves_no_file(tmp_path: Path) -> None:
    with Journal(tmp_path, "labels", {"labels": 1}):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("torn", [b"", b'{"lab', b"[]\n", b"\x00" * 40])
def test_that_a_journal_torn_as_it_was_begun_holds_nothing(journal: Path, torn: bytes) -> None:
    journal.write_bytes(torn)
    assert read_journal(journal, "labels", 1) == []


def test_that_a_journal_of_a_newer_whisker_is_left_to_that_one(journal: Path) -> None:
    with pytest.raises(FolderError, match="newer Whisker") as refused:
        read_journal(journal, "labels", 0)
    assert refused.value.hint


def test_that_a_journal_that_cannot_be_read_is_a_sentence(journal: Path) -> None:
    journal.unlink()
    journal.mkdir()
    with pytest.raises(FolderError, match="cannot be read"):
        read_journal(journal, "labels", 1)

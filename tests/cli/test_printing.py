from __future__ import annotations

import io

import pytest

from cli.printing import count, table
from cli.progress import Progress


def test_that_counts_read_as_people_write_them() -> None:
    assert count(1, "picture") == "1 picture"
    assert count(12000, "picture") == "12,000 pictures"
    assert count(2, "class", "classes") == "2 classes"


def test_that_table_columns_are_aligned() -> None:
    assert table([("a", "1"), ("bbb", "22")], right=(1,)) == ["a     1", "bbb  22"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_that_progress_is_drawn_on_a_terminal_and_wiped_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("cli.progress.EVERY_S", 0.0)
    with Progress(4, "pictures") as progress:
        progress.step(2)
        assert "2 of 4 pictures" in terminal.getvalue()
    assert terminal.getvalue().rpartition("\r")[2] == ""
    assert terminal.getvalue().split("\r")[-2].isspace()


def test_that_progress_is_silent_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("cli.progress.EVERY_S", 0.0)
    with Progress(4, "pictures") as progress:
        progress.step(4)
    assert stream.getvalue() == ""

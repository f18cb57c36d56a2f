from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.printing import count, result, result_json, say, table
from cli.progress import Progress


def test_that_counts_read_as_people_write_them() -> None:
    assert count(1, "photo") == "1 photo"
    assert count(12000, "photo") == "12,000 photos"
    assert count(2, "class", "classes") == "2 classes"


def test_that_table_columns_are_aligned() -> None:
    assert table([("a", "1"), ("bbb", "22")], right=(1,)) == ["a     1", "bbb  22"]


def test_that_a_name_can_neither_begin_a_line_nor_colour_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    result("a\nb \x1b[31m c\td \udcff é 🐱")
    say("one\r\ntwo")
    result_json({"path": "a\nb\x7f"})
    said = capfd.readouterr()
    first, second = said.out.split("\n")[:2]
    assert first == r"a\nb \x1b[31m c\td \xff é 🐱"
    assert json.loads(second) == {"path": "a\nb\x7f"}
    assert said.err == "one\\r\\ntwo\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
def test_that_messages_that_cannot_be_written_do_not_cost_the_results() -> None:
    script = "from cli.printing import result, say\nsay('one')\nresult('answer')\nsay('two')\nresult('another')"
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=full, text=True, timeout=60)
    assert (ran.returncode, ran.stdout.splitlines()) == (0, ["answer", "another"])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_that_progress_is_drawn_on_a_terminal_and_wiped_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("cli.progress.EVERY_S", 0.0)
    with Progress(4, "photos") as progress:
        progress.step(2)
        assert "2 of 4 photos" in terminal.getvalue()
    assert terminal.getvalue().rpartition("\r")[2] == ""
    assert terminal.getvalue().split("\r")[-2].isspace()


def test_that_progress_is_silent_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("cli.progress.EVERY_S", 0.0)
    with Progress(4, "photos") as progress:
        progress.step(4)
    assert stream.getvalue() == ""

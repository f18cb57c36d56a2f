from __future__ import annotations

import csv
import json
import os
import threading
from pathlib import Path

import pytest

from engine.errors import FolderError
from engine.history import History
from engine.history_export import COLUMNS, export
from engine.history_search import Search
from tests.engine.histories import NOON, photo


def write(history: History, file: Path, search: Search | None = None) -> int:
    return list(export(history, search or Search(), file, threading.Event()))[-1]


def left_beside(file: Path) -> list[str]:
    return [path.name for path in file.parent.iterdir() if path.name.startswith(f".{file.name}")]


def test_that_a_table_has_a_line_for_each_answer_found(history: History, tmp_path: Path) -> None:
    rows = history.record([photo("a.jpg"), photo("été, 2.jpg", "dog", 0.6)], "api")
    history.correct(rows[1], "fox")
    file = tmp_path / "history.csv"
    assert write(history, file) == 2
    with file.open(encoding="utf-8-sig", newline="") as content:
        first, second = csv.DictReader(content)
    assert list(first)[: len(COLUMNS)] == list(COLUMNS)
    assert (first["name"], first["predicted_class"], first["corrected_to"]) == ("été, 2.jpg", "dog", "fox")
    assert (first["time"], first["source"], first["unknown"]) == (NOON.isoformat(), "api", "false")
    assert (first["class_1"], float(first["probability_1"])) == ("dog", pytest.approx(0.6))
    assert (second["name"], second["corrected_to"]) == ("a.jpg", "")


def test_that_json_lines_hold_the_same_and_only_what_was_found(history: History, tmp_path: Path) -> None:
    history.record([photo("a.jpg"), photo("b.jpg", "dog")], "window")
    file = tmp_path / "history.jsonl"
    assert write(history, file, Search(class_name="dog")) == 1
    (record,) = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert set(COLUMNS) < set(record)
    assert (record["name"], record["unknown"], record["corrected_to"]) == ("b.jpg", False, None)
    assert record["probabilities"]["dog"] == pytest.approx(0.9)


def test_that_pages_make_one_whole(history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.history_export.PAGE", 3)
    history.record([photo(f"{number}.jpg") for number in range(6)], "window")
    file = tmp_path / "history.jsonl"
    assert list(export(history, Search(), file, threading.Event())) == [3, 6, 6]
    assert [json.loads(line)["name"] for line in file.read_text().splitlines()] == [
        f"{n}.jpg" for n in range(5, -1, -1)
    ]


def test_that_nothing_found_still_gives_a_table_with_its_headings(history: History, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    assert write(history, file) == 0
    assert file.read_text(encoding="utf-8-sig").startswith("time,name,path")


def test_that_a_stop_leaves_what_was_there_before(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.history_export.PAGE", 1)
    history.record([photo() for _ in range(5)], "window")
    file = tmp_path / "history.csv"
    file.write_text("older", encoding="utf-8")
    stop = threading.Event()
    steps = export(history, Search(), file, stop)
    next(steps)
    stop.set()
    assert list(steps) == []
    assert file.read_text(encoding="utf-8") == "older"
    assert left_beside(file) == []


def test_that_an_export_given_up_in_its_midst_leaves_nothing(history: History, tmp_path: Path) -> None:
    history.record([photo()], "window")
    steps = export(history, Search(), tmp_path / "history.csv", threading.Event())
    next(steps)
    del steps
    assert not (tmp_path / "history.csv").exists()
    assert left_beside(tmp_path / "history.csv") == []


def test_that_a_place_that_cannot_be_written_is_named(history: History, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="could not be written"):
        write(history, tmp_path / "not there" / "history.csv")


def test_that_a_file_name_that_is_no_unicode_is_written(history: History, tmp_path: Path) -> None:
    history.record([photo(os.fsdecode(b"caf\xe9.jpg"))], "window")
    for suffix in ("csv", "jsonl"):
        assert write(history, tmp_path / f"history.{suffix}") == 1
    assert json.loads((tmp_path / "history.jsonl").read_text())["name"] == "caf?.jpg"

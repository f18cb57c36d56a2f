from __future__ import annotations

import sqlite3
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.history import History, Row
from engine.history_search import Search
from tests.engine.histories import NOON, Clock, photo


def names(rows: list[Row]) -> list[str]:
    return [row.name for row in rows]


def found(history: History, **conditions: object) -> list[str]:
    search = Search(**conditions)  # type: ignore[arg-type]
    rows = names(history.search(search))
    assert history.count_found(search) == len(rows)
    return rows


def test_that_a_search_without_conditions_finds_everything_newest_first(history: History) -> None:
    history.record([photo("a"), photo("b"), photo("c")], "window")
    assert found(history) == ["c", "b", "a"]
    assert not Search().narrows
    assert Search(text="b").narrows


def test_that_words_are_found_anywhere_in_the_name_in_any_order(history: History) -> None:
    history.record([photo("IMG_2024_beach.jpg"), photo("beach house 2024.png"), photo("scan.tif")], "window")
    assert found(history, text="2024 BEACH") == ["beach house 2024.png", "IMG_2024_beach.jpg"]
    assert found(history, text="mg_20") == ["IMG_2024_beach.jpg"]
    assert found(history, text="  ") == ["scan.tif", "beach house 2024.png", "IMG_2024_beach.jpg"]
    assert found(history, text="nothing like it") == []


@pytest.mark.parametrize("typed", ["été", "ETE", "Éte", unicodedata.normalize("NFD", "été")])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_that_accents_and_the_way_a_system_writes_them_do_not_matter(history: History, typed: str, form: str) -> None:
    history.record([photo(unicodedata.normalize(form, "Été à la mer.jpg")), photo("hiver.jpg")], "window")
    assert len(found(history, text=typed)) == 1


@pytest.mark.parametrize("typed", ["100%", "a_b", "c'd", '"quoted"', "x*y", "\\", "日本"])
def test_that_signs_that_mean_something_to_a_database_are_only_signs(history: History, typed: str) -> None:
    history.record([photo(f"photo {typed} 1.jpg"), photo("photo 100 aab cd quoted xzy.jpg")], "window")
    assert found(history, text=typed) == [f"photo {typed} 1.jpg"]


def test_that_a_class_is_found_where_it_was_answered_or_said(history: History) -> None:
    answered, corrected, _, unknown = history.record(
        [photo("cat"), photo("said", "dog"), photo("dog", "dog"), photo("unknown", unknown=True)], "window"
    )
    history.correct(corrected, "cat")
    assert found(history, class_name="cat") == ["said", "cat"]
    history.correct(unknown, "cat")
    history.correct(answered, "dog")
    assert found(history, class_name="cat") == ["unknown", "said", "cat"]
    assert found(history, class_name="dog") == ["dog", "said", "cat"]
    assert found(history, class_name="fox") == []


def test_that_source_model_and_version_are_told_apart(history: History) -> None:
    history.record([photo("a"), photo("b", version=2)], "window")
    history.record([photo("c", model="birds", version=2)], "api")
    assert found(history, source="api") == ["c"]
    assert found(history, model="pets") == ["b", "a"]
    assert found(history, model="pets", version=2) == ["b"]


def test_that_a_time_range_holds_its_beginning_and_not_its_end(history: History, clock: Clock) -> None:
    moments: list[datetime] = []
    for name in ("a", "b", "c"):
        history.record([photo(name)], "window")
        moments.append(clock.now)
        clock.now += timedelta(hours=1)
    assert found(history, since=moments[1]) == ["c", "b"]
    assert found(history, until=moments[1]) == ["a"]
    assert found(history, since=moments[1], until=moments[2]) == ["b"]


def test_that_a_clock_that_goes_back_hides_nothing(history: History, clock: Clock) -> None:
    history.record([photo("later")], "window")
    clock.now -= timedelta(days=400)
    history.record([photo("earlier")], "window")
    assert found(history) == ["earlier", "later"]
    assert found(history, since=NOON - timedelta(days=1)) == ["later"]


def test_that_doubtful_and_unknown_answers_can_be_asked_for(history: History) -> None:
    history.record([photo("sure"), photo("unsure", confidence=0.6), photo("unknown", unknown=True)], "window")
    assert found(history, verdict="sure") == ["sure"]
    assert found(history, verdict="unsure") == ["unsure"]
    assert found(history, verdict="unknown") == ["unknown"]
    assert found(history, verdict="unsure", sure_above=0.95) == ["unsure", "sure"]


def test_that_corrected_answers_are_told_from_others(history: History) -> None:
    _, row = history.record([photo("a"), photo("b")], "window")
    history.correct(row, "dog")
    assert found(history, corrected=True) == ["b"]
    assert found(history, corrected=False) == ["a"]
    history.correct(row, None)
    assert found(history, corrected=True) == []


def test_that_all_conditions_hold_at_once(history: History, clock: Clock) -> None:
    (row,) = history.record([photo("beach.jpg", "dog", 0.5)], "cli")
    history.record([photo("beach.jpg", "dog", 0.5), photo("beach.png")], "window")
    history.correct(row, "fox")
    rows = found(
        history,
        text="beach",
        class_name="fox",
        source="cli",
        model="pets",
        version=1,
        since=NOON,
        until=clock.now + timedelta(seconds=1),
        corrected=True,
        verdict="unsure",
    )
    assert rows == ["beach.jpg"]


def test_that_pages_follow_each_other_while_new_answers_come(history: History) -> None:
    history.record([photo(f"{number}.jpg") for number in range(5)], "window")
    search = Search(text="jpg")
    first = history.search(search, 2)
    history.record([photo("new.jpg")], "window")
    second = history.search(search, 2, before=first[-1].id)
    assert names(first + second) == ["4.jpg", "3.jpg", "2.jpg", "1.jpg"]
    assert names(history.search(search, after=first[0].id)) == ["new.jpg"]


def test_that_counting_stops_where_it_is_told(history: History) -> None:
    history.record([photo() for _ in range(5)], "window")
    assert history.count_found(Search(), 3) == 3
    assert history.count_found(Search(), 10) == 5


def test_that_there_is_to_choose_what_was_ever_answered_or_said(history: History) -> None:
    assert history.choices().classes == ()
    (row,) = history.record([photo("a", "dog")], "window")
    history.record([photo("b", model="birds", version=3), photo("c", "fox", model="birds")], "api")
    history.correct(row, "Zebra")
    choices = history.choices()
    assert choices.classes == ("cat", "dog", "fox", "Zebra")
    assert choices.sources == ("api", "window")
    assert choices.models == (("birds", 3), ("birds", 1), ("pets", 1))


def test_that_rows_of_an_older_whisker_are_found_by_name_too(history: History, file: Path) -> None:
    history.record([photo("new ÉTÉ.jpg")], "window")
    older = sqlite3.connect(file)
    older.execute(
        "INSERT INTO predictions (at, source, name, path, model, model_version, predicted_class, confidence, unknown,"
        """ familiarity, top, elapsed_ms) VALUES (1, 'cli', 'old ÉTÉ.jpg', NULL, 'm', 1, 'cat', 1, 0, NULL, '[]', 1)"""
    )
    older.commit()
    older.close()
    assert found(history, text="ete") == ["old ÉTÉ.jpg", "new ÉTÉ.jpg"]


def test_that_no_search_walks_anything_but_its_index(history: History, file: Path) -> None:
    """What makes a million rows quick must not get lost unnoticed."""
    search = Search("a b", "cat", "api", "m", 1, NOON, NOON, None, "unsure")
    database = sqlite3.connect(file)
    for statement, values in (search.count(10), search.rows(10, before=5)):
        plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert any("USING COVERING INDEX predictions_by_search" in step for step in plan), plan
        assert not any(step.startswith(("SCAN p ", "SCAN predictions ")) and "COVERING" not in step for step in plan)
        assert not any("TEMP B-TREE" in step for step in plan), plan
    database.close()


def test_that_reading_ahead_changes_nothing(history: History) -> None:
    history.read_ahead()
    history.record([photo("a"), photo("b")], "window")
    history.read_ahead()
    assert found(history) == ["b", "a"]

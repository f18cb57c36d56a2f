from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from engine.bulletin import HistoryCleared
from engine.history_search import Search
from gui.history.rows_model import PAGE
from tests.gui.history.conftest import CONTROL, Page


def test_that_scrolling_reads_page_after_page(page: Page) -> None:
    prediction = page.opened.whisker.history.recent(1)[0]
    assert prediction.path is not None
    whisker = page.opened.whisker
    answer = whisker.predictor.predict(prediction.path)
    whisker.history.record([answer] * (2 * PAGE), "cli")
    page.answers.look()
    page.found()
    assert len(page.names) == PAGE
    for shown in (2 * PAGE, 2 * PAGE + 4):

        def there(shown: int = shown) -> bool:
            page.answers.table.scrollToBottom()
            return len(page.names) >= shown

        page.opened.wait(there)
    page.opened.settle()
    assert page.names[-1] == "tom.png"
    assert len({row.id for row in page.answers.rows.rows}) == 2 * PAGE + 4


def test_that_a_new_answer_comes_on_top_and_the_choice_stays(page: Page, photos: dict[str, Path]) -> None:
    page.choose(2)
    page.opened.whisker.classify(photos["tom.png"], origin="api")
    page.opened.wait(lambda: len(page.names) == 5)
    assert page.names[0] == "tom.png"
    row = page.answers.table.row()
    assert row is not None
    assert row.name == "rex.png"
    assert page.answers.count.text() == "5\u00a0answers"


def test_that_a_new_answer_that_does_not_fit_stays_out(page: Page, photos: dict[str, Path]) -> None:
    page.type("rex")
    page.opened.whisker.classify(photos["tom.png"], origin="api")
    page.opened.whisker.classify(photos["rex.png"], origin="api")
    page.opened.wait(lambda: len(page.names) == 2)
    assert page.names == ["rex.png", "rex.png"]


def test_that_what_came_while_the_page_was_hidden_is_there_when_it_is_seen(page: Page, photos: dict[str, Path]) -> None:
    page.key(Qt.Key.Key_Escape)
    page.opened.whisker.classify(photos["rex.png"], origin="cli")
    page.opened.settle()
    page.opened.key(Qt.Key.Key_H, CONTROL)
    page.opened.wait(lambda: len(page.names) == 5)


def test_that_a_clean_up_of_old_answers_moves_nothing_that_is_looked_at(page: Page) -> None:
    page.choose(0)
    history = page.opened.whisker.history
    resets: list[int] = []
    page.answers.rows.modelReset.connect(lambda: resets.append(1))
    page.opened.whisker.bulletin.tell(HistoryCleared())
    page.opened.settle()
    assert resets == []
    history.forget([history.recent(10)[-1].id])
    page.opened.whisker.bulletin.tell(HistoryCleared())
    page.opened.wait(lambda: page.names == ["Été.png", "grey thing.png", "rex.png"])
    page.found()


def test_that_the_page_asks_for_no_more_than_a_page_at_first(page: Page) -> None:
    assert page.answers.rows.search == Search(sure_above=0.8)
    assert len(page.names) <= PAGE

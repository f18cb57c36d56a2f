"""How the History page is posed for its screenshots: real answers of real photos, and the training that Teach did."""

from __future__ import annotations

from typing import Any


def empty(studio: Any) -> None:
    history = studio.whisker.history
    rows = [row.id for row in history.recent(10_000)]
    if rows:
        studio.whisker.forget(studio.whisker.traces(rows))
    studio.window.show_page("history")
    studio.wait(lambda: not _answers(studio).rows.searching)


def full(studio: Any) -> None:
    whisker = studio.whisker
    photos = [path for path in sorted(studio.many.iterdir()) if path.name != "IMG_2099.jpg"]
    rows = []
    for at, path in enumerate(photos):
        row, answer = whisker.classify(path, origin=("window", "window", "cli", "api")[at % 4])
        rows.append((row, answer))
    for row, answer in rows[-6::3]:
        whisker.correct(row, "cat" if answer.predicted_class == "dog" else answer.predicted_class)
    answers = _answers(studio)
    answers.look()
    studio.wait(lambda: len(answers.rows.rows) == len(rows))
    answers.table.setCurrentIndex(answers.rows.index(2, 0))
    studio.settle()
    studio.wait(lambda: answers.beside.image is not None)


def narrowed(studio: Any) -> None:
    bar = _answers(studio).bar
    bar.unknown.click()
    bar.field.setText("img 20")
    studio.wait(lambda: bar.search.text and not _answers(studio).rows.searching)


def forget(studio: Any) -> None:
    answers = _answers(studio)
    answers.bar.clear_all()
    studio.settle()
    answers.table.setCurrentIndex(answers.rows.index(1, 0))
    studio.settle()
    answers.ask_forget()
    studio.wait(answers.forget.sure.isEnabled)


def nothing_found(studio: Any) -> None:
    answers = _answers(studio)
    answers.forget.leave()
    answers.bar.field.setText("zebra")
    studio.wait(lambda: not answers.rows.searching and not answers.rows.rows)


def trouble(studio: Any) -> None:
    from engine.errors import HistoryError

    answers = _answers(studio)
    answers.bar.clear_all()
    studio.settle()
    answers.rows.failed.emit(
        HistoryError("The history is in use by another program.", "Close the other program and try again.")
    )


def runs(studio: Any) -> None:
    _answers(studio).look()
    page = studio.window.page("history")
    page.show_tab(1)
    studio.settle()


def _answers(studio: Any) -> Any:
    return studio.window.page("history").answers


POSES = {
    "history-empty": empty,
    "history-answers": full,
    "history-narrowed": narrowed,
    "history-forget": forget,
    "history-nothing-found": nothing_found,
    "history-trouble": trouble,
    "history-runs": runs,
}
"""In this order: each begins where the one before it ends."""

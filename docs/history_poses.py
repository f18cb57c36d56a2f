"""How History is posed for its screenshots: the answers of the other poses, and the training that Teach did."""

from __future__ import annotations

from typing import Any


def answers(studio: Any) -> None:
    studio.window.show_page("history")
    table = studio.window.page("history").answers.table
    studio.wait(lambda: table.rows.rowCount())
    table.setCurrentIndex(table.rows.index(0, 0))


def runs(studio: Any) -> None:
    page = studio.window.page("history")
    page.show_tab(1)
    studio.wait(lambda: page.runs.model.rowCount())
    page.runs.list.setCurrentIndex(page.runs.model.index(0))


POSES = {
    "history-answers": answers,
    "history-runs": runs,
}
"""In this order: each begins where the one before it ends."""

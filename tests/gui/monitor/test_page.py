"""The Monitor page, by its buttons and keys, on invented samples."""

from __future__ import annotations

import csv
import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from engine.errors import HistoryError
from engine.monitor import DAY, HOUR, MINUTE
from engine.monitor.points import FIGURES
from gui.monitor.chart_card import ChartCard
from tests.bundles import BLUE, RED, solid
from tests.gui.monitor.conftest import Watched, sample
from tests.gui.names import nameless

LEFT = Qt.MouseButton.LeftButton


def said(card: ChartCard) -> dict[str, str]:
    plain = [(item.line.words, item.value.text()) for item in card.keys]
    return {name.replace("\u00a0", " "): text.replace("\u00a0", " ") for name, text in plain}


def value(card: ChartCard) -> str:
    return card.value.text().replace("\u00a0", " ")


def drawn(card: ChartCard, line: int = 0) -> np.ndarray:
    return np.asarray(card.chart._curves[line].getData()[1], float)


def test_that_ctrl_5_opens_it_and_every_chart_says_how_it_is_now(watched: Watched) -> None:
    watched.opened.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    watched.opened.key(Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert watched.opened.window.pages.currentWidget() is watched.page
    watched.feed(sample(), sample(cpu_percent=51.0))
    processor, memory, disk, answers = watched.page.cards
    assert (value(processor), value(memory), value(disk), value(answers)) == ("51 %", "41 %", "1.9 MB/s", "2.0/s")
    assert said(processor) == {"Total": "51 %", "Whisker": "2.0 %"}
    assert said(memory)["Whisker"] == "2.5 %"
    assert "200" in memory.aside.text()
    assert "60" in disk.aside.text()
    assert list(drawn(processor))[-2:] == [23.0, 51.0]


def test_that_other_views_are_a_click_away(watched: Watched) -> None:
    _, _, traffic, answers = watched.page.cards
    watched.feed(sample(), sample())
    for card, key in ((traffic, "network"), (answers, "time")):
        watched.opened.qtbot.mouseClick(card.choosers[key], LEFT)
    watched.opened.settle()
    watched.show()
    assert said(traffic) == {"Sent": "900 B/s", "Received": "20.0 kB/s"}
    assert said(answers) == {"Half": "12 ms", "95 %": "30 ms", "99 %": "45 ms"}
    assert drawn(answers)[-1] == pytest.approx(12.0, rel=0.03)


def test_that_without_a_graphics_card_there_is_no_word_of_one(watched: Watched) -> None:
    processor = watched.page.cards[0]
    watched.feed(sample())
    assert not processor.choosers["gpu"].isVisible()
    assert processor.title.isVisible()
    watched.feed(sample(gpu_percent=70.0, gpu_memory_percent=None))
    watched.opened.qtbot.mouseClick(processor.choosers["gpu"], LEFT)
    watched.show()
    assert said(processor) == {"Busy": "70 %", "Memory": "–"}  # noqa: RUF001


def test_that_what_cannot_be_asked_is_a_dash_and_a_sentence(watched: Watched) -> None:
    watched.feed(*[sample(disk_read_per_second=None, disk_written_per_second=None, disk_percent=None)] * 3)
    disk = watched.page.cards[2]
    assert value(disk) == "–"  # noqa: RUF001
    assert "does not tell" in disk.chart.hint.text()
    assert disk.aside.text() == ""


def test_that_values_that_are_no_numbers_leave_a_gap_and_break_nothing(watched: Watched) -> None:
    watched.feed(sample(cpu_percent=math.nan), sample(cpu_percent=40.0), sample(cpu_percent=math.inf))
    processor = watched.page.cards[0]
    assert value(processor) == "–"  # noqa: RUF001
    assert np.isfinite(drawn(processor)).sum() == 1


def test_that_minute_hour_and_day_are_chosen_by_click_and_key(watched: Watched) -> None:
    page = watched.page
    watched.feed(*[sample()] * 30)
    for spell, press in (
        (HOUR, lambda: watched.opened.qtbot.mouseClick(page.controls.choices[HOUR], LEFT)),
        (DAY, lambda: watched.opened.key(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)),
        (MINUTE, lambda: watched.opened.key(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)),
    ):
        press()
        watched.opened.wait(lambda spell=spell: page.shown is not None and page.shown.spell is spell)
        assert page.controls.choices[spell].isChecked()
        (low, high), _ = page.cards[0].chart._plot.getPlotItem().getViewBox().viewRange()
        assert (low, high) == (-spell.seconds, 0)


def test_that_sleep_breaks_the_line(watched: Watched) -> None:
    watched.feed(*[sample()] * 5, ago=30)
    watched.feed(*[sample()] * 5)
    assert np.isnan(drawn(watched.page.cards[0])).sum() == 1


def test_that_a_clock_set_back_leaves_a_chart_that_goes_on(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.feed(*[sample()] * 5)
    earlier = time.time() - 7200
    monkeypatch.setattr(watched.opened.whisker.monitor, "_now", lambda: earlier + 2)
    monkeypatch.setattr("gui.monitor.reading.time.time", lambda: earlier + 2)
    watched.opened.whisker.monitor._timeline.add(earlier, sample(cpu_percent=77.0).figures(), {})
    watched.show()
    assert set(drawn(watched.page.cards[0])) == {77.0}
    assert watched.page.shown is not None
    assert (watched.page.shown.x <= 0).all()


def test_that_pausing_holds_the_charts_still_and_going_on_catches_up(watched: Watched) -> None:
    page = watched.page
    watched.feed(sample(cpu_percent=11.0))
    watched.opened.qtbot.mouseClick(page.controls.pause, LEFT)
    assert page.header.line.text().startswith("Paused at")
    shown = page.shown
    monitor = watched.opened.whisker.monitor
    monitor._latest = sample(cpu_percent=88.0)
    page.sampled.emit()
    watched.opened.settle()
    assert page.shown is shown
    assert value(page.cards[0]) == "11 %"
    watched.opened.key(Qt.Key.Key_P)
    watched.opened.wait(lambda: value(page.cards[0]) == "88 %")
    assert page.controls.pause.text() == "Pause"


def test_that_what_is_forgotten_leaves_a_paused_page_too(watched: Watched, tmp_path: Path) -> None:
    opened, page = watched.opened, watched.page
    kept, lost = (opened.whisker.classify(solid(tmp_path / name, RED), origin="cli")[0] for name in ("a.png", "b.png"))
    watched.show()
    opened.wait(lambda: page.recent.model.rowCount() == 2)
    opened.qtbot.mouseClick(page.controls.pause, LEFT)
    assert kept is not None
    assert lost is not None
    opened.whisker.forget(opened.whisker.traces([lost]))
    opened.wait(lambda: page.recent.model.rowCount() == 1)
    opened.window.show_page("predict")
    opened.whisker.forget(opened.whisker.traces([kept]))
    opened.settle()
    opened.window.show_page("monitor")
    opened.wait(lambda: page.recent.model.rowCount() == 0)
    assert page.paused


def test_that_a_hidden_page_is_told_nothing_and_draws_nothing(watched: Watched) -> None:
    monitor = watched.opened.whisker.monitor
    assert len(monitor._followers) == 1
    watched.opened.window.show_page("predict")
    assert monitor._followers == []
    shown = watched.page.shown
    watched.page.sampled.emit()
    watched.opened.settle()
    assert watched.page.shown is shown
    assert not watched.page._frames.isActive()


def test_that_pointing_at_one_chart_reads_the_same_moment_in_all(watched: Watched) -> None:
    watched.feed(sample(cpu_percent=5.0, memory_percent=30.0), *[sample(cpu_percent=90.0)] * 20)
    processor, memory, *_ = watched.page.cards
    plot = processor.chart._plot
    box = plot.getPlotItem().getViewBox()
    assert watched.page.shown is not None
    x = float(watched.page.shown.x[0])
    where = plot.mapFromScene(box.mapViewToScene(box.mapSceneToView(box.sceneBoundingRect().center())))
    at = plot.mapFromScene(box.mapViewToScene(type(box.viewRect().center())(x, 50.0)))
    watched.opened.qtbot.mouseMove(plot.viewport(), QPoint(at.x(), where.y()))
    watched.opened.wait(lambda: said(processor)["Total"] == "5.0 %")
    assert said(memory)["Total"] == "30 %"
    assert processor.chart.when.isVisible()
    assert ":" in processor.chart.when.text()
    assert value(processor) == "90 %"  # the corner stays with now


def test_that_a_chart_is_read_by_keyboard_too(watched: Watched) -> None:
    watched.feed(*[sample(cpu_percent=float(n)) for n in range(11, 21)])
    card = watched.page.cards[0]
    card.setFocus()
    qtbot = watched.opened.qtbot
    for key, reads in ((Qt.Key.Key_Left, "20 %"), (Qt.Key.Key_Left, "19 %"), (Qt.Key.Key_Home, "11 %")):
        qtbot.keyClick(card, key)
        watched.opened.wait(lambda reads=reads: said(card)["Total"] == reads)
    assert "Total 11" in card.accessibleName()
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    watched.opened.wait(lambda: not card.chart.when.isVisible())


def test_that_a_model_that_cannot_be_loaded_is_not_tried_each_second(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.opened.desk.model.card = None
    monkeypatch.setattr(type(watched.opened.whisker), "predictor", property(lambda _: pytest.fail("it was loaded")))
    watched.feed(sample())
    assert watched.page.shown is not None
    assert watched.page.shown.outlook is None


def test_that_the_row_of_figures_is_the_active_models(watched: Watched, tmp_path: Path) -> None:
    figures = watched.page.figures
    assert figures.name.full_text == "Cats dogs · v1"
    assert figures.accuracy.value.text() == "100.0\u00a0%"
    assert "83.9" in figures.accuracy.toolTip()
    model = watched.opened.desk.model
    assert model.card is not None
    model.card = replace(model.card, metrics=None)
    model.changed.emit()
    assert figures.accuracy.value.text() == "–"  # noqa: RUF001
    assert "no scores" in figures.about.full_text
    model.card, model.error = None, HistoryError("Nothing answers.", "Import one.")
    model.changed.emit()
    assert figures.name.full_text == "No model can answer"


def test_that_predictions_of_every_face_are_listed_with_their_picture_and_open_in_predict(
    watched: Watched, tmp_path: Path
) -> None:
    whisker, page = watched.opened.whisker, watched.page
    assert page.recent.begin.isVisible()
    whisker.classify(solid(tmp_path / "rose.png", RED), origin="window")
    # As another program does it: no news of it comes here.
    whisker.history.record([whisker.predictor.predict(solid(tmp_path / "sea.png", BLUE))], "cli")
    watched.show()
    model = page.recent.model
    watched.opened.wait(lambda: model.rowCount() == 2)
    index = model.index(0)
    assert "Terminal" in page.recent._delegate.foot(index.data(Qt.ItemDataRole.UserRole))
    page.recent.list.viewport().repaint()
    watched.opened.wait(lambda: index.data(Qt.ItemDataRole.DecorationRole) is not None)
    where = page.recent.list.visualRect(index).center()
    watched.opened.qtbot.mouseClick(page.recent.list.viewport(), LEFT, pos=where)
    assert watched.opened.window.pages.currentWidget() is watched.opened.page
    answer = watched.opened.page.single.answer
    assert answer is not None
    assert answer.name == "sea.png"


def test_that_a_picture_sent_by_a_program_is_seen_while_the_page_is_in_front(watched: Watched, tmp_path: Path) -> None:
    whisker, recent = watched.opened.whisker, watched.page.recent
    whisker.classify(solid(tmp_path / "rose.png", RED).read_bytes(), origin="api", name="sent.png")
    watched.show()
    watched.opened.wait(lambda: recent.model.rowCount() == 1)
    index = recent.model.index(0)
    recent.list.viewport().repaint()
    watched.opened.wait(lambda: index.data(Qt.ItemDataRole.DecorationRole) is not None)
    watched.opened.window.show_page("predict")
    assert whisker.glimpses.get(index.data(Qt.ItemDataRole.UserRole).id) is None


def test_that_with_no_predictions_it_leads_to_where_they_are_made(watched: Watched) -> None:
    watched.opened.qtbot.mouseClick(watched.page.recent.begin, LEFT)
    assert watched.opened.window.pages.currentWidget() is watched.opened.page


def test_that_a_history_that_cannot_be_read_is_said_once_and_the_charts_go_on(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> int:
        raise HistoryError("The history is in use by another program.", "Close it and try again.")

    with monkeypatch.context() as broken:
        broken.setattr(watched.opened.whisker.history, "newest", locked)
        watched.feed(sample(cpu_percent=66.0))
        assert "in use" in watched.page.message.text.text()
        assert value(watched.page.cards[0]) == "66 %"
    watched.opened.qtbot.mouseClick(watched.page.message.action, LEFT)
    watched.opened.wait(lambda: not watched.page.message.isVisible())


def test_that_charts_that_cannot_be_kept_are_said_in_the_line(watched: Watched) -> None:
    watched.opened.whisker.monitor.problem = "The history is in use by another program."
    watched.show()
    assert "not being kept" in watched.page.header.line.text()


def test_that_a_notice_comes_when_the_mix_departs_and_stays_away_once_put_away(
    watched: Watched, tmp_path: Path
) -> None:
    whisker, page = watched.opened.whisker, watched.page
    assert not page.drift.isVisible()
    strange = replace(whisker.predictor.predict(solid(tmp_path / "sea.png", BLUE)), unknown=True, path=None)
    whisker.history.record([strange] * 150, "api")
    watched.show()
    assert page.drift.isVisible()
    assert "100" in page.drift.hint.text()
    watched.opened.qtbot.mouseClick(page.drift._close, LEFT)
    whisker.history.record([strange] * 100, "api")
    watched.show()
    assert not page.drift.isVisible()
    known = replace(strange, unknown=False)
    whisker.history.record([known] * 250, "api")
    watched.show()
    whisker.history.record([strange] * 250, "api")
    watched.show()
    assert page.drift.isVisible()
    watched.opened.qtbot.mouseClick(page.drift.action, LEFT)
    assert watched.opened.window.rail.buttons["review"].isChecked()


def test_that_the_mix_is_shown_beside_what_it_was_when_the_model_was_judged(watched: Watched, tmp_path: Path) -> None:
    whisker = watched.opened.whisker
    for number in range(3):
        whisker.classify(solid(tmp_path / f"{number}.png", RED), origin="window")
    watched.show()
    cat, dog, *rest = watched.page.mix.bars
    assert "100" in cat.toolTip()
    assert "50" in cat.toolTip()
    assert dog.toolTip().startswith("dog: 0")
    assert all(bar.isHidden() for bar in rest)


def test_that_the_table_holds_every_figure_and_the_picture_is_a_picture(watched: Watched, tmp_path: Path) -> None:
    watched.feed(*[sample(disk_read_per_second=None)] * 3)
    table, picture = tmp_path / "figures.csv", tmp_path / "charts.png"
    watched.page.save_table(table)
    watched.page.save_picture(picture)
    watched.opened.settle()
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    assert set(rows[0]) == {"time", "seconds", *FIGURES}
    assert (rows[0]["cpu_percent"], rows[0]["disk_read_per_second"]) == ("23", "")
    assert QImage(str(picture)).width() > 400


def test_that_an_export_that_fails_is_said_and_leaves_nothing(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    watched.page.save_table(tmp_path / "file" / "figures.csv")
    watched.opened.settle()
    assert "could not be saved" in watched.page.message.text.text()
    # An answer that comes meanwhile says nothing of the export.
    watched.opened.whisker.classify(solid(tmp_path / "a.png", RED), origin="cli")
    watched.show()
    watched.opened.wait(lambda: watched.page.recent.model.rowCount() == 1)
    assert "could not be saved" in watched.page.message.text.text()


def test_that_figures_that_cannot_be_read_are_said_until_they_can(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise HistoryError("The history is in use by another program.", "Close it and try again.")

    page = watched.page
    with monkeypatch.context() as broken:
        broken.setattr("gui.monitor.page.read", locked)
        page.sampled.emit()
        watched.opened.wait(page.message.isVisible)
    page.sampled.emit()
    watched.opened.wait(lambda: not page.message.isVisible())
    watched.opened.settle()


def test_that_all_of_it_has_a_name_and_is_reached_by_tab_alone(watched: Watched) -> None:
    page, window = watched.page, watched.opened.window
    watched.feed(sample(), sample())
    assert nameless(window) == []
    reached = set()
    widget = window.rail.buttons["monitor"].nextInFocusChain()
    for _ in range(500):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.add(widget)
        widget = widget.nextInFocusChain()
    controls = page.controls
    wanted = {*controls.choices.values(), controls.pause, controls.export, *page.cards}
    wanted.add(page.cards[2].choosers["network"])
    assert wanted <= reached
    assert all(card.accessibleName() for card in page.cards)


def test_that_the_export_button_offers_both(watched: Watched) -> None:
    menu = watched.page.controls.menu()
    assert [action.text() for action in menu.actions()] == [
        "Charts as a picture (PNG)…",
        "Figures as a table (CSV)…",
    ]
    menu.deleteLater()

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from engine.paths import Home
from engine.whisker import Whisker
from gui.app import build
from gui.predict.answer import Answer

home, shelf = map(Path, sys.argv[1:3])
whisker = Whisker(Home(home), shelf)
app = QApplication(["whisker"])
window, desk = build(app, whisker)
window.show()
app.processEvents()
window.show_page("predict")
page = window.page("predict")
while not hasattr(page, "single"):
    app.processEvents()
page.stack.setCurrentWidget(page.single)
painted = 0
bar = page.single.panel.bars
for turn in range(10_000):
    share = turn % 100 / 100
    answer = Answer(turn, f"{turn}.jpg", None, (("cat", 1 - share), ("dog", share)), False, "cats-dogs", 1, 12.0)
    page.single.panel.show_answer(answer, ("cat", "dog"), 0.8)
    window.status.jobs.setText(str(turn))
    page.single.repaint()
    painted += 1
    if turn % 50 == 0:
        app.processEvents()
print(painted, sys.getrefcount(None) > 0)
desk.news.close()
desk.tasks.close()
window.close()
window.deleteLater()
app.processEvents()
whisker.close()
"""

CHARTS = """
import sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from engine.paths import Home
from engine.whisker import Whisker
from gui.app import build

home, shelf = map(Path, sys.argv[1:3])
whisker = Whisker(Home(home), shelf)
app = QApplication(["whisker"])
window, desk = build(app, whisker)
window.show()
window.show_page("monitor")
page = window.page("monitor")
while page.shown is None:
    app.processEvents()
    time.sleep(0.001)
for turn in range(2_500):
    for card in page.cards:
        card.draw(page.shown)
        card.read_out(-0.1 * (turn % 50))
    app.processEvents()
print(turn + 1)
desk.news.close()
desk.tasks.close()
window.end()
window.deleteLater()
app.processEvents()
whisker.close()
"""


def _run(program: str, home: Path, shelf: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, str(home), str(shelf)],
        cwd=CHECKOUT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.mark.slow
def test_that_an_hour_of_live_charts_ends_well(home: Path, shelf: Path) -> None:
    done = _run(CHARTS, home, shelf)
    assert (done.returncode, done.stdout) == (0, "2500\n"), done.stderr


@pytest.mark.slow
def test_that_ten_thousand_repaints_end_well(home: Path, shelf: Path) -> None:
    """PySide6 6.12.0 on Python 3.11 loses a reference with every call and dies here; a short smoke test passes."""
    done = _run(PROGRAM, home, shelf)
    assert (done.returncode, done.stdout) == (0, "10000 True\n"), done.stderr

"""The window for those who do not see it: a role and a name for everything, and a whole walk by an outside client."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QHeaderView,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from gui.pages import FOOT, PAGES
from tests.bundles import RED, solid
from tests.gui.conftest import Opened
from tests.gui.fruit import fruit_folders
from tests.gui.teach.conftest import Taught, photos, taught, trainer

__all__ = ["photos", "taught", "trainer"]

CHECKOUT = Path(__file__).resolve().parents[2]
CLIENT = Path(__file__).with_name("accessibility_client.py")
SYSTEM_PYTHON = Path("/usr/bin/python3")
NO_ROLE = (QAccessible.Role.NoRole, QAccessible.Role.Client)


def _silent(window: QWidget) -> list[str]:
    """What can be reached or pressed, and has no role, no name, or, being a button, no tip."""
    found = []
    for widget in window.findChildren(QWidget):
        reachable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus or isinstance(widget, QAbstractButton)
        if not widget.isVisible() or not reachable or isinstance(widget, QScrollBar | QHeaderView):
            continue
        if widget.objectName().startswith("qt_") or isinstance(widget.parent(), QLineEdit | QAbstractScrollArea):
            continue
        seen = QAccessible.queryAccessibleInterface(widget)
        if seen is None or (seen.role() in NO_ROLE and not isinstance(widget, QScrollArea)):
            found.append(f"no role: {type(widget).__name__} {widget.accessibleName()} in {widget.parent()}")
        elif not seen.text(QAccessible.Text.Name):
            found.append(f"no name: {widget}")
        elif isinstance(widget, QAbstractButton) and not widget.toolTip():
            found.append(f"no tip: {widget.accessibleName()}")
    return found


@pytest.mark.parametrize("page", [entry.key for entry in (*PAGES, *FOOT)])
def test_that_whatever_can_be_reached_on_a_page_has_a_role_and_a_name(opened: Opened, page: str) -> None:
    opened.window.show_page(page)
    opened.settle()
    assert _silent(opened.window) == []


def test_that_every_view_of_help_and_the_tour_are_told_without_seeing(opened: Opened) -> None:
    from gui.help.page import VIEWS, HelpPage

    opened.window.show_page("help")
    page = opened.window.page("help")
    assert isinstance(page, HelpPage)
    for key, _, _ in VIEWS:
        page.show_view(key)
        opened.settle()
        assert _silent(opened.window) == []
    opened.window.show_tour()
    assert _silent(opened.window) == []


def test_that_one_photo_and_many_are_told_without_seeing(opened: Opened, tmp_path: Path) -> None:
    opened.show(solid(tmp_path / "trip" / "a.png", RED))
    assert _silent(opened.window) == []
    opened.page.open([tmp_path / "trip"])
    opened.wait(lambda: opened.whisker.history.count() == 2)
    opened.settle()
    assert _silent(opened.window) == []


def test_that_each_step_of_teaching_is_told_without_seeing(taught: Taught, photos: Path, tmp_path: Path) -> None:
    from tests.gui.teach.conftest import PREPARED, finished

    window, page = taught.opened.window, taught.page
    taught.open(photos)
    assert _silent(window) == []
    page.next.click()
    page.recipe.fold.click()
    assert _silent(window) == []
    page.next.click()
    taught.wait(lambda: taught.trainer.runs)
    page.training.fold.click()
    assert _silent(window) == []
    taught.trainer.feed(PREPARED, finished(taught, photos, tmp_path))
    taught.wait(lambda: page.result.isVisible() and not page.teaching.running)
    taught.settle()
    for chip in page.result.views.chips:
        chip.click()
        assert _silent(window) == []


def _why_not() -> str:
    """What an outside client lacks on this machine; empty if it can be run."""
    if sys.platform != "linux":
        return "AT-SPI is of Linux"
    if shutil.which("dbus-run-session") is None or not Path("/usr/libexec/at-spi-bus-launcher").exists():
        return "Debian's dbus and at-spi2-core are not installed"
    asks = [SYSTEM_PYTHON, "-c", "import pyatspi"]
    if not SYSTEM_PYTHON.exists() or subprocess.run(asks, capture_output=True, timeout=30).returncode:
        return "Debian's python3-pyatspi and gir1.2-atspi-2.0 are not installed"
    return ""


@pytest.mark.slow
@pytest.mark.xvfb
@pytest.mark.timeout(900)
def test_that_an_outside_client_teaches_and_uses_a_model_by_roles_and_names_alone(home: Path, tmp_path: Path) -> None:
    if why := _why_not():
        pytest.skip(why)
    folders = fruit_folders(tmp_path / "fruit")
    log = tmp_path / "client.log"
    # In a session of its own: the bus that it starts would outlive it.
    with log.open("w") as said:
        client = subprocess.Popen(
            [
                *("dbus-run-session", "--", SYSTEM_PYTHON, CLIENT, sys.executable, CHECKOUT),
                *(*folders, "--", folders[1] / "3.png", "plum"),
            ],
            env={**os.environ, "WHISKER_HOME": str(home)},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            status = client.wait(800)
        finally:
            os.killpg(client.pid, signal.SIGTERM)
    told = log.read_text(encoding="utf-8")
    assert status == 0, told
    assert "the answer is plum" in told
    assert "the window ended with 0" in told

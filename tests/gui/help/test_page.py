from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLineEdit, QScrollArea, QWidget

from engine import paths
from engine.self_test import Began, Ended
from gui.help.manual_view import ManualView
from gui.help.page import VIEWS, HelpPage
from gui.keys_sheet import KEYS
from gui.server.switch import MakeServer
from server.local_server import LocalServer
from tests.gui.conftest import Opened

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make_server() -> MakeServer | None:
    return LocalServer


@pytest.fixture
def page(opened: Opened) -> HelpPage:
    opened.key(Qt.Key.Key_F1)
    shown = opened.window.pages.currentWidget()
    assert isinstance(shown, HelpPage)
    opened.settle()
    return shown


@pytest.fixture
def manual(opened: Opened, page: HelpPage) -> ManualView:
    opened.wait(lambda: page.manual.now)
    return page.manual


def _items(manual: ManualView) -> list[str]:
    return [manual.contents.item(at).text() for at in range(manual.contents.count())]


def _keys(manual: ManualView) -> list[str]:
    keys = [manual.contents.item(at).data(Qt.ItemDataRole.UserRole) for at in range(manual.contents.count())]
    return [key for key in keys if key]


class TestManual:
    def test_that_it_opens_on_the_first_page_with_its_table_of_contents(self, manual: ManualView) -> None:
        assert manual.now == "index.md"
        assert manual.contents.currentItem().text() == "Whisker"
        assert {"User guide", "Predict", "For programs", "How it works"} <= set(_items(manual))
        assert manual.reader.toPlainText().startswith("Whisker\n")

    def test_that_every_page_is_shown_and_every_picture_found(self, opened: Opened, manual: ManualView) -> None:
        for key in _keys(manual):
            manual.open(key)
            text = manual.reader.toPlainText()
            assert len(text) > 100, key
            assert not manual.message.isVisible()
            block = manual.reader.document().begin()
            while block.isValid():
                pieces = block.begin()
                while not pieces.atEnd():
                    form = pieces.fragment().charFormat()
                    if form.isImageFormat():
                        name = form.toImageFormat().name()
                        kind = QTextDocument.ResourceType.ImageResource.value
                        picture = manual.reader.loadResource(kind, name)
                        assert isinstance(picture, QImage), name
                        assert not picture.isNull(), f"{key}: {name}"
                        assert form.toImageFormat().width() <= manual.reader.viewport().width()
                    pieces += 1
                block = block.next()

    def test_that_links_lead_to_pages_and_headings_and_back(self, opened: Opened, manual: ManualView) -> None:
        manual.reader.followed.emit("guide/predict.md#many-photos")
        assert manual.now == "guide/predict.md"
        assert manual.reader.verticalScrollBar().value() > 0
        assert manual.contents.currentItem().text() == "Predict"
        manual.reader.followed.emit("../unknown.md")
        assert manual.now == "unknown.md"
        opened.qtbot.keyClick(manual, Qt.Key.Key_Left, ALT)
        assert manual.now == "guide/predict.md"
        assert manual.reader.verticalScrollBar().value() > 0
        opened.qtbot.mouseClick(manual.back, LEFT)
        assert manual.now == "index.md"
        assert not manual.back.isEnabled()

    def test_that_a_link_elsewhere_is_shown_and_copied_and_never_opened(
        self, opened: Opened, manual: ManualView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[QUrl] = []
        monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url) or True)
        manual.reader.followed.emit("https://example.org/page")
        assert "https://example.org/page" in manual.message.text.text()
        opened.qtbot.mouseClick(manual.message.action, LEFT)
        assert QApplication.clipboard().text() == "https://example.org/page"
        assert asked == []
        assert manual.now == "index.md"

    def test_that_no_picture_comes_from_anywhere_else(self, manual: ManualView) -> None:
        for name in ("https://example.org/a.png", "file:///etc/a.png", "data:image/png;base64,AA"):
            assert manual.reader.loadResource(QTextDocument.ResourceType.ImageResource.value, name) is None

    def test_that_searching_lists_the_pages_that_speak_of_it(self, opened: Opened, manual: ManualView) -> None:
        opened.qtbot.keyClick(manual, Qt.Key.Key_F, CTRL)
        assert manual.search.hasFocus()
        opened.qtbot.keyClicks(manual.search, "token")
        assert "api.md" in _keys(manual)
        assert "guide/review.md" not in _keys(manual)
        manual.open("api.md")
        assert manual.reader.textCursor().selectedText().casefold() == "token"
        first = manual.reader.textCursor().position()
        opened.qtbot.keyClick(manual.search, Qt.Key.Key_Return)
        assert manual.reader.textCursor().position() != first
        manual.search.setText("nobody token")
        manual.open("api.md")
        assert manual.reader.textCursor().hasSelection()
        manual.search.setText("zebrafish")
        assert _keys(manual) == []
        assert manual.message.text.text() == "No page speaks of “zebrafish”."
        opened.qtbot.keyClick(manual.search, Qt.Key.Key_Escape)
        assert manual.search.text() == ""
        assert not manual.message.isVisible()
        assert "guide/review.md" in _keys(manual)

    def test_that_without_its_pages_it_says_so(self, opened: Opened, tmp_path: Path) -> None:
        view = ManualView(opened.desk, tmp_path / "nowhere")
        view.setParent(opened.window)
        view.show()
        opened.wait(view.message.isVisible)
        assert "not part of this installation" in view.message.text.text()
        view.setParent(None)
        view.deleteLater()

    def test_that_dark_and_light_are_followed(self, opened: Opened, manual: ManualView) -> None:
        manual.open("guide/predict.md", "many-photos")
        at = manual.reader.verticalScrollBar().value()
        opened.desk.theme.choose("dark")
        assert manual.reader.verticalScrollBar().value() == at
        opened.desk.theme.choose("light")


class TestDiagnosis:
    @pytest.fixture(autouse=True)
    def shown(self, opened: Opened, page: HelpPage) -> None:
        opened.qtbot.mouseClick(page.buttons["diagnosis"], LEFT)
        opened.wait(page.diagnosis.copy.isEnabled)

    @pytest.fixture
    def sample(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shelf: Path) -> None:
        """The self-test of a small installation: tiny models and one picture."""
        from tests.bundles import RED, solid

        solid(tmp_path / "samples" / "red.png", RED)
        monkeypatch.setattr(paths, "builtin_models", lambda: shelf)
        monkeypatch.setattr(paths, "samples", lambda: tmp_path / "samples")

    def test_that_the_report_is_copied_and_names_nobody(
        self, opened: Opened, page: HelpPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(getpass, "getuser", lambda: "annegret")
        monkeypatch.setenv("UPLOAD_FOLDER", "/home/annegret/Mia")
        opened.whisker.settings.set("server_token", "s3cret-of-the-server")
        monkeypatch.setenv("MODEL_PATH", "/x/s3cret-of-the-server/model.onnx")
        opened.qtbot.mouseClick(page.diagnosis.again, LEFT)
        opened.wait(page.diagnosis.again.isEnabled)
        opened.qtbot.mouseClick(page.diagnosis.copy, LEFT)
        copied = QApplication.clipboard().text()
        for word in ("onnxruntime", "Qt  ", "cats-dogs@1", "sha256", "free space"):
            assert word in copied
        assert "annegret" not in copied
        assert "s3cret" not in copied

    def test_that_the_self_test_runs_step_by_step_and_its_findings_join_the_report(
        self, opened: Opened, page: HelpPage, sample: None
    ) -> None:
        card = page.diagnosis.self_test
        opened.qtbot.mouseClick(card.start, LEFT)
        assert card.cancel.isVisible()
        assert opened.desk.jobs.running[0].what == "Self-test"
        opened.wait(lambda: not card.running)
        assert card.verdict.text() == "All is well.", card.lines
        assert len(card.lines) == 6
        assert "answer over HTTP: http://127.0.0.1:" in page.diagnosis.report()
        assert opened.desk.jobs.running == []
        opened.settle()

    def test_that_a_failed_step_is_said_and_counted(
        self, opened: Opened, page: HelpPage, sample: None, tmp_path: Path
    ) -> None:
        (tmp_path / "samples" / "red.png").write_bytes(b"no picture")
        card = page.diagnosis.self_test
        opened.qtbot.mouseClick(card.start, LEFT)
        opened.wait(lambda: not card.running)
        assert card.verdict.text().endswith("of 6 checks failed.")
        assert any("FAILED" in line for line in page.diagnosis.report().splitlines())
        opened.settle()

    def test_that_it_is_cancelled_at_once_and_can_run_again(
        self, opened: Opened, page: HelpPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import threading

        seen: list[bool] = []

        def endless(*_: object, cancel: threading.Event, **__: object) -> object:
            yield Began(1, 2, "wait")
            cancel.wait(20)
            seen.append(cancel.is_set())
            yield Ended(1, 2, "wait", True, "waited", 1.0)

        monkeypatch.setattr("gui.help.self_test_card.run", endless)
        card = page.diagnosis.self_test
        opened.qtbot.mouseClick(card.start, LEFT)
        opened.qtbot.mouseClick(card.cancel, LEFT)
        assert card.verdict.text() == "Cancelled."
        opened.settle()
        assert seen in ([True], [])
        opened.qtbot.mouseClick(card.start, LEFT)
        assert card.running
        card.stop()
        opened.settle()

    def test_that_a_model_is_taught_only_when_asked(
        self, opened: Opened, page: HelpPage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[object] = []

        def run(*_: object, teach_too: bool, **__: object) -> object:
            asked.append(teach_too)
            yield from ()

        monkeypatch.setattr("gui.help.self_test_card.run", run)
        card = page.diagnosis.self_test
        for tick in (False, True):
            card.teach.setChecked(tick)
            opened.qtbot.mouseClick(card.start, LEFT)
            opened.wait(lambda: not card.running)
            opened.settle()
        assert asked == [False, True]

    def test_that_the_log_folder_is_opened_or_said(
        self, opened: Opened, page: HelpPage, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str] = []
        answers = iter((True, False))
        monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url.toLocalFile()) or next(answers))
        opened.qtbot.mouseClick(page.diagnosis.log, LEFT)
        assert not page.diagnosis.message.isVisible()
        opened.qtbot.mouseClick(page.diagnosis.log, LEFT)
        assert str(home / "logs") in page.diagnosis.message.text.text()
        assert set(asked) <= {str(home), str(home / "logs")}


class TestAbout:
    def test_that_version_licence_notices_and_changes_are_here(self, opened: Opened, page: HelpPage) -> None:
        from engine.version import __version__

        opened.qtbot.mouseClick(page.buttons["about"], LEFT)
        about = page.about
        assert about.version.text() == f"Whisker {__version__}"
        for name, word in (("CHANGELOG.md", "Changes"), ("LICENSE", "MIT"), ("THIRD-PARTY.md", "EfficientNet")):
            opened.qtbot.mouseClick(about.texts[name], LEFT)
            opened.wait(lambda word=word: word in about.reader.toPlainText())
            opened.settle()

    def test_that_a_missing_text_is_said(self, opened: Opened, page: HelpPage, tmp_path: Path) -> None:
        page.show_view("about")
        opened.settle()
        page.about._folder = tmp_path
        page.about.show_text("LICENSE")
        opened.wait(page.about.message.isVisible)
        assert page.about.message.text.text() == "LICENSE is not part of this installation."
        opened.settle()


def test_that_the_list_of_keys_is_here_too_and_names_no_key_twice_on_one_page(page: HelpPage) -> None:
    page.show_view("shortcuts")
    for _, keys in KEYS[:3]:
        assert len({key for key, _ in keys}) == len(keys)


@pytest.mark.parametrize("view", ["shortcuts", "diagnosis"])
def test_that_the_page_keys_scroll_what_has_nothing_to_stop_at(opened: Opened, page: HelpPage, view: str) -> None:
    opened.window.resize(960, 640)
    page.show_view(view)
    opened.settle()
    shown = page.stack.currentWidget()
    area = shown if isinstance(shown, QScrollArea) else page.diagnosis.area
    # All shortcuts fit, by now; a larger font would need more.
    area.setMaximumHeight(240)
    opened.wait(lambda: area.verticalScrollBar().maximum() > 0)
    opened.qtbot.keyClick(page, Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0
    opened.qtbot.keyClick(page, Qt.Key.Key_PageUp)
    assert area.verticalScrollBar().value() == 0


@pytest.mark.parametrize("view", [key for key, _, _ in VIEWS])
def test_that_everything_here_has_a_name_and_buttons_say_what_they_do(
    opened: Opened, page: HelpPage, view: str
) -> None:
    page.show_view(view)
    opened.settle()
    for widget in page.findChildren(QWidget):
        if isinstance(widget, QAbstractButton | QLineEdit | QAbstractItemView) and widget.isVisible():
            assert widget.accessibleName(), widget
            assert isinstance(widget, QAbstractItemView) or widget.toolTip(), widget


@pytest.mark.parametrize("size", [(960, 640), (1920, 1080)])
@pytest.mark.parametrize("view", [key for key, _, _ in VIEWS])
def test_that_at_every_size_nothing_has_to_be_scrolled_sideways(
    opened: Opened, page: HelpPage, view: str, size: tuple[int, int], qtbot: object
) -> None:
    opened.window.resize(*size)
    page.show_view(view)
    opened.settle()
    from PySide6.QtWidgets import QAbstractScrollArea

    sideways: Callable[[], list[QWidget]] = lambda: [  # noqa: E731
        area
        for area in page.findChildren(QAbstractScrollArea)
        if area.isVisible() and area.horizontalScrollBar().isVisible()
    ]
    opened.wait(lambda: not sideways())

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from gui.intake import from_text, holds_something, host, read

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DATA_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()


def _mime(**parts: object) -> QMimeData:
    mime = QMimeData()
    for kind, value in parts.items():
        if kind == "urls":
            mime.setUrls([QUrl(str(url)) for url in value])  # type: ignore[attr-defined]
        elif kind == "image":
            mime.setImageData(value)
        else:
            getattr(mime, f"set{kind.capitalize()}")(value)
    return mime


def test_that_files_win_over_everything_else_in_a_drop(tmp_path: Path) -> None:
    mime = _mime(urls=[QUrl.fromLocalFile(str(tmp_path / "a b.jpg")).toString()], text="https://example.org/x.jpg")
    assert read(mime).paths == [tmp_path / "a b.jpg"]


def test_that_a_browsers_picture_is_taken_instead_of_its_address() -> None:
    image = QImage(4, 3, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    mime = _mime(urls=["https://example.org/cat.png"], image=image)
    intake = read(mime)
    assert intake.remote == []
    assert intake.pictures[0]().startswith(b"\x89PNG")


def test_that_the_bytes_of_a_png_are_kept_as_they_are() -> None:
    mime = QMimeData()
    mime.setData("image/png", PNG)
    assert holds_something(mime)
    assert read(mime).pictures[0]() == PNG


def test_that_an_address_is_only_named() -> None:
    intake = read(_mime(urls=["https://example.org/cat.jpg"]))
    assert intake.remote == ["https://example.org/cat.jpg"]
    assert not intake.paths
    assert not intake.pictures
    assert host(intake.remote[0]) == "example.org"


@pytest.mark.parametrize(
    "parts",
    [{"urls": [DATA_URL]}, {"html": f'<p><img alt="" src="{DATA_URL}"></p>'}, {"text": DATA_URL}],
)
def test_that_a_picture_written_into_an_address_is_decoded(parts: dict[str, object]) -> None:
    assert read(_mime(**parts)).pictures[0]() == PNG


def test_that_html_with_a_remote_picture_is_an_address() -> None:
    assert read(_mime(html="<img src='https://example.org/a.png'>")).remote == ["https://example.org/a.png"]


def test_that_text_names_files_line_by_line() -> None:
    intake = from_text('/tmp/a.jpg\n"/tmp/b c.jpg"\nfile:///tmp/d%20e.jpg\n~/f.jpg\n')
    assert intake.paths == [Path("/tmp/a.jpg"), Path("/tmp/b c.jpg"), Path("/tmp/d e.jpg"), Path.home() / "f.jpg"]


@pytest.mark.parametrize("text", ["", "just words", "a/relative/path.jpg", "data:image/png;base64,"])
def test_that_other_text_is_nothing(text: str) -> None:
    intake = from_text(text)
    assert not intake.paths
    assert not intake.remote


def test_that_an_empty_drop_is_nothing() -> None:
    assert not read(QMimeData())
    assert not holds_something(QMimeData())

"""Which file or folder: asked in a dialog of the system before a model comes in or goes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from gui.models.actions import LABELS

_ARCHIVES = (".zip", ".onnx")
Then = Callable[[list[Path]], None]


def for_models(over: QWidget, then: Then) -> None:
    """One or more files of models."""
    patterns = " ".join(f"*{suffix}" for suffix in (*_ARCHIVES, *LABELS))
    _ask(over, QFileDialog.FileMode.ExistingFiles, "Choose a model", then, f"Models ({patterns})")


def for_bundle(over: QWidget, then: Then) -> None:
    _ask(over, QFileDialog.FileMode.Directory, "Choose a bundle folder", then)


def for_destination(over: QWidget, then: Then) -> None:
    """A folder to put something into."""
    _ask(over, QFileDialog.FileMode.Directory, "Choose where to put it", then)


def import_menu(over: QWidget, then: Then) -> QMenu:
    """Both ways of naming a model that comes in."""
    menu = QMenu(over)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for text, ask in (
        ("A file (ZIP, or ONNX with its labels)…", for_models),
        ("A bundle folder…", for_bundle),
    ):
        menu.addAction(text).triggered.connect(lambda _=False, ask=ask: ask(over, then))
    return menu


def _ask(over: QWidget, mode: QFileDialog.FileMode, title: str, then: Then, filters: str = "") -> None:
    dialog = QFileDialog(over, title)
    dialog.setFileMode(mode)
    if filters:
        dialog.setNameFilter(filters)
    dialog.filesSelected.connect(lambda files: then([Path(file) for file in files]))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()

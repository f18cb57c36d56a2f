"""Exporting what is shown: a button with its menu, and while a file is written its progress and Cancel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QProgressBar, QWidget

from engine.history_search import Search
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.history.saving import Saving


class ExportLine(QWidget):
    """Args:
    search: Gives what is shown.
    """

    def __init__(self, desk: Desk, search: Callable[[], Search], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self._possible = False
        self.saving = Saving(desk, self)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress of the export")
        self.progress.setFixedWidth(120)
        self.stop = push("Cancel", "Stop writing; nothing is left behind", name="Cancel the export")
        self.stop.clicked.connect(self.saving.cancel)
        self.button = push("Export…", "Write what is shown into a file (Ctrl+E)", name="Export")
        self.button.clicked.connect(self.open_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for widget in (self.progress, self.stop, self.button):
            row.addWidget(widget)
        self.saving.moved.connect(self._show)
        self._show()

    def allow(self, possible: bool) -> None:
        """Whether there is anything to write."""
        self._possible = possible
        self.button.setEnabled(possible and not self.saving.running)

    def menu(self) -> QMenu:
        """The forms that a file may have."""
        from engine.history_export import FORMS

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for suffix, title in FORMS.items():
            menu.addAction(f"{title}…").triggered.connect(lambda _=False, suffix=suffix: self._ask_file(suffix))
        return menu

    def open_menu(self) -> None:
        if self.button.isEnabled():
            self.menu().popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    def write(self, file: Path) -> None:
        """Write what is shown into `file`, in the form its suffix names."""
        self.saving.start(self._search(), file)

    def _show(self) -> None:
        running = self.saving.running
        self.progress.setVisible(running)
        self.stop.setVisible(running)
        self.allow(self._possible)
        self.progress.setRange(0, self.saving.total)
        self.progress.setValue(self.saving.done)
        self.progress.setToolTip(f"{words.count(self.saving.done, 'answer', 'answers')} written")

    def _ask_file(self, suffix: str) -> None:
        dialog = QFileDialog(self, "Where to write it")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.setNameFilter(f"*.{suffix}")
        dialog.selectFile(f"history.{suffix}")
        dialog.fileSelected.connect(lambda file: self.write(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

"""What goes out of the grid: a table of the answers, or the photos themselves into folders; and that taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from gui import words
from gui.desk import Desk
from gui.predict.many import export
from gui.predict.many.grid_model import GridModel
from gui.predict.many.sort_panel import SortPanel

if TYPE_CHECKING:
    from engine.dataset.sorter import Journal, SortPlan


class Filing(QObject):
    """Attributes:
    panel: Where a person says what is sorted to where.
    last: Whether sorting was the last that was done here, so that undo is about it.

    Signals:
        shown: Whether the panel is there now.
        failed: A WhiskerError; whatever could be done was done.
    """

    shown = Signal(bool)
    failed = Signal(object)

    def __init__(self, desk: Desk, model: GridModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._model = model
        self._dialogs_over = parent
        self.last = False
        self._moved = False
        self.panel = SortPanel(desk, model)
        self.panel.closed.connect(lambda: self.show_panel(False))
        self.panel.sorted.connect(self._on_sorted)

    def ask_for_table(self) -> None:
        """Let a file be chosen for what is shown."""
        title = f"Export {words.count(len(self._model.shown), 'answer', 'answers')}"
        dialog = QFileDialog(self._dialogs_over, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Table (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("whisker.csv")
        dialog.fileSelected.connect(lambda file: self.export_to(Path(file)))
        dialog.open()

    def export_to(self, file: Path) -> None:
        """Write what is shown, in its order, as a CSV file."""
        pictures = list(self._model.shown)

        def done(rows: int) -> None:
            self._desk.toast(f"{words.count(rows, 'row', 'rows')} saved in {file.name}", None)

        self._desk.tasks.run(self, lambda: export.write(file, pictures), done, self.failed.emit)

    def show_panel(self, on: bool) -> None:
        if on:
            self.panel.open_for(self._model.pictures)
        else:
            self.panel.hide()
        self.shown.emit(on)

    def clear(self) -> None:
        """Other photos come."""
        self.panel.hide()
        self.panel.destination.clear()
        self.last = False

    def undo(self) -> None:
        """Put the files that were sorted last back."""
        self.last = False
        journals, moved = self._desk.whisker.home.journals, self._moved

        def undo() -> int:
            from engine.dataset import sorter

            return sorter.undo(journals)

        def done(files: int) -> None:
            # With nothing in a new place, all are found in their first one again.
            self._model.repath({})
            said = f"{words.count(files, 'photo', 'photos')} put back"
            # The photos never went anywhere, then.
            copies = f"{words.count(files, 'copy', 'copies')} removed"
            self._desk.toast(said if moved else copies, None)

        self._desk.tasks.run(self, undo, done, self.failed.emit)

    def _on_sorted(self, plan: SortPlan, journal: Journal) -> None:
        if plan.move:
            self._model.repath({str(move.source): str(move.target) for move in plan.moves})
        self.show_panel(False)
        self.last = True
        self._moved = plan.move
        verb = "moved" if plan.move else "copied"
        said = f"{words.count(journal.sorted, 'photo', 'photos')} {verb} to {plan.destination.name}"
        if journal.cancelled:
            said = f"Stopped: {said}"
        if journal.skipped:
            said += f", {len(journal.skipped):,} skipped"
        self._desk.toast(said, self.undo if journal.sorted else None)

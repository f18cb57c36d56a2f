"""What stands at the head of the page: how far back the charts reach, a pause, and what can be saved."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from engine.monitor import DAY, HOUR, MINUTE, Range
from gui.buttons import push
from gui.monitor import exports

SPELLS = (
    (MINUTE, "Minute", "The last minute, second by second (Alt+1)", "Alt+1"),
    (HOUR, "Hour", "The last hour, in steps of ten seconds (Alt+2)", "Alt+2"),
    (DAY, "Day", "The last day, in steps of four minutes (Alt+3)", "Alt+3"),
)


class Controls(QWidget):
    """Signals:
    chosen: The `Range` wanted.
    paused: Whether the charts are to be held still.
    picture_asked, table_asked: Where the charts, or their figures, are to be saved: a `Path`.
    """

    chosen = Signal(object)
    paused = Signal(bool)
    picture_asked = Signal(object)
    table_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spell = MINUTE
        self.choices: dict[Range, QPushButton] = {}
        self._group = QButtonGroup(self)
        ranges = QHBoxLayout()
        ranges.setSpacing(6)
        for spell, words, tip, key in SPELLS:
            button = push(words, tip, name=f"Show the last {words.lower()}", kind="choice")
            button.setCheckable(True)
            button.setChecked(spell is self.spell)
            button.clicked.connect(lambda _=False, spell=spell: self.choose(spell))
            QShortcut(QKeySequence(key), self, lambda spell=spell: self.choose(spell))
            self._group.addButton(button)
            self.choices[spell] = button
            ranges.addWidget(button)
        self.pause = push("Pause", "Hold the charts still; the watching goes on (P)")
        self.pause.setCheckable(True)
        self.pause.toggled.connect(self._on_pause)
        self.export = push("Export…", "Save the charts as a picture or their figures as a table (Ctrl+E)")
        self.export.clicked.connect(self._open_menu)
        QShortcut(QKeySequence("P"), self, self.pause.toggle)
        QShortcut(QKeySequence("Ctrl+E"), self, self._open_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addLayout(ranges)
        row.addWidget(self.pause)
        row.addWidget(self.export)

    def choose(self, spell: Range) -> None:
        self.spell = spell
        self.choices[spell].setChecked(True)
        self.chosen.emit(spell)

    def menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Charts as a picture (PNG)…").triggered.connect(lambda: self._ask(".png", self.picture_asked))
        menu.addAction("Figures as a table (CSV)…").triggered.connect(lambda: self._ask(".csv", self.table_asked))
        return menu

    def _on_pause(self, paused: bool) -> None:
        self.pause.setText("Go on" if paused else "Pause")
        self.pause.setAccessibleName(self.pause.text())
        self.paused.emit(paused)

    def _open_menu(self) -> None:
        self.menu().popup(self.export.mapToGlobal(QPoint(0, self.export.height())))

    def _ask(self, suffix: str, asked: SignalInstance) -> None:
        dialog = QFileDialog(self, "Save as")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix.lstrip("."))
        dialog.selectFile(exports.file_name(self.spell, time.time(), suffix))
        dialog.filesSelected.connect(lambda files: asked.emit(Path(files[0])))
        dialog.open()

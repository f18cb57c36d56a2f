"""The foot of the window: which model answers, what is running, and the server's lamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from engine.errors import HistoryError, PortTaken, WhiskerError
from gui import words
from gui.buttons import push
from gui.desk import Desk
from gui.server.state import Phase

if TYPE_CHECKING:
    from engine.model_shelf import Entry
    from engine.whisker import Whisker

_DOT = 10


class StatusBar(QWidget):
    """Signals:
    page_asked: The key of the page whose job or lamp was clicked.
    """

    page_asked = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._menu = QMenu(self)
        self.model = self._button("Choose the model that answers")
        self.model.clicked.connect(self.choose_model)
        self.jobs = self._button("What is running")
        self.jobs.clicked.connect(self._on_jobs)
        self.server = self._button("The server")
        self.server.clicked.connect(lambda: self.page_asked.emit("server"))
        row = QHBoxLayout(self)
        row.setContentsMargins(15, 2, 15, 6)
        row.addWidget(self.model)
        row.addStretch(1)
        row.addWidget(self.jobs)
        row.addWidget(self.server)
        desk.model.changed.connect(self._show_model)
        desk.jobs.changed.connect(self._show_jobs)
        desk.server.changed.connect(self._show_server)
        desk.theme.changed.connect(self._show_model)
        desk.theme.changed.connect(self._show_server)
        self._show_model()
        self._show_jobs()
        self._show_server()

    def choose_model(self) -> None:
        """List the models on the shelf and let one be chosen."""
        whisker = self._desk.whisker
        self._desk.tasks.run(self, lambda: _models(whisker), self._on_models, self._on_no_models, urgent=True)

    def _button(self, tip: str) -> QPushButton:
        button = push("", tip, kind="status")
        button.setIconSize(QSize(_DOT, _DOT))
        return button

    def _show_model(self) -> None:
        model = self._desk.model
        if model.card is not None:
            self._say_model(f"{model.card.name} v{model.card.version}", "unsure" if model.substitution else "sure")
            why = model.substitution or f"{model.card.title} answers."
            self.model.setToolTip(f"{why} Click to choose another model.")
        elif model.error is not None:
            self._say_model("No model", "wrong")
            self.model.setToolTip(words.sentence(model.error))
        else:
            self._say_model("Loading the model…", "unknown")

    def _say_model(self, text: str, token: str) -> None:
        self.model.setText(text)
        self.model.setAccessibleName(f"Model: {text}")
        self.model.setIcon(self._dot(token))

    def _show_server(self) -> None:
        server = self._desk.server
        token: str | None
        match server.phase:
            case Phase.STARTING:
                text, token, tip = "Server starting…", "unsure", "The server is starting."
            case Phase.STOPPING:
                text, token, tip = "Server stopping…", "unsure", "The server finishes what it is answering."
            case Phase.ON if server.wish.network:
                text, token, tip = f"Server on · {server.port} · network", "sure", f"Your network: {server.shared_url}"
            case Phase.ON:
                text, token, tip = f"Server on · {server.port}", "sure", f"This computer only: {server.url}"
            case _ if isinstance(server.error, PortTaken):
                text, token, tip = f"Server: port {server.port} is taken", "wrong", words.sentence(server.error)
            case _ if server.error is not None:
                text, token, tip = "Server failed", "wrong", words.sentence(server.error)
            case _:
                text, token, tip = "Server off", None, "Scripts and other programs cannot ask Whisker now."
        self.server.setText(text)
        self.server.setAccessibleName(text)
        self.server.setToolTip(f"{tip} Click for the Server page.")
        self.server.setIcon(self._dot(token))

    def _dot(self, token: str | None) -> QIcon:
        """A lamp in this colour; None for one that is out."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(_DOT * ratio), round(_DOT * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if token is None:
            painter.setPen(QPen(self._desk.theme.color("muted"), 1.2))
            painter.drawEllipse(QRectF(1.6, 1.6, _DOT - 3.2, _DOT - 3.2))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._desk.theme.color(token))
            painter.drawEllipse(1, 1, _DOT - 2, _DOT - 2)
        painter.end()
        return QIcon(pixmap)

    def _show_jobs(self) -> None:
        running = self._desk.jobs.running
        if not running:
            text = "No jobs running"
        else:
            job = running[-1]
            text = f"{job.what} · {words.percent(job.done / job.total)}" if job.total else job.what
            if len(running) > 1:
                text = f"{len(running)} jobs · {text}"
        self.jobs.setText(text)
        self.jobs.setAccessibleName(text)
        self.jobs.setEnabled(bool(running))

    def _on_jobs(self) -> None:
        running = self._desk.jobs.running
        if running:
            self.page_asked.emit(running[-1].page)

    def _on_models(self, found: tuple[list[Entry], set[tuple[str, int]]]) -> None:
        entries, known = found
        self._menu.clear()
        for entry in entries:
            accuracy = (entry.card.metrics or {}).get("accuracy")
            score = f" · {words.percent(accuracy)} right" if accuracy is not None else ""
            # One that never answered yet first shows what it would change.
            new = not entry.active and (entry.name, entry.version) not in known and self._desk.model.card is not None
            dots = "…" if new else ""
            action = QAction(f"{entry.title} · v{entry.version}{score}{dots}", self._menu, checkable=True)
            action.setChecked(entry.active)
            choose = self._desk.ways.compare_asked.emit if new else self._desk.model.activate
            action.triggered.connect(lambda _=False, entry=entry, choose=choose: choose(entry.reference))
            self._menu.addAction(action)
        if not entries:
            self._menu.addAction("There is no model on the shelf").setEnabled(False)
        above = self.model.mapToGlobal(QPoint(0, -self._menu.sizeHint().height()))
        self._menu.popup(above)

    def _on_no_models(self, error: WhiskerError) -> None:
        self._desk.toast(words.sentence(error), None)


def _models(whisker: Whisker) -> tuple[list[Entry], set[tuple[str, int]]]:
    """What stands on the shelf, and which of it has answered before."""
    entries = whisker.shelf.list()
    try:
        known = set(whisker.history.choices().models)
    except HistoryError:
        # Choosing a model does not hang on the history.
        known = {(entry.name, entry.version) for entry in entries}
    return entries, known

"""Makes a whole window take drops, and shows that it would."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import Theme

_DRAG_KINDS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.DragLeave, QEvent.Type.Drop)


class DropTarget(QObject):
    """Accepts what `gui.intake` can read, anywhere in `window`.

    Signals:
        dropped: The `Intake` of a drop.
    """

    dropped = Signal(object)

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self.highlight = _Highlight(theme, window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _DRAG_KINDS:
            # Imported with the first drag, not with the window.
            from gui.intake import holds_something, read
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            assert isinstance(event, QDragEnterEvent | QDragMoveEvent)
            if holds_something(event.mimeData()):
                # Always a copy: nobody's file may be moved away because it was shown here.
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self.highlight.cover(self._window)
                return True
        elif kind == QEvent.Type.DragLeave:
            self.highlight.hide()
            return True
        elif kind == QEvent.Type.Drop:
            assert isinstance(event, QDropEvent)
            self.highlight.hide()
            intake = read(event.mimeData())
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(intake)
            return True
        return super().eventFilter(watched, event)


class _Highlight(QWidget):
    """The window, veiled, with a frame to drop into, and the page's words for what a drop does."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self.title = self.line = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, window: QWidget) -> None:
        if not self.isVisible():
            self.setAccessibleName(self.title)
            self.setGeometry(window.rect())
            self.show()
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.color("window", 0.95))
        pen = QPen(self._theme.color("accent"), 2, Qt.PenStyle.DashLine)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(self._theme.color("accent_soft", 0.6))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 12, 12)
        icon = self._theme.pixmap("drop", "accent", 40, self.devicePixelRatioF())
        middle = self.rect().center()
        painter.drawPixmap(middle.x() - 20, middle.y() - 56, icon)
        font = painter.font()
        font.setPixelSize(self._theme.size("title"))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        painter.drawText(self.rect().adjusted(0, 24, 0, 24), Qt.AlignmentFlag.AlignCenter, self.title)
        font.setPixelSize(self._theme.size("body"))
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        painter.drawText(self.rect().adjusted(0, 88, 0, 88), Qt.AlignmentFlag.AlignCenter, self.line)

"""Shows a Markdown text the way the rest of the window looks; fetches nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QImage,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from gui.help.manual import slug
from gui.theme import Theme

WIDEST = 820
"""Of a line, in pixels: longer ones are hard to read."""
MARGIN = 28


class Reader(QTextBrowser):
    """Signals:
    followed: The text of a link that was pressed, as it stands in the page.
    """

    followed = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._folder = Path()
        self._text = ""
        self._shown: QTextDocument | None = None
        self._pictures: dict[str, QImage] = {}
        self.setProperty("role", "reader")
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.anchorClicked.connect(lambda url: self.followed.emit(url.toString()))
        theme.changed.connect(self._again)

    def show_markdown(self, text: str, folder: Path) -> None:
        """Show a page whose pictures lie in `folder` or below it, from its top."""
        self._text, self._folder = text, folder
        self._pictures.clear()
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def go_to(self, anchor: str) -> bool:
        """Scroll to the heading of this name; whether there is one."""
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and slug(block.text()) == anchor:
                where = self.document().documentLayout().blockBoundingRect(block).top()
                self.verticalScrollBar().setValue(max(0, round(where) - 8))
                return True
            block = block.next()
        return False

    def loadResource(self, kind: int, url: QUrl | str) -> object:
        """A picture beside the page, no larger than it needs to be; nothing from anywhere else."""
        name = url.toString() if isinstance(url, QUrl) else url
        if kind != QTextDocument.ResourceType.ImageResource.value or ":" in name:
            return None
        if name not in self._pictures:
            self._pictures[name] = QImage(str(self._folder / name))
        return self._pictures[name]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _again(self) -> None:
        at = self.verticalScrollBar().value()
        self._lay_out()
        self.verticalScrollBar().setValue(at)

    def _lay_out(self) -> None:
        # Beside the view: what is dressed while it is shown is laid out again and again.
        document = QTextDocument(self)
        document.setUndoRedoEnabled(False)
        document.setDefaultFont(self._font("body"))
        document.setDocumentMargin(0)
        document.setIndentWidth(22)
        document.setMarkdown(self._text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self._dress(document)
        self._fit_into(document)
        before, self._shown = self._shown, document
        self.setDocument(document)
        if before is not None:
            before.deleteLater()

    def _font(self, size: str) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._theme.size(size))
        return font

    def _dress(self, document: QTextDocument) -> None:
        """Sizes, distances and colours, which Markdown knows nothing of."""
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        block = document.begin()
        while block.isValid():
            self._dress_block(block)
            block = block.next()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                self._dress_table(frame)
        cursor.endEditBlock()

    def _dress_block(self, block: QTextBlock) -> None:
        color = self._theme.color
        form = QTextBlockFormat(block.blockFormat())
        level = form.headingLevel()
        code = form.hasProperty(QTextFormat.Property.BlockCodeFence)
        in_table = QTextCursor(block).currentTable() is not None
        form.setLineHeight(100 if code or in_table or level else 132, 1)
        if level:
            form.setTopMargin(0 if level == 1 else 22 if level == 2 else 14)
            form.setBottomMargin(8)
        elif code:
            last = not block.next().blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)
            form.setBackground(color("track"))
            form.setTopMargin(0)
            form.setBottomMargin(12 if last else 0)
            form.setLeftMargin(0)
            form.setNonBreakableLines(False)
        elif block.textList() is not None:
            form.setTopMargin(0)
            form.setBottomMargin(5)
        elif not in_table:
            form.setTopMargin(0)
            form.setBottomMargin(12)
        for setting in (lambda cursor: cursor.setBlockFormat(form), lambda cursor: self._dress_words(cursor, level)):
            self._with(block, setting)

    def _dress_words(self, cursor: QTextCursor, level: int) -> None:
        if level:
            form = QTextCharFormat()
            font = self._font("title" if level == 1 else "body")
            font.setPixelSize(font.pixelSize() + (0 if level in (1, 3, 4, 5, 6) else 4))
            font.setWeight(QFont.Weight.Bold)
            form.setFont(font)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(form)
            return
        block = cursor.block()
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            form = piece.charFormat()
            change = QTextCharFormat()
            if form.fontFixedPitch():
                change.setFontFamilies(["monospace"])
                change.setProperty(QTextFormat.Property.FontPixelSize, self._theme.size("secondary"))
                if not block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
                    change.setBackground(self._theme.color("track"))
            if form.isAnchor():
                change.setForeground(self._theme.color("accent"))
                change.setFontUnderline(True)
            if not change.isEmpty():
                at = QTextCursor(block)
                at.setPosition(piece.position())
                at.setPosition(piece.position() + piece.length(), QTextCursor.MoveMode.KeepAnchor)
                at.mergeCharFormat(change)
            pieces += 1

    def _dress_table(self, table: QTextTable) -> None:
        form = table.format()
        form.setBorder(1)
        form.setBorderBrush(self._theme.color("line"))
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBorderCollapse(True)
        form.setCellPadding(6)
        form.setCellSpacing(0)
        form.setTopMargin(4)
        form.setBottomMargin(14)
        form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        table.setFormat(form)

    def _with(self, block: QTextBlock, do: Callable[[QTextCursor], None]) -> None:
        do(QTextCursor(block))

    def _fit(self) -> None:
        self._fit_into(self.document())

    def _fit_into(self, document: QTextDocument) -> None:
        """Keep lines readable and pictures inside them."""
        wide = self.viewport().width()
        inside = min(WIDEST, wide - 2 * MARGIN)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        form = document.rootFrame().frameFormat()
        left = max(MARGIN, (wide - inside) // 2)
        form.setLeftMargin(left)
        form.setTopMargin(20)
        form.setBottomMargin(28)
        form.setRightMargin(max(MARGIN, wide - left - inside))
        document.rootFrame().setFrameFormat(form)
        block = document.begin()
        while block.isValid():
            pieces = block.begin()
            while not pieces.atEnd():
                piece = pieces.fragment()
                if piece.charFormat().isImageFormat():
                    self._fit_picture(block, piece.position(), piece.charFormat().toImageFormat(), inside)
                pieces += 1
            block = block.next()
        cursor.endEditBlock()

    def _fit_picture(self, block: QTextBlock, position: int, form: QTextImageFormat, inside: int) -> None:
        size = self._size_of(form.name())
        if size.isEmpty():
            return
        width = min(inside, size.width())
        # The document would leave out pixels, and letters with them.
        sharp = self._pictures[form.name()].scaledToWidth(
            round(width * self.devicePixelRatioF()), Qt.TransformationMode.SmoothTransformation
        )
        block.document().addResource(QTextDocument.ResourceType.ImageResource, QUrl(form.name()), sharp)
        if round(form.width()) == width:
            return
        form.setWidth(width)
        form.setHeight(size.height() * width / size.width())
        cursor = QTextCursor(block)
        cursor.setPosition(position)
        cursor.setPosition(position + 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(form)

    def _size_of(self, name: str) -> QSize:
        picture = self.loadResource(QTextDocument.ResourceType.ImageResource.value, name)
        return picture.size() if isinstance(picture, QImage) else QSize()

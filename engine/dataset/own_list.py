"""Lists of pictures that lie in several places: a labels.csv below the home, and not one photo copied."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from engine.dataset.folder_names import FreeNames, folder_name
from engine.dataset.layouts import Item
from engine.durable import write_atomically
from engine.errors import DatasetError, FolderError, remedy
from engine.paths import Home

TABLE = "labels.csv"
HEADER = ("file", "label", "split")


def new_list(home: Home, name: str, items: Sequence[Item]) -> Path:
    """Write a list of these pictures below the home, under `name` or the next free number of it.

    Returns:
        The folder, which `read_labelled` reads and `LabelEditor` edits without touching the pictures.

    Raises:
        FolderError: the home cannot be written.
    """
    folder = FreeNames().take(home.datasets / folder_name(name))
    try:
        folder.mkdir(parents=True)
        write_atomically(folder / TABLE, (",".join(HEADER) + "\r\n" + _lines(items)).encode("utf-8"))
    except OSError as error:
        raise FolderError(f"{folder} cannot be written ({error.strerror}).", remedy(error)) from error
    return folder


def extended_table(table: Path, items: Sequence[Item]) -> bytes:
    """The new content of a list of ours with more pictures.

    Raises:
        DatasetError: it cannot be read, or someone gave it other columns.
    """
    try:
        text = table.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{table} cannot be read.", "Begin anew with the photos.") from error
    if text.split("\n", 1)[0].strip() != ",".join(HEADER):
        raise DatasetError(f"{table} is not one of Whisker's own lists.", "Add the photos to it by hand.")
    return (text + ("" if text.endswith("\n") else "\r\n") + _lines(items)).encode("utf-8")


def _lines(items: Sequence[Item]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows((os.path.abspath(item.path), item.label, item.split or "") for item in items)
    return text.getvalue()

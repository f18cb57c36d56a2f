"""What a bundle has to pass before it may stand on the shelf."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from pathlib import Path

from engine.card import CARD, KERAS, NEIGHBOURS, ONNX, Card, file_sha256
from engine.durable import sync_folder
from engine.errors import FolderError, ModelBroken

PARTS = (ONNX, KERAS, CARD, NEIGHBOURS)
_FOREIGN = re.compile(r"[^\w .()+-]+")
# Windows keeps these names, with any suffix, for devices.
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))])
# The shelf's own file lies beside the models' folders.
_RESERVED = frozenset(["active.json"])


def clean_name(name: str) -> str:
    """A model name that is also a folder's name on every system.

    Raises:
        FolderError: nothing is left of it.
    """
    name = _FOREIGN.sub("-", unicodedata.normalize("NFC", name)).strip(" .-")[:80].strip(" .-")
    if not name:
        raise FolderError("A model needs a name with a letter or digit in it.", "Choose another name.")
    plain = name.casefold()
    return f"model {name}" if plain in _RESERVED or plain.partition(".")[0] in _DEVICES else name


def copy_parts(source: Path, staged: Path) -> None:
    """Copy the bundle folder `source`, its known files alone, and look at what a prediction does not use of it.

    Raises:
        ModelBroken: a part is a link or device, was altered, or holds what it should not.
        OSError: the disk refused.
    """
    for part in PARTS:
        file = source / part
        if file.is_symlink() or (file.exists() and not file.is_file()):
            raise ModelBroken(f"{part} in {source.name} is no plain file.", "Import the bundle with its real files.")
    card = Card.read(source)
    for part in PARTS:
        if (source / part).is_file():
            shutil.copyfile(source / part, staged / part, follow_symlinks=False)
    keras = staged / KERAS
    if keras.is_file() and file_sha256(keras) != card.sha256.get(KERAS):
        raise ModelBroken(f"{KERAS} was altered after it was made.", "Get the bundle again from where it came from.")
    if (staged / NEIGHBOURS).is_file():
        _inspect_neighbours(staged / NEIGHBOURS, len(card.classes))


def _inspect_neighbours(file: Path, classes: int) -> None:
    # Imports NumPy, which listing the shelf does without.
    from engine.neighbours import read_neighbours

    try:
        _, files, _ = read_neighbours(file, classes)
    except ValueError as error:
        raise ModelBroken(f"{NEIGHBOURS} is damaged.", "Remove that file from the bundle and try again.") from error
    if any(str(name).startswith(("\\\\", "//")) for name in files):
        # Showing such a picture would make Windows greet another computer with the person's credentials.
        raise ModelBroken(f"{NEIGHBOURS} names files on other computers.", "Remove that file from the bundle.")


def prove(bundle: Path) -> None:
    """Load a bundle and hold it against its card; ModelBroken if it fails."""
    # Imports onnxruntime (0.2 s), which listing the shelf does without.
    from engine.predictor import Predictor

    Predictor(bundle)


def sync(folder: Path) -> None:
    """Bring a bundle's files to the disk before its rename says that they are there."""
    for path in folder.iterdir():
        if path.is_file():
            handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    sync_folder(folder)

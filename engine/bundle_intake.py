"""What a bundle has to pass before it may stand on the shelf."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from engine.card import CARD, KERAS, NEIGHBOURS, ONNX, Card, file_sha256
from engine.durable import sync_folder
from engine.errors import FolderError, ModelBroken
from engine.model_kinds import refuse_other_kinds

LARGEST_ARCHIVE = 8 << 30
PARTS = (ONNX, KERAS, CARD, NEIGHBOURS)
WHAT_CAN_COME = "Import a bundle folder, a ZIP of one, or a .onnx file."
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


def take_in(source: Path, staged: Path) -> None:
    """Bring a bundle into the folder `staged`, from wherever it is: a folder, a ZIP archive, or a lone ONNX file.

    Raises:
        ModelBroken: it is none of these, or a part of it is not what it should be.
        OSError: the disk refused.
    """
    if not os.path.lexists(source):
        raise ModelBroken(f"There is no model at {source}.", "Check the path.")
    refuse_other_kinds(source)
    if source.is_dir():
        lone = source / ONNX
        if (source / CARD).exists() or not lone.is_file():
            copy_parts(source, staged)
        else:
            _adopt(lone, staged)
    elif zipfile.is_zipfile(source):
        with tempfile.TemporaryDirectory(dir=staged) as unpacked:
            _unpack(source, Path(unpacked))
            try:
                take_in(Path(unpacked), staged)
            except ModelBroken as error:
                raise ModelBroken(error.message.replace(Path(unpacked).name, source.name), error.hint) from error
    else:
        _adopt(source, staged)


def _unpack(archive: Path, folder: Path) -> None:
    """Take the known parts out of a ZIP archive; whatever else it holds, and wherever that would go, stays in it."""
    try:
        with zipfile.ZipFile(archive) as packed:
            found: dict[str, zipfile.ZipInfo] = {}
            for member in packed.infolist():
                path = PurePosixPath(member.filename)
                if path.name in PARTS and len(path.parts) <= 2:
                    if path.name in found:
                        raise ModelBroken(f"{archive.name} holds more than one model.", "Unpack it and choose one.")
                    found[path.name] = member
            if not found.keys() & {CARD, ONNX}:
                raise ModelBroken(f"{archive.name} holds no model that Whisker could ask.", WHAT_CAN_COME)
            if sum(member.file_size for member in found.values()) > LARGEST_ARCHIVE:
                raise ModelBroken(f"{archive.name} is too large for a model.", "Check where it came from.")
            for name, member in found.items():
                with packed.open(member) as packed_file, (folder / name).open("wb") as file:
                    # An archive that lies about a size gains nothing: no more than that is read.
                    shutil.copyfileobj(packed_file, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelBroken(
            f"{archive.name} is a damaged or locked archive.", "Get it again, without a password."
        ) from error


def _adopt(file: Path, staged: Path) -> None:
    """Make a bundle of a lone ONNX file, whose card is in its metadata."""
    # Imports onnxruntime (0.2 s), which listing the shelf does without.
    from engine.predictor import Predictor

    if file.is_symlink() or not file.is_file():
        raise ModelBroken(f"{file.name} is no plain file.", WHAT_CAN_COME)
    shutil.copyfile(file, staged / ONNX, follow_symlinks=False)
    try:
        card = Predictor(staged / ONNX).card
    except ModelBroken as error:
        hint = error.hint if file.suffix.lower() == ".onnx" else WHAT_CAN_COME
        raise ModelBroken(error.message.replace(ONNX, file.name), hint) from error
    name = file.stem if card.name == Path(ONNX).stem else card.name
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    replace(card, name=name, title=name, created=created).write(staged)


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

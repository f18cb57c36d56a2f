"""How models lie on the disk: `<home>/models/NAME/VERSION/` is a bundle, and what ships lies in a folder of its own.

A version appears by one rename of a staged folder and never changes afterwards; a removed one waits in the trash. What
a model is called, and which number its next version has, is decided by what lies there.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine import paths
from engine.bundle_intake import clean_name, sync
from engine.card import Card
from engine.durable import sweep
from engine.errors import FolderError, ModelBroken, ModelNotFound, ModelProtected, remedy


@dataclass(frozen=True)
class Entry:
    """A version of a model on the shelf."""

    folder: Path
    card: Card
    builtin: bool
    active: bool

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def version(self) -> int:
        return self.card.version

    @property
    def title(self) -> str:
        return self.card.title

    @property
    def reference(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class Removed:
    """What `restore` needs to put a removed version back."""

    reference: str
    folder: Path
    trash: Path
    was_active: bool = False


class ModelFolders:
    """The folders of one home's models, and of those that ship with the program.

    Args:
        home: Where versions are kept.
        builtin: The read-only folder of models that ship with the program.
    """

    def __init__(self, home: paths.Home, builtin: Path) -> None:
        self._home = home
        self._builtin = builtin

    def entries(self) -> tuple[list[Entry], list[str]]:
        """Every model, by name, newest version first, none marked active; and a sentence for each that is damaged."""
        entries: list[Entry] = []
        folders, unreadable = self._looked_up()
        problems = [*unreadable]
        for folder, builtin in folders:
            try:
                card = Card.read(folder)
            except ModelBroken as error:
                # Of people's own models a folder is but a number.
                whose = "" if builtin else f"{folder.parent.name}, version {folder.name}: "
                problems.append(f"{whose}{error}")
                continue
            if not builtin:
                # The folder is the truth, so that a bundle that was copied or renamed cannot pose as another.
                card = replace(card, name=folder.parent.name, version=int(folder.name))
            entries.append(Entry(folder, card, builtin, active=False))
        entries.sort(key=lambda entry: (entry.name, -entry.version))
        return entries, problems

    def spelling(self, name: str) -> str:
        """How a model that is to be called `name` would be called on the shelf.

        "Pets" and "pets" are one folder on many file systems, so the one that is there already prevails.

        Raises:
            FolderError: nothing is left of the name.
            ModelProtected: it belongs to a built-in model.
        """
        name = clean_name(name)
        for folder in (*self._builtin.glob("*/"), *self._home.models.glob("*/")):
            if folder.name.casefold() == name.casefold():
                name = folder.name
                break
        if (self._builtin / name).is_dir():
            raise ModelProtected(f"{name} came with Whisker and stays as it is.", "Choose another name.")
        return name

    def stage(self) -> Path:
        """A fresh folder to build a bundle in, on the same file system as the shelf.

        Raises:
            FolderError: the home cannot be written.
        """
        folder = self._home.staging / f"{os.getpid()}-{uuid.uuid4().hex}"
        try:
            self._home.staging.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
        except OSError as error:
            raise FolderError(
                f"Whisker cannot write to {self._home.root} ({error.strerror}).", remedy(error)
            ) from error
        return folder

    def sweep(self) -> None:
        """Remove what processes that are no more left half-made."""
        import psutil

        for folder in self._home.staging.glob("*-*"):
            owner = folder.name.partition("-")[0]
            if not (owner.isdecimal() and psutil.pid_exists(int(owner[:9]))):
                shutil.rmtree(folder, ignore_errors=True)
        sweep(self._home.models, *(folder for folder, builtin in self._looked_up()[0] if not builtin))

    def put(self, staged: Path, name: str) -> int:
        """Make a staged bundle the next version of `name`, which is spelt as `spelling` says; returns its number.

        Raises:
            ModelBroken: its card cannot be read.
            FolderError: the disk refused.
        """
        card = Card.read(staged)
        parent = self._home.models / name
        try:
            parent.mkdir(parents=True, exist_ok=True)
            version = self._next_version(name)
            while True:
                replace(card, name=name, version=version).write(staged)
                sync(staged)
                try:
                    staged.rename(parent / str(version))
                except OSError:
                    # Another process published this version in the meantime.
                    if not (parent / str(version)).exists():
                        raise
                    version += 1
                else:
                    return version
        except OSError as error:
            raise FolderError(
                f"The model could not be stored in {parent} ({error.strerror}).", remedy(error)
            ) from error

    def take_off(self, entry: Entry) -> Removed:
        """Move a version into the trash.

        Raises:
            ModelProtected: it is built in.
            FolderError: the disk refused.
        """
        if entry.builtin:
            raise ModelProtected(f"{entry.name} is a built-in model and stays.", "Only your own can be removed.")
        trash = self._home.trash / f"{entry.name}@{entry.version}@{uuid.uuid4().hex[:8]}"
        try:
            self._home.trash.mkdir(parents=True, exist_ok=True)
            entry.folder.rename(trash)
        except OSError as error:
            raise FolderError(
                f"The model {entry.title} could not be removed ({error.strerror}).", "Close what uses it."
            ) from error
        return Removed(entry.reference, entry.folder, trash, entry.active)

    def removed(self) -> list[Removed]:
        """What lies in the trash, latest last."""
        trash = sorted(self._home.trash.glob("*@*@*"), key=lambda path: path.stat().st_mtime_ns)
        found = []
        for folder in trash:
            name, version, _ = folder.name.rsplit("@", 2)
            found.append(Removed(f"{name}@{version}", self._home.models / name / version, folder))
        return found

    def put_back(self, removed: Removed) -> None:
        """Move a removed version back to where it was.

        Raises:
            ModelNotFound: it is in the trash no longer.
            FolderError: the disk refused.
        """
        if not removed.trash.is_dir() or removed.folder.exists():
            raise ModelNotFound(f"{removed.reference} cannot be put back.", "It is no longer in the trash.")
        try:
            removed.folder.parent.mkdir(parents=True, exist_ok=True)
            removed.trash.rename(removed.folder)
        except OSError as error:
            raise FolderError(
                f"{removed.reference} could not be put back ({error.strerror}).", remedy(error)
            ) from error

    def _looked_up(self) -> tuple[Sequence[tuple[Path, bool]], Sequence[str]]:
        """Each version's folder and whether it is built in; and a sentence if one's own cannot be looked up."""
        found = [(path.parent, True) for path in sorted(self._builtin.glob("*/card.json"))]
        try:
            versions = sorted(self._home.models.glob("*/*"))
            return found + [(path, False) for path in versions if path.name.isdecimal() and path.is_dir()], []
        except OSError as error:
            return found, [f"Your own models in {self._home.models} cannot be read ({error.strerror})."]

    def _next_version(self, name: str) -> int:
        """A removed version's number is not given again: history and lineage speak of it."""
        there = [path.name for path in (self._home.models / name).iterdir()]
        removed = [path.name.split("@")[1] for path in self._home.trash.glob(f"{name}@*@*")]
        return 1 + max((int(number) for number in (*there, *removed) if number.isdecimal()), default=0)

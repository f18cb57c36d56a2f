"""The shelf of models: the built-in ones, and every version that was taught or imported on this machine.

This is its face; all that is told of the shelf is told here. How models lie on the disk is model_folders.py, which one
was chosen and who answers in its place is model_choice.py.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine import paths
from engine.bulletin import Bulletin, ModelActivated, ShelfChanged
from engine.bundle_intake import prove, take_in
from engine.card import Card
from engine.errors import FolderError, ModelBroken, ModelNotFound, ModelProtected, WhiskerError, remedy
from engine.model_choice import DEFAULT, Choice, answering
from engine.model_folders import Entry, ModelFolders, Removed

__all__ = ["Entry", "ModelShelf", "Removed"]

LONGEST_TITLE = 80


class ModelShelf:
    """Lists, publishes, activates and removes models.

    Args:
        home: Where versions are kept.
        builtin: The read-only folder of models that ship with the program.

    Attributes:
        problems: Sentences about what is damaged, as of the last `list`.
        substitution: Says that another model answers in the place of the chosen one, and why; None while all is well.
    """

    def __init__(self, home: paths.Home, builtin: Path, bulletin: Bulletin) -> None:
        self._home = home
        self._models = home.models
        self._folders = ModelFolders(home, builtin)
        self._bulletin = bulletin
        self._lock = threading.RLock()
        self._refused: dict[str, str] = {}
        self.problems: list[str] = []
        self.substitution: str | None = None

    def list(self) -> list[Entry]:
        """Every model, by name, newest version first; a damaged one is left out and named in `problems`."""
        entries, problems = self._folders.entries()
        choice = Choice.read(self._models)
        answers, self.substitution = answering(choice, entries, self._refused, self._models)
        self.problems = [*problems, self.substitution] if self.substitution else problems
        return [replace(entry, active=entry is answers) for entry in entries]

    def find(self, reference: str) -> Entry:
        """The model `NAME` (newest version) or `NAME@VERSION`.

        Raises:
            ModelNotFound: with the names there are.
        """
        name, _, version = reference.partition("@")
        entries = self.list()
        for entry in entries:
            if entry.name == name and (not version or str(entry.version) == version):
                return entry
        known = ", ".join(dict.fromkeys(entry.name for entry in entries)) or "none"
        what = f"There is no model {reference}." if reference else "The name of the model is empty."
        raise ModelNotFound(what, f"Models on the shelf: {known}.")

    @property
    def active(self) -> Entry:
        """The model that answers.

        Raises:
            ModelNotFound: there is no model at all.
        """
        for entry in self.list():
            if entry.active:
                return entry
        why = " ".join(self.problems) or "The models that ship with Whisker are missing."
        raise ModelNotFound("There is no model that could answer.", f"{why} Install Whisker again.")

    def refuse(self, entry: Entry, why: ModelBroken) -> None:
        """Let another model answer while this program runs: this one was loaded and is not what it was.

        The choice itself stays as it is, so that the model answers again once its disk or file is mended.
        """
        with self._lock:
            self._refused[entry.reference] = why.message
        self._bulletin.tell(ShelfChanged())

    def activate(self, reference: str) -> Entry:
        """Let this model answer from now on, once it has proved that it can.

        Raises:
            ModelNotFound: no such model.
            ModelBroken: it does not answer as it did when it was made; the active one stays.
        """
        with self._lock:
            entry = self.find(reference)
            prove(entry.folder)
            self._refused.pop(entry.reference, None)
            choice = Choice.read(self._models)
            if choice.active != entry.reference:
                # One that stands in for a damaged model is not what was there before it.
                before = () if entry.active else (self.active.reference,)
                Choice(entry.reference, (*choice.previous, *before)).save(self._models)
        self._bulletin.tell(ModelActivated(entry.name, entry.version))
        return replace(entry, active=True)

    def roll_back(self) -> Entry:
        """Go back to the model that was active before.

        Raises:
            ModelNotFound: there is none.
        """
        with self._lock:
            previous = Choice.read(self._models).previous
            for position in reversed(range(len(previous))):
                reference = previous[position]
                try:
                    entry = self.find(reference)
                    prove(entry.folder)
                except WhiskerError:
                    continue
                self._refused.pop(entry.reference, None)
                Choice(entry.reference, previous[:position]).save(self._models)
                break
            else:
                raise ModelNotFound("There is no earlier model to go back to.", "Choose one with `models use NAME`.")
        self._bulletin.tell(ModelActivated(entry.name, entry.version))
        return replace(entry, active=True)

    @property
    def earlier(self) -> str | None:
        """The reference that `roll_back` would try first, None when there is none on the shelf any more."""
        there = {entry.reference for entry in self.list()}
        previous = Choice.read(self._models).previous
        return next((reference for reference in reversed(previous) if reference in there), None)

    def retitle(self, name: str, title: str) -> str:
        """Give all versions of a model another title; its name, which history and lineage speak of, stays.

        Returns:
            The newest version's former title, which undoes it.

        Raises:
            ModelNotFound: no such model.
            ModelProtected: it is built in.
            FolderError: the title is empty, or the disk refused.
        """
        title = " ".join(title.split())[:LONGEST_TITLE]
        if not title:
            raise FolderError("A model needs a title.", "Type one, or keep the one it has.")
        with self._lock:
            newest = self.find(name)
            if newest.builtin:
                raise ModelProtected(f"{name} is a built-in model and stays as it is.", "Only your own can be renamed.")
            try:
                for entry in self.list():
                    if entry.name == name:
                        replace(Card.read(entry.folder), title=title).write(entry.folder)
            except OSError as error:
                raise FolderError(
                    f"The model {newest.title} could not be renamed ({error.strerror}).", "Check the disk."
                ) from error
        self._bulletin.tell(ShelfChanged())
        return newest.title

    def stage(self) -> Path:
        """A fresh folder to build a bundle in, on the same file system as the shelf.

        Raises:
            FolderError: the home cannot be written.
        """
        return self._folders.stage()

    def sweep(self) -> None:
        """Remove what processes that are no more left half-made."""
        self._folders.sweep()

    def publish(self, staged: Path, name: str, *, proved: bool = False) -> Entry:
        """Put a staged bundle on the shelf as the next version of `name`: check it, then one rename.

        Args:
            proved: Whether it was held against its card already, in a process where that disturbs no window.

        Raises:
            ModelBroken: it does not answer as its card says; the shelf stays as it was.
            ModelProtected: the name belongs to a built-in model.
            FolderError: the disk refused.
        """
        name = self.spelling(name)
        if not proved:
            prove(staged)
        with self._lock:
            version = self._folders.put(staged, name)
        self._bulletin.tell(ShelfChanged())
        return self.find(f"{name}@{version}")

    def remove(self, reference: str) -> Removed:
        """Take a version off the shelf; `restore` puts it back. The active one gives way to the default.

        Raises:
            ModelProtected: it is built in.
        """
        with self._lock:
            entry = self.find(reference)
            removed = self._folders.take_off(entry)
            if entry.active:
                Choice(DEFAULT, Choice.read(self._models).previous).save(self._models)
        self._bulletin.tell(ShelfChanged())
        if entry.active:
            for now in self.list():
                if now.active:
                    self._bulletin.tell(ModelActivated(now.name, now.version))
        return removed

    def removed(self) -> Sequence[Removed]:
        """What can be restored, latest last."""
        return self._folders.removed()

    def restore(self, removed: Removed) -> Entry:
        """Put a removed version back where it was; it answers again if it did when it was removed.

        Raises:
            ModelNotFound: it is in the trash no longer.
        """
        with self._lock:
            self._folders.put_back(removed)
            again = removed.was_active and Choice.read(self._models).active == DEFAULT
        self._bulletin.tell(ShelfChanged())
        return self.activate(removed.reference) if again else self.find(removed.reference)

    def export(self, reference: str, destination: Path, form: str, *, cancel: threading.Event | None = None) -> Path:
        """Copy a model out, as `engine.model_export.export` says; returns what was written."""
        from engine.model_export import export

        entry = self.find(reference)
        return export(entry.folder, entry.card, destination, form, logs=self._home.logs, cancel=cancel)

    def import_bundle(self, source: Path, name: str = "") -> Entry:
        """Put a bundle folder, a ZIP archive of one, or a lone ONNX file made by Whisker on the shelf.

        It passes the same checks as any other. Nothing in it is executed, and links are not followed.

        Raises:
            ModelBroken: it is none of these, or does not answer as its card says.
        """
        staged = self.stage()
        try:
            take_in(source, staged)
            return self.publish(staged, name or Card.read(staged).name)
        except OSError as error:
            raise FolderError(f"{source} could not be copied ({error.strerror or error}).", remedy(error)) from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def spelling(self, name: str) -> str:
        """How a model that is to be called `name` would be called on the shelf.

        "Pets" and "pets" are one folder on many file systems, so the one that is there already prevails.

        Raises:
            FolderError: nothing is left of the name.
            ModelProtected: it belongs to a built-in model.
        """
        return self._folders.spelling(name)

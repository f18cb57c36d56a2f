"""The shelf of models: the built-in ones, and every version that was taught or imported on this machine.

`<home>/models/NAME/VERSION/` is a bundle. A version appears by one rename of a checked folder and never changes
afterwards. `<home>/models/active.json` names the active one and those before it.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine import paths
from engine.bulletin import Bulletin, ModelActivated, ShelfChanged
from engine.bundle_intake import clean_name, prove, sync, take_in
from engine.card import Card
from engine.durable import sweep, write_atomically
from engine.errors import FolderError, ModelBroken, ModelNotFound, ModelProtected, WhiskerError

DEFAULT = "cats-dogs"
REMEMBERED = 20  # models to roll back through
LONGEST_TITLE = 80


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


@dataclass(frozen=True)
class _State:
    """The content of active.json: references, the latest of `previous` last."""

    active: str
    previous: tuple[str, ...]
    damaged: str | None = None


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
        self._builtin = builtin
        self._bulletin = bulletin
        self._lock = threading.RLock()
        self._refused: dict[str, str] = {}
        self.problems: list[str] = []
        self.substitution: str | None = None

    def list(self) -> list[Entry]:
        """Every model, by name, newest version first; a damaged one is left out and named in `problems`."""
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
        answering, self.substitution = self._answering(entries)
        self.problems = [*problems, self.substitution] if self.substitution else problems
        return [replace(entry, active=entry is answering) for entry in entries]

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
        raise ModelNotFound(f"There is no model {reference}.", f"Models on the shelf: {known}.")

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
            state = self._state()
            if state.active != entry.reference:
                # One that stands in for a damaged model is not what was there before it.
                before = () if entry.active else (self.active.reference,)
                self._save(_State(entry.reference, (*state.previous, *before)[-REMEMBERED:]))
        self._bulletin.tell(ModelActivated(entry.name, entry.version))
        return replace(entry, active=True)

    def roll_back(self) -> Entry:
        """Go back to the model that was active before.

        Raises:
            ModelNotFound: there is none.
        """
        with self._lock:
            state = self._state()
            for position in reversed(range(len(state.previous))):
                reference = state.previous[position]
                try:
                    entry = self.find(reference)
                    prove(entry.folder)
                except WhiskerError:
                    continue
                self._refused.pop(entry.reference, None)
                self._save(_State(entry.reference, state.previous[:position]))
                break
            else:
                raise ModelNotFound("There is no earlier model to go back to.", "Choose one with `models use NAME`.")
        self._bulletin.tell(ModelActivated(entry.name, entry.version))
        return replace(entry, active=True)

    @property
    def earlier(self) -> str | None:
        """The reference that `roll_back` would try first, None when there is none on the shelf any more."""
        there = {entry.reference for entry in self.list()}
        return next((reference for reference in reversed(self._state().previous) if reference in there), None)

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
        folder = self._home.staging / f"{os.getpid()}-{uuid.uuid4().hex}"
        try:
            self._home.staging.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
        except OSError as error:
            raise FolderError(
                f"Whisker cannot write to {self._home.root} ({error.strerror}).", "Make room or free it for writing."
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
        card = Card.read(staged)
        parent = self._home.models / name
        with self._lock:
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
                        break
            except OSError as error:
                raise FolderError(
                    f"The model could not be stored in {parent} ({error.strerror}).", "Make room and try again."
                ) from error
        self._bulletin.tell(ShelfChanged())
        return self.find(f"{name}@{version}")

    def remove(self, reference: str) -> Removed:
        """Take a version off the shelf; `restore` puts it back. The active one gives way to the default.

        Raises:
            ModelProtected: it is built in.
        """
        with self._lock:
            entry = self.find(reference)
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
            if entry.active:
                self._save(_State(DEFAULT, self._state().previous))
        self._bulletin.tell(ShelfChanged())
        if entry.active:
            for now in self.list():
                if now.active:
                    self._bulletin.tell(ModelActivated(now.name, now.version))
        return Removed(entry.reference, entry.folder, trash, entry.active)

    def removed(self) -> Sequence[Removed]:
        """What can be restored, latest last."""
        trash = sorted(self._home.trash.glob("*@*@*"), key=lambda path: path.stat().st_mtime_ns)
        found = []
        for folder in trash:
            name, version, _ = folder.name.rsplit("@", 2)
            found.append(Removed(f"{name}@{version}", self._home.models / name / version, folder))
        return found

    def restore(self, removed: Removed) -> Entry:
        """Put a removed version back where it was; it answers again if it did when it was removed.

        Raises:
            ModelNotFound: it is in the trash no longer.
        """
        with self._lock:
            if not removed.trash.is_dir() or removed.folder.exists():
                raise ModelNotFound(f"{removed.reference} cannot be put back.", "It is no longer in the trash.")
            try:
                removed.folder.parent.mkdir(parents=True, exist_ok=True)
                removed.trash.rename(removed.folder)
            except OSError as error:
                raise FolderError(
                    f"{removed.reference} could not be put back ({error.strerror}).", "Make room and try again."
                ) from error
            again = removed.was_active and self._state().active == DEFAULT
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
            raise FolderError(f"{source} could not be copied ({error}).", "Make room and try again.") from error
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def _looked_up(self) -> tuple[Sequence[tuple[Path, bool]], Sequence[str]]:
        """Each version's folder and whether it is built in; and a sentence if one's own cannot be looked up."""
        found = [(path.parent, True) for path in sorted(self._builtin.glob("*/card.json"))]
        try:
            versions = sorted(self._home.models.glob("*/*"))
            return found + [(path, False) for path in versions if path.name.isdecimal() and path.is_dir()], []
        except OSError as error:
            return found, [f"Your own models in {self._home.models} cannot be read ({error.strerror})."]

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
            raise ModelProtected(f"{name} is a built-in model.", "Choose another name.")
        return name

    def _next_version(self, name: str) -> int:
        """A removed version's number is not given again: history and lineage speak of it."""
        there = [path.name for path in (self._home.models / name).iterdir()]
        removed = [path.name.split("@")[1] for path in self._home.trash.glob(f"{name}@*@*")]
        return 1 + max((int(number) for number in (*there, *removed) if number.isdecimal()), default=0)

    def _answering(self, entries: Sequence[Entry]) -> tuple[Entry | None, str | None]:
        """Which of them answers; and, when that is not the chosen one, a sentence that says so."""
        state = self._state()
        chosen = state.active
        if chosen == DEFAULT:
            # Nobody chose; the newest of that name does.
            chosen = next((entry.reference for entry in entries if entry.name == DEFAULT), DEFAULT)
        usable = {entry.reference: entry for entry in entries if entry.reference not in self._refused}
        name, _, number = chosen.partition("@")
        same = [entry for entry in usable.values() if entry.name == name]
        # The version before comes first; one that is newer was there and not chosen.
        same.sort(key=lambda entry: number.isdecimal() and entry.version > int(number))
        default = [entry for entry in usable.values() if entry.name == DEFAULT]
        in_turn = (chosen, *(entry.reference for entry in same), *reversed(state.previous))
        in_turn = (*in_turn, *(entry.reference for entry in (*default, *usable.values())))
        answering = next((usable[reference] for reference in in_turn if reference in usable), None)
        if answering is None or chosen in (answering.reference, DEFAULT):
            return answering, state.damaged if answering else None
        why = self._refused.get(chosen)
        if why is None:
            gone = "is damaged" if (self._home.models / name / number).exists() else "is no longer there"
            why = f"The chosen model {name}, version {number or '?'}, {gone}."
        return answering, f"{why} {answering.title}, version {answering.version}, answers in its place."

    def _state(self) -> _State:
        file = self._home.models / "active.json"
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
            return _State(str(state["active"]), tuple(str(name) for name in state["previous"]))
        except FileNotFoundError:
            return _State(DEFAULT, ())
        except (OSError, ValueError, KeyError, TypeError):
            lost = f"Which model was chosen cannot be read from {file}; the one that comes with Whisker answers."
            return _State(DEFAULT, (), damaged=f"{lost} Choose yours again under Models.")

    def _save(self, state: _State) -> None:
        file = self._home.models / "active.json"
        try:
            write_atomically(file, json.dumps({"active": state.active, "previous": state.previous}).encode())
        except OSError as error:
            raise FolderError(f"{file} could not be written ({error.strerror}).", "Make room and try again.") from error

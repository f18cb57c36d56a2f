"""Which model was chosen, as `<home>/models/active.json` keeps it, and who answers when the chosen one cannot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.durable import write_atomically
from engine.errors import FolderError, remedy
from engine.model_folders import Entry

DEFAULT = "cats-dogs"
REMEMBERED = 20  # models to roll back through


@dataclass(frozen=True)
class Choice:
    """The content of active.json.

    Attributes:
        active: The chosen model's NAME@VERSION; DEFAULT alone while nobody chose.
        previous: Those before it, the latest last.
        damaged: A sentence, when the file could not be read.
    """

    active: str
    previous: tuple[str, ...] = ()
    damaged: str | None = None

    @classmethod
    def read(cls, models: Path) -> Choice:
        """What is kept in this folder of models; the default where nothing is, or nothing that can be read."""
        file = models / "active.json"
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
            return cls(str(state["active"]), tuple(str(name) for name in state["previous"]))
        except FileNotFoundError:
            return cls(DEFAULT)
        except (OSError, ValueError, KeyError, TypeError):
            lost = f"Which model was chosen cannot be read from {file}; the one that comes with Whisker answers."
            return cls(DEFAULT, damaged=f"{lost} Choose yours again under Models.")

    def save(self, models: Path) -> None:
        """Keep it, whole or not at all.

        Raises:
            FolderError: the disk refused.
        """
        file, previous = models / "active.json", self.previous[-REMEMBERED:]
        try:
            write_atomically(file, json.dumps({"active": self.active, "previous": previous}).encode())
        except OSError as error:
            raise FolderError(f"{file} could not be written ({error.strerror}).", remedy(error)) from error


def answering(
    choice: Choice, entries: Sequence[Entry], refused: Mapping[str, str], models: Path
) -> tuple[Entry | None, str | None]:
    """Which of the entries answers; and, when that is not the chosen one, a sentence that says so.

    Args:
        entries: By name, newest version first.
        refused: Why a reference among them may not answer, as a sentence.
        models: The folder of the person's own models.
    """
    chosen = choice.active
    if chosen == DEFAULT:
        # Nobody chose; the newest of that name does.
        chosen = next((entry.reference for entry in entries if entry.name == DEFAULT), DEFAULT)
    usable = {entry.reference: entry for entry in entries if entry.reference not in refused}
    name, _, number = chosen.partition("@")
    same = [entry for entry in usable.values() if entry.name == name]
    # The version before comes first; one that is newer was there and not chosen.
    same.sort(key=lambda entry: number.isdecimal() and entry.version > int(number))
    default = [entry for entry in usable.values() if entry.name == DEFAULT]
    in_turn = (chosen, *(entry.reference for entry in same), *reversed(choice.previous))
    in_turn = (*in_turn, *(entry.reference for entry in (*default, *usable.values())))
    found = next((usable[reference] for reference in in_turn if reference in usable), None)
    if found is None or chosen in (found.reference, DEFAULT):
        return found, choice.damaged if found else None
    why = refused.get(chosen)
    if why is None:
        gone = "is damaged" if (models / name / number).exists() else "is no longer there"
        why = f"The chosen model {name}, version {number or '?'}, {gone}."
    return found, f"{why} {found.title}, version {found.version}, answers in its place."

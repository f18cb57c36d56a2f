"""What a person has chosen: one file, checked against its schema, that outlives the program."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from engine.bulletin import Bulletin, SettingChanged
from engine.durable import set_aside, write_atomically
from engine.errors import SettingsError
from engine.settings_schema import SCHEMA, Value, setting


class Settings:
    """The settings of one home; safe to use from many threads, and beside another Whisker on the same home.

    Keys that this version does not know are kept, so that an older Whisker does not undo a newer one's.

    Args:
        path: The JSON file; it need not be there.
        bulletin: Is told of each setting that changes.

    Attributes:
        problems: Sentences about what could not be read, for a face to show.
    """

    def __init__(self, path: Path, bulletin: Bulletin) -> None:
        self.problems: list[str] = []
        self._path = path
        self._bulletin = bulletin
        self._lock = threading.Lock()
        self._stored = self._read()

    def __getitem__(self, key: str) -> Value:
        return self.get(key)

    def get(self, key: str) -> Value:
        """The value of `key`; its default until one was set.

        Raises:
            SettingsError: there is no such setting.
        """
        default = setting(key).default
        with self._lock:
            value = self._stored.get(key, default)
        return value if isinstance(value, bool | int | float | str) else default

    def set(self, key: str, value: Value) -> None:
        """Keep `value` for `key`, on the disk when this returns.

        Raises:
            SettingsError: no such setting, a value it cannot have, or a disk that cannot be written.
        """
        self._change(key, setting(key).check(value))

    def reset(self, key: str) -> None:
        """Go back to the default.

        Raises:
            SettingsError: no such setting, or a disk that cannot be written.
        """
        setting(key)
        self._change(key, None)

    def _change(self, key: str, value: Value | None) -> None:
        with self._lock:
            before = self._stored
            # Read again, so that what another Whisker on this home has set meanwhile is not undone.
            after = self._read()
            if value is None:
                after.pop(key, None)
            else:
                after[key] = value
            try:
                text = json.dumps(after, indent=2, ensure_ascii=False)
                # The server's token stands in it.
                write_atomically(self._path, (text + "\n").encode("utf-8", "surrogatepass"), private=True)
            except OSError as error:
                raise SettingsError(
                    f"The settings could not be saved in {self._path} ({error.strerror}).",
                    "Check the free space and the folder's permissions.",
                ) from error
            self._stored = after
            changed = [
                name
                for name, described in SCHEMA.items()
                if before.get(name, described.default) != after.get(name, described.default)
            ]
        # Outside the lock: whoever hears of it reads the settings again.
        for name in changed:
            self._bulletin.tell(SettingChanged(name))

    def _read(self) -> dict[str, object]:
        try:
            stored = json.loads(self._path.read_bytes().decode("utf-8", "surrogatepass"))
            if not isinstance(stored, dict):
                raise ValueError("not an object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            self._start_again()
            return {}
        for key, described in SCHEMA.items():
            if key not in stored:
                continue
            try:
                stored[key] = described.check(stored[key])
            except SettingsError as error:
                self._say(f"{error.message} The default is used.")
                del stored[key]
        return stored

    def _start_again(self) -> None:
        try:
            aside = set_aside(self._path)
        except OSError as error:
            self._say(f"The settings in {self._path} cannot be read ({error.strerror}); the defaults are used.")
        else:
            self._say(f"The settings were damaged and are the defaults again; the old file is kept as {aside}.")

    def _say(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

"""What a person may choose: described once, so that validation, form and documentation come from one place."""

from __future__ import annotations

import difflib
import json
import math
import threading
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.bulletin import Bulletin, SettingChanged
from engine.durable import set_aside, write_atomically
from engine.errors import SettingsError

Value = bool | int | float | str

GROUPS = ("Window", "Answers", "History", "Server")
"""The headings of a form, in this order."""


class Kind(Enum):
    """What a setting holds, and so what a form shows for it."""

    CHOICE = "choice"
    SWITCH = "switch"
    INTEGER = "integer"
    FRACTION = "fraction"
    TEXT = "text"


@dataclass(frozen=True)
class Setting:
    """One thing that can be chosen.

    Attributes:
        title: A few words, as a form's label.
        description: One sentence.
        group: Under which heading a form shows it: one of GROUPS.
        choices: The values of a CHOICE; empty for other kinds.
        words: What a form calls the choices, in their order; empty when they speak for themselves.
        unit: What an INTEGER counts, for a form: "days".
        minimum, maximum: The inclusive range of an INTEGER or FRACTION.
        loses: What a smaller number loses for good, as a sentence, so that a form asks first; 0 sets no limit there.
        hidden: The program's own note, which no form shows.
    """

    key: str
    title: str
    description: str
    kind: Kind
    default: Value
    group: str = ""
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unit: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    loses: str = ""
    hidden: bool = False

    def check(self, value: object) -> Value:
        """`value` as this setting holds it.

        Raises:
            SettingsError: it is of the wrong kind or out of range.
        """
        # bool is an int to Python, never to a person.
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind is Kind.SWITCH and isinstance(value, bool):
            return value
        if self.kind is Kind.TEXT and isinstance(value, str):
            return value
        if self.kind is Kind.CHOICE and isinstance(value, str) and value in self.choices:
            return value
        if number and isinstance(value, int | float) and self.minimum <= value <= self.maximum:
            if self.kind is Kind.FRACTION:
                return float(value)
            if self.kind is Kind.INTEGER and value == int(value):
                return int(value)
        raise SettingsError(f"{self.title} cannot be {value!r}.", self.allowed)

    @property
    def allowed(self) -> str:
        """One sentence that says which values are."""
        if self.kind is Kind.SWITCH:
            return "It is either on (true) or off (false)."
        if self.kind is Kind.TEXT:
            return "It is a text."
        if self.kind is Kind.CHOICE:
            return f"Choose one of {', '.join(self.choices)}."
        whole = "a whole number" if self.kind is Kind.INTEGER else "a number"
        return f"Choose {whole} from {self.minimum:g} to {self.maximum:g}."


_ALL = (
    Setting(
        "appearance",
        "Appearance",
        "Whether the window is light or dark, or follows the system.",
        Kind.CHOICE,
        "system",
        "Window",
        choices=("system", "light", "dark"),
        words=("Same as the system", "Light", "Dark"),
    ),
    Setting(
        "sure_above",
        "Sure from",
        "An answer counts as sure when the probability of its class is at least this.",
        Kind.FRACTION,
        0.8,
        "Answers",
        minimum=0.5,
        maximum=0.99,
    ),
    Setting(
        "show_heat_map",
        "Show the heat map",
        "Whether each new picture is shown with the regions that decided its answer.",
        Kind.SWITCH,
        False,
        "Answers",
    ),
    Setting(
        "threads",
        "Processor cores to use",
        "How many processor cores answering may use; 0 uses all of them.",
        Kind.INTEGER,
        0,
        "Answers",
        minimum=0,
        maximum=64,
    ),
    Setting(
        "history_days",
        "Keep the history for",
        "After this many days predictions are forgotten; 0 keeps them for ever, and corrections always stay.",
        Kind.INTEGER,
        365,
        "History",
        unit="days",
        loses="Answers older than that are forgotten at once, for good; corrected ones stay.",
        minimum=0,
        maximum=3650,
    ),
    Setting(
        "history_megabytes",
        "Keep the history under",
        "Beyond this size the oldest predictions are forgotten, about 2,000 to a megabyte; 0 sets no limit, and "
        "corrections always stay.",
        Kind.INTEGER,
        1_000,
        "History",
        unit="MB",
        loses="The oldest answers beyond that are forgotten at once, for good; corrected ones stay.",
        minimum=0,
        maximum=100_000,
    ),
    Setting(
        "server_port",
        "Port of the server",
        "The number behind the colon of the server's address.",
        Kind.INTEGER,
        5000,
        "Server",
        minimum=1,
        maximum=65535,
    ),
    Setting(
        "server_reach",
        "Who may reach the server",
        "Programs on this computer only, or other machines in the network too, if they bring the token.",
        Kind.CHOICE,
        "computer",
        "Server",
        choices=("computer", "network"),
        words=("This computer only", "My network"),
    ),
    Setting(
        "server_token",
        "Token of the server",
        "What other machines must bring with each request.",
        Kind.TEXT,
        "",
        hidden=True,
    ),
    Setting(
        "server_with_app",
        "Start the server with the app",
        "Whether the server is switched on whenever the window opens.",
        Kind.SWITCH,
        False,
        "Server",
    ),
    Setting(
        "retrain_by_itself",
        "Retrain by itself",
        "Whether Whisker trains anew by itself when enough labelled pictures were sent to its server; the result is "
        "only used if it is better.",
        Kind.SWITCH,
        False,
        "Server",
    ),
    Setting(
        "retrain_after",
        "Pictures before it retrains",
        "How many new labelled pictures must have been sent before it trains by itself.",
        Kind.INTEGER,
        50,
        "Server",
        minimum=4,
        maximum=100_000,
    ),
    Setting(
        "tour",
        "Tour",
        "Whether the three cards of the first start are due or were seen.",
        Kind.CHOICE,
        "unknown",
        choices=("unknown", "due", "seen"),
        hidden=True,
    ),
    Setting(
        "window_geometry",
        "Window position",
        "Where the window was when it was last closed.",
        Kind.TEXT,
        "",
        hidden=True,
    ),
    Setting(
        "many_split",
        "Width of the photo beside the grid",
        "Its share of the width, while many photos are shown.",
        Kind.FRACTION,
        0.42,
        minimum=0.1,
        maximum=0.9,
        hidden=True,
    ),
)
SCHEMA: dict[str, Setting] = {setting.key: setting for setting in _ALL}


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
        default = _setting(key).default
        with self._lock:
            value = self._stored.get(key, default)
        return value if isinstance(value, bool | int | float | str) else default

    def set(self, key: str, value: Value) -> None:
        """Keep `value` for `key`, on the disk when this returns.

        Raises:
            SettingsError: no such setting, a value it cannot have, or a disk that cannot be written.
        """
        self._change(key, _setting(key).check(value))

    def reset(self, key: str) -> None:
        """Go back to the default.

        Raises:
            SettingsError: no such setting, or a disk that cannot be written.
        """
        _setting(key)
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
                for name, setting in SCHEMA.items()
                if before.get(name, setting.default) != after.get(name, setting.default)
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
        for key, setting in SCHEMA.items():
            if key not in stored:
                continue
            try:
                stored[key] = setting.check(stored[key])
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


def _setting(key: str) -> Setting:
    if key in SCHEMA:
        return SCHEMA[key]
    near = difflib.get_close_matches(key, SCHEMA, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(SCHEMA))}."
    raise SettingsError(f"There is no setting {key}.", hint)

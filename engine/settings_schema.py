"""What a person may choose: described once, so that validation, form and documentation come from one place.

Whole although it is long: it is one list, in the order of a form.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from enum import Enum

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
        "Whether each new photo is shown with the regions that decided its answer.",
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
        "After this many days answers are forgotten; 0 keeps them for ever. Corrected ones always stay.",
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
        "Beyond this size the oldest answers are forgotten, about 2,000 to a megabyte; 0 sets no limit. "
        "Corrected ones always stay.",
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
        "Whether Whisker trains anew by itself when enough labelled photos were sent to its server; the result is "
        "only used if it is better.",
        Kind.SWITCH,
        False,
        "Server",
    ),
    Setting(
        "retrain_after",
        "Photos before it retrains",
        "How many new labelled photos must have been sent before it trains by itself.",
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


def setting(key: str) -> Setting:
    """How `key` is described.

    Raises:
        SettingsError: there is no such setting; it says which is nearest.
    """
    if key in SCHEMA:
        return SCHEMA[key]
    near = difflib.get_close_matches(key, SCHEMA, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(SCHEMA))}."
    raise SettingsError(f"There is no setting {key}.", hint)

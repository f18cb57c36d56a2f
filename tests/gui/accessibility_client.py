"""An outside accessibility client: sees the window as a screen reader does, and presses what has a name.

    dbus-run-session -- python3 accessibility_client.py PYTHON CHECKOUT FOLDER... -- PHOTO CLASS

Starts the window with PYTHON from CHECKOUT, drops the FOLDERs on it as a file manager would, walks the Teach wizard to
a model in use, drops PHOTO on Predict, and wants CLASS for an answer. Prints what it does; exits with 1 and a sentence
where something is not to be found. Run by the system's Python, which has pyatspi; knows nothing of Whisker's code.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyatspi
from gi.repository import GLib

LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
TRAINING_S = 400
PRESSABLE = frozenset({"push button", "check box", "radio button", "toggle button", "page tab"})
ASKS_FOR_A_NAME = PRESSABLE | {"text", "combo box", "spin button", "slider", "list", "list item", "table", "tree"}


class NotThere(Exception):
    """Something that should be in the window is not."""


class Reader:
    """What a screen reader knows of a program.

    Args:
        name: What the program calls itself.
    """

    def __init__(self, name: str) -> None:
        self.root: Any = None
        wait(f"the program {name}", lambda: self._find(name))
        # Without a main loop nobody tells the cache what has changed.
        self.root.set_cache_mask(pyatspi.Atspi.Cache.NONE)

    def _find(self, name: str) -> bool:
        programs = [each for each in pyatspi.Registry.getDesktop(0) if each is not None]
        self.root = next((each for each in programs if each.name == name), None)
        return self.root is not None

    def showing(self, node: Any = None) -> Iterator[Any]:
        """What can be seen, from the top."""
        for child in node if node is not None else self.root:
            # Qt keeps an invisible filler in each window; what is in a hidden page is hidden as well.
            if child is not None and child.getState().contains(pyatspi.STATE_SHOWING):
                yield child
                yield from self.showing(child)

    def seek(self, fits: Callable[[str], bool], roles: frozenset[str] | None = None) -> Any:
        """The first thing in sight of one of these roles, whose name fits; None if there is none."""
        for node in self.showing():
            if (roles is None or node.getRoleName() in roles) and fits(node.name):
                return node
        return None

    def press(self, name: str, seconds: float = 30) -> None:
        """Wait until a button whose name begins so can be pressed, and press it."""

        def there() -> Any:
            node = self.seek(lambda said: said.startswith(name), PRESSABLE)
            return node if node is not None and node.getState().contains(pyatspi.STATE_SENSITIVE) else None

        button = wait(f"a button “{name}”", there, seconds)
        action = button.queryAction()
        names = [action.getName(at) for at in range(action.nActions)]
        print(f"press {button.getRoleName()} “{button.name}”", flush=True)
        # Qt offers radio buttons no "Press".
        action.doAction(names.index("Press" if "Press" in names else "Toggle"))

    def read(self, part: str, seconds: float = 30) -> str:
        """Wait for a label with these words."""
        label = frozenset({"label"})
        return str(wait(f"the words “{part}”", lambda: self.seek(lambda said: part in said, label), seconds).name)

    def nameless(self) -> list[str]:
        """Things in sight that a person could use, and that have no name."""
        return [
            f"{node.getRoleName()} in “{node.parent.name}”"
            for node in self.showing()
            if node.getRoleName() in ASKS_FOR_A_NAME and not node.name
        ]


def wait(what: str, fact: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = fact()
        except (GLib.Error, LookupError):
            # What was looked at is gone by now.
            found = None
        if found:
            return found
        time.sleep(0.2)
    raise NotThere(f"{what} did not come within {seconds:g} s")


def walk(reader: Reader, drop: Callable[[list[str]], None], folders: list[str], photo: str, label: str) -> None:
    """From dropped folders to a model in use and its answer."""
    for page in ("Predict", "Review", "Models", "Teach"):
        reader.press(page)
        wait(f"the page {page}", lambda page=page: reader.seek(lambda said: said == page, frozenset({"filler"})))
        if nameless := reader.nameless():
            raise NotThere(f"On {page} these have no name: {', '.join(nameless)}")
    reader.read("Drop a folder for each class")
    drop(folders)
    items = frozenset({"list item"})
    for folder in folders:
        name = Path(folder).name
        wait(f"the class {name}", lambda name=name: reader.seek(lambda said: said.startswith(f"{name}, "), items))
    for button in ("Next", "Quick", "Start training"):
        reader.press(button, 120)
        if nameless := reader.nameless():
            raise NotThere(f"After {button} these have no name: {', '.join(nameless)}")
    print(reader.read("right on photos it never saw", TRAINING_S), flush=True)
    if nameless := reader.nameless():
        raise NotThere(f"Among the results these have no name: {', '.join(nameless)}")
    reader.press("Use it")
    model = Path(folders[0]).parent.name
    used = f"Model: {model} v"
    wait(f"{used} in the status bar", lambda: reader.seek(lambda said: said.startswith(used), PRESSABLE))
    reader.press("Predict")
    # A press is answered before it is acted on; the page in front takes what is dropped.
    wait("the page Predict", lambda: reader.seek(lambda said: said == "Predict", frozenset({"filler"})))
    drop([photo])
    answer = frozenset({"label"})
    wait(f"the answer {label}", lambda: reader.seek(lambda said: said.casefold() == label.casefold(), answer))
    print(f"the answer is {label}", flush=True)


def main() -> int:
    arguments = sys.argv[1:]
    at = arguments.index("--")
    python, checkout, *folders = arguments[:at]
    photo, label = arguments[at + 1 :]
    source = Path(__file__).with_name("xdnd_source.py")

    def drop(paths: list[str]) -> None:
        said = subprocess.run([python, source, "Whisker", *paths], capture_output=True, text=True, timeout=60)
        if said.stdout.strip() != "accepted":
            raise NotThere(f"The window did not take the drop: {said.stdout}{said.stderr}")
        print(f"drop {', '.join(Path(path).name for path in paths)}", flush=True)

    bus = subprocess.Popen([LAUNCHER, "--launch-immediately"])
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    window = subprocess.Popen([python, "main.py"], cwd=checkout, env=environment)
    try:
        walk(Reader("Whisker"), drop, folders, photo, label)
        window.terminate()
        status = window.wait(30)
        print(f"the window ended with {status}", flush=True)
        return 0 if status == 0 else 1
    except NotThere as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for process in (window, bus):
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    raise SystemExit(main())

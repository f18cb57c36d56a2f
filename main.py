"""Whisker's front door: the window, or a command in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.whisker import Whisker
    from gui.single_instance.front_door import FrontDoor
    from server.local_server import LocalServer

INTERRUPTED = 130
"""The exit code a shell gives to a program that Ctrl-C stopped."""
ADVICE = (
    "Run `make setup` (README.md has the lines for Windows and macOS), then start it with .venv/bin/python main.py."
)


def main() -> int:
    """Run what the command line asks for.

    Returns:
        0 all well, 1 something asked for failed, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    if getattr(sys, "frozen", False):
        # A packaged program starts its children by starting itself: those turn off here, before anything else.
        # From source this does nothing, and importing it would cost the window 12 ms.
        from multiprocessing import freeze_support

        freeze_support()
    _mend_streams()
    if not sys.version_info[:2] >= (3, 11):
        return _refuse(f"Whisker needs Python 3.11 to 3.13; this is {sys.version.split()[0]}. {ADVICE}")
    try:
        return _start(sys.argv[1:])
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("engine", "gui", "cli", "server"):
            raise
        return _refuse(f"Whisker's libraries are missing from this Python ({error.name}). {ADVICE}")
    except KeyboardInterrupt:
        return INTERRUPTED


def _start(arguments: Sequence[str]) -> int:
    from cli import COMMANDS

    if not arguments:
        return _window([])
    first = arguments[0]
    # A command wins over a folder of the same name; ./models is the folder.
    if first not in COMMANDS and not first.startswith("-") and os.path.lexists(first):
        return _window([Path(argument) for argument in arguments])
    return _terminal(arguments)


def _terminal(arguments: Sequence[str]) -> int:
    from cli.app import run

    return run(arguments, _open_whisker, make_server=_make_server)


def _window(drop: list[Path]) -> int:
    if not _has_display():
        from engine.paths import samples

        what = "for what you named" if drop else "for the sample photos"
        print(f"There is no display here, so Whisker answers in the terminal, {what}.\n", file=sys.stderr)
        return _terminal(["predict", "--", *map(str, drop or [samples()])])
    from engine.errors import WhiskerError
    from engine.paths import Home, default_home
    from gui.last_words import catch_before_the_window, say
    from gui.single_instance.front_door import FrontDoor

    catch_before_the_window(Home(default_home()).logs)
    door = FrontDoor(default_home())
    try:
        # Before the window's libraries are imported: who only hands over files need not wait for them.
        return _first_window(drop, door) if door.enter(drop) else 0
    except WhiskerError as error:
        say(str(error))
        return 1
    finally:
        door.close()


def _first_window(drop: list[Path], door: FrontDoor) -> int:
    try:
        from gui.app import run as run_window
    except ModuleNotFoundError:
        raise
    except ImportError as error:
        # PySide6 is there, but a system library under it is not: there can be no box either.
        return _refuse(
            f"The window cannot open: {error}. `make setup` installs what is missing, or says what to install."
        )
    whisker = _open_whisker()
    try:
        return run_window(whisker, drop, door, _make_server_of_window)
    finally:
        whisker.close()


def _open_whisker() -> Whisker:
    from engine.paths import Home, default_home
    from engine.whisker import Whisker

    return Whisker(Home(default_home()))


def _make_server_of_window(whisker: Whisker) -> LocalServer:
    return _make_server(whisker, behind_window=True)


def _make_server(whisker: Whisker, behind_window: bool = False) -> LocalServer:
    try:
        from server.local_server import LocalServer
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("engine", "server"):
            raise
        from engine.errors import ServerError

        raise ServerError(f"The server's libraries are missing from this Python ({error.name}).", ADVICE) from error
    return LocalServer(whisker, behind_window=behind_window)


def _has_display() -> bool:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    display = os.environ.get("DISPLAY", "")
    return bool(display) and _x_answers(display)


def _x_answers(display: str) -> bool:
    """Whether an X server listens at a `DISPLAY` of this machine: Qt would abort the process where none does."""
    number = display.removeprefix("unix").removeprefix(":").partition(".")[0]
    if not number.isdigit():
        return True  # Another machine's; Qt may try.
    import socket

    path = f"/tmp/.X11-unix/X{number}"
    for address in (f"\0{path}", path):
        with socket.socket(socket.AF_UNIX) as connection:
            if connection.connect_ex(address) == 0:
                return True
    return False


def _mend_streams() -> None:
    """Make printing safe everywhere.

    A windowed program on Windows has no streams at all; a terminal may know fewer letters than a file name has, and a
    name on disk may be no text in any encoding.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - lives as long as we do
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pytestqt.qtbot import QtBot

from gui.single_instance import front_door, pipe_line, unix_line
from gui.single_instance.front_door import AlreadyOpen, FrontDoor

CHECKOUT = Path(__file__).resolve().parents[3]
Taken = list[tuple[list[Path], str]]


@pytest.fixture(params=[unix_line, pipe_line], ids=["socket", "pipe"])
def line(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Both ways of talking; the pipe is what Windows has, and works here too."""
    kind: ModuleType = request.param
    monkeypatch.setattr(front_door, "_line", lambda: kind)
    return kind


@pytest.fixture
def taken() -> Taken:
    return []


@pytest.fixture
def first(home: Path, line: ModuleType, taken: Taken, qapp: object) -> Iterator[FrontDoor]:
    """The first Whisker of this home, its door open."""
    door = FrontDoor(home)
    assert door.enter([])
    door.open(lambda files, token: taken.append((files, token)))
    yield door
    door.close()


class Second:
    """Another Whisker, started on `home` with `files`: a process of its own."""

    def __init__(self, home: Path, files: list[Path], line: ModuleType | None = None) -> None:
        names = [os.fsencode(file) for file in files]
        script = (
            "import os, sys\nfrom pathlib import Path\nfrom gui.single_instance import front_door\n"
            f"import {(line or unix_line).__name__} as line\n"
            "front_door._line = lambda: line\n"
            "files = [Path(os.fsdecode(name)) for name in eval(sys.stdin.read())]\n"
            f"print('came', flush=True)\nsys.exit(front_door.FrontDoor(Path({str(home)!r})).enter(files))\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin is not None
        self.process.stdin.write(repr(names))
        self.process.stdin.close()

    def wait_until_it_came(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "came\n"

    @property
    def outcome(self) -> bool | None:
        """Whether it is the first one; None while it waits."""
        ended = self.process.poll()
        if ended is None:
            return None
        assert self.process.stdout is not None
        self.process.stdout.close()
        return bool(ended)


def _program(home: Path, text: str) -> subprocess.Popen[str]:
    """A process in which `door` is the entrance of `home`, entered; it says "in" and does `text`."""
    script = (
        "from pathlib import Path\nimport sys, time\nfrom gui.single_instance.front_door import FrontDoor\n"
        f"door = FrontDoor(Path({str(home)!r}))\nprint('in' if door.enter([]) else 'out', flush=True)\n{text}\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


OPEN = (
    "from PySide6.QtCore import QCoreApplication\napp = QCoreApplication([])\n"
    "door.open(lambda *_: None)\nprint('open', flush=True)\napp.exec()"
)


def test_that_the_second_hands_its_files_to_the_first_and_leaves(
    first: FrontDoor, home: Path, taken: Taken, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, line: ModuleType
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "a word of the desktop")
    odd = Path(os.fsdecode(b"/photos/\xff \xe2\x9c\x93\n.jpg"))
    second = Second(home, [Path("cat.jpg"), odd], line)
    qtbot.waitUntil(lambda: bool(taken) and second.outcome is False)
    assert taken == [([CHECKOUT / "cat.jpg", odd], "a word of the desktop")]


def test_that_many_that_come_at_once_are_all_heard(
    first: FrontDoor, home: Path, taken: Taken, qtbot: QtBot, line: ModuleType
) -> None:
    seconds = [Second(home, [Path(f"/photos/{number}.jpg")], line) for number in range(6)]
    qtbot.waitUntil(lambda: all(second.outcome is False for second in seconds) and len(taken) == 6, timeout=30_000)
    assert {str(files[0]) for files, _ in taken} == {f"/photos/{number}.jpg" for number in range(6)}


def test_that_ten_thousand_files_are_handed_over_whole(
    first: FrontDoor, home: Path, taken: Taken, qtbot: QtBot, line: ModuleType
) -> None:
    files = [Path(f"/photos/{'of the summer ' * 8}/{number}.jpg") for number in range(10_000)]
    second = Second(home, files, line)
    qtbot.waitUntil(lambda: bool(taken) and second.outcome is False, timeout=20_000)
    assert taken[0][0] == files


def test_that_other_homes_do_not_meet(first: FrontDoor, home: Path, tmp_path: Path) -> None:
    other = FrontDoor(tmp_path / "somebody else's home")
    try:
        assert other.enter([])
    finally:
        other.close()


def test_that_the_next_one_is_first_when_the_first_has_closed(first: FrontDoor, home: Path) -> None:
    first.close()
    again = FrontDoor(home)
    assert again.enter([])
    again.close()


def test_that_who_comes_while_the_first_closes_waits_and_is_first_then(
    first: FrontDoor, home: Path, qtbot: QtBot, taken: Taken, line: ModuleType
) -> None:
    first.shut()
    second = Second(home, [Path("/a.jpg")], line)
    second.wait_until_it_came()
    assert second.outcome is None
    first.close()
    qtbot.waitUntil(lambda: second.outcome is True)
    assert taken == []


def test_that_who_comes_while_the_first_still_starts_is_heard_once_it_is_open(
    home: Path, line: ModuleType, taken: Taken, qtbot: QtBot
) -> None:
    door = FrontDoor(home)
    assert door.enter([])
    second = Second(home, [Path("/a.jpg")], line)
    second.wait_until_it_came()
    door.open(lambda files, token: taken.append((files, token)))
    qtbot.waitUntil(lambda: bool(taken) and second.outcome is False)
    door.close()


def test_that_one_that_was_killed_leaves_no_lock_and_its_socket_is_taken_over(
    home: Path, line: ModuleType, taken: Taken, qtbot: QtBot
) -> None:
    with _program(home, OPEN) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        process.kill()
    door = FrontDoor(home)
    assert door.enter([])
    door.open(lambda files, token: taken.append((files, token)))
    second = Second(home, [Path("/a.jpg")], line)
    qtbot.waitUntil(lambda: bool(taken) and second.outcome is False)
    door.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process")
def test_that_one_that_hangs_is_said_in_a_sentence_that_names_it(home: Path, line: ModuleType) -> None:
    with _program(home, OPEN) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(AlreadyOpen, match=rf"process {process.pid}\), but it does not answer. Wait a moment"):
            FrontDoor(home).enter([Path("/a.jpg")], 0.5)
        assert time.monotonic() - began < 5
        process.send_signal(signal.SIGCONT)
        process.kill()


def test_that_one_killed_while_another_waits_makes_that_one_the_first(
    home: Path, line: ModuleType, qtbot: QtBot
) -> None:
    with _program(home, "time.sleep(60)") as process:
        second = Second(home, [], line)
        second.wait_until_it_came()
        process.kill()
        qtbot.waitUntil(lambda: second.outcome is True)


@pytest.mark.parametrize(
    "said", [b"", b"{}", b"[1]", b"null", b'{"files": ["/a.jpg", 3], "token": ""}', b"[" * 100_000, b"\xff\xfe"]
)
def test_that_what_is_no_message_of_ours_is_not_answered_and_does_no_harm(
    first: FrontDoor, home: Path, taken: Taken, qtbot: QtBot, line: ModuleType, said: bytes
) -> None:
    address = first._addresses(line)[0]
    script = (
        f"import sys, time\nfrom {line.__name__} import ask\n"
        f"sys.exit(ask({address!r}, sys.stdin.buffer.read(), time.monotonic() + 20) != b'')"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, stdin=subprocess.PIPE) as other:
        assert other.stdin is not None
        other.stdin.write(said)
        other.stdin.close()
        qtbot.waitUntil(lambda: other.poll() == 0, timeout=10_000)
    assert taken == []
    second = Second(home, [Path("/a.jpg")], line)
    qtbot.waitUntil(lambda: bool(taken) and second.outcome is False)


def test_that_the_socket_is_for_its_own_user_alone(home: Path, qapp: object) -> None:
    door = FrontDoor(home)
    assert door.enter([])
    door.open(lambda *_: None)
    assert stat.S_IMODE((home / "window.socket").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "window.lock").stat().st_mode) == 0o600
    door.close()
    assert not (home / "window.socket").exists()


def test_that_a_home_too_deep_for_a_socket_works_all_the_same(
    tmp_path: Path, taken: Taken, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    deep = tmp_path / ("mit Umlauten äöü " * 4) / ("and spaces " * 8)
    door = FrontDoor(deep)
    assert door.enter([])
    door.open(lambda files, token: taken.append((files, token)))
    second = Second(deep, [Path("/a.jpg")])
    qtbot.waitUntil(lambda: bool(taken) and second.outcome is False)
    door.close()


def test_that_a_folder_of_somebody_else_is_not_trusted_with_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / f"whisker-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    assert unix_line.addresses(tmp_path, "name") == [str(tmp_path / "window.socket")]
    folder.chmod(0o700)
    assert unix_line.addresses(tmp_path, "name")[1:] == [str(folder / "name")]


def test_that_a_home_that_cannot_be_written_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in its place")
    door = FrontDoor(tmp_path / "home")
    assert door.enter([])
    door.open(lambda *_: None)
    door.close()


def test_that_the_door_costs_the_start_no_library(home: Path) -> None:
    """All but the lock waits until the window has been painted."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom gui.single_instance.front_door import FrontDoor\n"
        f"FrontDoor(Path({str(home)!r})).enter([])\n"
        "print([name for name in ('PySide6', 'filelock', 'asyncio', 'hashlib', 'socket') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr

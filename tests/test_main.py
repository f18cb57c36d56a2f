"""The program as it is really started: a process of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import main
from cli import COMMANDS
from cli.app import whisker
from tests.bundles import RED, make_bundle, solid

MAIN = Path(main.__file__)
Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(home: Path, tmp_path: Path) -> dict[str, str]:
    """The variables of a terminal without a display, whose model is a tiny one."""
    model = make_bundle(tmp_path / "model" / "cats-dogs")
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "WHISKER_HOME": str(home), "MODEL_PATH": str(model), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


@pytest.fixture
def program(environment: dict[str, str], tmp_path: Path) -> Program:
    """program("predict", "a.png", LC_ALL="C") starts main.py in an empty folder and waits for its end."""

    def start(*arguments: str | bytes | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [sys.executable, MAIN, *arguments],
            env={**environment, **variables},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=120,
        )
        assert "Traceback" not in ran.stderr
        return ran

    return start


def test_that_the_version_and_the_help_need_no_home(program: Program, home: Path) -> None:
    assert program("--version").stdout.startswith("Whisker 0.")
    assert "predict" in program("--help").stdout
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_that_every_command_has_help(program: Program, command: str) -> None:
    ran = program(command, "--help")
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"Usage: whisker {command}")


def test_that_the_names_known_without_importing_are_the_commands() -> None:
    assert frozenset(whisker.commands) == COMMANDS


def test_that_a_word_that_is_nothing_is_answered_with_the_nearest_command(program: Program) -> None:
    ran = program("predcit")
    assert ran.returncode == 2
    assert "Did you mean predict?" in ran.stderr


def test_that_a_picture_is_answered(program: Program, tmp_path: Path) -> None:
    solid(tmp_path / "red.png", RED)
    ran = program("predict", "red.png")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "red.png: cat (100 %)\n", "")


def test_that_without_a_display_the_samples_are_answered_in_the_terminal(program: Program) -> None:
    ran = program()
    assert ran.stderr.startswith("There is no display here")
    assert "samples" in ran.stdout + ran.stderr
    assert ran.returncode == 0


def test_that_without_a_display_dropped_files_are_answered_in_the_terminal(program: Program, tmp_path: Path) -> None:
    solid(tmp_path / "photos" / "red.png", RED)
    ran = program("photos")
    assert ran.stdout == f"{Path('photos', 'red.png')}: cat (100 %)\n"
    assert ran.stderr.startswith("There is no display here")


def test_that_a_display_that_does_not_answer_counts_as_none(program: Program, tmp_path: Path) -> None:
    solid(tmp_path / "red.png", RED)
    ran = program("red.png", DISPLAY=":4711")
    assert (ran.returncode, ran.stdout) == (0, "red.png: cat (100 %)\n")
    assert ran.stderr.startswith("There is no display here")


@pytest.mark.xvfb
def test_that_a_display_that_answers_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert main._has_display()


def test_that_a_command_wins_over_a_folder_of_its_name(program: Program, tmp_path: Path) -> None:
    solid(tmp_path / "models" / "red.png", RED)
    assert "cats-dogs" in program("models").stdout
    assert "red.png: cat" in program("./models").stdout


@pytest.mark.parametrize("arguments", [["photo.png"], []])
def test_that_files_and_folders_open_the_window(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solid(tmp_path / "photo.png", RED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(sys, "argv", ["main.py", *arguments])
    dropped: list[list[Path]] = []

    def run(_whisker: object, drop: list[Path], *_more: object) -> int:
        dropped.append(drop)
        return 0

    monkeypatch.setattr("gui.app.run", run)
    assert main.main() == 0
    assert dropped == [[Path(argument) for argument in arguments]]


def test_that_missing_libraries_are_a_sentence_that_says_what_to_do() -> None:
    ran = subprocess.run([sys.executable, "-E", "-S", MAIN, "predict", "x"], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "make setup" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_that_file_names_that_are_no_text_are_answered(program: Program, tmp_path: Path) -> None:
    picture = os.fsencode(tmp_path) + b"/odd-\xff.png"
    os.rename(solid(tmp_path / "red.png", RED), picture)
    for options in ([], ["--json"], ["--csv", "answers.csv"], ["--explain", "maps"]):
        ran = program("predict", picture, *options)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "cat" in ran.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_that_a_terminal_that_knows_few_letters_is_no_failure(program: Program, tmp_path: Path, encoding: str) -> None:
    solid(tmp_path / "\u732b.png", RED)
    ran = program("predict", ".", PYTHONIOENCODING=encoding)
    assert ran.returncode == 0
    assert "cat" in ran.stdout


def test_that_a_program_without_streams_still_works(
    program: Program, tmp_path: Path, environment: dict[str, str]
) -> None:
    solid(tmp_path / "red.png", RED)
    script = f"""
import runpy, sys
sys.stdin = sys.stdout = sys.stderr = None
sys.argv = ["main.py", "predict", "."]
sys.path.insert(0, {str(MAIN.parent)!r})
runpy.run_path({str(MAIN)!r}, run_name="__main__")
"""
    ran = subprocess.run([sys.executable, "-c", script], env=environment, cwd=tmp_path, timeout=60, check=False)
    assert ran.returncode == 0


class TestStartedTwice:
    """The second of two on one home hands over what it was started with."""

    @pytest.fixture
    def start(self, environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
        started: list[subprocess.Popen[bytes]] = []

        def start(*arguments: str, **variables: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, MAIN, *arguments],
                env={**environment, "QT_QPA_PLATFORM": "offscreen", **variables},
                cwd=tmp_path,
                stderr=subprocess.PIPE,
            )
            started.append(process)
            return process

        yield start
        for process in started:
            process.kill()
            process.communicate(timeout=30)

    @staticmethod
    def _answered(home: Path) -> list[str]:
        try:
            with closing(sqlite3.connect(f"{(home / 'whisker.db').as_uri()}?mode=ro", uri=True)) as database:
                return [name for (name,) in database.execute("SELECT name FROM predictions ORDER BY id")]
        except sqlite3.OperationalError:
            return []

    @staticmethod
    def _until(fact: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not fact():
            assert time.monotonic() < end
            time.sleep(0.05)

    def test_that_the_second_leaves_with_0_and_the_first_answers_its_files_even_after_a_kill(
        self, start: Callable[..., subprocess.Popen[bytes]], home: Path, tmp_path: Path
    ) -> None:
        for name in ("one", "two", "three", "four"):
            solid(tmp_path / f"{name}.png", RED)
        first = start("one.png")
        self._until(lambda: self._answered(home) == ["one.png"])
        second = start("two.png")
        assert second.wait(60) == 0
        self._until(lambda: self._answered(home) == ["one.png", "two.png"])
        assert first.poll() is None
        first.kill()
        first.wait()
        start("three.png")
        self._until(lambda: self._answered(home) == ["one.png", "two.png", "three.png"])
        assert start("four.png").wait(60) == 0

    def test_that_another_home_has_a_window_of_its_own(
        self, start: Callable[..., subprocess.Popen[bytes]], home: Path, tmp_path: Path
    ) -> None:
        solid(tmp_path / "one.png", RED)
        start("one.png")
        start("one.png", WHISKER_HOME=str(tmp_path / "other"))
        self._until(lambda: self._answered(home) == ["one.png"])
        self._until(lambda: self._answered(tmp_path / "other") == ["one.png"])


def _many(folder: Path, number: int, size: tuple[int, int]) -> None:
    first = solid(folder / "0.jpg", RED, size)
    for i in range(1, number):
        os.link(first, folder / f"{i}.jpg")


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """A shell has what it starts in the background ignore Ctrl-C, the tests and all that they start too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class TestStopping:
    def test_that_a_reader_that_has_enough_is_no_traceback(self, environment: dict[str, str], tmp_path: Path) -> None:
        _many(tmp_path / "many", 400, (16, 16))
        command = [sys.executable, str(MAIN), "predict", str(tmp_path / "many")]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert b"cat" in process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(timeout=60) == 1

    @pytest.mark.usefixtures("hears_ctrl_c")
    def test_that_ctrl_c_stops_within_a_second_in_a_word(self, environment: dict[str, str], tmp_path: Path) -> None:
        _many(tmp_path / "many", 2000, (2400, 1800))
        command = [sys.executable, str(MAIN), "predict", str(tmp_path / "many")]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert b"cat" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=10)
        assert said.decode().splitlines()[-1] == "Stopped."
        assert b"Traceback" not in said
        assert process.returncode == 130

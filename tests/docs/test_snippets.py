"""Every command and program that the manual shows is run, and what it prints must be what the manual says.

A fenced block in `console` is a session: a line after `$` is typed, the lines below it are printed. Figures count as
alike; `...` stands for anything, on a line of its own for any lines. Blocks in `python` are programs.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.conftest import Desk

# Beside other work on a small machine a training takes minutes.
pytestmark = pytest.mark.timeout(1_200)

LONG = re.compile(r"\bwhisker (?:train|self-test)\b|trainer\.start|/api/retrain")
_FIGURE = re.compile(r"(?:[<>] )?\d+(?:[.,:]\d+)*(?:e-?\d+)?")


def with_sessions() -> Iterator[object]:
    for page in pages.handbook():
        sessions = [fence for fence in pages.fences(page) if fence.language == "console"]
        if sessions:
            marks = [pytest.mark.slow] if any(LONG.search(fence.text) for fence in sessions) else []
            yield pytest.param(page, id=pages.name(page), marks=marks)


def with_programs() -> Iterator[object]:
    for page in pages.handbook():
        for fence in pages.fences(page):
            if fence.language == "python":
                marks = [pytest.mark.slow] if LONG.search(fence.text) else []
                yield pytest.param(page, fence, id=f"{pages.name(page)}:{fence.line}", marks=marks)


def typed(session: str) -> list[tuple[str, list[str]]]:
    """Each command of a session with the lines that it should print."""
    commands: list[tuple[str, list[str]]] = []
    for line in session.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        else:
            assert commands, f"{line!r} stands before any command"
            commands[-1][1].append(line)
    return commands


def plain(text: str) -> str:
    """With all figures and gaps alike: another processor rounds otherwise, and a wider figure moves a column."""
    return re.sub(r" +", " ", _FIGURE.sub("0", text)).rstrip()


def agrees(wanted: list[str], printed: str) -> bool:
    parts = []
    for line in wanted:
        pieces = [re.escape(plain(piece)) for piece in line.split("...")]
        parts.append(r"(?:.*\n)*?" if line == "..." else ".*".join(pieces) + r"\n")
    lines = "".join(f"{plain(line)}\n" for line in printed.splitlines())
    return re.fullmatch("".join(parts), lines) is not None


@pytest.mark.parametrize("page", [*with_sessions()])
def test_that_a_session_goes_as_the_manual_shows_it(page: Path, desk: Desk) -> None:
    sessions = [fence for fence in pages.fences(page) if fence.language == "console"]
    if any("curl " in fence.text for fence in sessions) and shutil.which("curl") is None:
        pytest.skip("curl is not on this machine")
    job = "JOB"
    for fence in sessions:
        for command, wanted in typed(fence.text):
            ran = desk.run(command.replace("curl ", "curl -sS ").replace("JOB", job))
            where = f"{pages.name(page)}, line {fence.line}: {command}\n{ran.stdout}{ran.stderr}"
            assert ran.returncode == 0, where
            if "JOB" in "".join(wanted) and (given := re.search(r'"job_id":"(\w+)"', ran.stdout)):
                job = given[1]
            printed = ran.stdout.replace(job, "JOB").replace(desk.address, "ADDRESS")
            if wanted:
                assert agrees(wanted, printed), f"{where}\nThe manual has:\n" + "\n".join(wanted)


@pytest.mark.parametrize(("page", "fence"), [*with_programs()])
def test_that_a_program_runs(page: Path, fence: pages.Fence, desk: Desk) -> None:
    if "http://127.0.0.1:5000" in fence.text:
        desk.run("whisker serve")
    program = desk.folder / "program.py"
    program.write_text(fence.text.replace("http://127.0.0.1:5000", desk.address), encoding="utf-8")
    ran = desk.run(f'"{sys.executable}" program.py')
    assert ran.returncode == 0, f"{pages.name(page)}, line {fence.line}\n{ran.stderr}"
    assert ran.stdout, "a program of the manual shows what it did"


@pytest.mark.parametrize(
    ("wanted", "printed", "same"),
    [
        (["cat (99 %)"], "cat (> 99 %)\n", True),
        (["cat (99 %)"], "dog (99 %)\n", False),
        (["cat (61 %)", "dog"], "cat (7.5 %)\ndog\n", True),
        (["cat"], "cat\ndog\n", False),
        (["cat", "..."], "cat\ndog\nfox\n", True),
        (['{"a":...}'], '{"a":[1,2]}\n', True),
        (['{"a":...}'], '{"b":1}\n', False),
    ],
)
def test_that_a_session_that_went_otherwise_is_noticed(wanted: list[str], printed: str, same: bool) -> None:
    assert agrees(wanted, printed) is same

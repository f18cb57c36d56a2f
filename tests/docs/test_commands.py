"""Commands that are named in passing, in a table or in a sentence, exist with the options that are named."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from cli import COMMANDS
from cli.app import whisker
from tests.docs import pages
from tests.docs.pages import CHECKOUT

_CALL = re.compile(r"(?:\bwhisker|\bmain\.py) ([a-z-].*)")
each_page = pytest.mark.parametrize("page", pages.handbook(), ids=pages.name)


def code(page: Path) -> list[str]:
    """Every line of code on the page, in a block or in a sentence; not what commands themselves print as help."""
    blocks = [] if page.name == "cli.md" else [fence for fence in pages.fences(page) if fence.language != "python"]
    lines = [line for fence in blocks for line in fence.text.splitlines()]
    return [*lines, *re.findall(r"`([^`\n]+)`", pages.prose(page))]


def calls(page: Path) -> list[list[str]]:
    """The arguments of each call of Whisker."""
    found = [match[1] for line in code(page) if (match := _CALL.search(line))]
    return [shlex.split(call.partition("  #")[0], comments=False) for call in found]


def wrong_with(arguments: list[str]) -> str | None:
    """What a terminal would complain of."""
    command: click.Command = whisker
    context = click.Context(command)
    for at, argument in enumerate(arguments):
        if isinstance(command, click.Group) and not argument.startswith("-"):
            inner = command.get_command(context, argument)
            if inner is None:
                # `main.py holiday/` opens the window with a folder in it.
                opened = at == 0 and argument not in COMMANDS and re.search(r"[./]", argument)
                return None if opened else f"no command {argument}"
            command = inner
        elif argument.startswith("--"):
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            name = argument.partition("=")[0].rstrip(",.")
            if name not in known | {"--help", "--version"}:
                return f"{command.name} has no option {name}"
    return None


@each_page
def test_that_commands_and_options_named_in_passing_exist(page: Path) -> None:
    for arguments in calls(page):
        assert wrong_with(arguments) is None, f"{pages.name(page)}: {' '.join(arguments)}: {wrong_with(arguments)}"


@each_page
def test_that_make_has_the_targets_that_are_named(page: Path) -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    for line in code(page):
        for target in re.findall(r"\bmake ([a-z][\w-]*)", line):
            assert target in targets, f"{pages.name(page)}: make {target}"


def test_that_calls_are_found_at_all() -> None:
    readme = [" ".join(arguments) for arguments in calls(CHECKOUT / "README.md")]
    assert "sort holiday/ sorted/ --dry-run" in readme
    assert len(readme) > 15


@pytest.mark.parametrize(
    ("call", "fine"),
    [
        ("predict holiday/ --csv answers.csv", True),
        ("models export cats-dogs somewhere/ --format onnx", True),
        ("holiday/", True),
        ("predict --fast", False),
        ("foretell holiday/", False),
        ("models forget", False),
    ],
)
def test_that_a_call_that_would_fail_is_noticed(call: str, fine: bool) -> None:
    assert (wrong_with(shlex.split(call)) is None) is fine

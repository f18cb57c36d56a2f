"""Write docs/cli.md from the commands' own `--help`, so that the two cannot differ. Run by `make docs`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs" / "cli.md"
WIDTH = 90
INTRODUCTION = """\
# The command line

In a checkout `whisker` is `.venv/bin/python main.py`.

Results go to standard output, progress and messages to standard error. The exit code is 0 when all is well, 1 when
something that was asked for failed (each failure is named), 2 for wrong usage and 130 after Ctrl-C.

Without arguments the window opens; with files or folders it opens with those. A command wins over a folder of the same
name: write `./models` for the folder.

This page is made by `make docs` from what `--help` says.
"""


def page() -> str:
    """The whole page."""
    sys.path.insert(0, str(CHECKOUT))
    from cli.app import whisker

    return INTRODUCTION + "".join(
        f"\n## {' '.join(names)}\n\n```\n{text}\n```\n" for names, text in _helps(whisker, ("whisker",))
    )


def _helps(command: click.Command, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    settings = {"terminal_width": WIDTH, "max_content_width": WIDTH, "help_option_names": ["-h", "--help"]}
    context = click.Context(command, info_name=" ".join(names), **settings)
    yield names, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _helps(inner, (*names, name))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

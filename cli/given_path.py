"""A path as it is named on the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class GivenPath(click.Path):
    """A file or folder by its name; `file_okay` as in click.

    Nothing is not taken for the folder one is in: that is what a shell's variable without a value would come to, and
    then `sort --move "$PHOTOS" sorted` would move whatever lies here.
    """

    def __init__(self, *, file_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value in ("", b""):
            self.fail("It is empty; a dot is the folder you are in.", param, ctx)
        if not os.path.isabs(value):
            try:
                os.getcwd()
            except FileNotFoundError:
                self.fail("The folder you are in is gone; name it from the root on.", param, ctx)
        return super().convert(value, param, ctx)

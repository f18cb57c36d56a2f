"""`main.py` in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from tests.faults.acts.act import CHECKOUT


def run_main(
    *words: str | Path,
    home: Path,
    model: Path | None = None,
    stdout: int | IO[str] = subprocess.PIPE,
    inside: Sequence[str] = (),
    seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run a command over a home; `model` answers instead of the built-in ones, `inside` is what runs it."""
    environment = os.environ | {"WHISKER_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    if model is not None:
        environment["MODEL_PATH"] = str(model)
    return subprocess.run(
        [*inside, sys.executable, str(CHECKOUT / "main.py"), *words],
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=seconds,
    )

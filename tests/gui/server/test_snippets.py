"""The snippets are run as they are copied, against a server that listens."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.whisker import Whisker
from gui.server.snippets import LANGUAGES, PHOTO, snippets
from server.local_server import LocalServer
from tests.server.conftest import CAT

TOKEN = "a-token_of-32-letters-or-so-12345"


@pytest.fixture(params=[None, TOKEN], ids=["open", "token"])
def address(request: pytest.FixtureRequest, whisker: Whisker) -> Iterator[tuple[str, str | None]]:
    server = LocalServer(whisker)
    yield server.start(port=0, token=request.param), request.param
    server.stop()


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_a_snippet_prints_what_is_on_the_photo(
    address: tuple[str, str | None], language: str, tmp_path: Path
) -> None:
    (tmp_path / PHOTO).write_bytes(CAT)
    text = snippets(*address)[language]
    if language == "curl":
        command = ["sh", "-c", text]
    elif language == "Python":
        (tmp_path / "ask.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "ask.py"]
    else:
        node = shutil.which("node")
        if node is None:
            pytest.skip("there is no node here")
        (tmp_path / "ask.mjs").write_text(text, encoding="utf-8")
        command = [node, "ask.mjs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "cat" in done.stdout
    assert "error" not in done.stdout

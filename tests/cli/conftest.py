"""The command line over two tiny built-in models and a home of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.app import run
from engine.paths import Home
from engine.whisker import Whisker
from server.local_server import LocalServer
from tests.bundles import make_bundle


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code, and the lines it wrote."""

    code: int
    out: list[str]
    err: str


Command = Callable[..., Ran]


@pytest.fixture(scope="session")
def builtin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of built-in models: cats-dogs (red, blue) and everyday (six colours)."""
    folder = tmp_path_factory.mktemp("builtin")
    make_bundle(folder / "cats-dogs", title="Cats and dogs")
    make_bundle(folder / "everyday", ("ruby", "sky", "leaf", "lemon", "rose", "ice"))
    return folder


@pytest.fixture
def command(home: Path, builtin: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """command("predict", path, "--json") runs it as the terminal would."""

    def call(*arguments: str | Path) -> Ran:
        capfd.readouterr()
        code = run(
            [str(argument) for argument in arguments], lambda: Whisker(Home(home), builtin), make_server=LocalServer
        )
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return Ran(code, said.out.splitlines(), said.err)

    return call

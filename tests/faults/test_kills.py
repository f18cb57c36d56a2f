"""kill -9 of the whole program at random moments: on restart all that was acknowledged is there, and nothing half-made.

The default run kills it a dozen times; `make faults` hundreds of times (WHISKER_KILLS).
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from engine.whisker import Whisker
from tests.faults import kills
from tests.faults.acts import ACTS
from tests.faults.acts.act import Act, Place, Said
from tests.faults.conftest import Tried

KILLS = int(os.environ.get("WHISKER_KILLS", "12"))
SEED = int(os.environ.get("WHISKER_SEED", "1"))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


@pytest.mark.parametrize("name", list(ACTS))
@pytest.mark.timeout(1800)
def test_that_nothing_acknowledged_is_lost_when_the_program_is_killed(name: str, tmp_path: Path, tried: Tried) -> None:
    victims = kills.Victims(ACTS[name](), tmp_path, SEED)
    rounds = KILLS // len(ACTS) + (list(ACTS).index(name) < KILLS % len(ACTS))
    lost = [each for _ in range(rounds) for each in victims.kill_once()]
    acknowledged = f"{len(victims.said.did):,} acts acknowledged before" if victims.said.did else ""
    tried(f"killed while {name}", rounds, lost=len(lost), note=acknowledged)
    assert lost == []


class Careless(Act):
    """Acknowledges first and writes later, and leaves something half-made."""

    name = "being careless"

    def command(self, place: Place, seed: int) -> list[str]:
        program = "import sys; from tests.faults.test_kills import careless; careless(sys.argv[1])"
        return [sys.executable, "-c", program, str(place.root)]

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        there = {row.name for row in whisker.history.recent(10**6)}
        return [name for (name,) in said.did if name not in there]


def careless(root: str) -> None:
    place, say = Place(Path(root)), kills.say
    with place.open() as whisker:
        _ = whisker.predictor
        place.home.root.mkdir(exist_ok=True)
        say("ready")
        while True:
            say("did", "never.png")
            (place.home.root / "half.part").write_bytes(b"ha")
            whisker.classify(place.photos[0], origin="cli")


def test_that_a_loss_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "EARLY", 0.0)
    lost = kills.Victims(Careless(), tmp_path, random.randrange(100)).kill_once()
    assert "never.png" in lost
    assert f"half-made: {tmp_path / 'home' / 'half.part'}" in lost

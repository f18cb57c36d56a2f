"""The whole program with its window, killed while it answers a folder."""

from __future__ import annotations

import random
import subprocess
import sys
import time

from engine.whisker import Whisker
from tests.faults.acts.act import CHECKOUT, Act, Place, Said, Say

PATIENCE_S = 30.0


class Looking(Act):
    name = "looking at a folder in the window"
    span_s = 2.5

    def command(self, place: Place, seed: int) -> list[str]:
        return [sys.executable, str(CHECKOUT / "main.py"), str(place.root / "photos")]

    def ready(self, text: str) -> bool:
        return True

    def meanwhile(self, place: Place, text: str, rng: random.Random, say: Say) -> None:
        return

    def lost(self, place: Place, whisker: Whisker, said: Said) -> list[str]:
        """The next window opens, is not locked out, and answers."""
        before = whisker.history.count()
        again = subprocess.Popen(
            [sys.executable, str(CHECKOUT / "main.py"), str(place.photos[0])],
            env=self.environment(place),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            end = time.monotonic() + PATIENCE_S
            while whisker.history.count() == before and again.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
            answered = whisker.history.count() > before
            again.terminate()
            said_last, _ = again.communicate(timeout=PATIENCE_S)
        finally:
            if again.poll() is None:
                again.kill()
                again.communicate()
        lost = [] if answered else [f"the next window's answer: {said_last}"]
        return lost + (
            [] if again.returncode == 0 else [f"the next window's clean end: {again.returncode} {said_last}"]
        )

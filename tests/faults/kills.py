"""Kill the whole program at random moments, start it again, and count what was lost.

python -m tests.faults.kills --count 200 [--seed 1] [--act correcting]     prints a table
python -m tests.faults.kills ACT ROOT SEED                                 the program that is killed
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import filelock
import psutil

from engine.predictor import Predictor
from tests.faults.acts import ACTS, Act
from tests.faults.acts.act import CHECKOUT, Place, Said

PATIENCE_S = 60.0
EARLY = 0.15  # the share of kills that come while the program still starts
START_S = 0.8  # about how long that takes
FRESH_EVERY = 5  # after so many kills the first answer is asked of a fresh process


class Victims:
    """One act's kills, all on one home, so that what one kill leaves behind meets the next."""

    def __init__(self, act: Act, root: Path, seed: int) -> None:
        self.act = act
        self.place = Place(root)
        self.place.make()
        self.said = Said()
        self._rng = random.Random(f"{seed} {act.name}")
        self._rounds = 0

    def kill_once(self) -> list[str]:
        """One round; returns what was lost."""
        self._rounds += 1
        self.act.begin(self.place)
        out = self.place.root / "out.txt"
        heard: list[str] = []
        with out.open("wb") as file:
            victim = subprocess.Popen(
                self.act.command(self.place, self._rng.randrange(1 << 30)),
                cwd=CHECKOUT,
                env=self.act.environment(self.place),
                stdout=file,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            if self._rng.random() < EARLY:
                time.sleep(self._rng.uniform(0, START_S))
            else:
                text = self._until_ready(victim, out)
                client = threading.Thread(
                    target=self.act.meanwhile,
                    args=(self.place, text, self._rng, lambda *words: heard.append(json.dumps(words) + "\n")),
                )
                moment = self._rng.uniform(0, self.act.span_s)
                client.start()
                time.sleep(moment)
        finally:
            alone = self.act.name == "training" and self._rounds % 2 == 0
            (os.kill if alone else os.killpg)(victim.pid, signal.SIGKILL)
            victim.wait()
        left = outlived(victim.pid)
        if "client" in locals():
            client.join()
        self.said.read(out.read_text(encoding="utf-8") + "".join(heard))
        return left + self._lost()

    def _until_ready(self, victim: subprocess.Popen[bytes], out: Path) -> str:
        end = time.monotonic() + PATIENCE_S
        while not self.act.ready(text := out.read_text(encoding="utf-8")):
            assert victim.poll() is None, f"{self.act.name} ended by itself: {text}"
            assert time.monotonic() < end, f"{self.act.name} never came to work"
            time.sleep(0.01)
        return text

    def _lost(self) -> list[str]:
        place, lost = self.place, []
        with place.open() as whisker:
            lost += whisker.tidy()
            lost += self.act.lost(place, whisker, self.said)
            for entry in whisker.shelf.list():
                Predictor(entry.folder)
            lost += whisker.shelf.problems
            _, answer = whisker.classify(place.photos[0], origin="cli")
            if answer.predicted_class != "cat":
                lost.append("the first answer")
        with closing(sqlite3.connect(place.home.database)) as database:
            if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                lost.append("the database's integrity")
        lost += [f"half-made: {path}" for path in half_made(place.home.root)]
        lock = filelock.FileLock(place.home.root / "training.lock")
        try:
            lock.acquire(blocking=False)
            lock.release()
        except filelock.Timeout:
            lost.append("the training lock is still held")
        if self._rounds % FRESH_EVERY == 0:
            lost += self._first_answer()
        return lost

    def _first_answer(self) -> list[str]:
        done = subprocess.run(
            [sys.executable, "main.py", "predict", str(self.place.photos[0]), "--json"],
            cwd=CHECKOUT,
            env=self.act.environment(self.place) | {"MODEL_PATH": str(self.place.builtin / "cats-dogs")},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        well = done.returncode == 0 and json.loads(done.stdout)["predicted_class"] == "cat" and not done.stderr
        return [] if well else [f"the first answer of a fresh program: {done.stdout} {done.stderr}"]


def half_made(home: Path) -> list[Path]:
    """What a crash may leave for a moment, and a start has to clear away."""
    staged = list((home / "staging").glob("*"))
    return staged + [path for path in home.rglob(".*") if path.is_file()] + list(home.rglob("*.part"))


def outlived(group: int, patience: float = 10.0) -> list[str]:
    """Processes of a killed program that do not end by themselves."""
    end = time.monotonic() + patience
    while True:
        left = []
        for process in psutil.process_iter():
            try:
                if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(process)
            except (ProcessLookupError, psutil.NoSuchProcess):
                continue
        if not left:
            return []
        if time.monotonic() > end:
            for process in left:
                process.kill()
            return [f"a process that outlived the program: {process.pid}" for process in left]
        time.sleep(0.02)


def say(*words: str) -> None:
    # One write for a line, so that a kill leaves it whole or out.
    os.write(1, (json.dumps(words) + "\n").encode())


def _count(names: list[str], count: int, seed: int) -> int:
    total: list[str] = []
    for place, name in enumerate(names):
        rounds = count // len(names) + (place < count % len(names))
        with tempfile.TemporaryDirectory() as root:
            victims = Victims(ACTS[name](), Path(root), seed)
            lost = [each for _ in range(rounds) for each in victims.kill_once()]
        print(f"{name:<36} {rounds:>4} kills {len(victims.said.did):>7} acknowledged {len(lost):>4} lost", flush=True)
        for each in lost:
            print(f"    {each}", flush=True)
        total += lost
    return 1 if total else 0


def main() -> int:
    if len(sys.argv) == 4 and sys.argv[1] in ACTS:
        ACTS[sys.argv[1]]().do(Place(Path(sys.argv[2])), random.Random(int(sys.argv[3])), say)
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=len(ACTS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--act", choices=list(ACTS))
    options = parser.parse_args()
    return _count([options.act] if options.act else list(ACTS), options.count, options.seed)


if __name__ == "__main__":
    sys.exit(main())

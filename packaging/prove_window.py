"""What is tried out on a screen: photos given and dropped, two people at once, what a cold start opens."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from contents import CHECKOUT
from findings import Findings
from person import SAMPLE, Person
from screen import NotSeen, Screen, wait

PAGES = {2: "the Teach page", 5: "the Monitor page"}
"""Those with the most of other people's code in them, by their number in the rail."""
SETTLES_S = 4
TRAINING = re.compile(r"/(tensorflow|keras|tf2onnx|h5py|ml_dtypes|libtensorflow)\b")


def window(program: Path, findings: Findings, person: Person, shown: Screen, picture: Path) -> None:
    """Start it with a photo, drop another on it, look at it, close it."""
    cat, cup = person.give(SAMPLE, "Müsli 猫.jpg"), person.give(SAMPLE.with_name("coffee.jpg"), "une tasse.jpg")
    before = len(person.answers())
    with person.running(program, cat, **shown.environment) as process:
        wait(shown.windows, "the window")
        wait(lambda: len(person.answers()) > before, "the answer to its argument")
        findings.say(person.answers()[-1] == (cat.name, "cat"), "a photo named on the command line is answered")
        accepted = shown.drop(cup)
        wait(lambda: len(person.answers()) > before + 1, "the answer to the drop")
        findings.say(accepted and person.answers()[-1][0] == cup.name, "a photo dropped by another program is answered")
        time.sleep(1)
        picture.parent.mkdir(parents=True, exist_ok=True)
        shown.picture().save(picture)
        began = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    findings.say(process.returncode == 0, "SIGTERM ends it", f"{time.perf_counter() - began:.2f} s")
    print(f"          look at {picture}")


def page(program: Path, findings: Findings, person: Person, shown: Screen, picture: Path, number: int) -> None:
    """Start it, go to the page of that number in the rail by its key, and look at it."""
    with person.running(program, **shown.environment) as process:
        wait(shown.windows, "the window")
        wait(lambda: shown.colours() > 1, "its painting")
        time.sleep(2)
        first = shown.picture().tobytes()
        shown.press("Control_L", str(number))
        try:
            wait(lambda: process.poll() is not None or shown.picture().tobytes() != first, "the page", 20, pause=0.2)
        except NotSeen as error:
            findings.say(False, PAGES[number], str(error))
            return
        time.sleep(SETTLES_S)  # Its charts, and whatever is imported ahead while nobody waits.
        shown.picture().save(picture)
        findings.say(process.poll() is None, PAGES[number])
    print(f"          look at {picture}")


def two_at_once(program: Path, findings: Findings, anna: Person, bela: Person, shown: Screen) -> None:
    """Two people start it at the same moment from the same folder."""
    hers, his = anna.give(SAMPLE, "hers.jpg"), bela.give(SAMPLE, "his.jpg")
    with anna.running(program, hers, **shown.environment), bela.running(program, his, **shown.environment):
        try:
            wait(lambda: len(shown.windows()) == 2, "two windows")
            wait(lambda: (hers.name, "cat") in anna.answers(), "her answer")
            wait(lambda: (his.name, "cat") in bela.answers(), "his answer")
        except NotSeen as error:
            findings.say(False, "two people at once", str(error))
            return
    mixed = {name for name, _ in anna.answers()} & {name for name, _ in bela.answers()}
    findings.say(not mixed, "two people at once do not meet", ", ".join(mixed))


def cold_start(program: Path, findings: Findings, person: Person, shown: Screen, folder: Path) -> None:
    """What the window opens until it has answered."""
    trace = person.home / "trace"
    person.given.add(trace)
    photo = person.give(SAMPLE, "traced.jpg")
    calls = "openat,open,creat,execve,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,connect"
    command = ["strace", "-f", "-qq", "-s", "400", "-e", f"trace={calls}", "-o", str(trace)]
    with person.running(*command, program, photo, **shown.environment) as process:
        wait(lambda: (photo.name, "cat") in person.answers(), "its answer", 120)
        inner = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False).stdout
        for child in inner.split():
            os.kill(int(child), signal.SIGTERM)
        process.wait(30)
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    opened = [line for line in lines if re.search(r"open(at)?\(", line) and " = -1 " not in line]
    training = [line for line in opened if TRAINING.search(line)]
    findings.say(not training, f"a cold start opens {len(opened):,} files, none of TensorFlow", "; ".join(training[:2]))
    outside = _connections(lines)
    findings.say(not outside, "it connects to nobody", "; ".join(outside[:2]))
    sources = [line for line in lines if f'"{CHECKOUT}' in line and str(folder) not in line]
    sources += [line for line in lines if "/site-packages/" in line or "/.pyenv/" in line]
    findings.say(not sources, "it knows nothing of the place where it was built", "; ".join(sources[:2]))
    writes = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|creat\(|mkdir|rename|unlink")
    beside = [line for line in lines if f'"{folder}' in line and writes.search(line)]
    findings.say(not beside, "it does not try to write beside itself", "; ".join(beside[:2]))


def _connections(lines: list[str]) -> list[str]:
    """Attempts to reach anybody but programs of this machine."""
    return [line for line in lines if "connect(" in line and "AF_INET" in line and "127.0.0.1" not in line]

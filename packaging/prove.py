"""Try out what was built, as the person who downloads it would, and print what was found.

    python packaging/prove.py dist/whisker-light-0.1.0-linux-x86_64.tar.zst [--screenshots dist/screenshots]
    python packaging/prove.py --installed        the program that a .deb put into /usr

The archive is unpacked in a folder of its own whose files nobody may write to. As root, everything runs as two other
users, who have nothing but their homes. Needs Xvfb, and strace for what is opened; leaves nothing behind but pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from contents import CHECKOUT, VERSION
from screen import NotSeen, Screen, screen, wait

ROUNDS = 5
STRANGERS = (65534, 65533)
"""User numbers that own nothing on this machine."""
TRAINING = re.compile(r"/(tensorflow|keras|tf2onnx|h5py|ml_dtypes|libtensorflow)\b")
CACHES = ("fontconfig", "mesa_shader_cache", "mesa_shader_cache_db")
SLOWER_BY = 1.5
ANSWER_S = 2.0
SAMPLE = CHECKOUT / "data" / "samples" / "cat.jpg"


@dataclass
class Findings:
    failed: int = 0
    lines: list[str] = field(default_factory=list)

    def say(self, sound: bool, what: str, figure: str = "") -> None:
        self.failed += not sound
        line = f"{'ok    ' if sound else 'FAILED'}  {what}{': ' if figure else ''}{figure}"
        self.lines.append(line)
        print(line, flush=True)


class Person:
    """Somebody on this machine: a home with blanks and letters of other alphabets, and nothing else."""

    def __init__(self, folder: Path, name: str, user: int | None) -> None:
        self.home = folder / name
        self.given: set[Path] = set()
        self.home.mkdir(parents=True)
        self._user = user
        if user is not None:
            os.chown(self.home, user, user)

    @property
    def environment(self) -> dict[str, str]:
        # Nothing of the checkout's environment: no virtual environment, no PYTHONPATH.
        return {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(self._scratch())}

    def _scratch(self) -> Path:
        scratch = self.home / "tmp"
        if not scratch.is_dir():
            scratch.mkdir()
            if self._user is not None:
                os.chown(scratch, self._user, self._user)
        return scratch

    @property
    def database(self) -> Path:
        return self.home / ".local" / "share" / "Whisker" / "whisker.db"

    def answers(self) -> list[tuple[str, str]]:
        """(file name, class) of each answer in the history, oldest first."""
        if not self.database.is_file():
            return []
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            try:
                return list(database.execute("SELECT name, predicted_class FROM predictions ORDER BY id"))
            except sqlite3.Error:
                return []  # It is just being made.

    def give(self, source: Path, name: str) -> Path:
        target = self.home / name
        self.given.add(target)
        shutil.copyfile(source, target)
        target.chmod(0o644)
        return target

    def run(self, *command: str | Path, seconds: float = 900, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            env=self.environment | environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            **self._as(),
        )

    @contextmanager
    def running(self, *command: str | Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A program of theirs, ended by SIGTERM when the block ends."""
        process = subprocess.Popen(
            [str(word) for word in command],
            env=self.environment | environment,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as(),
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
            assert process.stdout is not None
            process.stdout.close()

    def _as(self) -> dict[str, object]:
        return {} if self._user is None else {"user": self._user, "group": self._user, "extra_groups": []}


def prove(program: Path, findings: Findings, people: tuple[Person, Person], pictures: Path) -> None:
    """Every check, on an installed program."""
    anna, bela = people
    folder = program.resolve().parent
    full = (folder / "_internal" / "tensorflow").is_dir()
    edition = "full" if full else "light"
    before = snapshot(folder)
    self_test(program, findings, anna, full)
    one_line_commands(program, findings, anna, full)
    web_page(program, findings, anna)
    with screen() as shown:
        window(program, findings, anna, shown, pictures / f"{edition}-window.png")
        teach_page(program, findings, anna, shown, pictures / f"{edition}-teach.png", full)
        two_at_once(program, findings, anna, bela, shown)
        if shutil.which("strace"):
            cold_start(program, findings, bela, shown, folder)
        else:
            print("left out: what a cold start opens (strace is not installed)")
        start_times(program, findings, bela, shown)
    for person in people:
        strange = written_elsewhere(person)
        findings.say(not strange, f"of {person.home.name} it wrote in its own folder alone", ", ".join(strange[:5]))
    changed = sorted(str(path) for path in before ^ snapshot(folder))
    findings.say(not changed, "nothing was written beside the program", ", ".join(changed[:5]))


def written_elsewhere(person: Person) -> list[str]:
    """Files in their home that neither they nor the system's libraries for drawing and fonts put there."""
    ours = person.database.parent
    known = (
        ours,
        person.home / "source",
        person.home / "tmp",
        person.home / "out",
        *(person.home / ".cache" / name for name in CACHES),
    )
    return sorted(
        str(path.relative_to(person.home))
        for path in person.home.rglob("*")
        if path.is_file() and path not in person.given and not any(path.is_relative_to(place) for place in known)
    )


def snapshot(folder: Path) -> set[tuple[str, int, int]]:
    """Each file and folder below with its size and the time it was changed."""
    return {(str(path), path.lstat().st_size, path.lstat().st_mtime_ns) for path in [folder, *folder.rglob("*")]}


def self_test(program: Path, findings: Findings, person: Person, full: bool) -> None:
    ran = person.run(program, "self-test")
    sound = ran.returncode == 0 and ran.stdout.rstrip().endswith("All is well.")
    trained = "pictures judged" in ran.stdout
    findings.say(
        sound and trained == full, "self-test", ran.stdout.splitlines()[-1] if ran.stdout else ran.stderr[-500:]
    )
    for line in ran.stdout.splitlines()[:-1]:
        print(f"          {line}")


def one_line_commands(program: Path, findings: Findings, person: Person, full: bool) -> None:
    ran = person.run(program, "--version")
    findings.say(ran.stdout.strip() == f"Whisker {VERSION}", "the version", ran.stdout.strip())
    cat = person.give(SAMPLE, "Mäuschen & 猫 #1.jpg")
    ran = person.run(program, "predict", cat, "--json")
    answer = json.loads(ran.stdout) if ran.stdout else {}
    findings.say(answer.get("predicted_class") == "cat", "predict, a name with blanks and 猫", str(answer)[:100])
    ran = person.run(program, "diagnose")
    findings.say(ran.returncode == 0 and re.search(r"packaged\s+yes", ran.stdout) is not None, "diagnose")
    if full:
        child_of_its_own(program, findings, person)
    else:
        ran = person.run(program, "train", CHECKOUT / "data" / "sample-set")
        says = ran.returncode == 1 and ran.stderr.startswith("Training needs the full edition")
        findings.say(says, "train", ran.stderr.strip()[:120])


def child_of_its_own(program: Path, findings: Findings, person: Person) -> None:
    """Train from pictures in a folder of theirs, export, and end it in the middle once."""
    photos = person.home / "Fotos für Übung"
    shutil.copytree(CHECKOUT / "data" / "sample-set", photos, dirs_exist_ok=True)
    person.given.update(photos.rglob("*"))
    ran = person.run(program, "train", photos, "--name", "probe", "--backbone", "lite0", "--json")
    last = json.loads(ran.stdout.splitlines()[-1]) if ran.stdout else {}
    findings.say(
        last.get("event") == "finished",
        "train in a child process",
        f"{last.get('seconds', 0):.1f} s {ran.stderr[-200:]}",
    )
    ran = person.run(program, "models", "export", "probe", person.home / "out", "--format", "tflite")
    findings.say(ran.returncode == 0, "export to TensorFlow Lite", ran.stderr.strip()[-200:])
    with person.running(program, "train", photos, "--name", "broken-off", "--recipe", "cnn") as process:
        time.sleep(4)
        began = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait(20)
        took = time.perf_counter() - began
    findings.say(took < 2 and process.returncode == 130, "Ctrl-C in a training", f"{took:.2f} s")


def web_page(program: Path, findings: Findings, person: Person) -> None:
    with person.running(program, "serve", "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        wanted, missing = ["/", "/api/docs", "/api/health", "/api/openapi.json", "/metrics"], []
        for path in wanted:
            try:
                with ask(f"{address}{path}", timeout=30) as answer:
                    body = answer.read().decode("utf-8", "replace")
            except OSError as error:
                missing.append(f"{path}: {error}")
                continue
            if path in ("/", "/api/docs"):
                for link in re.findall(r'(?:href|src)="(/[^"#]*)"', body):
                    if link not in wanted:
                        wanted.append(link)
        with ask(urllib.request.Request(f"{address}/api/predict", SAMPLE.read_bytes()), timeout=30) as answer:
            said = json.load(answer)
    sound = not missing and said["predicted_class"] == "cat"
    findings.say(sound, f"serve: {len(wanted)} addresses of its pages, and an answer", "; ".join(missing))


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


def teach_page(program: Path, findings: Findings, person: Person, shown: Screen, picture: Path, full: bool) -> None:
    with person.running(program, **shown.environment) as process:
        wait(shown.windows, "the window")
        wait(lambda: shown.colours() > 1, "its painting")
        time.sleep(2)
        shown.press("Control_L", "2")
        time.sleep(2)
        shown.picture().save(picture)
        findings.say(process.poll() is None, "the Teach page" + ("" if full else ", which says what it needs"))
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


def start_times(program: Path, findings: Findings, person: Person, shown: Screen) -> None:
    """Process start to the first painting and to the first answer, the built program and the checkout in turns."""
    photo = person.give(SAMPLE, "timed.jpg")
    starters = {"built": (person, (program,)), "source": (_myself(person), (sys.executable, CHECKOUT / "main.py"))}
    took: dict[str, list[float]] = {f"{name} {what}": [] for name in starters for what in ("painted", "answered")}
    for turn in range(ROUNDS + 1):
        for name, (starter, command) in starters.items():
            painted, answered = _start(starter, command, photo, shown)
            if turn:  # The first of each fills the disk's cache.
                took[f"{name} painted"].append(painted)
                took[f"{name} answered"].append(answered)
    middle = {name: statistics.median(values) for name, values in took.items()}
    ratio = statistics.median(
        one / other for one, other in zip(took["built painted"], took["source painted"], strict=True)
    )
    print(f"          {ROUNDS} interleaved rounds, medians; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    findings.say(
        ratio <= SLOWER_BY,
        "start to painted window, against the checkout",
        f"{ratio:.2f} times ({middle['built painted']:.2f} s, {middle['source painted']:.2f} s); allowed {SLOWER_BY}",
    )
    # A time depends on what else this machine does, so it is told and not judged.
    answered, unfrozen = middle["built answered"], middle["source answered"]
    print(
        f"figure  start to first answer: {answered:.2f} s ({unfrozen:.2f} s); aimed at {ANSWER_S:.0f} s on a quiet one"
    )


def _start(person: Person, command: Sequence[str | Path], photo: Path, shown: Screen) -> tuple[float, float]:
    """Seconds from the start of the program with a photo to its first painting, and to the answer."""
    before = len(person.answers())
    wait(lambda: shown.colours() <= 1, "an empty screen")
    began = time.perf_counter()
    with person.running(*command, photo, **shown.environment):
        painted = wait(lambda: shown.colours() > 1, "the painting", pause=0.002)
        answered = wait(lambda: len(person.answers()) > before, "the answer", pause=0.005)
        time.sleep(0.3)
    return painted - began, answered - began


def _myself(person: Person) -> Person:
    """The checkout is started by whoever may read it, with the same home."""
    me = object.__new__(Person)
    me.home, me._user, me.given = person.home / "source", None, set()
    me.home.mkdir(exist_ok=True)
    return me


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """The archive's program, in a folder that nobody may write to."""
    with tempfile.TemporaryDirectory(prefix="whisker-prove-") as scratch:
        place = Path(scratch, "Programs installed here")
        place.mkdir()
        Path(scratch).chmod(0o755)
        command = ["tar", "--extract", f"--directory={place}", "--no-same-owner", f"--file={archive}"]
        subprocess.run([*command, *(["--zstd"] if archive.suffix == ".zst" else [])], check=True)
        subprocess.run(["chmod", "-R", "a-w", str(place)], check=True)
        try:
            yield next(place.glob("*/whisker"))
        finally:
            subprocess.run(["chmod", "-R", "u+w", str(place)], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", nargs="*", type=Path)
    parser.add_argument("--installed", action="store_true", help="try /usr/bin/whisker")
    parser.add_argument("--screenshots", type=Path, default=CHECKOUT / "dist" / "screenshots")
    arguments = parser.parse_args()
    findings = Findings()
    users = STRANGERS if os.geteuid() == 0 else (None, None)
    for number, archive in enumerate([*arguments.archives, *([None] if arguments.installed else [])]):
        with tempfile.TemporaryDirectory(prefix="whisker-people-") as folder:
            Path(folder).chmod(0o755)
            people = (Person(Path(folder), "Zoë Ångström", users[0]), Person(Path(folder), "Béla 王", users[1]))
            print(f"{'' if not number else chr(10)}{archive or '/usr/bin/whisker'}", flush=True)
            try:
                if archive is None:
                    prove(Path("/usr/bin/whisker"), findings, people, arguments.screenshots / "installed")
                else:
                    with unpacked(archive) as program:
                        prove(program, findings, people, arguments.screenshots)
            except NotSeen as error:
                findings.say(False, str(error))
    print(f"\n{findings.failed} checks failed." if findings.failed else "\nAll is well.")
    return 1 if findings.failed else 0


if __name__ == "__main__":
    sys.exit(main())

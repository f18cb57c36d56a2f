"""Try out what was built, as the person who downloads it would, and print what was found.

    python packaging/prove.py dist/whisker-light-0.1.0-linux-x86_64.tar.zst [--screenshots dist/screenshots]
    python packaging/prove.py --installed        the program that a .deb put into /usr

The archive is unpacked in a folder of its own whose files nobody may write to. As root, everything runs as two other
users, who have nothing but their homes. Needs Xvfb, and strace for what is opened; leaves nothing behind but pictures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contents import CHECKOUT
from findings import Findings
from person import Person
from prove_terminal import one_line_commands, self_test, web_page
from prove_window import cold_start, page, two_at_once, window
from screen import NotSeen, screen
from start_times import start_times

STRANGERS = (65534, 65533)
"""User numbers that own nothing on this machine."""
CACHES = ("fontconfig", "mesa_shader_cache", "mesa_shader_cache_db")


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
        page(program, findings, anna, shown, pictures / f"{edition}-teach.png", 2)
        page(program, findings, anna, shown, pictures / f"{edition}-monitor.png", 5)
        two_at_once(program, findings, anna, bela, shown)
        if shutil.which("strace"):
            cold_start(program, findings, bela, shown, folder)
        else:
            print("left out: what a cold start opens (strace is not installed)")
        start_times(program, findings, bela, shown)
    for person in people:
        faults = person.faults()
        findings.say(not faults, f"nothing went wrong inside for {person.home.name}", "; ".join(faults[:2]))
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
    if not arguments.archives and not arguments.installed:
        parser.error("there is no archive to try out: run `make package` first.")
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

"""Install a .deb on this machine, try out the program it brings, and remove it again. As root, on a machine to spare.

python packaging/prove_deb.py dist/whisker-light_0.1.0_amd64.deb
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from contents import CHECKOUT
from deb import PACKAGES
from file_types import mime_types
from make_icons import SIZES

SHARE = Path("/usr/share")
PLACES = (Path("/usr/lib/whisker"), Path("/usr/bin/whisker"), SHARE / "applications" / "whisker.desktop")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def installed_well() -> list[str]:
    """What is wrong with what lies in /usr now."""
    wrong = [f"{place} is missing" for place in PLACES if not place.exists()]
    icons = SHARE / "icons" / "hicolor"
    wrong += [
        f"no icon of {side} pixels"
        for side in SIZES
        if not (icons / f"{side}x{side}" / "apps" / "whisker.png").is_file()
    ]
    entry = PLACES[2].read_text(encoding="utf-8") if PLACES[2].is_file() else ""
    wrong += [f"{mime} cannot be opened with it" for mime in mime_types() if f"{mime};" not in entry]
    return wrong


def main() -> int:
    if os.geteuid() != 0:
        print("Only root may install packages.", file=sys.stderr)
        return 2
    failed = 0
    home = Path("/tmp/whisker-home-that-stays")
    for package in map(Path, sys.argv[1:]):
        name = next(name for name in sorted(PACKAGES.values(), reverse=True) if package.name.startswith(f"{name}_"))
        if any(place.exists() for place in PLACES):
            print(f"{PLACES[0]} is in use: remove the installed Whisker first.", file=sys.stderr)
            return 2
        print(f"\n{package}: install", flush=True)
        ran = run("dpkg", "--install", package)
        try:
            if ran.returncode:
                # What it depends on is missing here; the system's own tool knows where to get it.
                ran = run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package.resolve())
            wrong = [ran.stdout + ran.stderr] if ran.returncode else installed_well()
            for line in wrong:
                print(f"FAILED  {line}")
            failed += len(wrong)
            # A person's own folder, made by the installed program, must outlive it.
            subprocess.run(
                ["/usr/bin/whisker", "predict", str(CHECKOUT / "data" / "samples")],
                env={"WHISKER_HOME": str(home), "PATH": "/usr/bin:/bin"},
                stdout=subprocess.DEVNULL,
                check=False,
            )
            prove = [sys.executable, str(CHECKOUT / "packaging" / "prove.py"), "--installed"]
            failed += bool(subprocess.run(prove, check=False).returncode)
        finally:
            purged = run("dpkg", "--purge", name)
        left = [str(place) for place in PLACES if place.exists()] + ([] if home.is_dir() else ["not its home"])
        sound = not purged.returncode and not left
        failed += not sound
        print(f"{'ok    ' if sound else 'FAILED'}  removed: {', '.join(left) or 'nothing is left but the home'}")
        run("rm", "-r", home)
    print(f"\n{failed} checks failed." if failed else "\nAll is well.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Renew pins.txt: one version of everything that pyproject.toml asks for, directly or not, for every Python we support.

    python3.11 packaging/repin.py

Run it with the oldest supported Python, because libraries drop old Pythons first; then look whether the others agree:

    python3.12 -m pip install --dry-run --ignore-installed -r pins.txt
    python3.13 -m pip install --dry-run --ignore-installed -r pins.txt
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
HEADER = """\
# The exact versions Whisker is developed and tested with, on Python 3.11, 3.12 and 3.13.
# Made by packaging/repin.py from the ranges in pyproject.toml.
"""


def wanted() -> list[str]:
    """Every requirement line of pyproject.toml, extras included."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [*project["dependencies"], *(line for extra in extras for line in extra)]


def normal(name: str) -> str:
    """A project's name the way PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def resolve(requirements: list[str]) -> dict[str, str]:
    """What pip would install into an empty environment: name -> version."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    report = subprocess.run([*pip, "--report", "-", *requirements], check=True, stdout=subprocess.PIPE).stdout
    found = (item["metadata"] for item in json.loads(report)["install"])
    return {normal(item["name"]): item["version"] for item in found}


def main() -> None:
    requirements = wanted()
    versions = resolve(requirements)
    lines = dict.fromkeys(versions, "")
    for requirement in requirements:
        name, _, marker = requirement.partition(";")
        name = normal(re.split(r"[<>=!~]", name.strip())[0].strip())
        if marker:
            lines[name] = f"; {marker.strip()}"
    # The same library under two names: one of them is never part of what this machine resolves.
    versions.setdefault("tensorflow", versions.get("tensorflow-cpu", ""))
    versions.setdefault("tensorflow-cpu", versions["tensorflow"])
    pins = (f"{name}=={versions[name]}{lines[name]}\n" for name in sorted(lines))
    (CHECKOUT / "pins.txt").write_text(HEADER + "".join(pins), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What goes beside the archives of a release: checksums, the list of parts of each, and the notes.

python packaging/release.py        after `make package`, into dist/
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from contents import CHECKOUT, EDITIONS, VERSION

BUILD, DIST = CHECKOUT / "build", CHECKOUT / "dist"


def normal(name: str) -> str:
    """A distribution's name the way PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def notes(changelog: str, version: str) -> str:
    """The section of CHANGELOG.md for `version`, else what is unreleased, without its heading.

    Raises:
        ValueError: there is neither.
    """
    for heading in (rf"\[?{re.escape(version)}\b[^\n]*", r"\[?Unreleased\b[^\n]*"):
        found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
        if found and found[1].strip():
            return found[1].strip() + "\n"
    raise ValueError(f"CHANGELOG.md says nothing of {version}.")


def everything_installed() -> dict[str, Any]:
    """The environment as a CycloneDX document, which lists the tools of development too.

    Raises:
        SystemExit: the list could not be made, with what its maker said.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--of", "JSON"]
    command += ["--pyproject", str(CHECKOUT / "pyproject.toml"), sys.executable]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{ran.stderr.strip()}\nThe parts of the environment could not be listed.")
    document: dict[str, Any] = json.loads(ran.stdout)
    return document


def parts_list(
    everything: dict[str, Any], bundled: list[str], edition: str, others: list[tuple[str, str, str]]
) -> dict[str, Any]:
    """The CycloneDX document of an edition: only what its build holds.

    Args:
        everything: The document of the whole environment.
        bundled: name==version of each distribution in the build.
        edition: light or full.
        others: Name, version and licence of what else is in it: Python, and libraries of the system.

    Raises:
        ValueError: a bundled distribution is not in the document.
    """
    wanted = {normal(line.partition("==")[0]) for line in bundled}
    components = [part for part in everything["components"] if normal(part["name"]) in wanted]
    unlisted = wanted - {normal(part["name"]) for part in components}
    if unlisted:
        raise ValueError(f"Not in the parts list: {', '.join(sorted(unlisted))}.")
    for part in components:
        # Where it lay on the build machine.
        part.pop("externalReferences", None)
    components += [
        {
            "type": "library",
            "bom-ref": f"{name}=={version}",
            "name": name,
            "version": version,
            "licenses": [{"license": {"name": licence}}],
        }
        for name, version, licence in others
        if normal(name) not in wanted
    ]
    kept = {part["bom-ref"] for part in components}
    root = {**everything["metadata"].get("component", {}), "type": "application", "name": "whisker", "version": VERSION}
    root.setdefault("bom-ref", "whisker")
    root["description"] = f"Whisker, {edition} edition"
    root.pop("externalReferences", None)
    dependencies = [
        {**entry, "dependsOn": sorted(set(entry.get("dependsOn", ())) & kept)}
        for entry in everything.get("dependencies", ())
        if entry["ref"] in kept
    ]
    dependencies.insert(0, {"ref": root["bom-ref"], "dependsOn": sorted(kept)})
    metadata = {**everything["metadata"], "component": root}
    return {**everything, "metadata": metadata, "components": components, "dependencies": dependencies}


def checksums(files: list[Path]) -> str:
    """Lines as `sha256sum --check` reads them."""
    lines = []
    for file in sorted(files):
        with file.open("rb") as opened:
            lines.append(f"{hashlib.file_digest(opened, 'sha256').hexdigest()}  {file.name}\n")
    return "".join(lines)


def main() -> int:
    everything = everything_installed()
    made: list[Path] = []
    for edition in EDITIONS:
        listed = BUILD / edition / "whisker" / "distributions.txt"
        if not listed.is_file():
            print(f"The {edition} edition was not built: run `make package` first.", file=sys.stderr)
            return 1
        target = DIST / f"whisker-{edition}-{VERSION}.cdx.json"
        others = json.loads(listed.with_name("parts.json").read_text(encoding="utf-8"))
        document = parts_list(everything, listed.read_text(encoding="utf-8").split(), edition, others)
        target.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        made.append(target)
    said = DIST / f"whisker-{VERSION}-notes.md"
    said.write_text(notes((CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"), VERSION), encoding="utf-8")
    made.append(said)
    archives = [path for path in DIST.iterdir() if path.is_file() and VERSION in path.name and path not in made]
    (DIST / "SHA256SUMS").write_text(checksums([*archives, *made]), encoding="utf-8")
    for file in sorted([*archives, *made, DIST / "SHA256SUMS"]):
        print(f"{file.relative_to(CHECKOUT)}: {file.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

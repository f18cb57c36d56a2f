from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import release
from compare_builds import differences

from engine.version import __version__
from tests.packaging.conftest import CHECKOUT

CHANGES = """# Changes

## Unreleased

- soon

## [1.2.0] - 2026-01-02

### Added

- this

## 1.1.0

- that
"""


@pytest.mark.parametrize(
    ("version", "said"), [("1.2.0", "### Added\n\n- this\n"), ("1.1.0", "- that\n"), ("2.0.0", "- soon\n")]
)
def test_that_the_notes_are_the_changelogs_section_of_that_version(version: str, said: str) -> None:
    assert release.notes(CHANGES, version) == said


def test_that_a_version_of_which_nothing_is_said_has_no_notes() -> None:
    with pytest.raises(ValueError, match=r"9\.9"):
        release.notes("# Changes\n\n## Unreleased\n\n## 1.0.0\n\n- x\n", "9.9")


def test_that_this_version_has_notes() -> None:
    assert release.notes((CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"), __version__)


def test_that_checksums_are_written_as_sha256sum_reads_them(tmp_path: Path) -> None:
    for name in ("b.deb", "a.tar.zst"):
        (tmp_path / name).write_text(name)
    lines = release.checksums([tmp_path / "b.deb", tmp_path / "a.tar.zst"]).splitlines()
    assert [line.split("  ")[1] for line in lines] == ["a.tar.zst", "b.deb"]
    assert lines[1].split("  ")[0] == hashlib.sha256(b"b.deb").hexdigest()


def document() -> dict[str, Any]:
    parts = [{"name": name, "version": "1", "bom-ref": f"{name}==1"} for name in ("Flask", "click", "pytest")]
    needs = [{"ref": "Flask==1", "dependsOn": ["click==1", "pytest==1"]}, {"ref": "pytest==1"}]
    return {"metadata": {"component": {"bom-ref": "root"}}, "components": parts, "dependencies": needs}


def test_that_the_parts_list_holds_what_the_build_holds_and_no_tool() -> None:
    listed = release.parts_list(document(), ["flask==1", "click==1"], "light", [("Python", "3.11", "PSF")])
    assert [part["name"] for part in listed["components"]] == ["Flask", "click", "Python"]
    assert listed["metadata"]["component"]["version"] == __version__
    assert {"ref": "Flask==1", "dependsOn": ["click==1"]} in listed["dependencies"]


def test_that_a_bundled_library_that_is_not_listed_is_an_error() -> None:
    with pytest.raises(ValueError, match="stranger"):
        release.parts_list(document(), ["stranger==2"], "light", [])


def test_that_differences_of_two_builds_are_named(tmp_path: Path) -> None:
    for name, text in (("one", "a"), ("other", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same").write_text("same")
        (tmp_path / name / "file").write_text(text)
        import os

        for file in ("same", "file"):
            os.utime(tmp_path / name / file, (0, 0))
    (tmp_path / "one" / "extra").touch()
    found = differences(tmp_path / "one", tmp_path / "other")
    assert found == ["only in the first: extra", "differs: file"]
    assert differences(tmp_path / "one", tmp_path / "one") == []

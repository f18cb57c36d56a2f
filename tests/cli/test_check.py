"""`check`: the doctor on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.conftest import MakeImage


@pytest.fixture(autouse=True)
def _without_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor's eyes are tested by themselves; here they would only be slow."""
    monkeypatch.setattr("engine.dataset.doctor.embedding.backbone_features", lambda home: None)


def test_that_findings_are_told_by_kind_and_that_this_is_no_failure(command: Command, labelled_folder: Path):
    (labelled_folder / "cat" / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    (labelled_folder / "cat" / "again.png").write_bytes((labelled_folder / "cat" / "0.png").read_bytes())
    ran = command("check", labelled_folder)
    assert ran.code == 0
    assert ran.out[0].startswith("10 photos of 2 classes, ")
    titles = [line for line in ran.out if line.endswith(")") and not line.startswith(" ")]
    assert titles[:2] == ["Cannot be opened (1)", "The same file twice (1)"]
    assert any("again.png" in line and "Suggested: keep one." in line for line in ran.out)


def test_that_each_line_says_in_which_folder_a_picture_lies(command: Command, labelled_folder: Path):
    for label in ("cat", "dog"):
        (labelled_folder / label / "IMG_1.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    out = command("check", labelled_folder).out
    damaged = [line.split(" ")[2] for line in out if "IMG_1.jpg" in line and "Suggested: quarantine." in line]
    assert damaged == [str(Path("cat", "IMG_1.jpg")), str(Path("dog", "IMG_1.jpg"))]


def test_that_json_gives_one_finding_a_line_in_the_public_shape(command: Command, labelled_folder: Path):
    (labelled_folder / "cat" / "again.png").write_bytes((labelled_folder / "cat" / "0.png").read_bytes())
    ran = command("check", labelled_folder, "--json")
    assert ran.code == 0
    findings = [json.loads(line) for line in ran.out]
    assert all(list(finding) == ["kind", "path", "other", "message", "fix"] for finding in findings)
    (copy,) = [finding for finding in findings if finding["kind"] == "exact_duplicate"]
    assert {Path(copy["path"]).name, Path(copy["other"]).name} == {"again.png", "0.png"}
    assert copy["fix"] == "keep one"


def test_that_long_lists_are_cut_and_say_so(command: Command, labelled_folder: Path):
    for n in range(15):
        (labelled_folder / "dog" / f"broken {n}.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    ran = command("check", labelled_folder)
    assert "Cannot be opened (15)" in ran.out
    assert "  and 5 more; --json has them all" in ran.out


def test_that_the_folder_is_left_as_it_is(command: Command, labelled_folder: Path):
    before = {path: path.read_bytes() for path in labelled_folder.rglob("*.*")}
    command("check", labelled_folder)
    assert {path: path.read_bytes() for path in labelled_folder.rglob("*.*")} == before


def test_that_a_folder_without_labelled_pictures_is_a_sentence(command: Command, tmp_path: Path):
    ran = command("check", tmp_path / "gone")
    assert ran.code == 1
    assert "is not there" in ran.err


def test_that_a_path_with_spaces_and_emoji_is_no_trouble(command: Command, tmp_path: Path, make_image: MakeImage):
    for n in range(4):
        make_image(tmp_path / "my pets 🐈" / f"{('cat', 'dog')[n % 2]}.{n}.png", seed=n)
    ran = command("check", tmp_path / "my pets 🐈", "--json")
    assert ran.code == 0
    assert all("🐈" in json.loads(line)["path"] for line in ran.out)

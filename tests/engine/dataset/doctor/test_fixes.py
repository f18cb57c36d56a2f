"""Tests for fixes: each suggestion does what it says, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.dataset.doctor import Finding, Kind, apply_fix, apply_fixes, examine
from engine.dataset.labels import LabelEditor
from engine.errors import DatasetError
from engine.paths import Home
from tests.engine.dataset.doctor.features import by_class
from tests.engine.dataset.pictures import grainy
from tests.engine.dataset.sorting import content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Flat files with a copy, a wrong label, a wrong suffix and a damaged picture among them."""
    for number, label in enumerate(("cat", "dog")):
        for i in range(20):
            grainy(100 * number + i, 96).save(tmp_path / f"{label}.{i}.png")
    (tmp_path / "cat.30.png").write_bytes((tmp_path / "cat.3.png").read_bytes())
    (tmp_path / "dog.40.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing more")
    grainy(500, 96).save(tmp_path / "dog.50.jpg", quality=95)
    (tmp_path / "dog.50.jpg").rename(tmp_path / "dog.50.png")
    (tmp_path / "dog.7.png").rename(tmp_path / "cat.77.png")
    return tmp_path


def features(paths, *_):
    """As if the wrongly labelled picture were seen for the dog that it is."""
    return by_class([Path("dog") if path.name == "cat.77.png" else path for path in paths])


def test_that_every_finding_is_mended_and_all_is_taken_back(folder: Path, home: Path):
    before = content(folder)
    editor = LabelEditor(folder, Home(home))
    report = examine(folder, features)
    assert {finding.kind for finding in report.findings} == {
        Kind.UNREADABLE,
        Kind.EXACT_DUPLICATE,
        Kind.MISLABELLED,
        Kind.MISNAMED,
    }
    done = [apply_fix(finding, editor) for finding in report.findings]
    assert all(done)
    assert examine(folder, features).findings == ()
    names = {path.name for path in folder.iterdir()}
    assert "dog.50.jpg" in names
    assert {"cat.77.png", "dog.50.png", "dog.40.png"} & names == set()
    for _ in done:
        editor.undo()
    assert content(folder) == before


def test_that_many_fixes_are_few_edits(folder: Path, home: Path):
    before = content(folder)
    editor = LabelEditor(folder, Home(home))
    report = examine(folder, features)
    done = apply_fixes(report.findings, editor)
    assert len(done) == 3
    assert examine(folder, features).findings == ()
    for _ in done:
        editor.undo()
    assert content(folder) == before


def test_that_a_copy_is_not_put_aside_when_the_other_has_gone(folder: Path, home: Path):
    finding = examine(folder, features).of(Kind.EXACT_DUPLICATE)[0]
    assert finding.other is not None
    finding.other.unlink()
    with pytest.raises(DatasetError, match="which was to be kept, is no longer there"):
        apply_fix(finding, LabelEditor(folder, Home(home)))
    assert finding.path.exists()


def test_that_a_finding_about_a_picture_that_has_gone_is_a_sentence(folder: Path, home: Path):
    finding = examine(folder, features).of(Kind.UNREADABLE)[0]
    finding.path.unlink()
    with pytest.raises(DatasetError, match="is no longer there"):
        apply_fix(finding, LabelEditor(folder, Home(home)))


def test_that_what_cannot_be_mended_says_so(folder: Path, home: Path):
    finding = Finding(Kind.ONE_CLASS, folder, None, "All photos are of one class, cat.", "add more photos")
    with pytest.raises(DatasetError, match="Nothing can be done about this by itself"):
        apply_fix(finding, LabelEditor(folder, Home(home)))

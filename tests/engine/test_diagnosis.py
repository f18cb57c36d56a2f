from __future__ import annotations

from pathlib import Path

import pytest

from engine import diagnosis
from engine.paths import Home
from engine.settings_schema import SCHEMA, Kind, Setting
from engine.whisker import Whisker
from tests.bundles import make_bundle


@pytest.fixture
def whisker(home: Path, tmp_path: Path) -> Whisker:
    make_bundle(tmp_path / "models" / "cats-dogs")
    return Whisker(Home(home), tmp_path / "models")


def test_that_the_report_is_its_sections_as_a_text(whisker: Whisker) -> None:
    text = diagnosis.report(whisker)
    titles = [title for title, _ in diagnosis.sections(whisker)]
    assert titles == ["Whisker", "Machine", "Libraries", "Places", "Models", "History"]
    assert [line for line in text.splitlines() if not line.startswith(" ")] == titles
    whisker.close()


def test_that_no_token_is_in_it(whisker: Whisker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMA, "server_token", Setting("server_token", "Token", "A token.", Kind.TEXT, ""))
    whisker.settings.set("server_token", "s3cret-of-the-server")
    monkeypatch.setenv("WHISKER_TOKEN", "another-s3cret")
    monkeypatch.setenv("UPLOAD_FOLDER", "/x/s3cret-of-the-server/another-s3cret")
    text = diagnosis.report(whisker)
    assert "s3cret" not in text
    assert "/x/<token>/<token>" in text
    whisker.close()

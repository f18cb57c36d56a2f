from __future__ import annotations

import getpass
import sys
from pathlib import Path

import pytest

from engine.paths import program_folder
from engine.redaction import Redactor


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch) -> Redactor:
    monkeypatch.setattr(getpass, "getuser", lambda: "annegret")
    monkeypatch.setattr(Path, "home", lambda: Path("/houses/annegret"))
    return Redactor(["s3cret-of-the-server", ""])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("/houses/annegret/.local/share/Whisker", "~/.local/share/Whisker"),
        ("/mnt/annegret/models", "/mnt/<user>/models"),
        ("annegret-2 and annegrets are other words", "annegret-2 and annegrets are other words"),
        ("it said s3cret-of-the-server twice", "it said <token> twice"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer <token>"),
        ("it sent bearer abc.def-123, in vain", "it sent bearer <token>, in vain"),
        ("?token=abcdef12 and token: 'xyz'", "?token=<token> and token: '<token>'"),
    ],
)
def test_that_the_persons_name_and_tokens_are_taken_out(hide: Redactor, said: str, shown: str) -> None:
    assert hide(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "/houses/annegret/Pictures/Mia at the lake.jpg cannot be read",
        "No such file: '/media/usb/Mia at the lake.JPEG'",
        'open("C:\\Users\\annegret\\Pictures\\Mia at the lake.heic")',
        "Mia.png: broken data stream",
        "~/Pictures/Mia at the lake.webp is empty, \\\\server\\share\\Mia at.tif too",
        "KeyError: 'Mia at the lake'",
        "the folder /photos/Mia/lake is gone",
        "file:///photos/Mia%20at%20the%20lake.jpg",
        "the list /photos/Mia/labels.csv has no lines",
        "['Mia', 'lake']",
    ],
)
def test_that_no_file_path_or_quoted_word_is_left_in_a_message(hide: Redactor, said: str) -> None:
    shown = hide.message(said)
    for word in ("Mia", "lake", "annegret", "usb", "photos", "share"):
        assert word not in shown, shown


def test_that_what_helps_to_mend_it_stays(hide: Redactor) -> None:
    assert hide.message("cannot reshape array of size 12 into shape (3,5)") == (
        "cannot reshape array of size 12 into shape (3,5)"
    )
    said = "'NoneType' object has no attribute 'answer'"
    assert hide.message(said, quoted=False) == said
    assert hide.message("[Errno 28] No space left on device: '/x/y.jpg'") == (
        "[Errno 28] No space left on device: <text>"
    )


def test_that_source_files_are_named_from_the_program_on(hide: Redactor) -> None:
    assert hide.source(str(program_folder() / "gui" / "app.py")) == "whisker/gui/app.py"
    assert hide.source(threading_file := sys.modules["threading"].__file__ or "").endswith("threading.py")
    assert hide.source(threading_file).startswith("python/")
    assert hide.source("/houses/annegret/scripts/mine.py") == "mine.py"


def test_that_a_machine_without_a_name_for_its_user_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert Redactor()("as it is") == "as it is"

"""Labelled pictures for retraining: kept once, by content, under a label that is a plain name."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from engine.images import Limits
from engine.whisker import Whisker
from server.uploads import Uploads, label_of, plain_label
from tests.server.conftest import CAT, DOG, encoded, shades
from tests.server.trainings import FakeTrainer

Upload = Callable[..., dict[str, list[dict[str, str]]]]


def kept(whisker: Whisker) -> set[str]:
    folder = whisker.home.uploads
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_that_the_label_comes_from_the_name_and_the_content_names_the_file(upload: Upload, whisker: Whisker) -> None:
    answer = upload({"cat.0.jpg": CAT, "dog.7.png": DOG})
    assert [(item["name"], item["label"]) for item in answer["saved"]] == [("cat.0.jpg", "cat"), ("dog.7.png", "dog")]
    # The suffix is that of the content, whatever the name says.
    assert kept(whisker) == {
        f"{label}/{hashlib.sha256(data).hexdigest()}.png" for label, data in (("cat", CAT), ("dog", DOG))
    }


def test_that_a_given_label_wins(upload: Upload, client: FlaskClient) -> None:
    upload({"cat.0.png": CAT, "holiday.png": DOG}, label="big cat")
    assert client.get("/api/upload").get_json() == {"labels": {"big cat": 2}, "total": 2, "since_last_training": 2}


def test_that_what_was_sent_before_is_named_as_a_duplicate(upload: Upload, whisker: Whisker) -> None:
    upload({"cat.0.png": CAT})
    answer = upload({"cat.1.png": CAT, "cat.2.png": CAT})
    assert [item["name"] for item in answer["duplicates"]] == ["cat.1.png", "cat.2.png"]
    assert answer["saved"] == []
    assert len(kept(whisker)) == 1


def test_that_the_same_picture_under_another_label_is_rejected(upload: Upload, whisker: Whisker) -> None:
    upload({"cat.0.png": CAT})
    answer = upload({"dog.0.png": CAT})
    assert answer["rejected"][0]["code"] == "label_conflict"
    assert "cat" in answer["rejected"][0]["reason"]
    assert len(kept(whisker)) == 1


def test_that_bad_files_are_rejected_with_reasons_and_the_others_kept(
    upload: Upload, whisker: Whisker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.uploads.IMAGE", Limits(max_bytes=10_000, max_pixels=1_000_000))
    jpeg = encoded(form="JPEG", size=(200, 200))
    answer = upload(
        {
            "cat.0.png": CAT,
            "cat.1.jpg": jpeg[: len(jpeg) // 2],
            "cat.2.txt": b"hello",
            "cat.3.png": b"",
            "holiday.png": DOG,
            "cat.4.svg": b"<svg><script>alert(1)</script></svg>",
            "cat.5.png": CAT + bytes(10_000),
        }
    )
    assert [item["name"] for item in answer["saved"]] == ["cat.0.png"]
    codes = {item["name"]: item["code"] for item in answer["rejected"]}
    assert codes == {
        "cat.1.jpg": "image_truncated",
        "cat.2.txt": "image_format_unsupported",
        "cat.3.png": "image_empty",
        "holiday.png": "label_unusable",
        "cat.4.svg": "image_format_unsupported",
        "cat.5.png": "image_too_large",
    }
    assert all(item["reason"].endswith(".") for item in answer["rejected"])
    assert len(kept(whisker)) == 1


HOSTILE = [
    "..",
    ".",
    "../cat",
    "..\\cat",
    "a/b",
    "/etc",
    "C:\\x",
    "C:",
    ".hidden",
    "cat.",
    "cat..dog",
    "nul",
    "NUL.txt",
    "com1",
    "a\0b",
    "a\nb",
    "x" * 65,
    "",
    " ",
    "-cat",
    "cat|dog",
    "cat*",
    "\u202ecat",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_that_a_label_that_is_no_plain_name_is_refused(label: str) -> None:
    assert plain_label(label) is None


@pytest.mark.parametrize("label", ["cat", "big cat", "Katze", "猫", "Éclair", "a_b-c", "v1.0", "cats & dogs", "x" * 64])
def test_that_plain_names_are_taken(label: str) -> None:
    assert plain_label(f" {label} ") == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        *[("cat.0.jpg", "cat"), ("big cat.12.jpeg", "big cat"), ("a.b.3.png", "a.b")],
        *[(name, None) for name in ("cat.jpg", "cat.x.jpg", "0.jpg", ".0.jpg", "cat.0.")],
    ],
)
def test_that_labels_are_read_from_names(name: str, label: str | None) -> None:
    assert label_of(name) == label


def test_that_no_name_or_label_leads_out_of_the_folder(client: FlaskClient, whisker: Whisker) -> None:
    def everything() -> set[Path]:
        return {path for path in whisker.home.root.parent.rglob("*") if "whisker.db" not in path.name}

    before = everything()
    for label in HOSTILE:
        client.post("/api/upload", data={"label": label, "files": (io.BytesIO(CAT), "x.png")})
        client.post("/api/upload", data={"files": (io.BytesIO(CAT), f"{label}.0.png")})
    new = everything() - before
    assert all(whisker.home.uploads in (path, *path.parents) for path in new), new
    allowed = set("0123456789abcdef")
    assert all(set(path.stem) <= allowed for path in new if path.is_file())


def test_that_upload_folder_moves_them(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whisker: Whisker, trainer: FakeTrainer
) -> None:
    from server.app import create_app

    monkeypatch.setenv("UPLOAD_FOLDER", str(tmp_path / "elsewhere"))
    client = create_app(whisker, trainer=lambda: trainer).test_client()
    client.post("/api/upload", data={"files": (io.BytesIO(CAT), "cat.0.png")})
    assert len(list((tmp_path / "elsewhere" / "cat").iterdir())) == 1
    assert not (home / "uploads").exists()


def test_that_nothing_sent_is_a_client_error_and_a_full_disk_is_said(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/api/upload", data={"label": "cat"}).status_code == 400

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.uploads.write_atomically", refuse)
    answer = client.post("/api/upload", data={"files": (io.BytesIO(CAT), "cat.0.png")})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (507, "folder_error")
    assert "No space left" in answer.get_json()["error"]["message"]


def test_that_half_written_files_are_swept_and_never_counted(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    uploads.receive([("cat.0.png", CAT)], None)
    half = tmp_path / "cat" / f".abc.png.{2**22 + 1}-{'0' * 32}"  # no process has that number
    half.write_bytes(CAT[:10])
    assert uploads.counts() == {"cat": 1}
    uploads.sweep()
    assert not half.exists()
    assert uploads.counts() == {"cat": 1}


def test_that_pictures_count_as_fresh_until_a_retraining_has_learnt_them(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    uploads.receive(shades("cat", 3).items(), None)
    assert uploads.fresh() == 3
    uploads.begin()
    # Killed now, it has learnt nothing.
    assert Uploads(tmp_path).fresh() == 3
    uploads.learnt()
    assert uploads.fresh() == 0
    uploads.learnt()
    uploads.receive(shades("dog", 1).items(), None)
    new = next((tmp_path / "dog").glob("*.png"))
    os.utime(new, ns=(new.stat().st_atime_ns, (tmp_path / ".retrained").stat().st_mtime_ns + 1))
    assert uploads.fresh() == 1

"""Forms taken apart: as werkzeug does it where a form is sound, a sentence where it is not."""

from __future__ import annotations

import io
import random

import pytest
from werkzeug.formparser import FormDataParser

from server.errors import RequestError, TooManyFiles
from server.limits import FILES
from server.multipart import boundary_of, parts_of

B = b"xYz"


def field(name: str, data: bytes, filename: str | None = None, more: str = "") -> bytes:
    said = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        said += f'; filename="{filename}"\r\nContent-Type: image/png'
    return b"--" + B + b"\r\n" + said.encode() + more.encode() + b"\r\n\r\n" + data + b"\r\n"


END = b"--" + B + b"--\r\n"


def test_that_files_and_fields_come_out_as_they_went_in() -> None:
    awkward = b"\r\n--xYzz\r\n\r\n--xY" + bytes(range(256)) + b"\r\n"
    parts = parts_of(
        field("label", b"cat") + field("files", awkward, "a b.png") + field("files", b"", "e.png") + END, B
    )
    assert [(part.name, part.filename) for part in parts] == [("label", None), ("files", "a b.png"), ("files", "e.png")]
    assert [part.data for part in parts] == [b"cat", awkward, b""]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Katze-Öl-猫.png", "Katze-Öl-猫.png"),
        ('a\\"b.png', 'a"b.png'),
        ("a%22b.png", 'a"b.png'),
        ("a;b=c.png", "a;b=c.png"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("", ""),
    ],
)
def test_that_names_of_files_are_read_as_browsers_and_curl_write_them(written: str, read: str) -> None:
    assert parts_of(field("file", b"x", written) + END, B)[0].filename == read


def test_that_a_name_in_the_extended_form_wins() -> None:
    body = field("file", b"x", "plain.png").replace(b'"plain.png"', b"\"plain.png\"; filename*=UTF-8''%e7%8c%ab.png")
    assert parts_of(body + END, B)[0].filename == "猫.png"


def test_that_a_preamble_padding_and_an_epilogue_are_passed_over() -> None:
    body = b"preamble\r\n" + field("a", b"1").replace(B, B + b" \t", 1) + END + b"epilogue"
    assert [part.data for part in parts_of(body, B)] == [b"1"]


def test_that_an_empty_file_is_read_however_its_end_is_written() -> None:
    body = field("a", b"", "a.png") + field("b", b"2") + END
    short = body.replace(b"\r\n\r\n\r\n--", b"\r\n\r\n--")
    assert short != body
    for written in (body, short):
        assert [part.data for part in parts_of(written, B)] == [b"", b"2"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"--xYz",
        b"--xYz\r\n",
        b"--xYzz\r\n\r\n",
        field("a", b"1"),
        field("a", b"1")[:-2] + b"--xYzz--",
        b"--xYz\r\n\r\nno headers\r\n" + END,
        b"--xYz\r\nContent-Type: image/png\r\n\r\nnameless\r\n" + END,
        b"--xYz\r\n" + b"X: " + b"y" * 20_000 + b"\r\n\r\n1\r\n" + END,
        b"--xYz\nContent-Disposition: form-data; name=a\n\n1\n--xYz--",
    ],
)
def test_that_a_damaged_form_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(RequestError, match="multipart"):
        parts_of(body, B)


def test_that_more_files_than_are_taken_at_once_are_refused() -> None:
    assert len(parts_of(field("files", b"x", "a.png") * FILES + END, B)) == FILES
    with pytest.raises(TooManyFiles):
        parts_of(field("files", b"x", "a.png") * (FILES + 1) + END, B)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; Boundary="a b;c"', b"a b;c"),
        ("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxk", b"----WebKitFormBoundary7MA4YWxk"),
    ],
)
def test_that_the_boundary_is_found(header: str, expected: bytes) -> None:
    assert boundary_of(header) == expected


@pytest.mark.parametrize("header", ["multipart/form-data", "multipart/form-data; boundary=", "x; xboundary=1"])
def test_that_a_missing_boundary_is_said(header: str) -> None:
    with pytest.raises(RequestError):
        boundary_of(header)


def test_that_sound_forms_read_as_werkzeug_reads_them() -> None:
    chance = random.Random(7)
    pieces = [b"\r\n", b"--xYz", b"--", b"\r", b"\n", b"a", b"\0", b"\r\n--xY", b"\r\n--xYzA", b'"']
    for _ in range(500):
        sent = [
            (f"n{chance.randrange(3)}", b"".join(chance.choices(pieces, k=chance.randrange(12))), chance.random() < 0.7)
            for _ in range(chance.randrange(1, 5))
        ]
        # What holds the boundary is no data any more.
        sent = [(name, data.replace(b"--xYz", b"?"), file) for name, data, file in sent]
        body = b"".join(field(name, data, "f.png" if file else None) for name, data, file in sent) + END
        ours = parts_of(body, B)
        assert [(part.name, part.data) for part in ours] == [(name, data) for name, data, _ in sent]
        _, form, files = FormDataParser().parse(io.BytesIO(body), "multipart/form-data", len(body), {"boundary": "xYz"})
        theirs = sorted((name, value.encode()) for name, value in form.items(multi=True))
        theirs += sorted((name, file.read()) for name, file in files.items(multi=True))
        for _, file in files.items(multi=True):
            file.close()
        mine = sorted((part.name, part.data) for part in ours if part.filename is None)
        assert theirs == mine + sorted((part.name, part.data) for part in ours if part.filename is not None)

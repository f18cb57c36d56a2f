"""POST /api/predict: one picture, many pictures, three kinds of body."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from engine.bulletin import News, Predicted
from engine.whisker import Whisker
from tests.server.conftest import CAT, CAT_BASE64, DOG, UNKNOWN, encoded

FIELDS = {
    "predicted_class",
    "confidence",
    "probabilities",
    "unknown",
    "timestamp",
    "model",
    "model_version",
    "elapsed_ms",
}


def form(*files: tuple[str, bytes], field: str = "files") -> dict[str, object]:
    return {field: [(io.BytesIO(data), name) for name, data in files]}


def test_that_a_form_with_a_file_is_answered_and_remembered(client: FlaskClient, whisker: Whisker) -> None:
    told: list[News] = []
    whisker.bulletin.listen(told.append)
    answer = client.post("/api/predict", data=form(("tom.png", CAT), field="file"))
    assert answer.status_code == 200
    said = answer.get_json()
    assert set(said) == FIELDS
    assert (said["predicted_class"], said["model"], said["model_version"]) == ("cat", "cats-dogs", 1)
    assert said["confidence"] == said["probabilities"]["cat"] > 0.9
    assert said["unknown"] is False
    assert datetime.fromisoformat(said["timestamp"]).tzinfo is not None
    row = whisker.history.recent(1)[0]
    assert (row.name, row.source, row.predicted_class) == ("tom.png", "api", "cat")
    assert [news.rows for news in told if isinstance(news, Predicted)] == [(row.id,)]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CAT, "image/png"),
        (CAT, "application/octet-stream"),
        (CAT, "application/x-www-form-urlencoded"),  # what curl --data-binary says
        (CAT, None),
        (f'{{"image": "{CAT_BASE64}"}}'.encode(), "application/json"),
        (f'{{"image": "data:image/png;base64,{CAT_BASE64}"}}'.encode(), "application/json; charset=utf-8"),
    ],
)
def test_that_a_raw_body_and_json_are_answered_like_a_form(client: FlaskClient, data: bytes, kind: str | None) -> None:
    answer = client.post("/api/predict", data=data, content_type=kind)
    assert answer.status_code == 200
    assert answer.get_json()["predicted_class"] == "cat"


def test_that_many_files_are_answered_in_order_each_with_its_own_result_or_error(
    client: FlaskClient, whisker: Whisker
) -> None:
    files = [("b.png", DOG), ("broken.png", CAT[:60]), ("a.png", CAT), ("grey.png", UNKNOWN), ("note.txt", b"hello")]
    answer = client.post("/api/predict", data=form(*files))
    assert answer.status_code == 200
    said = answer.get_json()["predictions"]
    assert [item["name"] for item in said] == [name for name, _ in files]
    assert [item.get("predicted_class") for item in said] == ["dog", None, "cat", said[3]["predicted_class"], None]
    assert said[3]["unknown"] is True
    assert said[1]["error"]["code"] in ("image_truncated", "image_unreadable")
    assert said[4]["error"]["code"] == "image_format_unsupported"
    assert whisker.history.count() == 3


def test_that_one_file_in_files_comes_back_as_a_list(client: FlaskClient) -> None:
    said = client.post("/api/predict", data=form(("a.png", CAT))).get_json()
    assert len(said["predictions"]) == 1


def test_that_top_leaves_only_the_best_probabilities(client: FlaskClient) -> None:
    said = client.post("/api/predict?top=1", data=CAT).get_json()
    assert list(said["probabilities"]) == ["cat"]


@pytest.mark.parametrize("form_name", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "AVIF", "HEIF"])
def test_that_every_format_of_the_contract_is_answered(client: FlaskClient, form_name: str) -> None:
    if form_name == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    answer = client.post("/api/predict", data=encoded(form=form_name, size=(96, 96)))
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["predicted_class"] == "cat"


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        (b"", "image/png", 400, "nothing_sent"),
        (b"", "application/json", 400, "nothing_sent"),
        (b"{}", "application/json", 400, "nothing_sent"),
        (b"[]", "application/json", 400, "bad_request"),
        (b"{", "application/json", 400, "bad_request"),
        (b"[" * 60_000, "application/json", 400, "bad_request"),
        (b'{"image": 5}', "application/json", 400, "nothing_sent"),
        (b'{"image": "***"}', "application/json", 400, "bad_request"),
        (b"no form", "multipart/form-data; boundary=x", 400, "bad_request"),
        (b"no form", "multipart/form-data", 400, "bad_request"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400, "nothing_sent"),
        (b"hello", "text/plain", 415, "image_format_unsupported"),
        (b"PK\x03\x04" + bytes(99), "image/png", 415, "image_format_unsupported"),
        (b"<svg><script>alert(1)</script></svg>", "image/svg+xml", 415, "image_format_unsupported"),
        (CAT[:60], "image/png", 422, None),
        (encoded(form="JPEG")[:200], "image/jpeg", 422, "image_truncated"),
        (CAT + bytes(17 << 20), "image/png", 413, "image_too_large"),
        (bytes(30 << 20), "image/png", 413, "body_too_large"),
    ],
)
def test_that_what_is_no_picture_is_refused_with_its_reason(
    client: FlaskClient, data: bytes, kind: str, status: int, code: str | None
) -> None:
    answer = client.post("/api/predict", data=data, content_type=kind)
    error = answer.get_json()["error"]
    assert (answer.status_code, set(error)) == (status, {"code", "message"})
    assert code in (None, error["code"])


def test_that_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(client: FlaskClient) -> None:
    bomb = bytearray(encoded())
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib

    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    answer = client.post("/api/predict", data=bytes(bomb))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "image_too_many_pixels")


def test_that_a_broken_model_means_come_back_later(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_PATH", "/nowhere/model.onnx")
    for answer in (client.post("/api/predict", data=CAT), client.get("/api/health"), client.get("/api/model-info")):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert answer.get_json()["error"]["code"] == "model_broken"
    assert client.get("/api/statistics").get_json()["model"] is None
    assert client.get("/metrics").status_code == 200


def test_that_explain_draws_the_heat_map_over_the_picture_or_alone(client: FlaskClient) -> None:
    from PIL import Image

    over = client.post("/api/explain", data=encoded(size=(60, 30)))
    assert (over.status_code, over.content_type) == (200, "image/png")
    assert Image.open(io.BytesIO(over.data)).size == (60, 30)
    veil = Image.open(io.BytesIO(client.post("/api/explain?veil=1&class=dog", data=CAT).data))
    assert veil.mode == "RGBA"
    assert client.post("/api/explain?class=cow", data=CAT).status_code == 400
    assert client.post("/api/explain", data=b"x").status_code == 415

"""Everything the description allows, and a flood of damaged files: answered or refused, never a mistake of ours."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator

import jsonschema_rs
import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.whisker import Whisker
from server.app import create_app
from tests.server.conftest import CAT, DOG, encoded, shades
from tests.server.trainings import FakeTrainer

SWARM = 10_000


def test_that_the_description_is_openapi_3_1_and_names_every_route(client: FlaskClient, whisker: Whisker) -> None:
    described = client.get("/api/openapi.json").get_json()
    assert described["openapi"].startswith("3.1")
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in create_app(whisker).url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api") or rule.rule == "/metrics"
    }
    undescribed = {("/api/openapi.json", "get"), ("/api/docs", "get")}
    assert {
        (path, method) for path, methods in described["paths"].items() for method in methods
    } == routes - undescribed
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["summary"]


def test_that_real_answers_have_the_shapes_that_are_described(client: FlaskClient, trainer: FakeTrainer) -> None:
    described = client.get("/api/openapi.json").get_json()

    def check(shape: str, answer: object) -> None:
        schema = {"$ref": f"#/components/schemas/{shape}", "components": described["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(answer)

    check("One", client.post("/api/predict", data=CAT).get_json())
    many = {"files": [(io.BytesIO(CAT), "a.png"), (io.BytesIO(b"x"), "b.png")]}
    check("Prediction", client.post("/api/predict", data=many).get_json())
    uploads = {**shades("cat", 2), **shades("dog", 2), "x.png": DOG}
    sent = {"files": [(io.BytesIO(data), name) for name, data in uploads.items()]}
    check("Received", client.post("/api/upload", data=sent).get_json())
    check("UploadCounts", client.get("/api/upload").get_json())
    started = client.post("/api/retrain").get_json()
    check("Started", started)
    check("Job", client.get(started["status_url"]).get_json())
    check("Jobs", client.get("/api/retrain").get_json())
    check("Error", client.post("/api/retrain").get_json())
    check("Statistics", client.get("/api/statistics").get_json())
    check("Predictions", client.get("/api/predictions").get_json())
    check("ModelInfo", client.get("/api/model-info").get_json())
    check("Health", client.get("/api/health").get_json())


@pytest.mark.slow
def test_that_nothing_the_description_allows_is_a_server_error(whisker: Whisker, trainer: FakeTrainer) -> None:
    app = create_app(whisker, trainer=lambda: trainer)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def hold(case: schemathesis.Case) -> None:
            answer = case.call()
            statuses[answer.status_code] += 1
            case.validate_response(
                answer,
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )

        hold()
    app.extensions["room"].jobs.close()
    assert sum(statuses.values()) > 300
    assert max(statuses) < 500, statuses


def corpus() -> Iterator[tuple[str, bytes]]:
    """Files that are not what they seem."""
    jpeg, png = encoded(form="JPEG", size=(300, 200)), encoded(size=(300, 200))
    for share in (0.01, 0.1, 0.5, 0.9, 0.999):
        yield f"jpeg cut at {share}", jpeg[: int(len(jpeg) * share)]
        yield f"png cut at {share}", png[: int(len(png) * share)]
    bomb = bytearray(png)
    bomb[16:24] = (50_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    yield "pixel bomb", bytes(bomb)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../evil.png", png)
    yield "zip", archive.getvalue()
    yield "zip behind a jpeg's head", jpeg[:20] + archive.getvalue()
    yield "svg with a script", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "svg named png", b"\x89PNG\r\n\x1a\n<svg><script>alert(1)</script></svg>"
    yield "html", b"<!doctype html><script>alert(1)</script>"
    yield "pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"
    yield "elf", b"\x7fELF" + bytes(500)
    yield "zeros", bytes(10_000)
    yield "one byte", b"\xff"
    yield "text", b"cat"
    frames = [Image.new("P", (20, 20), colour) for colour in range(50)]
    gif = io.BytesIO()
    frames[0].save(gif, "GIF", save_all=True, append_images=frames[1:])
    yield "animation", gif.getvalue()
    for mode in ("1", "L", "P", "RGBA", "CMYK", "I;16", "F", "LAB", "YCbCr", "HSV"):
        tiff = io.BytesIO()
        try:
            Image.new(mode, (30, 20)).save(tiff, "TIFF")
        except OSError:
            continue
        yield f"tiff {mode}", tiff.getvalue()
    yield "tiff that points to itself", b"II*\0\x08\0\0\0\x01\0\x00\x01\x03\0\x01\0\0\0\x10\0\0\0\x08\0\0\0"


@pytest.mark.parametrize(("what", "data"), list(corpus()), ids=lambda value: value if isinstance(value, str) else "")
def test_that_no_file_of_the_corpus_is_a_server_error(client: FlaskClient, what: str, data: bytes) -> None:
    for answer in (
        client.post("/api/predict", data=data),
        client.post("/api/predict", data={"file": (io.BytesIO(data), "x.png")}),
        client.post("/api/explain?veil=1", data=data),
        client.post("/api/upload", data={"files": (io.BytesIO(data), "cat.0.png")}),
    ):
        assert answer.status_code in (200, 201, 400, 413, 415, 422), (what, answer.text)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with something about it damaged."""
    broken = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(len(broken))
        match chance.randrange(5):
            case 0:
                broken[at] = chance.randrange(256)
            case 1:
                broken[at] ^= 1 << chance.randrange(8)
            case 2:
                del broken[at : at + chance.randrange(1, 40)]
            case 3:
                broken[at:at] = chance.randbytes(chance.randrange(1, 40))
            case _:
                broken[at : at + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"))
        if not broken:
            return b""
    return bytes(broken[: chance.randrange(1, len(broken) + 1)]) if chance.random() < 0.2 else bytes(broken)


def swarm(client: FlaskClient, count: int) -> Counter[int]:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    chance = random.Random(2026)
    forms = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "AVIF", "HEIF")
    pictures = [encoded(form=form, size=(64, 48)) for form in forms]
    statuses: Counter[int] = Counter()
    for number in range(count):
        data = mutated(pictures[number % len(pictures)], chance)
        answer = client.post("/api/predict", data=data, content_type="image/*")
        statuses[answer.status_code] += 1
        assert answer.status_code in (200, 400, 413, 415, 422), (number, answer.text)
    return statuses


def test_that_a_few_damaged_files_of_every_format_are_no_server_error(client: FlaskClient) -> None:
    assert swarm(client, 400)[422] > 20


@pytest.mark.slow
def test_that_ten_thousand_damaged_files_are_no_server_error(client: FlaskClient) -> None:
    statuses = swarm(client, SWARM)
    assert sum(statuses.values()) == SWARM
    assert statuses[200] > 1000
    assert statuses[422] > 1000


@given(body=st.binary(max_size=300), kind=st.sampled_from(["multipart/form-data; boundary=B", "application/json"]))
@settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_that_any_bytes_as_a_form_or_json_are_a_client_error(client: FlaskClient, body: bytes, kind: str) -> None:
    for path in ("/api/predict", "/api/upload", "/api/retrain"):
        answer = client.post(path, data=body, content_type=kind)
        assert 400 <= answer.status_code < 500, answer.text

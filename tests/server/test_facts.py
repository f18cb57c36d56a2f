"""The routes that tell how things are."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from engine.whisker import Whisker
from tests.server.conftest import CAT, DOG, UNKNOWN


def test_that_health_says_ok_once_a_model_answers(client: FlaskClient) -> None:
    answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ok"


def test_that_model_info_describes_the_active_model(client: FlaskClient, whisker: Whisker) -> None:
    said = client.get("/api/model-info").get_json()
    assert (said["name"], said["version"], said["classes"]) == ("cats-dogs", 1, ["cat", "dog"])
    assert said["input"] == {"width": 32, "height": 32, "fit": "squash", "resample": "bilinear"}
    assert said["metrics"]["accuracy"] == 1.0
    assert said["training"]["images"] == 20
    assert said["recipe"] == "quick"
    assert said["hash"] == whisker.shelf.active.card.sha256["model.onnx"]


def test_that_model_info_of_a_lone_onnx_file_has_its_hash(
    client: FlaskClient, whisker: Whisker, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = whisker.shelf.active.card
    monkeypatch.setenv("MODEL_PATH", str(whisker.shelf.active.folder / "model.onnx"))
    assert client.get("/api/model-info").get_json()["hash"] == card.sha256["model.onnx"]


def test_that_statistics_count_what_was_answered(client: FlaskClient) -> None:
    for picture in (CAT, DOG, DOG, UNKNOWN):
        client.post("/api/predict", data=picture)
    client.get("/api/nowhere")
    said = client.get("/api/statistics").get_json()
    assert said["predictions"]["total"] == 4
    assert said["predictions"]["per_class"] == {"dog": 2, "cat": 1}
    assert said["predictions"]["unknown"] == 1
    assert said["predictions"]["in_history"] == 4
    assert said["latency"]["p50"] <= said["latency"]["p95"] <= said["latency"]["p99"]
    assert said["requests"]["404"] == 1
    assert said["model"]["metrics"]["accuracy"] == 1.0
    assert 0 <= said["cpu_percent"] <= 100
    assert 0 < said["memory_percent"] <= 100
    assert 0 < said["disk_percent"] <= 100
    assert said["process"]["memory_bytes"] > 0
    assert said["uptime_seconds"] >= 0
    assert set(said["disk"]) == {"read_bytes_per_second", "written_bytes_per_second"}
    assert said["network"]["requests_per_second"] >= 0
    assert said["recent"] == {"pictures": 4, "unknown": 1, "per_class": {"dog": 2, "cat": 1}, "drift": []}


def test_that_drift_is_told_to_programs_too(client: FlaskClient, whisker: Whisker) -> None:
    answer = whisker.predictor.predict(UNKNOWN, "grey.png")
    whisker.history.record([answer] * 150, "cli")
    (sign,) = client.get("/api/statistics").get_json()["recent"]["drift"]
    assert (sign["kind"], sign["class"], sign["share"], sign["expected"]) == ("distance", None, 1.0, 0.0333)
    found = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    told = {sample.labels["kind"]: sample.value for sample in found["whisker_drift"].samples}
    assert told == {"class_mix": 0.0, "distance": 1.0}


def test_that_predictions_come_newest_first_in_pages(client: FlaskClient, whisker: Whisker) -> None:
    for picture in (CAT, DOG, CAT):
        client.post("/api/predict", data=picture)
    whisker.correct(1, "fox")
    first = client.get("/api/predictions?limit=2").get_json()
    assert [row["predicted_class"] for row in first["predictions"]] == ["cat", "dog"]
    rest = client.get(f"/api/predictions?limit=2&before={first['next_before']}").get_json()
    assert [row["correction"] for row in rest["predictions"]] == ["fox"]
    assert rest["next_before"] is None
    assert "path" not in rest["predictions"][0]
    by_time = client.get("/api/predictions", query_string={"before": first["predictions"][0]["timestamp"]}).get_json()
    assert len(by_time["predictions"]) == 2


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=-1", "limit=501", "limit=x", "limit=1e3", "limit=²", "limit=" + "9" * 99),
        *("before=x", "before=-1", "before=" + "9" * 99, "before=2026-13-01", "before=0001-01-01T00:00:00%2B14:00"),
    ],
)
def test_that_a_query_out_of_range_is_a_client_error(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/predictions?{query}").status_code == 400


def test_that_prometheus_reads_the_metrics(client: FlaskClient) -> None:
    client.post("/api/predict", data=CAT)
    client.post("/api/predict", data=b"hello")
    client.get("/" + "x" * 50)
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain")
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    requests = {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for sample in found["whisker_http_requests"].samples
    }
    assert requests["POST", "/api/predict", "200"] == 1
    assert requests["POST", "/api/predict", "415"] == 1
    assert requests["GET", "other", "404"] == 1  # an address that is not there makes no label of its own
    answered = {sample.labels["verdict"]: sample.value for sample in found["whisker_predictions"].samples}
    assert answered == {"known": 1, "unknown": 0}
    assert found["whisker_model_info"].samples[0].labels == {"name": "cats-dogs", "version": "1"}
    assert found["whisker_process_memory_bytes"].samples[0].value > 1e6


def test_that_the_written_description_names_every_call(client: FlaskClient) -> None:
    written = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for path, methods in client.get("/api/openapi.json").get_json()["paths"].items():
        for method in methods:
            call = f"{method.upper()} {path.replace('{', '<').replace('}', '>')}"
            assert f"`{call}`" in written or f"`{call}?" in written, f"docs/api.md does not tell of {call}"

"""Retraining as a job: started, followed, cancelled; its model used only when it should be."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.bulletin import News, Retrained, RetrainingBegun
from engine.training.events import Epoch, Failed, TrainingReported
from engine.training.plan import Recipe, TrainingPlan
from engine.whisker import Whisker
from server.app import create_app
from server.local_server import LocalServer
from server.uploads import Uploads
from tests.bundles import make_bundle
from tests.server.conftest import shades, until
from tests.server.trainings import METRICS, PROGRESS, FakeRun, FakeTrainer, finished


@pytest.fixture
def sent(upload: Callable[..., Any]) -> None:
    """Four pictures of each of two classes."""
    upload({**shades("cat", 4), **shades("dog", 4)})


@pytest.fixture
def publish(whisker: Whisker, tmp_path: Path) -> Callable[[str], None]:
    """publish(name) puts a version on the shelf, as a training does before it says that it has finished."""

    def put(name: str) -> None:
        whisker.shelf.publish(make_bundle(tmp_path / f"staged-{time.monotonic_ns()}", name=name), name)

    return put


def begin(client: FlaskClient, **fields: object) -> str:
    answer = client.post("/api/retrain", json=fields)
    assert answer.status_code == 202, answer.text
    said = answer.get_json()
    assert said["status_url"] == answer.headers["Location"] == f"/api/retrain/{said['job_id']}"
    return str(said["job_id"])


def state(client: FlaskClient, job: str) -> dict[str, Any]:
    answer = client.get(f"/api/retrain/{job}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.usefixtures("sent")
def test_that_a_job_runs_from_start_to_the_model_that_answers(
    client: FlaskClient, trainer: FakeTrainer, whisker: Whisker, publish: Callable[[str], None]
) -> None:
    job = begin(client, recipe="finetune", epochs=2)
    plan = trainer.runs[0].plan
    assert (plan.folder, plan.name, plan.recipe, plan.epochs) == (
        whisker.home.uploads,
        "my-cats-dogs",
        Recipe.FINETUNE,
        2,
    )
    trainer.runs[0].say(*PROGRESS)
    until(lambda: state(client, job)["epoch"] == 1)
    running = state(client, job)
    assert running["state"] == "running"
    assert running["metrics"] == {"loss": 0.5, "accuracy": 0.8, "val_loss": 0.6, "val_accuracy": 0.75}
    assert running["notes"] == ["One photo is very dark."]
    publish("my-cats-dogs")
    trainer.runs[0].say(finished(verdict="better"))
    until(lambda: state(client, job)["state"] == "finished")
    over = state(client, job)
    assert (over["model"], over["model_version"], over["metrics"]) == ("my-cats-dogs", 1, METRICS)
    assert over["activated"] is True
    assert client.get("/api/model-info").get_json()["name"] == "my-cats-dogs"


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    ("verdict", "activate", "used"),
    [
        ("better", None, True),
        ("no difference", None, True),
        (None, None, True),
        ("worse", None, False),
        ("worse", True, True),
        ("better", False, False),
    ],
)
def test_that_a_model_answers_unless_it_is_worse_or_was_asked_not_to(
    client: FlaskClient,
    trainer: FakeTrainer,
    publish: Callable[[str], None],
    verdict: str | None,
    activate: bool | None,
    used: bool,
) -> None:
    job = begin(client, activate=activate)
    publish("my-cats-dogs")
    trainer.runs[0].say(finished(verdict=verdict))
    until(lambda: state(client, job)["state"] == "finished")
    assert state(client, job)["activated"] is used
    assert client.get("/api/model-info").get_json()["name"] == ("my-cats-dogs" if used else "cats-dogs")
    assert state(client, job)["notes"][-1].endswith(".")


@pytest.mark.usefixtures("sent")
def test_that_only_one_runs_at_a_time(client: FlaskClient, trainer: FakeTrainer) -> None:
    first = begin(client)
    again = client.post("/api/retrain")
    assert (again.status_code, again.get_json()["error"]["code"]) == (409, "training_busy")
    trainer.runs[0].say(Failed("x", "It broke.", "Try again.", "/secret/log"))
    until(lambda: state(client, first)["state"] == "failed")
    assert begin(client) != first


@pytest.mark.usefixtures("sent")
def test_that_a_training_elsewhere_on_this_home_is_a_conflict_too(client: FlaskClient, trainer: FakeTrainer) -> None:
    from engine.training.plan import TrainingPlan

    trainer.start(TrainingPlan(Path("x"), "x"))
    assert client.post("/api/retrain").status_code == 409
    assert client.get("/api/retrain").get_json() == {"jobs": []}


@pytest.mark.usefixtures("sent")
def test_that_cancelling_ends_it_and_can_be_asked_again(client: FlaskClient, trainer: FakeTrainer) -> None:
    job = begin(client)
    trainer.runs[0].say(*PROGRESS)
    answer = client.delete(f"/api/retrain/{job}")
    assert (answer.status_code, answer.get_json()["state"]) == (200, "cancelled")
    assert client.delete(f"/api/retrain/{job}").status_code == 200
    assert begin(client)


@pytest.mark.usefixtures("sent")
def test_that_a_finished_job_cannot_be_cancelled(client: FlaskClient, trainer: FakeTrainer) -> None:
    job = begin(client, activate=False)
    trainer.runs[0].say(finished())
    until(lambda: state(client, job)["state"] == "finished")
    answer = client.delete(f"/api/retrain/{job}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "job_finished")


@pytest.mark.usefixtures("sent")
def test_that_a_failure_is_told_without_paths_of_this_machine(client: FlaskClient, trainer: FakeTrainer) -> None:
    job = begin(client)
    trainer.runs[0].say(Failed("out_of_memory", "Memory ran out.", "Close other programs.", "/home/someone/log"))
    until(lambda: state(client, job)["state"] == "failed")
    said = client.get(f"/api/retrain/{job}")
    assert said.get_json()["error"] == {
        "code": "out_of_memory",
        "message": "Memory ran out.",
        "hint": "Close other programs.",
    }
    assert "someone" not in said.text
    assert "someone" not in client.get(f"/api/retrain/{job}/events").text


@pytest.mark.usefixtures("sent")
def test_that_a_run_that_breaks_off_is_a_failed_job_that_all_hear_of_and_does_not_begin_again_by_itself(
    client: FlaskClient, whisker: Whisker, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[News] = []
    whisker.bulletin.listen(heard.append)
    monkeypatch.setattr(FakeRun, "events", lambda self: iter([PROGRESS[0]]))
    job = begin(client)
    until(lambda: state(client, job)["state"] == "failed")
    assert state(client, job)["error"]["code"] == "training_died"
    until(lambda: Retrained(False, None, "The retraining broke off.") in heard)
    assert RetrainingBegun(False) in heard
    assert Uploads(whisker.home.uploads).fresh() == 0


def events_of(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "data" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


@pytest.mark.usefixtures("sent")
def test_that_events_are_streamed_as_they_come_and_from_where_the_client_was(
    client: FlaskClient, trainer: FakeTrainer
) -> None:
    job = begin(client, activate=False)
    run = trainer.runs[0]
    run.say(*PROGRESS)

    def end() -> None:
        until(lambda: state(client, job)["epoch"] == 1)
        run.say(finished())

    threading.Thread(target=end).start()
    answer = client.get(f"/api/retrain/{job}/events")
    assert answer.content_type.startswith("text/event-stream")
    told = events_of(answer.text)
    assert [kind for _, kind, _ in told] == ["prepared", "notice", "stage", "batch", "epoch", "finished"]
    assert [number for number, _, _ in told] == [1, 2, 3, 4, 5, 6]
    assert told[4][2]["val_accuracy"] == 0.75
    assert told[5][2]["activated"] is False
    later = client.get(f"/api/retrain/{job}/events", headers={"Last-Event-ID": "4"})
    assert [kind for _, kind, _ in events_of(later.text)] == ["epoch", "finished"]
    for nonsense in ("-1", "x", "9" * 50, "²"):
        assert client.get(f"/api/retrain/{job}/events", headers={"Last-Event-ID": nonsense}).status_code == 200


@pytest.mark.usefixtures("sent")
def test_that_a_loss_that_is_no_number_stays_json(client: FlaskClient, trainer: FakeTrainer) -> None:
    job = begin(client)
    trainer.runs[0].say(Epoch(1, 2, float("nan"), 0.5, float("inf"), 0.5, 1.0))
    until(lambda: state(client, job)["epoch"] == 1)
    text = client.get(f"/api/retrain/{job}").text
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name))["metrics"]["loss"] is None


def test_that_an_edition_that_cannot_train_says_so(whisker: Whisker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    app = create_app(whisker)
    client = app.test_client()
    for colour in ("cat", "dog"):
        for name, data in shades(colour, 5).items():
            assert client.post("/api/upload", data={"files": [(io.BytesIO(data), name)]}).status_code == 201
    answer = client.post("/api/retrain")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (501, "training_unavailable")
    assert "full edition" in answer.get_json()["error"]["message"]
    app.extensions["room"].jobs.close()


def test_that_too_little_to_learn_from_is_said(client: FlaskClient, upload: Callable[..., Any]) -> None:
    for files in ({}, shades("cat", 5), {**shades("cat", 5), **shades("dog", 1)}):
        if files:
            upload(files)
        answer = client.post("/api/retrain")
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "dataset_error")


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    "fields",
    [
        {"recipe": "magic"},
        {"recipe": 5},
        {"epochs": 0},
        {"epochs": 1001},
        {"epochs": "3"},
        {"epochs": 1.5},
        {"epochs": True},
        {"name": "../x"},
        {"name": ""},
        {"name": "a/b"},
        {"name": ["x"]},
        {"activate": "yes"},
        {"folder": "/etc"},
        [],
        "x",
    ],
)
def test_that_fields_out_of_range_are_client_errors(client: FlaskClient, fields: object) -> None:
    answer = client.post("/api/retrain", json=fields)
    assert answer.status_code == 400, answer.text
    assert client.get("/api/retrain").get_json() == {"jobs": []}


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("name", ["cats-dogs", "Cats-Dogs"])
def test_that_a_built_in_model_is_not_overwritten(client: FlaskClient, name: str) -> None:
    answer = client.post("/api/retrain", json={"name": name})
    assert answer.status_code == 409
    assert answer.get_json()["error"] == {
        "code": "model_protected",
        "message": "cats-dogs came with Whisker and stays as it is. Choose another name.",
    }


@pytest.mark.usefixtures("sent")
def test_that_other_classes_make_a_model_of_their_own(
    client: FlaskClient, trainer: FakeTrainer, upload: Callable[..., Any]
) -> None:
    upload({f"fox.{number}.png": data for number, data in enumerate(shades("dog", 9).values())})
    begin(client)
    assert trainer.runs[0].plan.name == "my-model"


class TestByItself:
    """Retraining that nobody asked for."""

    @pytest.fixture(autouse=True)
    def switched_on(self, whisker: Whisker) -> None:
        whisker.settings.set("retrain_by_itself", True)
        whisker.settings.set("retrain_after", 6)

    def test_that_it_begins_when_enough_new_pictures_have_come(
        self, client: FlaskClient, trainer: FakeTrainer, upload: Callable[..., Any]
    ) -> None:
        upload({**shades("cat", 2), **shades("dog", 3)})
        assert not trainer.runs
        upload({"cat.9.png": next(iter(shades("cat", 4).values())), **shades("cat", 4)})
        assert len(trainer.runs) == 1
        assert trainer.runs[0].plan.recipe is Recipe.QUICK
        assert client.get("/api/retrain").get_json()["jobs"][0]["automatic"] is True

    def test_that_it_stays_off_until_switched_on(
        self, whisker: Whisker, trainer: FakeTrainer, upload: Callable[..., Any]
    ) -> None:
        whisker.settings.reset("retrain_by_itself")
        upload({**shades("cat", 9), **shades("dog", 9)})
        assert not trainer.runs

    def test_that_one_class_alone_begins_nothing_and_the_upload_succeeds(
        self, trainer: FakeTrainer, upload: Callable[..., Any]
    ) -> None:
        assert len(upload(shades("cat", 9))["saved"]) == 9
        assert not trainer.runs

    @pytest.mark.parametrize(("verdict", "used"), [("better", True), ("no difference", False), (None, False)])
    def test_that_only_a_better_model_is_used_and_any_other_is_said_to_be_kept_aside(
        self,
        client: FlaskClient,
        trainer: FakeTrainer,
        upload: Callable[..., Any],
        publish: Callable[[str], None],
        verdict: str | None,
        used: bool,
    ) -> None:
        upload({**shades("cat", 4), **shades("dog", 4)})
        publish("my-cats-dogs")
        trainer.runs[0].say(finished(verdict=verdict))
        until(lambda: client.get("/api/retrain").get_json()["jobs"][0]["state"] == "finished")
        job = client.get("/api/retrain").get_json()["jobs"][0]
        assert job["activated"] is used
        assert ("kept aside" in job["notes"][-1]) is not used

    def test_that_one_broken_off_by_the_end_of_the_server_begins_again_with_it(
        self, whisker: Whisker, trainer: FakeTrainer, publish: Callable[[str], None]
    ) -> None:
        Uploads(whisker.home.uploads).receive({**shades("cat", 4), **shades("dog", 4)}.items(), None)
        server = LocalServer(whisker, lambda: trainer)
        server.start(port=0)
        until(lambda: len(trainer.runs) == 1)
        server.stop()
        assert trainer.running is None
        server.start(port=0)
        until(lambda: len(trainer.runs) == 2)
        publish("my-cats-dogs")
        trainer.runs[1].say(finished(verdict="better"))
        until(lambda: not server.retraining)
        server.stop()
        server.start(port=0)
        assert Uploads(whisker.home.uploads).fresh() == 0
        server.stop()
        assert len(trainer.runs) == 2

    def test_that_it_begins_when_it_is_switched_on_and_enough_wait_already(
        self, whisker: Whisker, trainer: FakeTrainer
    ) -> None:
        whisker.settings.set("retrain_by_itself", False)
        Uploads(whisker.home.uploads).receive({**shades("cat", 4), **shades("dog", 4)}.items(), None)
        server = LocalServer(whisker, lambda: trainer)
        server.start(port=0)
        assert not trainer.runs
        whisker.settings.set("retrain_by_itself", True)
        until(lambda: len(trainer.runs) == 1)
        server.stop()

    def test_that_what_came_during_a_training_is_learnt_after_it(self, whisker: Whisker, trainer: FakeTrainer) -> None:
        uploads = Uploads(whisker.home.uploads)
        uploads.receive({**shades("cat", 4), **shades("dog", 4)}.items(), None)
        server = LocalServer(whisker, lambda: trainer)
        server.start(port=0)
        until(lambda: server.retraining)
        uploads.receive({**shades("cat", 8), **shades("dog", 8)}.items(), None)
        trainer.runs[0].say(Failed("out_of_memory", "Memory ran out.", "Close other programs.", ""))
        until(lambda: len(trainer.runs) == 2)
        trainer.runs[1].say(Failed("out_of_memory", "Memory ran out.", "Close other programs.", ""))
        until(lambda: not server.retraining)
        server.stop()
        assert len(trainer.runs) == 2

    def test_that_it_begins_after_the_windows_own_training(self, whisker: Whisker, trainer: FakeTrainer) -> None:
        own = trainer.start(TrainingPlan(whisker.home.root, "pets"))
        uploads = Uploads(whisker.home.uploads)
        uploads.receive({**shades("cat", 4), **shades("dog", 4)}.items(), None)
        server = LocalServer(whisker, lambda: trainer)
        server.start(port=0)
        until(lambda: all(thread.name != "retraining" for thread in threading.enumerate()))
        assert trainer.runs == [own]
        trainer.running = None
        whisker.bulletin.tell(TrainingReported(own.id, finished("pets")))
        until(lambda: len(trainer.runs) == 2)
        server.stop()

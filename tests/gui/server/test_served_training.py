from __future__ import annotations

import http.client

from PySide6.QtCore import Qt

from engine.training.events import Cancelled, Failed, Stage
from gui.problems import Toast
from server.uploads import Uploads
from tests.gui.conftest import Opened
from tests.gui.server.conftest import AtHome, Served
from tests.server.conftest import shades
from tests.server.trainings import FakeTrainer, finished


def send(served: Served, pictures: dict[str, bytes]) -> None:
    form = b""
    for name, data in pictures.items():
        head = f'--B\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        form += head + data + b"\r\n"
    sent = served.ask("POST", "/api/upload", form + b"--B--\r\n", **{"Content-Type": "multipart/form-data; boundary=B"})
    assert sent[0] == 201


def begin_training(served: Served) -> None:
    send(served, {**shades("cat", 2), **shades("dog", 2)})
    assert served.ask("POST", "/api/retrain")[0] == 202


def test_that_switching_off_asks_first_while_a_program_has_it_train(served: Served, trainer: FakeTrainer) -> None:
    served.switch_on()
    begin_training(served)
    served.click(served.page.power.switch)
    assert served.page.message.isVisible()
    assert served.page.power.switch.isChecked()
    assert trainer.running is not None
    served.click(served.page.message.action)
    served.wait(lambda: served.state.phase.value == "off")
    assert trainer.running is None


def test_that_closing_asks_once_while_a_program_has_it_train(served: Served, trainer: FakeTrainer) -> None:
    served.switch_on()
    begin_training(served)
    served.opened.window.show_page("predict")
    assert not served.opened.window.close()
    assert served.opened.window.pages.currentWidget() is served.page
    assert "training" in served.page.message.text.text()
    trainer.runs[0].say(finished())
    served.wait(lambda: not served.page.message.isVisible())
    assert served.ask("POST", "/api/retrain")[0] == 202
    assert not served.opened.window.close()
    trainer.runs[1].say(finished())
    served.wait(lambda: not served.state.retraining)
    assert served.opened.window.close()


def test_that_closing_asks_even_if_the_page_was_never_looked_at(
    opened: Opened, local: AtHome, trainer: FakeTrainer
) -> None:
    opened.desk.server.start()
    opened.wait(lambda: opened.desk.server.on)
    Uploads(opened.whisker.home.uploads).receive({**shades("cat", 2), **shades("dog", 2)}.items(), None)
    client = http.client.HTTPConnection("127.0.0.1", local.port or 0, timeout=10)
    client.request("POST", "/api/retrain")
    assert client.getresponse().status == 202
    client.close()
    assert not opened.window.close()
    page = opened.window.page("server")
    assert opened.window.pages.currentWidget() is page
    opened.qtbot.mouseClick(page.message.action, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    opened.wait(lambda: not opened.window.isVisible())


def test_that_a_training_through_the_server_stands_in_the_status_bar(served: Served) -> None:
    from engine.training.events import TrainingReported

    served.switch_on()
    begin_training(served)
    tell, jobs = served.opened.whisker.bulletin.tell, served.opened.window.status.jobs
    served.wait(lambda: "Retraining for the server" in jobs.text())
    tell(TrainingReported("run-1", Stage("features", "Looking at the photos", 1, 4, 9.0)))
    served.wait(lambda: "Retraining for the server · 25" in jobs.text())
    tell(TrainingReported("run-1", Cancelled("asked")))
    served.wait(lambda: jobs.text() == "No jobs running")


def test_that_what_came_of_a_training_through_the_server_is_said(served: Served, trainer: FakeTrainer) -> None:
    served.switch_on()
    begin_training(served)
    trainer.runs[0].say(finished(verdict="worse"))
    served.wait(lambda: "my-cats-dogs v1 was trained for the server. It is kept aside" in served.toast)
    assert "worse than cats-dogs v1" in served.toast
    assert served.page.reach.retrained.isVisible()
    assert "my-cats-dogs v1" in served.page.reach.retrained.text()
    served.opened.window.findChild(Toast).hide()
    served.opened.whisker.settings.set("retrain_after", 4)
    served.opened.whisker.settings.set("retrain_by_itself", True)
    form = {f"cat.{number}.png": data for number, data in enumerate(shades("cat", 12).values()) if number >= 4}
    for name, data in form.items():
        send(served, {name: data})
    served.wait(lambda: len(trainer.runs) == 2)
    trainer.runs[1].say(Failed("out_of_memory", "Memory ran out.", "Close other programs.", ""))
    served.wait(lambda: "by itself has ended without a model. Memory ran out." in served.toast)

"""The page in a real browser: predict, retrain and monitor, by mouse and by keyboard, on a desk and on a phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from engine.training.events import Batch, Epoch, Finished
from engine.whisker import Whisker
from server.local_server import LocalServer
from server.uploads import Uploads
from tests.server.conftest import CAT, DOG, UNKNOWN, shades
from tests.server.trainings import PROGRESS, FakeTrainer

pytestmark = pytest.mark.slow

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PAGES = ("#predict", "#retrain", "#monitor", "api/docs")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "The tests of the page need Debian's chromium: apt install chromium"
    with sync_playwright() as playwright:
        # --no-sandbox: a container's root may not make Chromium's.
        found = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(params=["desk-light", "phone-dark"])
def page(request: pytest.FixtureRequest, browser: Browser, server: LocalServer) -> Iterator[Page]:
    """The page, freshly opened; fails afterwards if it reported an error or asked another host for anything."""
    size, scheme = request.param.split("-")
    context = browser.new_context(color_scheme=scheme, base_url=server.url, **(DESK if size == "desk" else PHONE))
    opened = context.new_page()
    wrong: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # Chromium itself notes each picture that was refused.
        if message.type == "error" and "status of 422" not in message.text:
            wrong.append(message.text)

    opened.on("console", hear)
    opened.on("pageerror", lambda error: wrong.append(str(error)))

    def stays_here(asked: Request) -> None:
        if not asked.url.startswith((server.url or "", "blob:", "data:")):
            wrong.append(asked.url)

    opened.on("request", stays_here)
    opened.goto("/")
    yield opened
    context.close()
    assert wrong == []


def files(pictures: dict[str, bytes]) -> list[dict[str, Any]]:
    return [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in pictures.items()]


def drop(page: Page, selector: str, name: str, data: bytes) -> None:
    """Drop a file as a person does: enter, over, drop."""
    transfer = page.evaluate_handle(
        """([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
            return transfer;
        }""",
        [name, list(data)],
    )
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event(selector, kind, {"dataTransfer": transfer})


def test_that_one_picture_is_answered_and_explained(page: Page, whisker: Whisker) -> None:
    page.set_input_files("#predict-files", files({"tom.png": CAT}))
    expect(page.locator("#answer-class")).to_have_text("cat")
    expect(page.locator("#answer-pill")).to_have_text("Sure")
    expect(page.locator("#answer-bars li")).to_have_count(2)
    expect(page.locator("#answer-name")).to_have_text("tom.png")
    page.check("#heat")
    expect(page.locator("#veil")).to_be_visible()
    photo, veil = page.locator("#photo").bounding_box(), page.locator("#veil").bounding_box()
    assert photo == veil
    page.uncheck("#heat")
    expect(page.locator("#veil")).to_be_hidden()
    assert whisker.history.recent(1)[0].name == "tom.png"


def test_that_many_pictures_fill_tiles_and_each_failure_is_named(page: Page) -> None:
    pictures = {"a.png": CAT, "b.png": DOG, "c.png": UNKNOWN, "broken.png": CAT[:50]}
    page.set_input_files("#predict-files", files(pictures))
    expect(page.locator("#tiles-count")).to_have_text("4 photos")
    for name, label in {"a.png": "cat", "b.png": "dog", "c.png": "Not sure", "broken.png": "Failed"}.items():
        tile = page.get_by_role("button", name=re.compile(f"^{name}: {label}"))
        expect(tile).to_be_visible()
    page.get_by_role("button", name=re.compile("^c.png")).click()
    expect(page.locator("#answer-class")).to_have_text("Not sure")
    expect(page.locator("#answer-sentence")).to_contain_text("Unlike anything this model was shown")
    page.get_by_role("button", name=re.compile("^broken.png")).click()
    expect(page.locator("#answer-sentence")).to_contain_text("broken.png")


def test_that_pictures_may_be_dropped_and_pasted(page: Page) -> None:
    drop(page, "#predict-drop", "dropped.png", DOG)
    expect(page.locator("#answer-class")).to_have_text("dog")
    page.evaluate(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
        }""",
        list(CAT),
    )
    expect(page.locator("#answer-class")).to_have_text("cat")
    expect(page.locator("#answer-name")).to_have_text("pasted photo")


def test_that_pictures_are_uploaded_a_training_followed_and_its_model_named(
    page: Page, trainer: FakeTrainer, whisker: Whisker
) -> None:
    page.goto("/#retrain")
    expect(page.locator("#start-button")).to_be_disabled()
    page.set_input_files("#upload-files", files({**shades("cat", 3), **shades("dog", 3), "none.png": CAT}))
    expect(page.locator("#upload-said")).to_have_text("6 photos kept, 1 refused.")
    expect(page.locator("#upload-rejected")).to_contain_text("none.png: It has no label")
    expect(page.locator("#upload-counts li")).to_have_count(2)
    page.fill("#label", "fox")
    page.set_input_files("#upload-files", files({"one.png": UNKNOWN}))
    expect(page.locator("#upload-counts li")).to_have_count(3)
    page.select_option("#recipe", "finetune")
    page.fill("#epochs", "4")
    page.click("#start-button")
    expect(page.locator("#job-state")).to_contain_text("Starting")
    run = trainer.runs[0]
    assert (run.plan.recipe.value, run.plan.epochs) == ("finetune", 4)
    run.say(*PROGRESS[:3])
    expect(page.locator("#job-state")).to_have_text("Looking at the photos")
    expect(page.locator("#job-left")).to_have_text("About 9 s left")
    run.say(*(Epoch(number, 4, 0.5, 0.8, 0.6, 0.7 + number / 20, 1.0) for number in (1, 2)), Batch(3, 1, 4, 0.4, 100.0))
    expect(page.locator("#curve polyline")).to_have_count(2)
    expect(page.locator("#job-bar")).to_have_attribute("aria-valuenow", "25")
    expect(page.locator("#job-left")).to_have_text("About 2 min left")
    assert whisker.shelf.active.card.metrics is not None
    run.say(Finished("my-model", 1, whisker.shelf.active.card.metrics, 12.0, None, ("Learnt from 7 photos.",)))
    expect(page.locator("#outcome-headline")).to_have_text("20 of 20 right")
    expect(page.locator("#outcome-notes")).to_contain_text("Learnt from 7 photos.")
    expect(page.locator("#outcome-notes")).to_contain_text("Between 83.9 % and 100.0 %")
    expect(page.locator("#start-button")).to_be_enabled()


def test_that_a_training_is_cancelled_and_found_again_after_a_reload(page: Page, trainer: FakeTrainer) -> None:
    page.goto("/#retrain")
    page.set_input_files("#upload-files", files({**shades("cat", 2), **shades("dog", 2)}))
    page.click("#start-button:enabled")
    expect(page.locator("#job-state")).to_contain_text("Starting")
    trainer.runs[0].say(PROGRESS[2])
    page.reload()
    expect(page.locator("#job-state")).to_have_text("Looking at the photos")
    page.click("#cancel")
    expect(page.locator("#outcome-headline")).to_have_text("Cancelled")
    assert trainer.running is None


def test_that_what_others_send_and_begin_is_seen_without_a_reload(
    page: Page, server: LocalServer, whisker: Whisker, trainer: FakeTrainer
) -> None:
    page.goto("/#retrain")
    expect(page.locator("#start-button")).to_be_disabled()
    Uploads(whisker.home.uploads).receive({**shades("cat", 6), **shades("dog", 6)}.items(), None)
    expect(page.locator("#upload-counts li")).to_have_count(2, timeout=10_000)
    expect(page.locator("#start-button")).to_be_enabled()
    whisker.settings.set("retrain_after", 10)
    whisker.settings.set("retrain_by_itself", True)
    expect(page.locator("#cancel")).to_be_visible(timeout=10_000)
    trainer.runs[0].say(PROGRESS[2])
    expect(page.locator("#job-state")).to_have_text("Looking at the photos")


def test_that_a_training_whose_server_was_stopped_does_not_seem_to_go_on(
    browser: Browser, server: LocalServer, trainer: FakeTrainer
) -> None:
    port = server.port
    page = browser.new_page()
    page.goto(f"{server.url}/#retrain")
    page.set_input_files("#upload-files", files({**shades("cat", 2), **shades("dog", 2)}))
    page.click("#start-button:enabled")
    expect(page.locator("#job-state")).to_contain_text("Starting")
    server.stop()
    server.start(port=port or 0)
    expect(page.locator("#outcome-headline")).to_have_text("What came of it is not known", timeout=15_000)
    expect(page.locator("#start-button")).to_be_enabled()
    page.close()


def test_that_the_monitor_shows_machine_model_and_recent_predictions(page: Page, whisker: Whisker) -> None:
    whisker.classify(CAT, origin="cli", name="from the terminal.png")
    page.goto("/#monitor")
    expect(page.locator(".gauge")).to_have_count(3)
    expect(page.locator(".gauge").first).to_contain_text("%")
    expect(page.locator("#scores")).to_contain_text("100.0 %")
    expect(page.locator("#confusion td.right")).to_have_count(2)
    row = page.locator("#recent tbody tr").first
    expect(row).to_contain_text("from the terminal.png")
    expect(row).to_contain_text("cat")
    whisker.classify(UNKNOWN, origin="window", name="later.png")
    expect(page.locator("#recent tbody tr").first).to_contain_text("later.png", timeout=10_000)
    expect(page.locator("#recent tbody tr").first).to_contain_text("not sure")


def test_that_the_monitor_says_when_photos_differ_from_those_the_model_was_judged_by(
    page: Page, whisker: Whisker
) -> None:
    page.goto("/#monitor")
    expect(page.locator(".gauge").nth(2)).to_contain_text("writes")
    expect(page.locator("#drift")).to_be_hidden()
    whisker.history.record([whisker.predictor.predict(UNKNOWN, "grey.png")] * 150, "api")
    expect(page.locator("#drift li")).to_contain_text("unlike what the model was taught", timeout=10_000)


def test_that_a_stopped_server_is_said_and_its_return_noticed(
    browser: Browser, server: LocalServer, whisker: Whisker
) -> None:
    port = server.port
    page = browser.new_page()
    page.goto(f"{server.url}/#monitor")
    expect(page.locator(".gauge")).to_have_count(3)
    server.stop()
    expect(page.locator("#trouble")).to_contain_text("does not answer", timeout=10_000)
    server.start(port=port or 0)
    expect(page.locator("#trouble")).to_be_hidden(timeout=10_000)
    page.close()


def test_that_the_api_can_be_tried_on_its_page(page: Page) -> None:
    page.goto("/api/docs")
    card = page.locator("details", has=page.locator("summary", has_text="/api/predict")).filter(has_text="POST").first
    card.locator("summary").click()
    card.locator("input[type=file]").first.set_input_files(files({"a.png": CAT})[0])
    card.get_by_role("button", name="Try it").click()
    expect(card.locator("pre")).to_contain_text('"predicted_class": "cat"')
    expect(page.locator("#shapes details").first).to_be_visible()


def test_that_everything_is_reached_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    reached = set()
    for _ in range(15):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"Predict", "Retrain", "Monitor", "appearance", "predict-files", "The API"} <= reached
    page.get_by_role("link", name="Retrain").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#page-retrain")).to_be_visible()
    expect(page.locator("main")).to_be_focused()


def test_that_appearance_follows_the_system_until_it_is_chosen(page: Page) -> None:
    theme = page.locator("html")
    page.emulate_media(color_scheme="dark")
    expect(theme).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(theme).to_have_attribute("data-bs-theme", "light")
    page.click("#appearance")
    page.click("#appearance")
    expect(page.get_by_role("button", name="Appearance: dark")).to_be_visible()
    expect(theme).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(theme).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize("address", PAGES)
def test_that_nothing_is_wider_than_the_screen(page: Page, address: str) -> None:
    page.set_input_files("#predict-files", files({"a" * 150 + ".png": CAT, "b.png": DOG}))
    expect(page.locator("#answer-bars li")).to_have_count(2)
    page.goto(f"/{address}")
    expect(page.locator("h1:visible")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_that_the_page_asks_for_the_token_and_works_with_it(browser: Browser, whisker: Whisker) -> None:
    locked = LocalServer(whisker)
    address = locked.start(port=0, token="a long token")
    try:
        stranger = browser.new_context()
        assert stranger.request.get(address).status == 401
        context = browser.new_context(http_credentials={"username": "me", "password": "a long token"})
        page = context.new_page()
        page.goto(address)
        page.set_input_files("#predict-files", files({"a.png": CAT}))
        expect(page.locator("#answer-class")).to_have_text("cat")
        context.close()
        stranger.close()
    finally:
        locked.stop()


def test_that_a_page_of_another_site_cannot_reach_it(
    browser: Browser, server: LocalServer, whisker: Whisker, tmp_path: Path
) -> None:
    """A real page of another origin tries what pages can: fetch, a form, a picture, a frame."""
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    (tmp_path / "evil.html").write_text(
        f"""<img src="{server.url}/api/explain"><iframe name="frame" src="{server.url}/"></iframe>
        <form id="form" method="post" enctype="multipart/form-data" target="frame"
            action="{server.url}/api/predict"><input name="label"></form>
        <script>
          fetch("{server.url}/api/predictions").then(() => document.title = "read", () => document.title = "refused");
          fetch("{server.url}/api/predict", {{ method: "POST", mode: "no-cors", body: new Blob(["x"]) }});
          document.getElementById("form").submit();
        </script>""",
        encoding="utf-8",
    )

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    evil = ThreadingHTTPServer(("127.0.0.1", 0), lambda *a, **k: Quiet(*a, directory=str(tmp_path), **k))
    Thread(target=evil.serve_forever, daemon=True).start()
    statuses: dict[str, int] = {}
    page = browser.new_page()
    page.on("response", lambda answer: statuses.update({answer.url.replace(server.url or "", ""): answer.status}))
    try:
        page.goto(f"http://127.0.0.1:{evil.server_port}/evil.html")
        expect(page).to_have_title("refused")
        page.wait_for_timeout(300)
    finally:
        page.close()
        evil.shutdown()
        evil.server_close()
    ours = {path: status for path, status in statuses.items() if "evil" not in path}
    assert ours
    assert set(ours.values()) == {403}, ours
    assert whisker.history.count() == 0

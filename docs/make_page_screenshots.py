"""Photograph the server's web page in every state, on a desk and on a phone, light and dark, into docs/screenshots/.

    python docs/make_page_screenshots.py [--into FOLDER]

A real server on a throw-away home, real answers, and one real training on the sample set. Needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from engine.paths import Home, samples  # noqa: E402
from engine.whisker import Whisker  # noqa: E402
from server.local_server import LocalServer  # noqa: E402

SCREENS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 860}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}
SET = CHECKOUT / "data" / "sample-set"
A_TRAINING_MS = 600_000
SETTLED_MS = 300

Save = Callable[[str], None]


def photograph(page: Page, save: Save) -> None:
    """Go through the page as a person does; `save` is told the name of each state."""
    photos = [file(path) for path in sorted(samples().glob("*.jpg"))]
    page.goto("/")
    page.wait_for_selector("#samples li")
    save("empty")
    page.set_input_files("#predict-files", photos[1:2])
    page.wait_for_selector("#answer-bars li")
    page.check("#heat")
    page.wait_for_selector("#veil:visible")
    save("answer")
    broken = photos[0] | {"name": "broken.jpg", "buffer": photos[0]["buffer"][:2000]}
    page.set_input_files("#predict-files", [*photos, *map(file, sorted((SET / "cat").glob("*.jpg"))[:5]), broken])
    page.wait_for_selector(".tile.wrong")
    save("many")
    page.goto("/#retrain")
    page.wait_for_selector("#page-retrain:visible")
    if page.locator("#upload-counts li").count() == 0:
        save("retrain-empty")
        learn(page, save)
    page.wait_for_selector("#job-outcome:visible")
    save("retrain-done")
    page.goto("/#monitor")
    page.wait_for_selector("#recent tbody tr")
    save("monitor")
    page.goto("/api/docs")
    page.wait_for_selector("#shapes details")
    save("api")


def learn(page: Page, save: Save) -> None:
    pictures = [file(path, f"{path.parent.name}.{at}.jpg") for at, path in enumerate(sorted(SET.rglob("*.jpg")))]
    page.set_input_files("#upload-files", [*pictures, pictures[0] | {"name": "unnamed.jpg"}])
    page.wait_for_selector("#start-button:enabled")
    save("retrain-sent")
    page.click("#start-button")
    page.wait_for_selector("#job:visible")
    save("retrain-running")
    page.wait_for_selector("#job-outcome:visible", timeout=A_TRAINING_MS)


def file(path: Path, name: str = "") -> dict[str, Any]:
    return {"name": name or path.name, "mimeType": "image/jpeg", "buffer": path.read_bytes()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=CHECKOUT / "docs" / "screenshots")
    into: Path = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Debian's chromium is wanted: apt install chromium")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        whisker = Whisker(Home(Path(home)))
        server = LocalServer(whisker)
        address = server.start(port=0)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            for screen, options in SCREENS.items():
                for scheme in ("light", "dark"):
                    context = browser.new_context(color_scheme=scheme, base_url=address, **options)
                    page = context.new_page()

                    def save(state: str, page: Page = page, kind: str = f"{screen}-{scheme}") -> None:
                        page.wait_for_timeout(SETTLED_MS)
                        target = into / f"page-{state}-{kind}.png"
                        page.screenshot(path=target, full_page=state != "api")
                        print(target.name, flush=True)

                    photograph(page, save)
                    context.close()
        finally:
            browser.close()
            server.stop()
            whisker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

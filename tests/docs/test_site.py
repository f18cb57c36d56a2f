"""The manual as a website: it builds without a warning, and asks nobody else for anything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.docs import pages
from tests.docs.pages import CHECKOUT, DOCS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=CHECKOUT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return folder


def test_that_every_page_is_in_it(site: Path) -> None:
    for page in pages.manual():
        assert (site / page.relative_to(DOCS)).with_suffix(".html").is_file()


def test_that_it_works_without_a_network(site: Path) -> None:
    for file in site.rglob("*.html"):
        html = file.read_text(encoding="utf-8")
        fetched = re.findall(r"<(?:script|img|iframe|source)[^>]*\bsrc=[\"']?([^\"'\s>]+)", html)
        fetched += re.findall(r"<link(?![^>]*rel=[\"']?(?:canonical|next|prev)\b)[^>]*\bhref=[\"']?([^\"'\s>]+)", html)
        assert fetched
        for address in fetched:
            assert not re.match(r"(?:\w+:)?//", address), f"{file.name} fetches {address}"
            assert (file.parent / address.partition("?")[0].partition("#")[0]).exists() or file.name == "404.html"


def test_that_nothing_but_the_manual_is_in_it(site: Path) -> None:
    assert not [*site.rglob("*.py"), *site.rglob("*.template")]
    assert not (site / "screenshots").exists()


def test_that_its_colours_are_the_windows(site: Path) -> None:
    style = (site / "manual.css").read_text(encoding="utf-8")
    assert "${" not in style
    tokens = (CHECKOUT / "resources" / "theme" / "tokens.json").read_text(encoding="utf-8")
    assert set(re.findall(r"#[0-9A-Fa-f]{6}\b", style)) <= set(re.findall(r"#[0-9A-Fa-f]{6}\b", tokens))
    assert (site / "images" / "whisker.svg").is_file()


@pytest.mark.slow
def test_that_it_can_be_searched_when_it_is_opened_as_a_file(site: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "The tests of the manual need Debian's chromium: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / "guide" / "teach.html").as_uri())
        page.click("input.md-search__input")
        page.keyboard.type("mislabelled", delay=30)
        found = page.locator(".md-search-result__item").first
        found.wait_for()
        assert "data doctor" in found.inner_text().lower()
        assert all(address.startswith("file:") for address in asked)
        browser.close()

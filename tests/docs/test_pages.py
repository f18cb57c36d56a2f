"""The manual as text: links lead somewhere, pictures exist, and what is quoted from the window stands in it."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
import yaml
from PIL import Image

from gui.help.manual import ORDER
from tests.docs import pages
from tests.docs.pages import CHECKOUT, DOCS

LARGEST_PICTURE = 200_000
ALL_PICTURES = 3_000_000
WINDOW_PAGES = [*sorted((DOCS / "guide").glob("*.md")), DOCS / "index.md", DOCS / "troubleshooting.md"]
each_page = pytest.mark.parametrize("page", pages.handbook(), ids=pages.name)
each_window_page = pytest.mark.parametrize("page", WINDOW_PAGES, ids=pages.name)


@each_page
def test_that_every_link_leads_somewhere(page: Path) -> None:
    for link in pages.links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(CHECKOUT), link
        if anchor:
            assert anchor in pages.anchors(target), f"{link}: there is no such heading"


def test_that_the_manual_is_complete_in_itself() -> None:
    """Also inside the program, where nothing but docs/ is shown."""
    for page in pages.manual():
        for link in pages.links(page):
            assert (page.parent / link.partition("#")[0]).resolve().is_relative_to(DOCS), f"{page.name}: {link}"


def test_that_website_and_window_list_every_page_in_one_order() -> None:
    there = {page.relative_to(DOCS).as_posix() for page in pages.manual()}
    config = yaml.load((CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    website = [
        (title, list(chain(*map(dict.values, names)))) for part in config["nav"] for title, names in part.items()
    ]
    window = [(title, [name for name in names if name in there]) for title, names in ORDER]
    assert set(chain(*(names for _, names in website))) == there, "name each page under nav: in mkdocs.yml"
    assert website == window, "gui/help/manual.py has another order than mkdocs.yml"


def test_that_every_picture_is_shown_and_small() -> None:
    shown = {(page.parent / link).resolve() for page in pages.manual() for link in pages.links(page)}
    pictures = sorted((DOCS / "images").iterdir())
    assert [picture.name for picture in pictures if picture not in shown] == []
    assert sum(picture.stat().st_size for picture in pictures) < ALL_PICTURES
    for picture in pictures:
        assert picture.stat().st_size < LARGEST_PICTURE, picture.name
        with Image.open(picture) as image:
            # The packaged window reads nothing else without Pillow.
            assert image.format == "PNG"
            image.load()


@pytest.mark.parametrize("page", pages.manual(), ids=pages.name)
def test_that_a_page_reads_well_without_a_browser(page: Path) -> None:
    """The window renders it with Qt, which knows plain Markdown and nothing else."""
    text = pages.prose(page)
    assert re.search(r"^# .+", text), "it begins with its title"
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    for trick in (r"^!!!", r"^\?\?\?", r"\{:", r"^:::", r"<(?:div|img|br|details|kbd|table)\b", r"^\[TOC\]"):
        assert not re.search(trick, text, re.MULTILINE), trick
    for picture in re.findall(r"!\[([^\]]*)\]", text):
        assert picture, "a picture says in words what it shows"


def words_of_the_window() -> str:
    """All that the window and the web page can say, as written in their sources; in lower case, spaces alike."""
    files = [path for room in ("gui", "engine", "server", "cli") for path in (CHECKOUT / room).rglob("*.py")]
    files += [*(CHECKOUT / "server" / "templates").glob("*.html"), *(CHECKOUT / "server" / "static").glob("*.js")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*files, CHECKOUT / "main.py"])
    # A sentence may be written over two lines, and have figures in it.
    text = re.sub(r"\"\s*\n\s*f?\"", "", text)
    return _plain(text)


def _plain(text: str) -> str:
    text = text.replace("\\u00a0", " ").replace("{_SPACE}", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text).lower()


WORDS = words_of_the_window()


@each_window_page
def test_that_what_is_printed_in_bold_can_be_read_in_the_window(page: Path) -> None:
    for bold in re.findall(r"\*\*(.+?)\*\*", pages.prose(page)):
        assert _plain(bold) in WORDS, f"the window has no “{bold}”"


@each_window_page
def test_that_quoted_sentences_are_those_of_the_program(page: Path) -> None:
    for quoted in re.findall(r"\"([A-Z][^\"]{12,})\"", pages.prose(page)):
        for part in filter(None, (part.strip(" .") for part in quoted.split("..."))):
            known = any(_plain(piece) in WORDS for piece in re.split(r"\b\d+\b", part) if len(piece) > 3)
            assert known, f"the program does not say “{part}”"


@each_window_page
def test_that_keys_are_those_of_the_window(page: Path) -> None:
    for key in re.findall(r"`((?:Ctrl|Alt|Shift)\+[^`]+|F\d+)`", pages.prose(page)):
        assert key in KEYS or key.lower() in WORDS, f"the window has no key {key}"


KEYS = {"Ctrl+C", "Ctrl+Z", "Ctrl+O", "Ctrl+V", *(f"Ctrl+{number}" for number in range(1, 7))}
"""Known to Qt by other names (QKeySequence.StandardKey), or made from the pages' order."""


def test_that_the_manual_names_every_command() -> None:
    from cli import COMMANDS

    text = "\n".join(pages.read(page) for page in pages.manual() if page.name != "cli.md")
    for command in COMMANDS:
        assert f"whisker {command}" in text, command


def test_that_the_page_of_the_settings_is_what_they_say_of_themselves() -> None:
    said = "import make_settings_page as m; assert m.PAGE.read_text(encoding='utf-8') == m.page()"
    ran = subprocess.run([sys.executable, "-c", said], cwd=DOCS, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, f"Run `make docs`. {ran.stderr}"


def test_that_the_page_of_reliability_is_made_of_the_figures() -> None:
    said = "import make_reliability_page as m; assert m.PAGE.read_text(encoding='utf-8') == m.page()"
    ran = subprocess.run([sys.executable, "-c", said], cwd=DOCS, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, f"Run `make faults`, or docs/make_reliability_page.py. {ran.stderr}"


def test_that_the_notebook_is_linked() -> None:
    assert "pipeline.ipynb" in pages.links(DOCS / "notebook.md")


def test_that_the_site_asks_for_nothing_from_elsewhere() -> None:
    config = yaml.load((CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert config["theme"]["font"] == "false"
    assert not {"extra_javascript", "repo_url", "site_url"} & set(config)
    assert all("//" not in sheet for sheet in config["extra_css"])

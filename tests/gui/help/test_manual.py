from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine import paths
from gui.help.manual import MORE, headings, read, resolve, slug


def test_that_the_manual_that_ships_is_listed_whole_and_in_order() -> None:
    pages = read(paths.manual())
    assert pages[0].key == "index.md"
    assert {page.key for page in pages} == {
        path.relative_to(paths.manual()).as_posix() for path in paths.manual().rglob("*.md")
    }
    assert all(page.title and page.title != page.key for page in pages)


def test_that_every_link_in_the_manual_that_ships_leads_somewhere() -> None:
    pages = {page.key: page for page in read(paths.manual())}
    for page in pages.values():
        words = re.sub(r"^(```|~~~).*?^\1|`[^`\n]*`", "", page.text, flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", words):
            if ":" in link.split("/", 1)[0]:
                continue
            key, anchor = resolve(page.key, link)
            if not key.endswith(".md"):
                assert (paths.manual() / key).exists(), f"{page.key}: {link}"
                continue
            assert key in pages, f"{page.key}: {link}"
            assert not anchor or anchor in map(slug, headings(pages[key].text)), f"{page.key}: {link}"


def test_that_pages_nobody_put_in_order_come_last(tmp_path: Path) -> None:
    (tmp_path / "guide").mkdir()
    (tmp_path / "zoo.md").write_text("# The `zoo`\n", "utf-8")
    (tmp_path / "guide" / "predict.md").write_text("no heading here", "utf-8")
    (tmp_path / "index.md").write_text("# Welcome\n```\n# a comment\n```\n", "utf-8")
    pages = read(tmp_path)
    assert [(page.key, page.title, page.section) for page in pages] == [
        ("index.md", "Welcome", "User guide"),
        ("guide/predict.md", "guide/predict.md", "User guide"),
        ("zoo.md", "The zoo", MORE),
    ]


def test_that_without_a_manual_there_are_no_pages(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("key", "link", "found"),
    [
        ("index.md", "guide/teach.md", ("guide/teach.md", "")),
        ("guide/teach.md", "../unknown.md#how", ("unknown.md", "how")),
        ("guide/teach.md", "sort.md", ("guide/sort.md", "")),
        ("guide/teach.md", "#here", ("guide/teach.md", "here")),
        ("guide/teach.md", "../../../../etc/passwd", ("etc/passwd", "")),
    ],
)
def test_that_links_are_read_from_the_page_they_stand_on(key: str, link: str, found: tuple[str, str]) -> None:
    assert resolve(key, link) == found


def test_that_a_heading_is_called_what_links_call_it() -> None:
    assert slug("Who may ask?") == "who-may-ask"
    assert headings("# A *b* `c` [d](e.md)\n```\n# no\n```\n## Two ##\n") == ["A b c d", "Two"]

from __future__ import annotations

from pathlib import Path

import pytest

from engine.dataset.labels_csv import find_labels_csv, read_labels_csv
from engine.errors import DatasetError


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table's path in a folder with the files a.jpg, b.jpg and sub/c d.jpg."""
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "sub/c d.jpg"):
        (folder / name).touch()
    return folder / "labels.csv"


def read(table: Path, content: str | bytes) -> tuple[dict[str, str], list[str]]:
    table.write_bytes(content.encode() if isinstance(content, str) else content)
    problems: list[str] = []
    labelled = read_labels_csv(table, problems)
    return {path.relative_to(table.parent).as_posix(): label for path, label, _ in labelled}, problems


EXPECTED = {"a.jpg": "cat", "b.jpg": "dog", "sub/c d.jpg": "caf\u00e9, old"}
PLAIN = 'file,label\na.jpg,cat\nb.jpg,dog\n"sub/c d.jpg","caf\u00e9, old"\n'


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "\ufeff" + PLAIN,
        PLAIN.encode("utf-16"),
        PLAIN.encode("cp1252"),
        "file;label\na.jpg;cat\nb.jpg;dog\nsub/c d.jpg;caf\u00e9, old\n",
        "file\tlabel\na.jpg\tcat\nb.jpg\tdog\nsub/c d.jpg\tcaf\u00e9, old\n",
        'LABEL, File\ncat, a.jpg\n\ndog, ./b.jpg\n"caf\u00e9, old", sub\\c d.jpg\n,\n',
        'id,filename,class,width\n1,a.jpg,cat,5\n2,b.jpg,dog\n3,sub/../sub/c d.jpg," caf\u00e9, old ",7,8,9',
        PLAIN + "a.jpg,cat\n",
    ],
)
def test_that_tables_of_every_make_say_the_same(table: Path, content: str | bytes) -> None:
    assert read(table, content) == (EXPECTED, [])


@pytest.mark.parametrize(
    "name",
    [
        "../outside.jpg",
        "/etc/hostname",
        "sub/../../outside.jpg",
        "C:\\pictures\\a.jpg",
        "\\\\server\\a.jpg",
        "..\\outside.jpg",
        "link/outside.jpg",
        "linked.jpg",
        "a.jpg\0",
    ],
)
def test_that_a_file_outside_the_folder_is_refused(table: Path, name: str) -> None:
    outside = table.parent.parent / "outside.jpg"
    outside.touch()
    (table.parent / "link").symlink_to(outside.parent, target_is_directory=True)
    (table.parent / "linked.jpg").symlink_to(outside)
    labelled, problems = read(table, f"file,label\na.jpg,cat\n{name},dog\n")
    assert labelled == {"a.jpg": "cat"}
    assert problems == [f"labels.csv, line 3: {name} lies outside the folder and was refused."]


def test_that_each_line_left_out_is_named(table: Path) -> None:
    labelled, problems = read(table, "file,label\na.jpg,cat\nmissing.jpg,cat\nb.jpg,\n,dog\na.jpg\nsub,dog\n")
    assert labelled == {"a.jpg": "cat"}
    assert problems == [
        "labels.csv, line 3: there is no file missing.jpg.",
        "labels.csv, line 4: the label is missing.",
        "labels.csv, line 5: the file is missing.",
        "labels.csv, line 6: the label is missing.",
        "labels.csv, line 7: there is no file sub.",
    ]


def test_that_a_file_with_two_labels_is_left_out(table: Path) -> None:
    labelled, problems = read(table, "file,label\na.jpg,cat\nb.jpg,dog\nsub/../a.jpg,dog\n")
    assert labelled == {"b.jpg": "dog"}
    assert problems == ["labels.csv, line 4: sub/../a.jpg is both cat and dog, and was left out."]


@pytest.mark.parametrize("content", ["", "\n\n", "a.jpg,cat\nb.jpg,dog\n", "file,size\na.jpg,5\n", b"\x00\x01\x02"])
def test_that_a_table_without_the_columns_is_refused_with_what_it_needs(table: Path, content: str | bytes) -> None:
    with pytest.raises(DatasetError, match="has no columns file and label") as refused:
        read(table, content)
    assert "file,label" in refused.value.hint


def test_that_a_damaged_table_is_refused_with_the_line(table: Path) -> None:
    with pytest.raises(DatasetError, match="damaged at line"):
        read(table, 'file,label\n"' + "x" * 200_000 + '",cat\n')


def test_that_a_table_is_found_whatever_its_capitals(tmp_path: Path) -> None:
    assert find_labels_csv(tmp_path) is None
    assert find_labels_csv(tmp_path / "nowhere") is None
    (tmp_path / "Labels.CSV").touch()
    assert find_labels_csv(tmp_path) == tmp_path / "Labels.CSV"

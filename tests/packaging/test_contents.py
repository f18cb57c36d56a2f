from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import contents
import libraries
import pytest
import windows_version
from file_types import FILE_TYPES, document_types, mime_types

from engine import paths
from engine.image_formats import SUFFIXES
from engine.version import __version__
from tests.packaging.conftest import CHECKOUT

SPEC = (CHECKOUT / "packaging" / "whisker.spec").read_text(encoding="utf-8")


def places(edition: str) -> set[str]:
    return {(folder / file.name).as_posix() for file, folder in contents.data_files(edition)}


def tracked(*below: str) -> set[str]:
    ran = subprocess.run(["git", "ls-files", "-z", *below], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if ran.returncode:
        pytest.skip("not a clone")
    return set(filter(None, ran.stdout.split("\0")))


def test_that_the_full_edition_brings_every_file_that_the_program_reads() -> None:
    folders = [paths.resources(), paths.builtin_models(), paths.samples(), paths.sample_set()]
    below = [folder.relative_to(CHECKOUT).as_posix() for folder in folders]
    asked_for = tracked(*below, "server/templates", "server/static")
    assert asked_for - places("full") == set()


def test_that_no_file_comes_along_that_is_not_the_projects() -> None:
    assert places("full") - tracked() == set()


def test_that_the_light_edition_leaves_out_what_only_training_takes() -> None:
    missing = places("full") - places("light")
    assert {Path(name).suffix for name in missing} == {".npz", ".keras"}
    assert {f"models/{model}/model.onnx" for model in ("cats-dogs", "everyday")} <= places("light")


@pytest.mark.parametrize("edition", contents.EDITIONS)
def test_that_the_libraries_are_those_that_the_project_asks_for(edition: str) -> None:
    found = libraries.distributions(edition)
    assert {"numpy", "pillow", "onnxruntime", "pyside6-essentials", "flask", "waitress"} <= set(found)
    assert ("keras" in found) == (edition == "full")
    tools = {"pytest", "mypy", "ruff", "hypothesis", "locust", "playwright", "mkdocs", "pyinstaller"}
    assert found.keys().isdisjoint(tools)


@pytest.mark.parametrize("edition", contents.EDITIONS)
def test_that_tools_of_development_are_kept_out_by_name(edition: str) -> None:
    foreign = set(libraries.foreign_modules(edition))
    assert {"pytest", "mypy", "hypothesis", "IPython"} <= foreign
    assert foreign.isdisjoint({"numpy", "PIL", "PySide6", "flask", "click", *contents.OURS})
    assert ("keras" in foreign) == (edition == "light")


def test_that_what_the_spec_leaves_out_is_found_by_where_it_would_go() -> None:
    assert contents.unwanted("PySide6/Qt/plugins/platformthemes/libqgtk3.so")
    assert contents.unwanted("PySide6\\Qt\\translations\\qt_de.qm")
    assert not contents.unwanted("PySide6/Qt/plugins/platforms/libqxcb.so")
    assert not contents.unwanted("PySide6/Qt/plugins/platforms/libqoffscreen.so")


def test_that_the_version_stands_in_one_place() -> None:
    assert __version__ == contents.VERSION
    others = [SPEC, *((CHECKOUT / "packaging").glob("*.py"))]
    for text in [SPEC, *(path.read_text(encoding="utf-8") for path in others[1:] if isinstance(path, Path))]:
        assert f'"{__version__}"' not in text
    resource = windows_version.version_resource("whisker.exe")
    assert f"'{__version__}'" in resource
    assert re.search(r"filevers=\(\d+, \d+, \d+, \d+\)", resource)


def test_that_the_system_offers_whisker_for_exactly_the_pictures_that_it_reads() -> None:
    assert {suffix for kind in FILE_TYPES for suffix in kind.suffixes} == SUFFIXES
    assert len(mime_types()) == len(set(mime_types()))
    assert all(kind["LSHandlerRank"] == "Alternate" for kind in document_types()), "nobody's default is taken over"


def test_that_the_spec_names_only_modules_of_ours_that_exist() -> None:
    for name in re.findall(r"^import (\w+)$", SPEC, re.MULTILINE):
        if name not in ("json", "os", "sys"):
            assert (CHECKOUT / "packaging" / f"{name}.py").is_file(), name
    compile(SPEC, "whisker.spec", "exec")


@pytest.mark.parametrize("edition", contents.EDITIONS)
def test_that_every_page_and_the_charts_can_be_imported_without_what_is_left_out(edition: str) -> None:
    without = [*contents.excluded_modules(edition), *libraries.foreign_modules(edition)]
    lines = (
        "import sys",
        "sys.modules.update(dict.fromkeys(sys.argv[1:]))",
        "from gui.ahead import import_all",
        "import_all()",
    )
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), *without],
        cwd=CHECKOUT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-1000:]

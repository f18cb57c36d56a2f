"""The house rules, held by a machine."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import COMMANDS
from engine import errors
from engine.errors import WhiskerError
from tests.bundles import RED, make_bundle, solid

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCES = ("main.py", "engine", "gui", "server", "cli")
TRAINING_LIBRARIES = {"tensorflow", "keras", "tf2onnx", "onnx"}
HEAVY = TRAINING_LIBRARIES | {"scipy", "sklearn", "pandas", "torch", "matplotlib"}
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def sources() -> Iterator[Path]:
    """Every Python file of the product."""
    for name in SOURCES:
        place = CHECKOUT / name
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120
    )


# A file, a forbidden line in it, and the contract that must break.
BREACHES = (
    ("engine/paths.py", "import gui", "The engine knows none of its faces"),
    ("engine/durable.py", "import server", "The engine knows none of its faces"),
    ("engine/errors.py", "import cli.printing", "The engine knows none of its faces"),
    ("engine/images.py", "import PySide6", "The engine knows none of its faces"),
    ("engine/history.py", "def broken():\n    import click", "The engine knows none of its faces"),
    ("gui/words.py", "import cli.printing", "The faces do not know each other"),
    ("gui/desk.py", "import server.guard", "The faces do not know each other"),
    ("cli/printing.py", "import gui.words", "The faces do not know each other"),
    ("cli/progress.py", "import server.guard", "The faces do not know each other"),
    ("server/guard.py", "import gui.words", "The faces do not know each other"),
    ("cli/models.py", "import main", "Nobody knows main"),
    ("gui/jobs.py", "def broken():\n    import main", "Nobody knows main"),
    ("cli/sort.py", "import PySide6", "Qt stays in the window"),
    ("gui/rail.py", "import flask", "HTTP stays in the server"),
    ("engine/predictor.py", "import tensorflow", "TensorFlow lives in the training child alone"),
    ("cli/diagnose.py", "def broken():\n    import onnx", "TensorFlow lives in the training child alone"),
    ("engine/card.py", "import pandas", "The heavy scientific libraries are not used"),
)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What import-linter says of a copy with every breach in it: the report on each broken contract."""
    copy = tmp_path_factory.mktemp("copy")
    for name in (*SOURCES, "pyproject.toml"):
        place = CHECKOUT / name
        if place.is_dir():
            shutil.copytree(place, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif place.is_file():
            shutil.copyfile(place, copy / name)
    for file, line, _ in BREACHES:
        with (copy / file).open("a", encoding="utf-8") as source:
            source.write(f"\n\n{line}\n")
    ran = lint_imports(copy)
    assert ran.returncode == 1
    _, _, reports = ran.stdout.partition("Broken contracts\n")
    parts = re.split(r"\n([^\n]+)\n-{5,}\n", reports)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_that_the_rooms_import_each_other_as_the_contracts_say() -> None:
    ran = lint_imports(CHECKOUT)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(("file", "line", "contract"), BREACHES)
def test_that_a_forbidden_import_breaks_its_contract(
    broken: dict[str, str], file: str, line: str, contract: str
) -> None:
    importer = file.removesuffix(".py").replace("/", ".")
    (report,) = [text for name, text in broken.items() if name.startswith(contract)]
    assert f"{importer} -> {line.split()[-1]}" in report


def test_that_only_the_training_child_names_tensorflow() -> None:
    child = CHECKOUT / "engine" / "training" / "child"
    for file in sources():
        names = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
        assert child in file.parents or not names & TRAINING_LIBRARIES, f"{file} imports {names & TRAINING_LIBRARIES}"


def loaded_after(script: str, *arguments: str | Path) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `script`."""
    script += "\nimport json, sys\nprint(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=CHECKOUT, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


def test_that_opening_the_faces_loads_no_heavy_library() -> None:
    assert not loaded_after("import gui.app, cli.app, server.app, server.local_server, main") & HEAVY


def test_that_the_library_of_charts_waits_for_the_first_chart(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication
from engine.paths import Home
from engine.whisker import Whisker
from gui.app import build
app = QApplication(["whisker"])
whisker = Whisker(Home(Path(sys.argv[1])))
window, desk = build(app, whisker)
window.show()
app.processEvents()
desk.news.close()
desk.tasks.close()
window.end()
whisker.close()
"""
    assert "pyqtgraph" not in loaded_after(script, tmp_path)


def test_that_starting_the_window_loads_nothing_of_the_terminal() -> None:
    assert "click" not in loaded_after("import gui.app, main")


def test_that_no_command_loads_tensorflow_or_qt(tmp_path: Path) -> None:
    """Every command does its real work in one interpreter, which is searched afterwards."""
    make_bundle(tmp_path / "builtin" / "cats-dogs")
    solid(tmp_path / "labelled" / "cat" / "1.png", RED)
    solid(tmp_path / "labelled" / "dog" / "2.png", RED)
    script = """
import sys
from pathlib import Path
from cli.app import run, whisker
from engine.paths import Home
from engine.whisker import Whisker

root = Path(sys.argv[1])
pictures, labelled = str(root / "labelled" / "cat"), str(root / "labelled")
lines = [
    ["predict", pictures, "--explain", str(root / "maps"), "--csv", str(root / "a.csv")],
    ["sort", pictures, str(root / "sorted")],
    ["sort", "--undo"],
    ["evaluate", labelled],
    ["check", labelled],
    ["models"],
    ["models", "use", "cats-dogs"],
    ["diagnose"],
]
# `self-test` comes last, `train` may, and `serve` runs until it is stopped: its own tests look at what it loads.
assert {line[0] for line in lines} == set(whisker.commands) - {"self-test", "serve", "train"}
for line in lines:
    assert run(line, lambda: Whisker(Home(root / "home"), root / "builtin")) == 0, line
import engine.training.trainer
engine.training.trainer.Trainer.available = lambda trainer: False
run(["self-test"], lambda: Whisker(Home(root / "home")))
"""
    assert not loaded_after(script, tmp_path) & (HEAVY | {"PySide6"})


def family(parent: type[WhiskerError] = WhiskerError) -> Iterator[type[WhiskerError]]:
    yield parent
    for child in parent.__subclasses__():
        if child.__module__ == "engine.errors":
            yield from family(child)


def test_that_every_error_has_a_code_of_its_own() -> None:
    codes = Counter(error.code for error in family())
    assert [code for code, number in codes.items() if number > 1] == []
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


def test_that_every_error_of_the_engine_is_defined_in_one_place() -> None:
    known = {error.__name__ for error in family()}
    for file in (CHECKOUT / "engine").rglob("*.py"):
        if file.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            bases = {base.id for base in getattr(node, "bases", ()) if isinstance(base, ast.Name)}
            assert not bases & known, f"{file} defines an error of its own"


def test_that_the_drawing_of_the_errors_is_true() -> None:
    drawn: dict[str, str] = {}
    line_of_parents: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"((?:[│ ]   )*(?:[├└]── )?)([A-Z]\w+)(?: {2,}.*)?$", line)
        if match:
            depth = len(match[1]) // 4
            line_of_parents[depth:] = [match[2]]
            drawn[match[2]] = line_of_parents[depth - 1] if depth else "Exception"
    assert drawn == {error.__name__: error.__bases__[0].__name__ for error in family()}


def makefile_targets() -> set[str]:
    text = (CHECKOUT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    return set(phony.split())


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_that_the_commands_of_the_handbook_exist(page: str) -> None:
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    assert set(re.findall(r"\bmake ([a-z][\w-]*)", code)) <= makefile_targets()
    assert set(re.findall(r"(?:main\.py|\bwhisker) ([a-z][a-z-]+)\b(?![./])", code)) <= COMMANDS


def test_that_the_links_of_the_handbook_lead_somewhere() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (CHECKOUT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (CHECKOUT / target).exists(), f"{page} points to {target}"


def test_that_the_command_line_page_is_what_help_says() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import make_cli_page as m; assert m.PAGE.read_text(encoding='utf-8') == m.page()"],
        cwd=CHECKOUT / "docs",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, f"Run `make docs`. {ran.stderr}"


def test_that_every_dependency_is_pinned_within_its_range() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    pins = {}
    for line in (CHECKOUT / "pins.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            assert re.fullmatch(r"==[^,]+", str(pin.specifier)), line
            pins[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    for line in [*project["dependencies"], *(line for extra in extras for line in extra)]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), line


def test_that_the_drawing_of_the_house_shows_files_that_exist() -> None:
    text = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawing = text[text.index("main.py\n") : text.index("**The rule.**")]
    present = {file.name for file in sources()}
    assert set(re.findall(r"\b\w+\.py\b", drawing)) <= present
    folders = {file.parent.name for file in sources()} | {"models", "data", "resources"}
    assert set(re.findall(r"\b(\w+)/", drawing)) <= folders

"""docs/pipeline.ipynb is run from the first cell to the last, and is kept without what it printed."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.docs.pages import DOCS

NOTEBOOK = DOCS / "pipeline.ipynb"
LONGEST_S = 1_000
ROOMS = ("engine", "gui", "cli", "server")


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_that_the_notebook_is_kept_without_outputs(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    for cell in code(notebook):
        assert not cell.outputs
        assert cell.execution_count is None


def test_that_what_the_notebook_imports_is_there(notebook: nbformat.NotebookNode) -> None:
    """A room that was renamed is noticed without running anything for minutes."""
    found = 0
    for cell in code(notebook):
        for statement in ast.walk(ast.parse(cell.source)):
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] in ROOMS:
                room = importlib.import_module(statement.module or "")
                for name in statement.names:
                    if not hasattr(room, name.name):
                        importlib.import_module(f"{statement.module}.{name.name}")
                    found += 1
    assert found > 10


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.filterwarnings("default")
def test_that_the_notebook_runs_from_first_to_last(notebook: nbformat.NotebookNode, home: Path, tmp_path: Path) -> None:
    NotebookClient(notebook, timeout=LONGEST_S, resources={"metadata": {"path": str(DOCS)}}).execute()
    printed = "".join(each.get("text", "") for cell in code(notebook) for each in cell.outputs)
    plots = [each for cell in code(notebook) for each in cell.outputs if "image/png" in each.get("data", {})]
    assert len(plots) >= 6
    assert "is the same file as" in printed
    assert "ends too early" in printed
    assert "astray.png is called circle, but looks like star" in printed
    accuracy = re.findall(r"(\d+\.\d)% of 240 right", printed)
    assert accuracy, printed
    assert float(accuracy[0]) > 70, "chance would give 25"
    assert re.search(r"the same classes, the same unknowns, probabilities alike to \S+e-0[5-9]|alike to 0\.0e", printed)
    assert not any(home.iterdir()), "it works in a folder of its own"

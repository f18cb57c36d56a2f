"""What the manual takes from elsewhere in the project: the icon, and the window's colours. Called by mkdocs."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

DOCS = Path(__file__).resolve().parent
RESOURCES = DOCS.parent / "resources"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the icon and the style sheet, so that no copy of them can grow old."""
    icon = (RESOURCES / "icons" / "whisker.svg").read_text(encoding="utf-8")
    files.append(File.generated(config, "images/whisker.svg", content=icon))
    files.append(File.generated(config, "manual.css", content=style_sheet()))
    return files


def style_sheet() -> str:
    """docs/manual.css.template with the colours of resources/theme/tokens.json."""
    tokens = json.loads((RESOURCES / "theme" / "tokens.json").read_text(encoding="utf-8"))
    colours = {f"{scheme}_{name}": colour for scheme in ("light", "dark") for name, colour in tokens[scheme].items()}
    return Template((DOCS / "manual.css.template").read_text(encoding="utf-8")).substitute(colours)

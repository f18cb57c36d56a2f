"""What there is to know about this installation when something does not work: facts in named groups.

They name no person: see engine/redaction.py.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.redaction import Redactor

if TYPE_CHECKING:
    from engine.whisker import Whisker

LIBRARIES = (
    "numpy",
    "Pillow",
    "pillow-heif",
    "onnxruntime",
    "psutil",
    "click",
    "PySide6-Essentials",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
)
# What decides how fast a model answers here, by the names Linux gives them.
FEATURES = ("sse4_2", "avx", "avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd", "asimddp", "i8mm")

Fact = tuple[str, str]


def sections(whisker: Whisker) -> Iterator[tuple[str, list[Fact]]]:
    """Title and facts, group by group; the models' hashes take some tenths of a second."""
    hide = redactor(whisker)
    for title, facts in (
        ("Whisker", _program()),
        ("Machine", _machine()),
        ("Libraries", _libraries()),
        ("Places", _places(whisker)),
        ("Models", _models(whisker)),
        ("History", _history(whisker)),
    ):
        yield title, [(name, hide(fact)) for name, fact in facts]


def report(whisker: Whisker) -> str:
    """All of it as a text to copy."""
    lines: list[str] = []
    for title, facts in sections(whisker):
        lines.append(title)
        lines += [line(name, fact) for name, fact in facts]
    return "\n".join(lines) + "\n"


def line(name: str, fact: str) -> str:
    return f"  {name:<22} {fact}".rstrip()


def redactor(whisker: Whisker) -> Redactor:
    """Knows this home's secrets."""
    from engine.settings_schema import SCHEMA

    tokens = [str(whisker.settings[key]) for key in SCHEMA if key.endswith("token")]
    return Redactor([*tokens, os.environ.get("WHISKER_TOKEN", "")])


def _program() -> Iterator[tuple[str, str]]:
    from engine.version import __version__

    yield "version", __version__
    yield "python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "packaged", "yes" if getattr(sys, "frozen", False) else "no"
    yield "display", os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "none named"
    for variable in ("WHISKER_HOME", "MODEL_PATH", "UPLOAD_FOLDER", "QT_QPA_PLATFORM"):
        if variable in os.environ:
            yield variable, os.environ[variable]


def _machine() -> Iterator[tuple[str, str]]:
    import psutil

    memory = psutil.virtual_memory()
    yield "system", platform.platform()
    yield "processor", _processor()
    yield "cores", f"{os.cpu_count()} ({psutil.cpu_count(logical=False) or '?'} real)"
    yield "features", " ".join(_features()) or "unknown"
    yield "memory", f"{memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free"


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _features() -> list[str]:
    present = set((_cpuinfo("flags") or _cpuinfo("Features")).split())
    return [feature for feature in FEATURES if feature in present]


def _cpuinfo(key: str) -> str:
    """A line of Linux's /proc/cpuinfo; "" elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(rf"^{key}\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1] if found else ""


def _libraries() -> Iterator[tuple[str, str]]:
    from importlib import metadata

    for library in LIBRARIES:
        try:
            yield library, metadata.version(library)
        except metadata.PackageNotFoundError:
            continue


def _places(whisker: Whisker) -> Iterator[tuple[str, str]]:
    from engine.paths import program_folder

    home = whisker.home
    yield "program", str(program_folder())
    yield "home", str(home.root)
    standing = next(folder for folder in (home.root, *home.root.parents) if folder.is_dir())
    yield "home can be written", "yes" if os.access(standing, os.W_OK) else "no"
    yield "free space", f"{shutil.disk_usage(standing).free / 1e9:.1f} GB"


def _models(whisker: Whisker) -> Iterator[tuple[str, str]]:
    from engine.card import ONNX, file_sha256

    shelf = whisker.shelf
    for entry in shelf.list():
        try:
            digest = file_sha256(entry.folder / ONNX)
        except OSError:
            state = f"its {ONNX} cannot be read"
        else:
            state = f"sha256 {digest[:16]} " + ("as made" if digest == entry.card.sha256.get(ONNX) else "ALTERED")
        kind = "built in" if entry.builtin else "own"
        yield entry.reference, f"{kind}, {entry.card.precision}, {state}{', answers now' if entry.active else ''}"
    for problem in shelf.problems:
        yield "damaged", problem


def _history(whisker: Whisker) -> Iterator[tuple[str, str]]:
    from engine.errors import HistoryError

    try:
        yield "answers", f"{whisker.history.count():,}"
    except HistoryError as error:
        yield "answers", str(error)

"""`diagnose`: a report that can be shown to somebody who helps."""

from __future__ import annotations

import getpass
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cli.printing import result
from cli.session import Session

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


@click.command(short_help="Print a report for whoever helps.")
@click.pass_obj
def diagnose(session: Session) -> None:
    """Print versions, places, processor, free space and models.

    The report names no person: your name is taken out of paths. It holds no pictures and no file names of yours.
    """
    hide = _Redactor()
    for title, facts in (
        ("Whisker", _program()),
        ("Machine", _machine()),
        ("Libraries", _libraries()),
        ("Places", _places(session)),
        ("Models", _models(session)),
        ("History", _history(session)),
    ):
        result(title)
        for name, fact in facts:
            result(f"  {name:<22} {hide(fact)}".rstrip())


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


def _places(session: Session) -> Iterator[tuple[str, str]]:
    from engine.paths import program_folder

    home = session.whisker.home
    yield "program", str(program_folder())
    yield "home", str(home.root)
    standing = next(folder for folder in (home.root, *home.root.parents) if folder.is_dir())
    yield "home can be written", "yes" if os.access(standing, os.W_OK) else "no"
    yield "free space", f"{shutil.disk_usage(standing).free / 1e9:.1f} GB"


def _models(session: Session) -> Iterator[tuple[str, str]]:
    from engine.card import ONNX, file_sha256

    shelf = session.whisker.shelf
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


def _history(session: Session) -> Iterator[tuple[str, str]]:
    from engine.errors import HistoryError

    try:
        yield "answers", f"{session.whisker.history.count():,}"
    except HistoryError as error:
        yield "answers", str(error)


class _Redactor:
    """Takes the person's name out of a text: the home folder becomes ~, the login name <user>."""

    def __init__(self) -> None:
        self._home = str(Path.home())
        try:
            self._user = getpass.getuser()
        except (KeyError, OSError, ImportError):
            self._user = ""

    def __call__(self, text: str) -> str:
        if len(self._home) > 1:
            text = text.replace(self._home, "~")
        # As a whole word only: a user called "on" must not mangle every other word.
        return re.sub(rf"(?<![\w-]){re.escape(self._user)}(?![\w-])", "<user>", text) if self._user else text

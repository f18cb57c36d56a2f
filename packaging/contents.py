"""What goes into the packaged program, and what stays out: the one list that the spec, the notices and the tests read.

The light edition is the full one without what only training takes: TensorFlow and its kin, the weights it starts from,
and the Keras twins of the built-in models. The program itself looks for TensorFlow; nothing else tells it its edition.
"""

from __future__ import annotations

import fnmatch
import re
import sys
from pathlib import Path, PurePosixPath

CHECKOUT = Path(__file__).resolve().parent.parent
EDITIONS = ("light", "full")
VERSION = re.findall(r'__version__ = "(.+)"', (CHECKOUT / "engine" / "version.py").read_text(encoding="utf-8"))[0]
BUNDLE_ID = "app.whisker.Whisker"

OURS = ("engine", "cli", "gui", "server")
"""Some of these packages' modules are found by name at run time, so all of them are taken."""

NEVER = (
    "tkinter",
    "readline",
    "pydoc_data",
    "PIL.ImageTk",
    "PIL.ImageQt",
    "numpy.f2py",
    "numpy.testing",
    "h5py.tests",
    "pyqtgraph.console",
    "pyqtgraph.examples",
    "pyqtgraph.jupyter",
    "pyqtgraph.opengl",
    "onnxruntime.datasets",
    "onnxruntime.tools",
    "OpenGL",
    "grpc",
    "PySide6.QtPrintSupport",
    "PySide6.QtSql",
    "PySide6.QtTest",
)
"""Parts of the libraries that no edition uses."""

NEVER_IN_LIGHT = ("onnxruntime.quantization", "onnxruntime.transformers", "google.protobuf", "flatbuffers")

FOUND_BY_NAME = ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets")
"""pyqtgraph asks for them by a name that it puts together, which PyInstaller cannot see; it does not start without."""

FOUND_BY_PATH = ("fusion_utils", "onnx_model", "float16", "shape_infer_helper")
"""Modules in a folder that onnxruntime.transformers puts on the path; rounding a model to int8 imports them."""

UNWANTED_FILES = (
    # Each of them drags in a toolkit, a graphics stack or a language of its own.
    "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
    "PySide6/Qt/plugins/platforms/libqeglfs.so",
    "PySide6/Qt/plugins/platforms/libqlinuxfb.so",
    "PySide6/Qt/plugins/platforms/libqminimalegl.so",
    "PySide6/Qt/plugins/platforms/libqvkkhrdisplay.so",
    "PySide6/Qt/plugins/platforms/libqvnc.so",
    "PySide6/Qt/plugins/egldeviceintegrations/*",
    "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
    "PySide6/Qt/plugins/generic/*",
    "PySide6/Qt/plugins/tls/*",
    "PySide6/Qt/plugins/networkinformation/*",
    # Pictures are read by Pillow, and the window speaks the program's own language.
    "PySide6/Qt/plugins/imageformats/*",
    "PySide6/Qt/translations/*",
    # What a wheel brings for compiling against it.
    "tensorflow/include/*",
    "tensorflow/compiler/mlir/stablehlo/*",
    "tensorflow/compiler/tf2xla/ops/*",
    "*/static/bootstrap4/*",
    "*/bootstrap5/css/bootswatch/*",
    "*.map",
    "*.pyi",
)
"""Files that PyInstaller would take along, as patterns of where they would go."""


def excluded_modules(edition: str) -> list[str]:
    # A second start talks to the first through a named pipe of Qt's on Windows; elsewhere through a plain socket.
    elsewhere = () if sys.platform == "win32" else ("PySide6.QtNetwork",)
    return [*NEVER, *elsewhere, *(NEVER_IN_LIGHT if edition == "light" else ())]


def unwanted(target: str) -> bool:
    return any(fnmatch.fnmatch(target.replace("\\", "/"), pattern) for pattern in UNWANTED_FILES)


def data_files(edition: str) -> list[tuple[Path, PurePosixPath]]:
    """Each file that comes with the program, and the folder it goes to, below the program's own."""
    found = [(CHECKOUT / name, PurePosixPath(".")) for name in ("LICENSE", "THIRD-PARTY.md", "CHANGELOG.md")]
    for top, kinds in (
        ("models", {".json", ".onnx", ".keras"}),
        ("resources", {".svg", ".json", ".template", ".onnx", ".npz", ".txt", ".md", ".py", ""}),
        ("data/samples", {".jpg", ".md"}),
        ("data/sample-set", {".jpg"}),
        ("server/templates", {".html"}),
        ("server/static", {".js", ".css"}),
        ("docs", {".md", ".png"}),
    ):
        for file in sorted((CHECKOUT / top).rglob("*")):
            inside = file.relative_to(CHECKOUT)
            hidden = any(part.startswith((".", "__")) for part in inside.parts)
            if file.is_file() and not hidden and file.suffix in kinds and _wanted(inside, edition):
                found.append((file, PurePosixPath(inside.parent.as_posix())))
    return found


def _wanted(inside: Path, edition: str) -> bool:
    if edition == "full":
        return True
    # Training starts from the .npz; a .keras is what a model is fine-tuned and converted from. Answers take neither.
    return inside.suffix not in (".npz", ".keras")

"""The real window in a process of its own, offscreen: opened with a photo dropped on it, looked at, and closed.

python -m tests.faults.window HOME BUILTIN PHOTO     prints what was to be seen, as JSON
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bundles import RED, solid

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


def look(home: Path, builtin: Path, photo: Path | None = None, *, inside: Sequence[str] = ()) -> dict[str, Any]:
    """Open the window over a home and drop a photo (red, unless given) on it.

    Args:
        inside: A command line that runs it, such as `unshare -n`.

    Returns:
        `answer`, `problem` (why there is none), `notice`, `status` (which model answers), and `code`, the exit code.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        photo = photo or solid(Path(folder) / "photo.png", RED)
        done = subprocess.run(
            [*inside, sys.executable, "-m", "tests.faults.window", home, builtin, photo],
            cwd=CHECKOUT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S + 30,
        )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen | {"code": done.returncode}


def _show(home: Path, builtin: Path, photo: Path) -> int:
    import time

    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from engine.paths import Home
    from engine.whisker import Whisker
    from gui.app import run
    from gui.main_window import MainWindow
    from gui.predict.page import PredictPage

    app = QApplication(["whisker"])
    whisker = Whisker(Home(home), builtin)
    timer = QTimer(interval=50)
    end = time.monotonic() + PATIENCE_S

    def peek() -> None:
        window = next((each for each in app.topLevelWidgets() if isinstance(each, MainWindow)), None)
        page = window and window.page("predict")
        # The page makes its view with the first picture.
        if window is None or not isinstance(page, PredictPage) or not hasattr(page, "single"):
            return
        answer, problem = page.single.answer, page.message.text.text()
        if (answer is None and not problem and time.monotonic() < end) or window._desk.tasks.busy:
            return
        timer.stop()
        notice = window.notice.text.text() if window.notice.isVisible() else ""
        found = {"answer": answer and answer.top[0][0], "problem": problem, "notice": notice}
        print(json.dumps(found | {"status": window.status.model.text()}), flush=True)
        window.close()

    timer.timeout.connect(peek)
    timer.start()
    try:
        return run(whisker, [photo])
    finally:
        whisker.close()


if __name__ == "__main__":
    sys.exit(_show(*map(Path, sys.argv[1:4])))

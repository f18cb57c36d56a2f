from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from engine import logs

log = logging.getLogger("a test")


def test_that_nothing_is_written_until_there_is_something_to_say(home: Path) -> None:
    close = logs.open_log(home / "logs")
    log.info("all is well")
    assert not (home / "logs").exists()
    log.error("the sky fell")
    close()
    log.error("too late")
    text = (home / "logs" / logs.NAME).read_text("utf-8")
    assert "ERROR a test the sky fell" in text
    assert len(text.splitlines()) == 1


def test_that_it_stays_small(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "SIZE", 2000)
    close = logs.open_log(home / "logs")
    for number in range(200):
        log.warning("line %d of many", number)
    close()
    files = sorted((home / "logs").iterdir())
    assert len(files) == 1 + logs.OLDER
    assert all(file.stat().st_size <= 2000 for file in files)
    assert "line 199" in files[0].read_text("utf-8")


def test_that_a_home_that_cannot_be_written_costs_the_log_and_nothing_else(home: Path) -> None:
    (home / "logs").write_text("in the way")
    close = logs.open_log(home / "logs")
    log.error("unheard")
    log.error("unheard again")
    close()


def test_that_the_start_pays_nothing_for_it(home: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom engine.logs import open_log\n"
        f"open_log(Path({str(home)!r}))\nprint('logging.handlers' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "False", ran.stderr

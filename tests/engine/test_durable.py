from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.durable import set_aside, sweep, write_atomically


def test_that_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_that_a_disk_that_fills_up_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_that_damaged_files_are_set_aside_one_beside_the_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"first", b"second"):
        path.write_bytes(content)
        set_aside(path)
    assert not path.exists()
    assert (tmp_path / "file.damaged-1").read_bytes() == b"first"
    assert (tmp_path / "file.damaged-2").read_bytes() == b"second"


KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from engine.durable import write_atomically
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), b"new")
"""


def test_that_what_a_killed_program_left_half_written_is_swept_and_what_is_being_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    ours = tmp_path / f".file.{os.getpid()}-{'0' * 32}"
    ours.write_bytes(b"ha")
    own = tmp_path / ".somebody's own.file"
    own.write_bytes(b"")
    sweep(tmp_path, tmp_path / "nowhere")
    assert sorted(tmp_path.iterdir()) == sorted([path, ours, own])
    assert path.read_bytes() == b"old"

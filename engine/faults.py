"""A fault of ours as a text that may be copied: where it happened and what it was, and nothing of the person's."""

from __future__ import annotations

import platform
import traceback

from engine.redaction import Redactor
from engine.version import __version__

# What these say is Python's own words around names of ours.
_OWN_WORDS = (AttributeError, NameError, ImportError, RecursionError, MemoryError)
DEEPEST = 60
"""Frames of a report; a recursion without end has thousands."""


def report(error: BaseException, hide: Redactor) -> str:
    """A fault for whoever mends it.

    Returns:
        Versions, then the traceback with short source paths, and each exception's message without names, paths, files
        and quoted texts.
    """
    lines = [f"Whisker {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    for one in reversed(chain):
        frames = traceback.extract_tb(one.__traceback__)
        if len(frames) > DEEPEST:
            lines.append(f"  ({len(frames) - DEEPEST} calls left out)")
        for frame in frames[-DEEPEST:]:
            where = f"  {hide.source(frame.filename)}:{frame.lineno} in {frame.name}"
            lines.append(f"{where}: {frame.line}" if frame.line else where)
        said = hide.message(str(one), quoted=not isinstance(one, _OWN_WORDS))
        lines.append(f"{type(one).__name__}: {said}".rstrip(": "))
    return "\n".join(lines)

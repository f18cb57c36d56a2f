"""Whisker in the terminal: one command a file, printing and progress only."""

from __future__ import annotations

# Known without importing them, so that opening the window costs nothing of the terminal.
COMMANDS = frozenset({"predict", "sort", "train", "evaluate", "check", "models", "serve", "diagnose", "self-test"})

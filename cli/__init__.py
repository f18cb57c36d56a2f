"""Whisker in the terminal: one command a file, printing and progress only."""

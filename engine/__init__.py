"""Whisker's engine: everything it knows and does, without a window, a server or a terminal."""

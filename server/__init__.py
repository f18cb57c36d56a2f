"""Whisker over HTTP: the same engine for scripts, other programs and a browser, on this machine."""

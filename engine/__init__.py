"""Whisker's engine: everything it knows and does, without a window, a server or a terminal."""

import os

# onnxruntime would give this machine a number, note down each session below the person's cache folder, and send that
# home. It looks at this once, as it is imported, and nobody of ours imports it before this; children inherit it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

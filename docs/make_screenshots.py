"""Photograph the real window in every state, at two sizes, light and dark, into docs/screenshots/.

    python docs/make_screenshots.py [--only STATE] [--into FOLDER]
    python docs/make_screenshots.py --manual            those that the manual shows, into docs/images/

The window runs on a throw-away home with the built-in models and the sample photos. Every picture is of the real
thing: real answers, real heat maps, real messages. Works offscreen and on a display.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "docs")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")

import help_poses  # noqa: E402
import history_poses  # noqa: E402
import many_poses  # noqa: E402
import models_poses  # noqa: E402
import monitor_poses  # noqa: E402
import predict_poses  # noqa: E402
import review_poses  # noqa: E402
import server_poses  # noqa: E402
import teach_poses  # noqa: E402
from PIL import Image  # noqa: E402
from studio import State, studio  # noqa: E402

SIZES = ((1280, 800), (1920, 1080))
OTHER_PAGES = (
    "review-",
    "models-",
    "teach-",
    "server-",
    "preferences",
    "help-",
    "tour-",
    "trouble",
    "monitor-",
    "history-",
)
"""States whose name says which page they are of; all others are of Predict."""
IN_THE_README = "why"
"""This state at the smaller size is also saved as predict-light.png and predict-dark.png, which are committed."""
IN_THE_MANUAL = (
    "why",
    "unknown",
    "many-beside",
    "many-failed",
    "many-sorting",
    "review-photo",
    "models-all",
    "models-details",
    "models-compare",
    "teach-images",
    "teach-recipe",
    "teach-training",
    "teach-confusion",
    "server-busy",
    "server-network",
    "preferences",
    "monitor-live",
    "history-answers",
    "history-runs",
)
"""Committed in docs/images, in light and at MANUAL_SIZE: PNG of 256 colours, which Qt reads without a plugin."""
MANUAL_SIZE = (1280, 800)

STATES: dict[str, State] = {
    **predict_poses.POSES,
    **many_poses.POSES,
    **review_poses.POSES,
    **models_poses.POSES,
    **server_poses.POSES,
    **teach_poses.POSES,
    **history_poses.POSES,
    **monitor_poses.POSES,
    **help_poses.POSES,
}
"""In this order: each begins where the one before it ends."""


def picture_name(state: str) -> str:
    """What a state's picture is called: its page, then the state."""
    return state if state.startswith(OTHER_PAGES) else f"predict-{state}"


def photograph_manual(only: str | None) -> None:
    """The pictures of the manual, into docs/images."""
    with studio() as opened:
        opened.desk.theme.choose("light")
        opened.window.resize(*MANUAL_SIZE)
        for name, pose in STATES.items():
            pose(opened)
            opened.settle()
            if name in IN_THE_MANUAL and only in (None, name):
                target = CHECKOUT / "docs" / "images" / f"{picture_name(name)}.png"
                opened.window.grab().save(str(target))
                with Image.open(target) as picture:
                    small = picture.convert("RGB").quantize(256)
                small.save(target, optimize=True)
                print(target.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=STATES, help="save this state alone")
    parser.add_argument("--into", type=Path, default=CHECKOUT / "docs" / "screenshots")
    parser.add_argument("--manual", action="store_true", help="renew docs/images, which the manual shows")
    wanted = parser.parse_args()
    if wanted.manual:
        photograph_manual(wanted.only)
        return
    wanted.into.mkdir(parents=True, exist_ok=True)
    for appearance in ("light", "dark"):
        for width, height in SIZES:
            with studio() as opened:
                opened.desk.theme.choose(appearance)
                opened.window.resize(width, height)
                for name, pose in STATES.items():
                    pose(opened)
                    opened.settle()
                    if wanted.only in (None, name):
                        target = wanted.into / f"{picture_name(name)}-{width}x{height}-{appearance}.png"
                        opened.window.grab().save(str(target))
                        print(target.name)
                        if name == IN_THE_README and (width, height) == SIZES[0]:
                            shutil.copy(target, wanted.into / f"predict-{appearance}.png")


if __name__ == "__main__":
    main()

"""Where things are: the home, which is written to, and the program, which never is."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs


def program_folder() -> Path:
    """The read-only folder that holds resources/, models/ and data/: the checkout, the bundle or the installation."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen)
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "resources").is_dir():
        return checkout
    return Path(sys.prefix) / "share" / "whisker"


def default_home() -> Path:
    """$WHISKER_HOME, else the platform's folder for a user's data."""
    chosen = os.environ.get("WHISKER_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_data_dir("Whisker", appauthor=False))


@dataclass(frozen=True)
class Home:
    """All that Whisker writes lies below `root`."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def database(self) -> Path:
        return self.root / "whisker.db"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def staging(self) -> Path:
        """Half-made bundles live here until one rename publishes them; swept at start."""
        return self.root / "staging"

    @property
    def trash(self) -> Path:
        return self.root / "trash"

    @property
    def uploads(self) -> Path:
        """Pictures sent for retraining; $UPLOAD_FOLDER moves it."""
        chosen = os.environ.get("UPLOAD_FOLDER", "").strip()
        return Path(chosen).expanduser().absolute() if chosen else self.root / "uploads"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def features(self) -> Path:
        """Features of pictures by content hash, kept from training to training."""
        return self.cache / "features"

    @property
    def weights(self) -> Path:
        """Pretrained weights that were fetched."""
        return self.cache / "weights"

    @property
    def checkpoints(self) -> Path:
        """Finished epochs of runs that were interrupted."""
        return self.cache / "checkpoints"

    @property
    def pasted(self) -> Path:
        """Pictures that came without a file (pasted, dragged from a browser), by content hash."""
        return self.root / "pasted"

    @property
    def journals(self) -> Path:
        return self.root / "journals"

    @property
    def datasets(self) -> Path:
        """Lists of the pictures to teach with, a folder each; the pictures themselves stay where they are."""
        return self.root / "datasets"

    @property
    def quarantine(self) -> Path:
        """Pictures put aside from training folders; they can be put back, and are never deleted."""
        return self.root / "quarantine"

    @property
    def logs(self) -> Path:
        return self.root / "logs"


def resources() -> Path:
    return program_folder() / "resources"


def builtin_models() -> Path:
    return program_folder() / "models"


def samples() -> Path:
    return program_folder() / "data" / "samples"


def sample_set() -> Path:
    """Labelled pictures, a folder a class, small enough to teach in seconds."""
    return program_folder() / "data" / "sample-set"


def manual() -> Path:
    """The pages that people read, as Markdown, with their pictures."""
    return program_folder() / "docs"

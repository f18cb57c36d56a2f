"""The scripts in packaging/ are no package: they find each other beside themselves, as when they are run."""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.append(str(CHECKOUT / "packaging"))

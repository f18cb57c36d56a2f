"""What a training's parent and child say to each other through their pipe, besides the events.

Apart from both of them: the child, which imports TensorFlow, needs nothing of how its parent works.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.training.plan import TrainingPlan


@dataclass(frozen=True)
class Job:
    """What the child is told to do.

    Attributes:
        plan: With every default filled in.
        staging: Where to write the bundle.
        checkpoints: Where finished epochs of this very plan are kept, so that a killed run can be taken up again.
        cache: Where features are kept from run to run.
        active: The bundle to compare with, or None.
        active_reference: Its NAME@VERSION.
    """

    plan: TrainingPlan
    staging: Path
    checkpoints: Path
    cache: Path
    active: Path | None
    active_reference: str | None


@dataclass(frozen=True)
class GetReady:
    """Parent to child: a job may come; do what any will need.

    Attributes:
        cache: As of the jobs to come.
    """

    cache: Path


@dataclass(frozen=True)
class Stop:
    """Parent to child: end at the next batch."""


@dataclass(frozen=True)
class Warm:
    """Child to parent: TensorFlow is imported, and all is ready."""


@dataclass(frozen=True)
class Staged:
    """Child to parent: a checked bundle lies in the staging folder."""

    metrics: dict[str, Any]
    comparison: dict[str, Any] | None
    notes: tuple[str, ...]

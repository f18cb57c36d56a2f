"""How long a training will take: from what trainings took on this machine; before the first, from how fast it is."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from engine.training.plan import Recipe, TrainingPlan

FILE = "pace.json"
MACHINE = "machine"
"""The factor that holds for every recipe that was never timed here; `engine.training.speed` measures it."""

# Seconds on two cores of 2024 once TensorFlow is imported, before anything was measured here: a fixed part, and one for
# each picture (and epoch).
_FIXED = {Recipe.QUICK: 5.0, Recipe.FINETUNE: 40.0, Recipe.CNN: 10.0, Recipe.VGG16: 25.0, Recipe.RESNET50: 25.0}
_EACH = {
    Recipe.QUICK: 0.005,
    Recipe.FINETUNE: 0.065,
    Recipe.CNN: 0.012,
    Recipe.VGG16: 0.12,
    Recipe.RESNET50: 0.06,
}
_KEEP = 0.5  # of the old factor, when a new training has been timed


@dataclass(frozen=True)
class Pace:
    """How this machine compares with the guess: seconds taken over seconds guessed, by recipe."""

    factors: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Pace:
        """What was measured on this machine; nothing yet, or not readable, is a factor of 1."""
        try:
            content = json.loads((folder / FILE).read_text(encoding="utf-8"))
            return cls({str(key): min(max(float(value), 0.05), 50.0) for key, value in content.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls()

    def write(self, folder: Path) -> None:
        """Keep it; an estimate is not worth failing for."""
        fresh = folder / f".{FILE}.{uuid.uuid4().hex[:8]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(self.factors), encoding="utf-8")
            os.replace(fresh, folder / FILE)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink()

    def seconds(self, plan: TrainingPlan, images: int) -> float:
        """Estimate for a training with `images` pictures whose features are not remembered."""
        return _guess(plan, images) * self._factor(plan)

    def learnt(self, plan: TrainingPlan, images: int, seconds: float) -> Pace:
        """The pace after a training that took `seconds`."""
        fresh = seconds / _guess(plan, images)
        kept = self._factor(plan) if plan.recipe.value in self.factors else fresh
        return Pace({**self.factors, plan.recipe.value: _KEEP * kept + (1 - _KEEP) * fresh})

    def _factor(self, plan: TrainingPlan) -> float:
        return self.factors.get(plan.recipe.value, self.factors.get(MACHINE, 2 / min(os.cpu_count() or 2, 8)))

    def timed(self, plan: TrainingPlan) -> bool:
        """Whether a training by this recipe was timed here."""
        return plan.recipe.value in self.factors


def _guess(plan: TrainingPlan, images: int) -> float:
    plan = plan.checked()
    epochs = plan.epochs or 1 if plan.recipe in (Recipe.FINETUNE, Recipe.CNN) else 1
    each = _EACH[plan.recipe] * epochs
    if plan.recipe is Recipe.CNN:
        each *= ((plan.image_size or 128) / 128) ** 2
    if plan.backbone == "lite0":
        each /= 2
    return _FIXED[plan.recipe] + each * images

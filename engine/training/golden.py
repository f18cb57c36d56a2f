"""Golden checks: answers to synthetic pictures, by which a model is known again wherever it is loaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort

from engine.card import Golden, ModelInput, golden_image

CHECKS = 3
SEEDS = range(1, 21)
TOLERANCE = 0.05


def golden_checks(session: ort.InferenceSession, classes: Sequence[str], size: ModelInput) -> list[Golden]:
    """The answers to the synthetic pictures on which the best class leads by most, so that rounding cannot tip them.

    Args:
        session: Of a graph with the input `image` and the output `probabilities`.
    """
    candidates: list[tuple[float, Golden]] = []
    for seed in SEEDS:
        image = golden_image(seed, size.width, size.height)
        probabilities = session.run(["probabilities"], {"image": image[None]})[0][0]
        best = np.argsort(-probabilities)[: min(5, len(classes))]
        answer = {classes[index]: round(float(probabilities[index]), 6) for index in best}
        lead = float(probabilities[best[0]] - probabilities[best[1]])
        candidates.append((lead, Golden(seed, classes[best[0]], answer, TOLERANCE)))
    candidates.sort(key=lambda candidate: -candidate[0])
    return [golden for _, golden in candidates[:CHECKS]]

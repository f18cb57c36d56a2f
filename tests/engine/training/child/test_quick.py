"""The head and its temperature. TensorFlow is imported here, which takes seconds."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [
    pytest.mark.slow,
    # TensorFlow's variables do not know NumPy 2's `copy` keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def two_clouds() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = np.arange(200) % 2
    return (random.normal(size=(200, 32)) + 2 * labels[:, None]).astype(np.float32), labels


def test_that_the_head_separates_what_can_be_separated(two_clouds: tuple[np.ndarray, np.ndarray]) -> None:
    from engine.training.child.quick import train_head

    features, labels = two_clouds
    head = train_head(features[:100], labels[:100], 2, epochs=5)
    assert (head.logits(features[100:]).argmax(axis=1) == labels[100:]).mean() >= 0.98


def test_that_the_same_seed_gives_the_same_head(two_clouds: tuple[np.ndarray, np.ndarray]) -> None:
    from engine.training.child.quick import train_head

    features, labels = two_clouds
    first, second = (train_head(features, labels, 2, epochs=2, seed=3) for _ in range(2))
    assert np.allclose(first.kernel, second.kernel, atol=1e-6)


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_that_the_temperature_is_found_that_made_the_answers(true: float) -> None:
    from engine.training.child.quick import fit_temperature

    random = np.random.default_rng(1)
    logits = random.normal(scale=2, size=(20_000, 3))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (random.random((len(logits), 1)) > shares.cumsum(axis=1)).sum(axis=1).clip(max=2)
    assert fit_temperature((logits * true).astype(np.float32), labels) == pytest.approx(true, rel=0.06)


def test_that_cooling_divides_the_logits(two_clouds: tuple[np.ndarray, np.ndarray]) -> None:
    from engine.training.child.quick import Head

    features, _ = two_clouds
    head = Head(np.ones((32, 2), np.float32), np.ones(2, np.float32))
    assert np.allclose(head.cooled(4.0).logits(features), head.logits(features) / 4, atol=1e-5)

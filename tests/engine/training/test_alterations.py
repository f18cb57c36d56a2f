from __future__ import annotations

import pytest

from engine.training.alterations import ALTERATIONS, MIRRORED, PLAIN, alter
from tests.conftest import picture


@pytest.mark.parametrize("kind", ALTERATIONS)
@pytest.mark.parametrize("size", [(120, 90), (90, 300), (3, 2), (1, 1)])
def test_that_every_alteration_gives_an_rgb_picture_for_every_shape(kind: str, size: tuple[int, int]) -> None:
    altered = alter(picture(1, size), kind, seed=5)
    assert altered.mode == "RGB"
    assert min(altered.size) >= 1


@pytest.mark.parametrize("kind", ALTERATIONS)
def test_that_the_same_seed_alters_alike(kind: str) -> None:
    original = picture(2, (640, 480))
    assert alter(original, kind, 7).tobytes() == alter(original, kind, 7).tobytes()
    assert alter(original, kind, 7).tobytes() != original.tobytes()


def test_that_mirroring_twice_changes_nothing() -> None:
    original = picture(3)
    assert alter(alter(original, MIRRORED, 0), MIRRORED, 0).tobytes() == original.tobytes()
    assert alter(original, PLAIN, 0) is original

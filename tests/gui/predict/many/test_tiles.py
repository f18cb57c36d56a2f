from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect

from gui.predict.many.tiles import MARGIN, Tiles


@pytest.mark.parametrize("width", [330, 700, 1032, 1672, 2400])
def test_that_columns_fill_the_width_from_edge_to_edge(width: int) -> None:
    tiles = Tiles(10_000, width)
    first, last = tiles.rect(0), tiles.rect(tiles.columns - 1)
    assert first.left() == MARGIN
    assert abs(last.right() + 1 + MARGIN - width) <= 1


@pytest.mark.parametrize("width", [330, 1032, 1700])
def test_that_each_tile_is_found_at_its_middle_and_none_between(width: int) -> None:
    tiles = Tiles(1000, width)
    for place in (0, 1, tiles.columns, 500, 999):
        rect = tiles.rect(place)
        assert tiles.at(rect.center()) == place
        assert tiles.at(rect.bottomLeft() + QPoint(0, 4)) == -1


def test_that_tiles_never_overlap() -> None:
    tiles = Tiles(60, 1032)
    rects = [tiles.rect(place) for place in range(60)]
    assert not any(one.intersects(other) for i, one in enumerate(rects) for other in rects[:i])


@pytest.mark.parametrize("lines", [False, True])
def test_that_a_strip_gives_exactly_the_rows_that_reach_into_it(lines: bool) -> None:
    tiles = Tiles(997, 1032, lines)
    for top in (0, 3, 150, 2_000, tiles.height - 400, tiles.height + 500):
        strip = QRect(0, top, 1032, 400)
        touched = {place for place in range(997) if tiles.rect(place).intersects(strip)}
        assert touched <= set(tiles.between(strip.top(), strip.bottom()))
        assert len(tiles.between(strip.top(), strip.bottom())) <= len(touched) + tiles.columns


def test_that_a_view_too_narrow_for_a_tile_has_one_column() -> None:
    assert Tiles(5, 40).columns == 1


def test_that_the_list_of_the_failed_takes_the_whole_width() -> None:
    tiles = Tiles(5, 1000, lines=True)
    assert tiles.rect(4).width() == 1000 - 2 * MARGIN
    assert tiles.columns == 1

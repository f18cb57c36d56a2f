"""Tests for the split: honest, stratified, repeatable."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from engine.dataset.split import naive_split, split

TWO = ("cat", "dog")


def sides(result, count):
    """The side of each of `count` pictures, and a check that each has exactly one."""
    everything = np.concatenate([result.train, result.validation, result.test])
    assert sorted(everything.tolist()) == list(range(count))
    where = np.empty(count, dtype=object)
    for name in ("train", "validation", "test"):
        where[getattr(result, name)] = name
    return where


def test_that_each_class_is_on_each_side_in_the_same_share():
    labels = [0] * 200 + [1] * 50
    where = sides(split(labels, classes=TWO), 250)
    assert Counter(where[:200]) == {"train": 140, "validation": 20, "test": 40}
    assert Counter(where[200:]) == {"train": 35, "validation": 5, "test": 10}


def test_that_the_same_seed_gives_the_same_split_and_another_seed_another():
    labels = [0, 1] * 50
    first, again, other = (split(labels, classes=TWO, seed=seed) for seed in (1, 1, 2))
    assert first.test.tolist() == again.test.tolist()
    assert first.test.tolist() != other.test.tolist()


def test_that_pictures_stay_on_their_side_when_others_go_come_or_are_relabelled():
    contents = [f"picture {number}" for number in range(200)]
    labels = [number % 2 for number in range(200)]
    before = sides(split(labels, classes=TWO, contents=contents), 200)
    assert Counter(before) == {"train": 140, "validation": 20, "test": 40}
    # One left out at the beginning, one relabelled, ten more: every position has changed.
    relabelled = [*labels[1:50], 1 - labels[50], *labels[51:], *([0] * 10)]
    more = [*contents[1:], *(f"another {number}" for number in range(10))]
    after = sides(split(relabelled, classes=TWO, contents=more), 209)
    known = dict(zip(contents, before, strict=True))
    moved = [name for name, side in zip(more, after, strict=True) if name in known and known[name] != side]
    assert len(moved) <= 10
    seen = [name for name, side in zip(more, after, strict=True) if side == "test" and known.get(name) == "train"]
    assert len(seen) <= 2
    another_seed = sides(split(labels, classes=TWO, contents=contents, seed=1), 200)
    assert (another_seed != before).sum() > 40


def test_that_copies_stay_on_one_side_and_that_it_is_said():
    labels = [0] * 60 + [1] * 60
    groups = np.arange(120) // 3
    result = split(labels, groups, classes=TWO)
    where = sides(result, 120)
    assert all(len(set(where[groups == group])) == 1 for group in range(40))
    assert result.kept_together == 120
    assert any("120 near copies were kept together" in note for note in result.notes)
    assert len(result.test) > 15


def test_that_a_naive_split_parts_copies_and_says_nothing_of_them():
    labels = [0] * 60 + [1] * 60
    groups = np.arange(120) // 3
    result = naive_split(labels, classes=TWO)
    where = sides(result, 120)
    assert any(len(set(where[groups == group])) > 1 for group in range(40))
    assert result.kept_together == 0
    assert not result.notes


def test_that_copies_under_different_labels_stay_together_too():
    labels = [0, 1] * 30
    groups = np.arange(60) // 2
    where = sides(split(labels, groups, classes=TWO), 60)
    assert all(where[2 * pair] == where[2 * pair + 1] for pair in range(30))


def test_that_a_class_of_two_gives_one_to_learn_from_and_one_to_judge_by():
    labels = [0] * 20 + [1] * 2
    where = sides(split(labels, classes=TWO), 22)
    assert sorted(where[20:]) == ["test", "train"]


def test_that_a_class_of_one_is_only_learnt_from_and_that_it_is_said():
    result = split([0] * 20 + [1], classes=("cat", "lynx"))
    assert sides(result, 21)[20] == "train"
    assert any(note.startswith("lynx is learnt but cannot be judged") for note in result.notes)


def test_that_a_class_of_copies_of_one_picture_is_only_learnt_from():
    groups = [*range(20), *[20] * 10]
    result = split([0] * 20 + [1] * 10, groups, classes=("cat", "lynx"))
    assert set(sides(result, 30)[20:]) == {"train"}
    assert any("lynx" in note for note in result.notes)


def test_that_a_class_of_two_large_groups_is_judged_by_one_of_them():
    groups = [*range(20), *[20] * 5, *[21] * 6]
    where = sides(split([0] * 20 + [1] * 11, groups, classes=TWO), 31)
    assert Counter(where[20:]) == {"test": 5, "train": 6}


def test_that_a_hundred_classes_of_two_are_split_one_and_one():
    labels = np.repeat(np.arange(100), 2)
    result = split(labels, classes=[f"class {n}" for n in range(100)])
    assert len(result.train) == len(result.test) == 100
    assert not result.notes


@pytest.mark.parametrize("count", [3, 4, 5, 9])
def test_that_small_classes_always_have_something_to_learn_from_and_to_judge_by(count: int):
    result = split([0] * count + [1] * count, classes=TWO)
    for label in (0, 1):
        mine = range(label * count, (label + 1) * count)
        assert np.isin(mine, result.train).any()
        assert np.isin(mine, result.test).any()


def test_that_the_folders_own_test_part_is_respected():
    given = ["train"] * 60 + ["test"] * 20
    result = split([0, 1] * 40, given=given, classes=TWO)
    assert result.test.tolist() == list(range(60, 80))
    assert len(result.validation) == 6
    assert not result.leaked.size


def test_that_given_parts_for_everything_are_taken_as_they_are():
    given = ["train"] * 6 + ["val"] * 2 + ["test"] * 4
    result = split([0, 1] * 6, given=given, classes=TWO)
    assert result.train.tolist() == list(range(6))
    assert result.validation.tolist() == [6, 7]
    assert result.test.tolist() == list(range(8, 12))


def test_that_a_val_part_without_a_test_part_judges():
    given = ["train"] * 40 + ["val"] * 10
    result = split([0, 1] * 25, given=given, classes=TWO)
    assert result.test.tolist() == list(range(40, 50))
    assert len(result.validation) == 4


def test_that_copies_of_learnt_pictures_in_a_given_test_part_are_named():
    given = ["train"] * 10 + ["test"] * 4
    groups = [*range(10), 0, 1, 12, 13]
    result = split([0, 1] * 7, groups, given, classes=TWO)
    assert result.leaked.tolist() == [10, 11]
    assert any(note.startswith("2 of the 4 test photos are copies") for note in result.notes)


def test_that_a_class_that_is_only_in_the_given_test_part_is_named():
    result = split([0] * 10 + [1] * 2, given=["train"] * 10 + ["test"] * 2, classes=("cat", "lynx"))
    assert any("lynx" in note and "only in the test part" in note for note in result.notes)


def test_that_nothing_to_split_is_no_error():
    result = split([], classes=())
    assert not len(result.train)
    assert not len(result.test)


def test_that_a_hundred_thousand_pictures_are_split_soon():
    labels = np.arange(100_000) % 50
    result = split(labels, np.arange(100_000) // 2, classes=[str(n) for n in range(50)])
    assert 19_000 <= len(result.test) <= 20_000

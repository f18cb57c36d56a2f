from __future__ import annotations

from pathlib import Path

from gui.review.queue import Kind, Photo, Queue


def photo(row: int, predicted: str = "cat") -> Photo:
    return Photo(row, f"{row}.png", Path(f"{row}.png"), ((predicted, 0.6), ("dog", 0.4)), False)


def test_that_what_is_said_is_told_apart_and_counted() -> None:
    queue = Queue([photo(number) for number in range(4)])
    assert queue.label("cat").kind is Kind.CONFIRMED
    assert queue.label("dog").kind is Kind.CORRECTED
    queue.skip()
    queue.pass_over()
    assert queue.now is None
    assert [queue.count(kind) for kind in Kind] == [1, 1, 1, 1]


def test_that_going_back_passes_over_what_could_not_be_shown_and_ends_at_the_start() -> None:
    queue = Queue([photo(number) for number in range(3)])
    queue.label("dog")
    queue.pass_over()
    assert queue.can_go_back
    back = queue.back()
    assert back is not None
    assert (back.label, queue.position) == ("dog", 0)
    assert queue.back() is None
    assert not queue.can_go_back


def test_that_a_label_that_was_not_kept_counts_as_skipped() -> None:
    queue = Queue([photo(7), photo(8)])
    queue.label("cat")
    assert queue.unsay(7) == "7.png"
    assert queue.unsay(99) == ""
    assert (queue.count(Kind.CONFIRMED), queue.count(Kind.SKIPPED)) == (0, 1)


def test_that_a_better_order_leaves_what_was_seen_and_the_next_ones() -> None:
    queue = Queue([photo(number) for number in range(6)])
    queue.skip()
    queue.rearrange([5, 4, 3, 2, 1, 0], keep=2)
    assert [one.row for one in queue.all()] == [0, 1, 2, 5, 4, 3]

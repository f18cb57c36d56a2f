"""States of the Review page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio import State, Studio


def _review_nothing(studio: Studio) -> None:
    studio.window.show_page("review")
    page = studio.window.page("review")
    studio.settle()
    while page.queue.now is not None:
        page.round.skip()
        studio.settle()
    page.begin()


def _review_photo(studio: Studio) -> None:
    studio.use("cats-dogs")
    studio.window.page("review").begin_folder([studio.many])
    studio.wait(lambda: studio.window.page("review").look.photo.has_photo)


def _review_done(studio: Studio) -> None:
    page = studio.window.page("review")
    while page.queue.now is not None:
        page.confirm()
        studio.settle()


def _review_choose(studio: Studio) -> None:
    studio.use("everyday")
    page = studio.window.page("review")
    page.begin_folder(list(studio.samples))
    studio.wait(lambda: page.look.photo.has_photo)
    page.choose_class()
    page.picker.search.setText("cat")


POSES: dict[str, State] = {
    "review-nothing": _review_nothing,
    "review-photo": _review_photo,
    "review-done": _review_done,
    "review-choose": _review_choose,
}

"""Retraining by itself, once enough labelled pictures have arrived; off until the person switches it on."""

from __future__ import annotations

import logging

from engine.errors import WhiskerError
from server.job import Job
from server.room import Room

log = logging.getLogger(__name__)


def retrain_if_due(room: Room) -> Job | None:
    """Begin the quick recipe if it is wanted, and enough pictures came since the last time.

    The result only answers from then on if the comparison says that it is better (`Jobs`).
    """
    settings = room.whisker.settings
    if not settings["retrain_by_itself"] or room.uploads.fresh() < int(settings["retrain_after"]):
        return None
    try:
        return room.jobs.start(automatic=True)
    except WhiskerError as error:
        # Nobody asked, so nobody is refused: it is tried again with the next picture.
        log.info("No retraining by itself: %s", error)
        return None

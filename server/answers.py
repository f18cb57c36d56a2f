"""Predictions as the API says them: JSON that is put together from pieces kept ready.

A thousand classes are 20 kB in each answer. To make a dictionary of them and to encode it takes 0.65 ms of processor,
a twelfth of the whole request; their names do not change and most of their shares are among a few small numbers, so
both are kept as text. What comes out is, to the byte, what `encoded` makes of `Prediction.as_json`; a test holds the
two against each other.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from engine.prediction import Failure, Outcome, Prediction
from server.limits import MANY_S
from server.replies import encoded, error_json

_MILLION = 1_000_000
_SMALL = 4096
"""Shares below so many millionths are kept as text; at most 244 classes of an answer can be above."""


def answer(prediction: Prediction, top: int | None = None) -> bytes:
    """The answer to one picture, with the shares of all classes or the `top` best, best first."""
    best = prediction.ranking(top)
    rounded = np.rint(prediction.probabilities[best].astype(np.float64) * _MILLION)
    if not 0 <= rounded[-1] <= rounded[0] <= _MILLION:
        # No shares at all, from a network that is not sound: as they are.
        return encoded({**prediction.as_json(top), **_circumstances(prediction)})
    millionths = rounded.astype(np.int64)
    names, small = _names(prediction.classes), _small_shares()
    large = int(np.count_nonzero(millionths >= _SMALL))
    # Name, share, name, share: one list of what is there already, joined at once.
    pieces = np.empty(2 * len(best), object)
    pieces[0::2] = names[best]
    pieces[1 : 2 * large : 2] = [f"{share / _MILLION!r}," for share in millionths[:large].tolist()]
    pieces[2 * large + 1 :: 2] = small[millionths[large:]]
    shares = "".join(pieces.tolist())[:-1].encode("utf-8", "replace")
    first = encoded({"predicted_class": prediction.predicted_class, "confidence": round(prediction.confidence, 6)})
    last = encoded({"unknown": prediction.unknown, **_circumstances(prediction)})
    return b'%b,"probabilities":{%b},%b' % (first[:-1], shares, last[1:])


def answers(outcomes: Iterable[tuple[str, Outcome | None]], top: int | None) -> bytes:
    """The answer to many pictures: each with its name; None is one that the time did not suffice for."""
    return b'{"predictions":[%b]}' % b",".join(_named(name, outcome, top) for name, outcome in outcomes)


def _named(name: str, outcome: Outcome | None, top: int | None) -> bytes:
    if isinstance(outcome, Prediction):
        said = answer(outcome, top)
    elif isinstance(outcome, Failure):
        said = encoded(outcome.as_json())
    else:
        late = f"The request took longer than {MANY_S:.0f} s. Send fewer photos at once."
        said = encoded(error_json("too_late", late))
    return b"%b,%b" % (encoded({"name": name})[:-1], said[1:])


def _circumstances(prediction: Prediction) -> dict[str, object]:
    return {
        "timestamp": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "model": prediction.model,
        "model_version": prediction.model_version,
        "elapsed_ms": round(prediction.elapsed_ms, 2),
    }


@lru_cache(maxsize=4)
def _names(classes: tuple[str, ...]) -> npt.NDArray[np.object_]:
    """Each class as the key of a JSON object."""
    return np.array([encoded(name).decode() + ":" for name in classes], object)


@cache
def _small_shares() -> npt.NDArray[np.object_]:
    """Each number of millionths below _SMALL as the value of a JSON object that goes on."""
    return np.array([f"{share / _MILLION!r}," for share in range(_SMALL)], object)

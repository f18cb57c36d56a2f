"""Telling what a model was taught from everything else, with no pictures of everything else.

Two opinions, added (docs/unknown.md has what was tried and the figures):

- *kind*: what the backbone's own 1,000 ImageNet classes say. With p(k|x) its posterior for a picture and P_k the
  share of class k among the training pictures, kind(x) = sum_k p(k|x) * P_k / (P_k + KIND_PRIOR). It survives a
  change of camera, because an ImageNet class is recognised through one. P is the mean posterior after one step of
  expectation maximisation (Saerens, Latinne and Decaestecker 2002): a husky that is 20 % wolf to the network, among
  hundreds of dogs, is taken for a husky, so that wolves stay unknown.
- *likeness*: cosine similarity to the nearest of at most MAX_PROTOTYPES cluster centres of the training features
  (spherical k-means; Dhillon and Modha 2001). It knows things that ImageNet has no class for.

Each is centred on its median over known pictures and divided by the distance to its 5 % quantile there, so that the
less steady opinion counts less; kind counts less still where it hardly tells the training pictures from a picture of
any ImageNet class (flowers; twenty pictures). All of it is dense layers, a softmax and a maximum, so it travels inside
the exported graph; here it is numpy, for choosing the threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

HEAD_CLASSES = 1000
KIND_SHARPNESS = 1.5
"""The backbones were trained with label smoothing: their posteriors are flatter than the evidence."""
KIND_PRIOR = 1e-4
MAX_PROTOTYPES = 256
PROJECTED = 128
SAME_SOURCE_REFUSED = 0.015
SHIFTED_REFUSED = 0.035
FOLDS = 5
SPREADS_IF_FEW = 2.2

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Familiarity:
    """What the `familiarity` output of a trained model is computed from.

    Attributes:
        head_kernel: float32 [d, 1000], ImageNet's head on the same features.
        head_bias: float32 [1000].
        kinds: float32 [1000], 0 to 1: how much each ImageNet class belongs to what was taught.
        prototypes: float32 [m, d], of length 1.
        kind_scale, likeness_scale, offset: familiarity = kind_scale * kind + likeness_scale * likeness + offset.
    """

    head_kernel: Floats
    head_bias: Floats
    kinds: Floats
    prototypes: Floats
    kind_scale: float
    likeness_scale: float
    offset: float

    def score(self, features: Floats) -> Floats:
        """Familiarity of pooled features [n, d]: float32 [n], 0 for the median known picture, less for others."""
        kind, likeness = _opinions(features, features @ self.head_kernel + self.head_bias, self.kinds, self.prototypes)
        return self.kind_scale * kind + self.likeness_scale * likeness + np.float32(self.offset)


@dataclass(frozen=True)
class Evidence:
    """The `familiarity` of a model for everything, whose training pictures are not at hand.

    A picture is unknown when no class has any evidence for it, or when it looks like a picture of nothing (noise,
    plain colours, patterns, pages of text). Familiarity is the smaller of the two margins, each in units that make 0
    the limit.

    Attributes:
        nothing: float32 [m, d], features of pictures of nothing, of length 1.
        smallest_logit: The best class must have at least this, before any temperature.
        largest_likeness: Cosine similarity to pictures of nothing, up to which a picture may be of something.
    """

    nothing: Floats
    smallest_logit: float
    largest_likeness: float

    def score(self, features: Floats, logits: Floats) -> Floats:
        """Familiarity float32 [n] from pooled features [n, d] and the head's logits [n, classes]."""
        evidence = (logits.max(axis=1) - self.smallest_logit) / self.smallest_logit
        likeness = (_unit(features) @ self.nothing.T).max(axis=1)
        result: Floats = np.minimum(evidence, (self.largest_likeness - likeness) / self.largest_likeness)
        return result


def fit_familiarity(
    features: Floats,
    head_kernel: Floats,
    head_bias: Floats,
    shifted: Floats | None = None,
    shifted_from: npt.NDArray[np.int64] | None = None,
    seed: int = 0,
) -> tuple[Familiarity, float]:
    """Learn what is familiar, and where it ends.

    Args:
        features: float32 [n, d], pooled features of the training pictures, n >= 1.
        head_kernel, head_bias: ImageNet's head, [d, 1000] and [1000].
        shifted: float32 [s, d], features of altered copies (small, recompressed, cropped, re-lit, ...).
        shifted_from: int [s], which training picture each is a copy of.
        seed: Of the folds and the clustering.

    Returns:
        The familiarity and the threshold below which a picture is unknown. Every score behind the threshold comes
        from a picture that the fold's own centres and classes have not seen, nor any copy of it.
    """
    logits = features @ head_kernel + head_bias
    if shifted is None or shifted_from is None:
        shifted, shifted_from = features[:0], np.zeros(0, np.int64)
    shifted_logits = shifted @ head_kernel + head_bias
    same: list[tuple[Floats, Floats]] = []
    moved: list[tuple[Floats, Floats]] = []
    for held_out in _folds(len(features), seed):
        kept = held_out if held_out.all() else ~held_out
        kinds, prototypes = _kinds(logits[kept]), _prototypes(features[kept], seed)
        same.append(_opinions(features[held_out], logits[held_out], kinds, prototypes))
        copies = held_out[shifted_from]
        moved.append(_opinions(shifted[copies], shifted_logits[copies], kinds, prototypes))
    kind, likeness = (np.concatenate(part) for part in zip(*same, strict=True))
    kinds = _kinds(logits)
    scales, offset = [], 0.0
    for opinion, chance in ((kind, float(kinds.mean())), (likeness, None)):
        median, low = (float(value) for value in np.quantile(opinion, [0.5, 0.05]))
        spread = max(median - low, 1e-3)
        # At one spread above a picture of any class at all it tells nothing, at two and a half enough.
        trust = 1.0 if chance is None else float(np.clip((median - chance) / spread - 1.5, 0, 1))
        scales.append(trust / spread)
        offset -= trust * median / spread
    parts = Familiarity(head_kernel, head_bias, kinds, _prototypes(features, seed), scales[0], scales[1], offset)
    known = scales[0] * kind + scales[1] * likeness + offset
    threshold = _low_quantile(known, SAME_SOURCE_REFUSED, len(features))
    if len(shifted):
        kind, likeness = (np.concatenate(part) for part in zip(*moved, strict=True))
        known = scales[0] * kind + scales[1] * likeness + offset
        threshold = min(threshold, _low_quantile(known, SHIFTED_REFUSED, len(np.unique(shifted_from))))
    return parts, threshold


def _opinions(features: Floats, logits: Floats, kinds: Floats, prototypes: Floats) -> tuple[Floats, Floats]:
    return _posterior(logits) @ kinds, (_unit(features) @ prototypes.T).max(axis=1, initial=-1.0)


def _posterior(logits: Floats) -> Floats:
    exponentials = np.exp(KIND_SHARPNESS * (logits - logits.max(axis=1, keepdims=True, initial=-np.inf)))
    result: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result


def _kinds(logits: Floats) -> Floats:
    posterior = _posterior(logits)
    likely = posterior * posterior.mean(axis=0)
    share = (likely / likely.sum(axis=1, keepdims=True)).mean(axis=0)
    result: Floats = (share / (share + KIND_PRIOR)).astype(np.float32)
    return result


def _unit(features: Floats) -> Floats:
    result: Floats = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)
    return result


def _prototypes(features: Floats, seed: int, rounds: int = 12) -> Floats:
    """Centres of spherical k-means; the features themselves while they are few.

    All rounds but the last two compare a random projection to PROJECTED dimensions (Boutsidis, Zouzias and Drineas
    2010, arXiv:1011.4632), in a sixth of the time.
    """
    points = _unit(features)
    if len(points) <= MAX_PROTOTYPES:
        return points
    random = np.random.default_rng(seed)
    first = random.choice(len(points), MAX_PROTOTYPES, replace=False)
    turn = random.standard_normal((points.shape[1], PROJECTED), dtype=np.float32)
    fewer = _unit(points @ turn)
    centres = fewer[first]
    for _ in range(rounds - 2):
        centres = _means(fewer, (fewer @ centres.T).argmax(axis=1), random)
    centres = _means(points, (fewer @ centres.T).argmax(axis=1), random)
    for _ in range(2):
        centres = _means(points, (points @ centres.T).argmax(axis=1), random)
    return centres


def _means(points: Floats, nearest: npt.NDArray[np.intp], random: np.random.Generator) -> Floats:
    """The direction of each cluster's members; of any one point where a cluster has lost all of its own."""
    # A product with the memberships adds up a hundred times faster than np.add.at.
    member = np.zeros((MAX_PROTOTYPES, len(points)), np.float32)
    member[nearest, np.arange(len(points))] = 1
    sums = member @ points
    empty = ~member.any(axis=1)
    sums[empty] = points[random.choice(len(points), int(empty.sum()))]
    return _unit(sums)


def _folds(count: int, seed: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Masks of the pictures held out in turn; one picture by itself is its own fold."""
    if count == 1:
        yield np.ones(1, bool)
        return
    fold = np.random.default_rng(seed).permutation(count) % min(FOLDS, count)
    for index in range(int(fold.max()) + 1):
        yield fold == index


def _low_quantile(scores: npt.NDArray[Any], share: float, pictures: int) -> float:
    """The score below which `share` of known pictures lie.

    Where fewer than three of the `pictures` behind the scores would lie there, it is a guess from the middle half
    instead: one odd picture among twenty must not decide that everything is known.
    """
    if pictures * share >= 3:
        return float(np.quantile(scores, share))
    median, quartile = np.quantile(scores, [0.5, 0.25])
    return float(median - SPREADS_IF_FEW * (median - quartile) / 0.6745)

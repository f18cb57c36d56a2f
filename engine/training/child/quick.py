"""The quick recipe: a softmax head on features that were computed once, by a frozen backbone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

PENALTY = 0.1
"""Weight of the squared kernel in the loss. On 800 photos of flowers 0.03 to 1 do equally well, less does worse."""
BATCH = 256
LEARNING_RATE = 1e-2
EPOCHS = 10
SMALLEST_STEPS = 120
"""A small set is seen more often, so that the head still converges."""
ROUNDS = 6
"""Keras spends as long between two rounds as on twenty steps."""
STEPS_TOGETHER = 10


@dataclass(frozen=True)
class Head:
    """A dense softmax layer: kernel float32 [d, classes], bias float32 [classes]."""

    kernel: Floats
    bias: Floats

    def logits(self, features: Floats) -> Floats:
        """float32 [n, classes] for pooled features [n, d]."""
        result: Floats = features @ self.kernel + self.bias
        return result

    def cooled(self, temperature: float) -> Head:
        """The same head with its logits divided by `temperature`."""
        return Head(self.kernel / np.float32(temperature), self.bias / np.float32(temperature))


def train_head(
    features: Floats,
    labels: Integers,
    classes: int,
    *,
    sample_weights: Floats | None = None,
    epochs: int | None = None,
    batch: int = BATCH,
    learning_rate: float = LEARNING_RATE,
    dropout: float = 0.0,
    seed: int = 0,
    callbacks: list[keras.callbacks.Callback] | None = None,
) -> Head:
    """Train the head: softmax regression with an L2 penalty, by Adam with a cosine schedule.

    The problem is convex, and features are standardised by one number, so few steps come close to its one minimum.

    Args:
        features: float32 [n, d], pooled features; rows of mirrored pictures may be among them.
        labels: int [n], 0 to classes - 1.
        classes: Number of classes.
        sample_weights: float32 [n], to balance classes of different size.
        epochs: Passes over the data; None for as many steps as it needs (see SMALLEST_STEPS), told in ROUNDS.
        batch: Pictures in a step.
        learning_rate: Of the first step.
        dropout: Share of features hidden in each step.
        seed: Of the order.
        callbacks: Told of every epoch; may stop the training.
    """
    mean, spread = centre(features)
    steps = -(-len(features) // batch)
    if epochs is None:
        steps = -(-max(EPOCHS * steps, SMALLEST_STEPS) // ROUNDS)
        epochs = ROUNDS
    keras.utils.set_random_seed(seed)
    regression = _regression(features.shape[1], classes, dropout, min(STEPS_TOGETHER, steps))
    regression.start_over(learning_rate, epochs * steps)
    weights = np.ones(len(labels), np.float32) if sample_weights is None else sample_weights
    regression.model.fit(
        _batches((features - mean) / spread, labels, weights, batch, seed),
        epochs=epochs,
        steps_per_epoch=steps,
        shuffle=False,
        callbacks=callbacks,
        verbose=0,
    )
    kernel, bias = regression.dense.get_weights()
    kernel = kernel / spread
    return Head(kernel.astype(np.float32), (bias - mean @ kernel).astype(np.float32))


def _batches(features: Floats, labels: Integers, weights: Floats, batch: int, seed: int) -> tf.data.Dataset:
    """Batches without end, every picture once in each pass. Rows are taken by number, for shuffling would copy them."""
    rows, targets, each = tf.constant(features), tf.constant(labels), tf.constant(weights)
    order = tf.data.Dataset.range(len(features)).shuffle(len(features), seed).repeat().batch(batch)
    return order.map(lambda at: (tf.gather(rows, at), tf.gather(targets, at), tf.gather(each, at)))


def centre(features: Floats) -> tuple[Floats, np.float32]:
    """What features are standardised by before a head learns: their mean, float32 [d], and one number for all."""
    return features.mean(axis=0), np.float32(features.std(axis=0).mean() + 1e-6)


class _Cosine(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # Keras has no type information
    """From a rate down to nothing along half a cosine; its numbers are variables, so that no new graph is traced."""

    def __init__(self) -> None:
        self.rate = keras.Variable(1.0, trainable=False)
        self.steps = keras.Variable(1.0, trainable=False)

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        share = keras.ops.minimum(keras.ops.cast(step, "float32") / self.steps, 1.0)
        return self.rate * 0.5 * (1.0 + keras.ops.cos(math.pi * share))


class _Regression:
    """A softmax regression that can be trained again and again: Keras takes a second to trace it, once."""

    def __init__(self, depth: int, classes: int, dropout: float, steps_together: int) -> None:
        self.dense = layers.Dense(
            classes, activation="softmax", kernel_regularizer=keras.regularizers.L2(PENALTY / 2), name="head"
        )
        inputs = keras.Input((depth,))
        self.model = keras.Model(inputs, self.dense(layers.Dropout(dropout)(inputs) if dropout else inputs))
        self._schedule = _Cosine()
        self.model.compile(
            optimizer=keras.optimizers.Adam(self._schedule),
            loss="sparse_categorical_crossentropy",
            weighted_metrics=["accuracy"],
            steps_per_execution=steps_together,
        )
        self.model.optimizer.build(self.model.trainable_variables)

    def start_over(self, rate: float, steps: int) -> None:
        self._schedule.rate.assign(rate)
        self._schedule.steps.assign(steps)
        for variable in (*self.dense.trainable_variables, *self.model.optimizer.variables):
            variable.assign(keras.ops.zeros_like(variable))


@lru_cache(maxsize=4)
def _regression(depth: int, classes: int, dropout: float, steps_together: int) -> _Regression:
    return _Regression(depth, classes, dropout, steps_together)


def fit_temperature(logits: Floats, labels: Integers) -> float:
    """The temperature that makes softmax(logits / t) most likely on held-out data (Guo et al. 2017, arXiv:1706.04599).

    Args:
        logits: float32 [n, classes] of pictures the head was not trained on.
        labels: int [n].

    Returns:
        Between 0.25 and 4; golden-section search on its logarithm, along which the loss has one minimum.
    """

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        log_sums = np.log(np.exp(scaled).sum(axis=1))
        return float((log_sums - scaled[np.arange(len(labels)), labels]).mean())

    low, high = np.log(0.25), np.log(4.0)
    golden = (5**0.5 - 1) / 2
    inner, outer = high - golden * (high - low), low + golden * (high - low)
    loss_inner, loss_outer = loss(inner), loss(outer)
    for _ in range(40):
        if loss_inner < loss_outer:
            high, outer, loss_outer = outer, inner, loss_inner
            inner = high - golden * (high - low)
            loss_inner = loss(inner)
        else:
            low, inner, loss_inner = inner, outer, loss_outer
            outer = low + golden * (high - low)
            loss_outer = loss(outer)
    return float(np.exp((low + high) / 2))


class StopAsked(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type information
    """Ends a training at the next batch, and its validation too, once `asked` says so."""

    def __init__(self, asked: Callable[[], bool]) -> None:
        super().__init__()
        self._asked = asked

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._asked():
            self.model.stop_training = True

    def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._asked():
            self.model.stop_training = True
            self.model.stop_evaluating = True

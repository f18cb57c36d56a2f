"""The quick recipe: a softmax head on features that were computed once, by a frozen backbone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

LEARNING_RATE = 1e-2
PENALTY = 0.1
"""Weight of the squared kernel in the loss. On 800 photos of flowers 0.03 to 1 do equally well, less does worse."""
BATCH = 256
EPOCHS = 10
SMALLEST_STEPS = 120
"""A small set is seen more often, so that the head still converges."""


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
    validation: tuple[Floats, Integers] | None = None,
    epochs: int = EPOCHS,
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
        validation: Features and labels that are scored after each epoch.
        epochs: Passes over the data; more for small sets, see SMALLEST_STEPS.
        seed: Of the order.
        callbacks: Told of every epoch; may stop the training.
    """
    mean = features.mean(axis=0)
    spread = np.float32(features.std(axis=0).mean() + 1e-6)

    def standardised(rows: Floats) -> Floats:
        result: Floats = (rows - mean) / spread
        return result

    steps_an_epoch = -(-len(features) // BATCH)
    epochs = max(epochs, -(-SMALLEST_STEPS // steps_an_epoch) if epochs == EPOCHS else epochs)
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((features.shape[1],))
    dense = layers.Dense(
        classes,
        activation="softmax",
        kernel_initializer="zeros",
        kernel_regularizer=keras.regularizers.L2(PENALTY / 2),
        name="head",
    )
    model = keras.Model(inputs, dense(inputs))
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * steps_an_epoch)
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss="sparse_categorical_crossentropy",
        weighted_metrics=["accuracy"],
        steps_per_execution=min(16, steps_an_epoch),
    )
    model.fit(
        standardised(features),
        labels,
        batch_size=BATCH,
        epochs=epochs,
        sample_weight=sample_weights,
        validation_data=None if validation is None else (standardised(validation[0]), validation[1]),
        callbacks=callbacks,
        verbose=0,
    )
    kernel, bias = dense.get_weights()
    kernel = kernel / spread
    return Head(kernel.astype(np.float32), (bias - mean @ kernel).astype(np.float32))


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

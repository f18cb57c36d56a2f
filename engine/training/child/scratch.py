"""The recipe `cnn`: a small convolutional network that starts from nothing."""

from __future__ import annotations

import keras
from keras import layers

FILTERS = (32, 64, 128, 256)
WEIGHT_DECAY = 1e-4


def custom_cnn(side: int, dropout: float) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    """Four stages of two 3 x 3 convolutions, each with batch normalisation, then global average pooling.

    Args:
        side: Height and width of the input in pixels, at least 32.
        dropout: Share of whole feature maps hidden after each stage but the last, at a quarter of this strength.

    Returns:
        The input `image` (uint8 [batch, side, side, 3]), the last activation (float32 [batch, side/8, side/8, 256])
        and its global average (float32 [batch, 256]).
    """
    image = keras.Input((side, side, 3), dtype="uint8", name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescale")(image)
    for stage, filters in enumerate(FILTERS):
        for half in range(2):
            name = f"stage{stage}_{half}"
            x = layers.Conv2D(
                filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_convolution"
            )(x)
            x = layers.BatchNormalization(name=f"{name}_normalise")(x)
            x = layers.ReLU(name=f"{name}_relu")(x)
        if stage < len(FILTERS) - 1:
            x = layers.MaxPooling2D(name=f"stage{stage}_pool")(x)
            x = layers.SpatialDropout2D(dropout / 4, name=f"stage{stage}_dropout")(x)
    return image, x, layers.GlobalAveragePooling2D(name="features")(x)

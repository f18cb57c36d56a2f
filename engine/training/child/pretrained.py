"""The recipes `vgg16` and `resnet50`: keras.applications with ImageNet weights, their preprocessing in the graph."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers

from engine.errors import WeightsUnavailable
from engine.training.plan import Recipe

# Both were trained in Caffe's way: blue first, each channel less its ImageNet mean.
MEANS_BGR = (103.939, 116.779, 123.68)
NETWORKS = {Recipe.VGG16: keras.applications.VGG16, Recipe.RESNET50: keras.applications.ResNet50}


def pretrained(
    recipe: Recipe, side: int, weights: Path | None
) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    """The network without its head.

    Args:
        recipe: VGG16 (Simonyan and Zisserman 2015, arXiv:1409.1556) or RESNET50 (He et al. 2016, arXiv:1512.03385).
        side: Height and width of the input in pixels, at least 32.
        weights: The file of keras.applications without the top, or None for random ones.

    Returns:
        The input `image` (uint8 [batch, side, side, 3]), the last activation (float32 [batch, h, w, c]) and its
        global average (float32 [batch, c]).

    Raises:
        WeightsUnavailable: the file is not one of this network.
    """
    image = keras.Input((side, side, 3), dtype="uint8", name="image")
    real = layers.Rescaling(1.0, name="to_float")(image)
    # A fixed 1 x 1 convolution: it swaps red and blue and takes the means off, in any runtime.
    caffe = layers.Conv2D(3, 1, trainable=False, name="preprocess")
    prepared = caffe(real)
    caffe.set_weights([np.eye(3, dtype=np.float32)[::-1].reshape(1, 1, 3, 3), -np.array(MEANS_BGR, np.float32)])
    network = NETWORKS[recipe](include_top=False, weights=None, input_tensor=prepared)
    if weights is not None:
        bare = NETWORKS[recipe](include_top=False, weights=None, input_shape=(side, side, 3))
        try:
            bare.load_weights(weights)
        except (ValueError, OSError, KeyError) as error:
            raise WeightsUnavailable(
                f"{weights.name} does not hold weights of {recipe.title}.",
                "Choose the file of keras.applications that ends in notop.h5.",
            ) from error
        for layer in bare.layers:
            if layer.weights:
                network.get_layer(layer.name).set_weights(layer.get_weights())
    network.trainable = False
    return image, network.output, layers.GlobalAveragePooling2D(name="features")(network.output)

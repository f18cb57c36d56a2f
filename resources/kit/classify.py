"""Says what is on photos: python classify.py PHOTO...   (needs onnxruntime, Pillow and NumPy)"""

import json
import os
import sys
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else onnxruntime notes and sends how it is used
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))
about = session.get_modelmeta().custom_metadata_map
classes, resize, threshold = json.loads(about["classes"]), json.loads(about["resize"]), about["unknown_threshold"]
for path in sys.argv[1:]:
    image = Image.open(path)
    image.draft(None, (resize["width"], resize["height"]))  # only JPEGs heed this: they are decoded small
    image = ImageOps.exif_transpose(image)
    if image.mode[0] in "IF":  # more than 8 bits of grey
        grey, deep = np.asarray(image, np.float32), image.mode.startswith("I;16")
        scale = 1 / 257 if deep or grey.max() > 255 else 255 if image.mode == "F" and grey.max() <= 1 else 1
        image = Image.fromarray((grey * scale).round().astype(np.uint8))
    if image.has_transparency_data:  # it is laid on white
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    image = image.convert("RGB").resize((resize["width"], resize["height"]), Image.Resampling.BILINEAR)
    names = ["probabilities", "familiarity"] if threshold else ["probabilities"]
    probabilities, *familiarity = session.run(names, {"image": np.asarray(image)[None]})
    p = dict(zip(classes, probabilities[0].tolist(), strict=True))
    unknown = bool(familiarity) and bool(familiarity[0][0] < float(threshold))
    print(json.dumps({"path": path, "predicted_class": max(p, key=p.get), "probabilities": p, "unknown": unknown}))

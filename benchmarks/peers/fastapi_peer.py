"""FastAPI as its documentation writes it, uvicorn, onnxruntime's default session: python fastapi_peer.py MODEL PORT."""

from __future__ import annotations

import io
import json
import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
size = session.get_inputs()[0].shape[1:3]
classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])


@app.post("/api/predict")
def predict(file: UploadFile) -> dict[str, object]:
    image = Image.open(io.BytesIO(file.file.read())).convert("RGB").resize((size[1], size[0]))
    probabilities = session.run(["probabilities"], {"image": np.asarray(image)[None]})[0][0]
    best = int(probabilities.argmax())
    shares = {name: float(share) for name, share in zip(classes, probabilities, strict=True)}
    return {"predicted_class": classes[best], "confidence": float(probabilities[best]), "probabilities": shares}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")

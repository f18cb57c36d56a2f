"""Flask's own server and keras model.predict, picture by picture: python keras_peer.py MODEL.keras PORT CLASS..."""

from __future__ import annotations

import io
import sys

import keras
import numpy as np
from flask import Flask, jsonify, request
from PIL import Image

app = Flask(__name__)
model = keras.models.load_model(sys.argv[1], compile=False)
classes = sys.argv[3:]
height, width = model.inputs[0].shape[1:3]


@app.post("/api/predict")
def predict() -> object:
    image = Image.open(io.BytesIO(request.files["file"].read())).convert("RGB").resize((width, height))
    outputs = model.predict(np.asarray(image)[None], verbose=0)
    probabilities = outputs["probabilities"][0]
    best = int(np.argmax(probabilities))
    shares = {name: float(share) for name, share in zip(classes, probabilities, strict=True)}
    return jsonify(predicted_class=classes[best], confidence=float(probabilities[best]), probabilities=shares)


app.run("127.0.0.1", int(sys.argv[2]), threaded=True)

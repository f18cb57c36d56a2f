"""LitServe as its documentation writes it, onnxruntime's default session: python litserve_peer.py MODEL PORT.

LitServe looks at annotations as objects, so this file does without `from __future__ import annotations`.
"""

import io
import json
import sys

import litserve
import numpy as np
import onnxruntime
from fastapi import Request
from PIL import Image


class Classifier(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
        self.size = self.session.get_inputs()[0].shape[1:3]
        self.classes = json.loads(self.session.get_modelmeta().custom_metadata_map["classes"])

    def decode_request(self, request: Request) -> np.ndarray:
        image = Image.open(io.BytesIO(request["file"].file.read())).convert("RGB")
        return np.asarray(image.resize((self.size[1], self.size[0])))

    def predict(self, image: np.ndarray) -> np.ndarray:
        return self.session.run(["probabilities"], {"image": image[None]})[0][0]

    def encode_response(self, probabilities: np.ndarray) -> dict[str, object]:
        best = int(probabilities.argmax())
        shares = {name: float(share) for name, share in zip(self.classes, probabilities, strict=True)}
        return {
            "predicted_class": self.classes[best],
            "confidence": float(probabilities[best]),
            "probabilities": shares,
        }


if __name__ == "__main__":
    server = litserve.LitServer(Classifier(api_path="/api/predict"), accelerator="cpu")
    server.run(host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="warning")

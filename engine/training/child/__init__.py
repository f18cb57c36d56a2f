"""The only folder that imports TensorFlow, Keras, tf2onnx and onnx: what runs in the training process."""

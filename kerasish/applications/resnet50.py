"""The names of `keras.applications.resnet` under the module that ResNet50 had to itself."""

from kerasish.applications.resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]

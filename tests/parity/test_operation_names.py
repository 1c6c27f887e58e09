"""Plain operations between layers, written for Keras and read from it."""

import importlib
import inspect
import json

import keras
import numpy as np
import pytest

import kerasish
from kerasish.models.operations import operation_names

pytestmark = pytest.mark.parity

X = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
W = np.ones((4, 2), "float32")
OPERATIONS = {
    "add": lambda o, x: x + 1.0,
    "subtract reflected": lambda o, x: 1.0 - x,
    "power": lambda o, x: x**2,
    "negative": lambda o, x: -x,
    "absolute": lambda o, x: abs(x),
    "matmul": lambda o, x: x @ W,
    "greater": lambda o, x: x > 0.5,
    "index": lambda o, x: x[..., 1:],
    "slices": lambda o, x: x[:, 0],
    "new axis": lambda o, x: x[:, None],
    "concatenate": lambda o, x: o.concatenate([x, x], axis=-1),
    "stack": lambda o, x: o.stack([x, x], axis=1),
    "split": lambda o, x: o.split(x, 2, axis=-1)[1],
    "einsum": lambda o, x: o.einsum("bi,bj->bij", x, x),
    "reshape": lambda o, x: o.reshape(x, (-1, 2, 2)),
    "expand_dims": lambda o, x: o.expand_dims(x, 1),
    "transpose": lambda o, x: o.transpose(x),
    "pad": lambda o, x: o.pad(x, [[0, 0], [1, 1]], constant_values=2.0),
    "clip": lambda o, x: o.clip(x, 0.0, 1.0),
    "where": lambda o, x: o.where(x > 0, x, -x),
    "take": lambda o, x: o.take(x, [0, 1], axis=1),
    "cast": lambda o, x: o.cast(x, "float16"),
    "one_hot": lambda o, x: o.one_hot(o.argmax(x, -1), 4),
    "mean": lambda o, x: o.mean(x, axis=1, keepdims=True),
    "std": lambda o, x: o.std(x, axis=-1),
    "max": lambda o, x: o.max(x, axis=1),
    "logsumexp": lambda o, x: o.logsumexp(x, axis=-1),
    "average": lambda o, x: o.average(x, axis=1, weights=np.arange(1.0, 5.0, dtype="float32")),
    "softmax": lambda o, x: o.softmax(x),
    "leaky_relu": lambda o, x: o.leaky_relu(x, 0.3),
    "threshold": lambda o, x: o.threshold(x, 0.1, 0.0),
    "layer_normalization": lambda o, x: o.layer_normalization(x, np.ones(4, "float32"), np.zeros(4, "float32")),
    "rms_normalization": lambda o, x: o.rms_normalization(x),
    "batch_normalization": lambda o, x: o.batch_normalization(x, np.zeros(4, "f"), np.ones(4, "f"), axis=-1),
    "tensordot": lambda o, x: o.tensordot(x, W, axes=1),
    "repeat": lambda o, x: o.repeat(x, 2, axis=1),
    "isclose": lambda o, x: o.isclose(x, x),
    "segment_sum": lambda o, x: o.segment_sum(x, np.array([0, 0, 1]), 2),
    "searchsorted": lambda o, x: o.searchsorted(np.array([0.0, 1.0], "float32"), x[:, 0]),
    "resize": lambda o, x: o.image.resize(o.reshape(x, (3, 2, 2, 1)), (3, 4), "bicubic"),
    "ssim": lambda o, x: o.image.ssim(
        o.reshape(x, (3, 2, 2, 1)), o.ones_like(o.reshape(x, (3, 2, 2, 1))), filter_size=2
    ),
    "pad_images": lambda o, x: o.image.pad_images(o.reshape(x, (3, 2, 2, 1)), 1, 2, target_height=5, target_width=6),
    "rgb_to_grayscale": lambda o, x: o.image.rgb_to_grayscale(o.reshape(x, (3, 4, 1, 1)) * np.ones((1, 1, 1, 3), "f")),
    "unfold": lambda o, x: o.unfold(o.reshape(x, (3, 1, 2, 2)), (1, 2)),
    "qr": lambda o, x: o.abs(o.linalg.qr(x)[1]),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_configs_cross_over(name):
    models = []
    for lib in (keras, kerasish):
        lib.utils.clear_session(free_memory=False)
        x = lib.Input(batch_shape=(3, 4), name="x")
        models.append(lib.Model(x, OPERATIONS[name](lib.ops, x)))
    theirs, ours = models
    expected = np.asarray(theirs(X))
    for source, lib in ((ours, keras), (theirs, kerasish), (ours, kerasish)):
        config = json.loads(json.dumps(source.get_config()))
        made = lib.Model.from_config(config)
        np.testing.assert_allclose(np.asarray(made(X)), expected, rtol=1e-4, atol=1e-5)
        if lib is kerasish:
            assert json.loads(json.dumps(made.get_config()))["layers"] == [
                {**layer, "registered_name": made_layer["registered_name"]}
                for layer, made_layer in zip(config["layers"], made.get_config()["layers"], strict=True)
            ]


def test_settings_are_the_arguments_of_keras_s_classes():
    for name, module in operation_names.OPERATIONS.items():
        there = getattr(importlib.import_module(f"keras.src.ops.{module}"), operation_names._CLASS_OF[name])
        taken = set(inspect.signature(there.__init__).parameters) - {"self", "args", "kwargs", "name"}
        assert taken == set(operation_names.settings_of(name)), name

"""Dtype policies against Keras's."""

from typing import Any

import keras
import numpy as np
import pytest

import kerasish
from kerasish import dtype_policies

pytestmark = pytest.mark.parity


@pytest.mark.parametrize(
    "name", ["float16", "float32", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16", "int32", "bool", "uint8"]
)
def test_policies_are_equal(name):
    ours, theirs = dtype_policies.get(name), keras.dtype_policies.get(name)
    for attribute in ("name", "compute_dtype", "variable_dtype", "quantization_mode"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert repr(ours) == repr(theirs)
    assert dtype_policies.serialize(ours) == keras.dtype_policies.serialize(theirs)
    assert dtype_policies.get(keras.dtype_policies.serialize(theirs)) == ours
    assert keras.dtype_policies.get(dtype_policies.serialize(ours)) == theirs


@pytest.mark.parametrize("bad", ["float33", 3, "int8_from_nothing"])
def test_both_refuse(bad):
    for package in (dtype_policies, keras.dtype_policies):
        with pytest.raises(ValueError):
            package.get(bad)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize(
    ("kind", "options", "scale"),
    [
        ("BatchNormalization", {}, 1.0),
        ("GroupNormalization", {"groups": 2}, 1e5),  # no float16 is that large: inputs are normalized as they come
        ("LayerNormalization", {}, 1e5),
        ("RMSNormalization", {}, 1.0),
    ],
)
def test_normalization_reads_inputs_and_weights_in_the_same_precision(policy, kind, options, scale):
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(3, 4)) * scale).astype("float32")
    weights = [rng.uniform(0.5, 1.5, 4) for _ in range(4)]

    def outputs(library: Any) -> tuple[Any, Any]:
        layer = getattr(library.layers, kind)(dtype=policy, **options)
        entry = library.Input((4,))
        model = library.Model(entry, layer(entry))
        model.set_weights(weights[: len(model.weights)])
        return np.asarray(model(x), "float32"), np.asarray(layer(x), "float32")

    for ours, theirs in zip(outputs(kerasish), outputs(keras), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


def test_a_layer_that_does_not_cast_reads_its_weights_as_they_are_inside_one_that_does():
    def values(library: Any) -> list[float]:
        class Reading(library.layers.Layer):
            def build(self, input_shape: Any) -> None:
                self.w = self.add_weight(shape=(), initializer=library.initializers.Constant(0.1234567))

            def call(self, x: Any) -> Any:
                return library.ops.cast(library.ops.convert_to_tensor(self.w), "float32")

        class Around(library.layers.Layer):
            def __init__(self, inner: Any) -> None:
                super().__init__(dtype="mixed_float16")
                self.inner = inner

            def call(self, x: Any) -> Any:
                return self.inner(x)

        x = np.ones((2, 3), "float32")
        quiet, loud = (Reading(autocast=cast, dtype="mixed_float16") for cast in (False, True))
        return [float(layer(x)) for layer in (quiet, loud, Around(quiet), Around(loud))]

    assert values(kerasish) == values(keras)

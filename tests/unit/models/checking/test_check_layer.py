"""`check_layer` finds what is planted, names it, and lets right layers pass."""

import doctest
import importlib
import re

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.models.checking.promises import CHECKS


def check(layer, shape, **options):
    keras.utils.check_layer(layer, shape, **options)


# -- layers with one fault each ------------------------------------------------------------------------------


class Dense(layers.Layer):
    """A right layer, of which most of the others are made."""

    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")

    def call(self, inputs):
        return ops.tanh(inputs @ self.kernel)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Forgetful(Dense):
    def get_config(self):
        return layers.Layer.get_config(self)


class ForgetfulOfAFactor(layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        return inputs * self.factor

    def get_config(self):
        return super().get_config()


class WithAnArray(Dense):
    def get_config(self):
        return {**super().get_config(), "units": object()}


class TakesNoName(layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, inputs):
        return inputs * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@ops.custom_gradient
def cubed(x):
    return x**3, lambda upstream: upstream * 2 * x**2


class WrongGradient(layers.Layer):
    def call(self, inputs):
        return cubed(inputs)


class LosesTheTape(Dense):
    def call(self, inputs):
        return super().call(inputs) * ops.stop_gradient(ops.sum(self.kernel))


class Liar(layers.Layer):
    def call(self, inputs):
        return inputs[:, :-1]

    def compute_output_shape(self, input_shape):
        return input_shape


class OfOneSize(layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, 6))


class Counter(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.calls = 0

    def call(self, inputs):
        self.calls += 1
        return inputs * float(self.calls)


class SilentCounter(Counter):
    def call(self, inputs):
        self.calls += 1
        return inputs


class Noise(layers.Layer):
    def call(self, inputs, training=None):
        return inputs + keras.random.normal(ops.shape(inputs)) if training else inputs


class NumpyNoise(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rng = np.random.default_rng(0)

    def call(self, inputs):
        return inputs + self.rng.normal()


class WeightsInCall(layers.Layer):
    def call(self, inputs):
        return inputs * self.add_weight((), initializer="ones")


class TrainsAlways(layers.Layer):
    def call(self, inputs, training=None):
        return inputs if training is False else inputs * 2.0


class MovesAtRest(layers.Layer):
    def build(self, input_shape):
        self.mean = self.add_weight(input_shape[-1:], "zeros", trainable=False)

    def call(self, inputs):
        self.mean.assign(0.9 * self.mean + 0.1 * ops.mean(inputs, 0))
        return inputs


class Halves(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs):
        return inputs[:, ::2]


class HeedsNoMask(layers.Layer):
    def call(self, inputs, mask=None):
        return ops.mean(inputs, axis=1)

    def compute_mask(self, inputs, mask=None):
        return None


class Single(Dense):
    def call(self, inputs):
        return ops.cast(super().call(inputs), "float32")


class SingleWeights(Dense):
    def build(self, input_shape):
        self.kernel = self.add_weight((input_shape[-1], self.units), dtype="float32")


class OtherForSymbols(layers.Layer):
    def call(self, inputs):
        return inputs

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape, "int32")

    def compute_output_shape(self, input_shape):
        return input_shape


class SavesNothing(Dense):
    def save_own_variables(self, store):
        store["none"] = np.zeros(1)

    def load_own_variables(self, store):
        self.kernel.assign(ops.zeros(self.kernel.shape) + store["none"])


class Ticks(Dense):
    """Goes on with each call in an array too large to be watched."""

    def __init__(self, units=2, **kwargs):
        super().__init__(units, **kwargs)
        self._table = np.zeros(100_000)

    def call(self, inputs):
        self._table[:1] += 1
        return super().call(inputs) * float(1 + self._table[0] // 8)


FAULTY = [
    (Forgetful(5), (None, 3), "config", "forgets an argument"),
    (ForgetfulOfAFactor(3.0), (None, 3), "config", "forgets an argument"),
    (WithAnArray(), (None, 3), "config", "JSON"),
    (TakesNoName(2.0), (None, 3), "config", "kwargs"),
    (WrongGradient(), (None, 3), "gradient", "custom_gradient"),
    (LosesTheTape(), (None, 3), "gradient", "left the tape"),
    (Liar(), (None, 3), "shape", "compute_output_shape"),
    (OfOneSize(), (4, 3), "shape", "number of samples"),
    (Counter(), (None, 3), "state", "'counter.*calls' from 1 to 2|calls"),
    (SilentCounter(), (None, 3), "state", "calls"),
    (Noise(), (None, 3), "state", "SeedGenerator"),
    (NumpyNoise(), (None, 3), "state", "generator of random numbers"),
    (WeightsInCall(), (None, 3), "state", "makes weights"),
    (TrainsAlways(), (None, 3), "training", "means inference"),
    (MovesAtRest(), (None, 3), "training", "without asking for `training`"),
    (Halves(), (None, 4, 3), "mask", "compute_mask"),
    (HeedsNoMask(), (None, 4, 3), "mask", "does not use it"),
    (Single(), (None, 3), "dtype", "names a dtype"),
    (SingleWeights(), (None, 3), "dtype", "made with `dtype=`"),
    (OtherForSymbols(), (None, 3), "symbolic", "another shape or dtype"),
    (SavesNothing(), (None, 3), "save", "save_own_variables"),
]


@pytest.mark.parametrize(("layer", "shape", "name", "cause"), FAULTY, ids=lambda v: getattr(v, "name", None))
def test_a_planted_fault_is_found_and_named(layer, shape, name, cause):
    with pytest.raises(AssertionError, match=f"{type(layer).__name__} fails the check {name!r}") as error:
        check(layer, shape)
    text = str(error.value)
    assert "came: " in text and "expected: " in text
    assert re.search(cause, text.partition("likely cause: ")[2] + text.partition("came: ")[2]), text


def test_what_only_a_recorded_step_does_not_see_is_found_there():
    with pytest.raises(AssertionError, match="Ticks fails the check 'recorded'"):
        check(Ticks(), (None, 3), skip=set(CHECKS) - {"recorded"})


# -- right ones ----------------------------------------------------------------------------------------------


class Gate(layers.Layer):
    """A user's own: weights, an inner layer, random numbers and a state, all in their places."""

    def __init__(self, rate=0.5, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.seeds = keras.random.SeedGenerator(seed)
        self.inner = layers.BatchNormalization()
        self.supports_masking = True

    def build(self, input_shape):
        self.openness = self.add_weight(input_shape[-1:], "zeros", name="openness")
        self.count = self.add_weight((), "zeros", trainable=False, name="count")
        self.inner.build(input_shape)

    def call(self, inputs, training=None):
        if training:
            self.count.assign_add(1)
            inputs = keras.random.dropout(inputs, self.rate, seed=self.seeds)
        return self.inner(inputs / (1 + ops.exp(-self.openness)), training=training) / (1 + self.count)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


class SelfAttention(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.MultiHeadAttention(2, 3)
        self.supports_masking = True

    def build(self, input_shape):
        self.inner.build(input_shape, input_shape)

    def call(self, inputs, mask=None):
        return self.inner(inputs, inputs, query_mask=mask, value_mask=mask)


class Silent(layers.Layer):
    """Says nothing of `training`, which reaches the layers inside all the same."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.parts = [layers.Dense(3, "tanh"), layers.BatchNormalization(), layers.Dropout(0.4, seed=1)]

    def build(self, input_shape):
        for part in self.parts[:2]:
            part.build((*input_shape[:-1], 3) if part is self.parts[1] else input_shape)

    def call(self, inputs):
        for part in self.parts:
            inputs = part(inputs)
        return inputs


class Pair(layers.Layer):
    def call(self, inputs):
        return {"sum": inputs["a"] + inputs["b"], "product": inputs["a"] * inputs["b"]}


RIGHT = [
    (Dense(5), (None, 3)),
    (Gate(0.3, seed=2), (None, 4, 3)),
    (SelfAttention(), (2, 4, 3)),
    (Silent(), (None, 3)),
    (Pair(), {"a": (None, 3), "b": (None, 3)}),
    (layers.Dense(3, "gelu", kernel_regularizer="l2", kernel_constraint="max_norm"), (None, 4)),
    (layers.Dropout(0.3, seed=1), (None, 4)),
    (layers.LSTM(3, return_sequences=True, go_backwards=True), (2, 4, 3)),
    (layers.TimeDistributed(layers.Conv1D(2, 2)), (2, 3, 4, 2)),
    (layers.Concatenate(axis=1), [(2, 3, 4), (2, 2, 4)]),
    (layers.Softmax(axis=1), (2, 5)),
    (layers.MaxPooling2D(2, 1, "same"), (2, 4, 3, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), RIGHT, ids=lambda v: getattr(v, "name", None))
def test_right_layers_pass(layer, shape):
    check(layer, shape)


def test_data_of_ones_own():
    check(layers.Embedding(7, 3, mask_zero=True), None, inputs=np.array([[3, 6, 0], [1, 0, 0]]))
    check(layers.StringLookup(vocabulary=["a", "b"]), None, inputs=np.array([["a"], ["c"]]))
    check(layers.CategoryEncoding(2, output_mode="count"), (None, 4), input_dtype="int32")


def test_the_layer_and_the_process_stay_as_they_were():
    layer = Gate(seed=1)
    layer.build((None, 3))
    before = layer.get_weights()
    keras.utils.set_random_seed(5)
    expected = keras.random.uniform((2,))
    keras.utils.set_random_seed(5)
    check(layer, (None, 3))
    np.testing.assert_array_equal(keras.random.uniform((2,)), expected)
    assert keras.config.floatx() == "float32" and keras.config.dtype_policy().name == "float32"
    for a, b in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_check_may_be_left_out():
    check(WrongGradient(), (None, 3), skip=["gradient"])
    with pytest.raises(ValueError, match=r"no check \['gradients'\]; it has \['state', 'config'"):
        check(WrongGradient(), (None, 3), skip=["gradients"])


def test_what_cannot_be_checked():
    with pytest.raises(ValueError, match="needs the shape"):
        check(layers.Dense(2), None)
    with pytest.raises(ValueError, match=r"sizes that are known; received input_shape=\(None, None, 3\)"):
        check(layers.Dense(2), (None, None, 3))
    with pytest.raises(ValueError, match="an instance of a Layer"):
        check(layers.Dense, (None, 3))


def test_an_error_of_the_layers_own_is_told_with_its_check():
    class Fussy(layers.Layer):
        def call(self, inputs, training=None):
            if training:
                raise RuntimeError("no training, please")
            return inputs

    with pytest.raises(AssertionError, match=r"(?s)Fussy fails the check 'state'.*RuntimeError: no training, please"):
        check(Fussy(), (None, 3))


def test_the_example():
    assert doctest.testmod(importlib.import_module("kerasish.models.checking.check_layer")).failed == 0

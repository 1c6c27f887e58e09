"""Masks on their way through layers and models, into losses and metrics, and out of memory."""

import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from kerasish.backend.masks import get_mask

WORDS = np.array([[1, 2, 0], [3, 0, 0]])
MASK = WORDS != 0


class Seen(layers.Layer):
    """Passes its input on and remembers the mask."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.masks = []

    def call(self, inputs, mask=None):
        self.masks.append(mask)
        return inputs * 1.0


def embedded():
    return layers.Embedding(5, 4, mask_zero=True)


def test_a_mask_follows_arrays_through_layers():
    seen = Seen()
    y = seen(layers.Dropout(0.5)(layers.Dense(3)(embedded()(WORDS))))
    np.testing.assert_array_equal(seen.masks[-1], MASK)
    np.testing.assert_array_equal(get_mask(y), MASK)


def test_a_mask_is_an_attribute_as_in_keras():
    y = embedded()(WORDS)
    np.testing.assert_array_equal(y._keras_mask, MASK)
    assert layers.Dense(2)(np.ones((1, 3), "float32"))._keras_mask is None


def test_without_masks_nothing_is_kept():
    seen = Seen()
    y = seen(layers.Embedding(5, 4)(WORDS))
    assert seen.masks == [None] and get_mask(y) is None


@pytest.mark.parametrize("kind", ["functional", "sequential", "unbuilt", "subclass", "nested"])
def test_masks_in_models(kind):
    seen = Seen()
    parts = [embedded(), layers.Dense(3), seen, layers.Dense(2)]
    x = keras.Input((3,), dtype="int32")
    if kind == "functional":
        y = x
        for part in parts:
            y = part(y)
        model = keras.Model(x, y)
    elif kind == "sequential":
        model = keras.Sequential([x, *parts])
    elif kind == "unbuilt":
        model = keras.Sequential(parts)
    elif kind == "nested":
        model = keras.Model(x, keras.Sequential(parts[1:])(parts[0](x)))
    else:

        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.parts = parts

            def call(self, inputs):
                for part in self.parts:
                    inputs = part(inputs)
                return inputs

        model = Net()
    y = model(WORDS)
    np.testing.assert_array_equal(seen.masks[-1], MASK)
    np.testing.assert_array_equal(get_mask(y), MASK)


def test_an_explicit_mask_of_a_models_input():
    data = np.ones((2, 3, 4), "float32")
    for build in (lambda seen: keras.Sequential([keras.Input((3, 4)), seen]), _functional):
        seen = Seen()
        model = build(seen)
        model(data, mask=MASK)
        np.testing.assert_array_equal(seen.masks[-1], MASK)
        assert get_mask(data) is None
        model(data)
        assert seen.masks[-1] is None


def _functional(seen):
    x = keras.Input((3, 4))
    return keras.Model(x, seen(x))


def test_the_callers_mask_wins():
    seen = Seen()
    seen(embedded()(WORDS), mask=np.ones((2, 3), bool))
    np.testing.assert_array_equal(seen.masks[-1], np.ones((2, 3), bool))


def test_masks_of_several_arguments():
    class Both(layers.Layer):
        def call(self, query, value, query_mask=None, value_mask=None):
            self.seen = (query_mask, value_mask)
            return query

        def build(self, *args, **kwargs):
            self.built = True

    both, plain = Both(), np.ones((2, 3, 4), "float32")
    with pytest.warns(UserWarning, match="does not support masking"):
        both(embedded()(WORDS), plain)
    np.testing.assert_array_equal(both.seen[0], MASK)
    assert both.seen[1] is None


def test_masks_of_a_list():
    class First(layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, inputs, mask=None):
            self.seen = mask
            return inputs[0] * 1.0

        def compute_mask(self, inputs, mask=None):
            return mask[0]

    first, plain = First(), np.ones((2, 3, 4), "float32")
    y = first([embedded()(WORDS), plain])
    np.testing.assert_array_equal(first.seen[0], MASK)
    assert first.seen[1] is None
    np.testing.assert_array_equal(get_mask(y), MASK)


def test_a_layer_that_destroys_the_mask_says_so_once():
    with pytest.warns(UserWarning, match=r"'flat' \(Flatten\).*does not support masking"):
        y = layers.Flatten(name="flat")(embedded()(WORDS))
    assert get_mask(y) is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers.Flatten()(layers.Embedding(5, 4)(WORDS))


def test_a_layer_with_its_own_mask():
    class Every(layers.Layer):
        def call(self, x):
            return x[:, ::2]

        def compute_mask(self, x, mask=None):
            return None if mask is None else mask[:, ::2]

    np.testing.assert_array_equal(get_mask(Every()(embedded()(WORDS))), MASK[:, ::2])


def test_an_array_that_passes_through_keeps_its_own_mask():
    class Marks(layers.Layer):
        def call(self, x):
            return x

        def compute_mask(self, x, mask=None):
            return np.ones(np.shape(x)[:2], bool)

    data = np.ones((2, 3, 4), "float32")
    y = Marks()(data)
    assert get_mask(data) is None and get_mask(y) is not None
    np.testing.assert_array_equal(y, data)


def test_a_call_that_needs_a_mask_can_be_symbolic():
    class Needs(layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, inputs, mask):
            return inputs * ops.cast(mask, "float32")[..., None]

    x = keras.Input((3,), dtype="int32")
    model = keras.Model(x, Needs()(embedded()(x)))
    assert np.all(model(WORDS)[~MASK] == 0) and np.all(model(WORDS)[0, 0] != 0)


def test_losses_leave_out_what_is_masked():
    y_pred = Seen()(embedded()(WORDS))
    y_true = np.zeros((2, 3, 4), "float32")
    found = keras.losses.MeanSquaredError()(y_true, y_pred)
    np.testing.assert_allclose(found, np.mean(np.square(y_pred[MASK])), rtol=1e-6)


def test_metrics_leave_out_what_is_masked():
    y_pred = Seen()(embedded()(WORDS))
    y_true = np.zeros((2, 3, 4), "float32")
    metric = keras.metrics.MeanAbsoluteError()
    metric.update_state(y_true, y_pred)
    np.testing.assert_allclose(metric.result(), np.mean(np.abs(y_pred[MASK])), rtol=1e-6)


def test_gradients_of_what_is_masked_are_zero():
    model = keras.Sequential([embedded(), layers.Dense(1)])
    with keras.GradientTape() as tape:
        loss = keras.losses.MeanSquaredError()(np.ones((2, 3, 1), "float32"), model(WORDS))
    table = tape.gradient(loss, model.trainable_variables)[0]
    assert np.all(table[0] == 0) and np.all(table[1] != 0)


def test_a_fit_with_masks_takes_every_batchs_own():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), embedded(), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x = np.array([[1, 2, 3], [1, 0, 0], [2, 2, 0], [3, 0, 0]])
    y = np.arange(12, dtype="float32").reshape(4, 3, 1)
    logged = model.fit(x, y, batch_size=2, shuffle=False, verbose=0).history["loss"][0]
    errors = np.square(model.predict(x, verbose=0) - y)[..., 0]
    batches = [errors[i : i + 2][x[i : i + 2] != 0].mean() for i in (0, 2)]
    np.testing.assert_allclose(logged, np.mean(batches), rtol=1e-5)


def test_a_layer_that_needs_a_mask_in_a_model_called_on_symbols():
    class Mean(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs, mask=None):
            weights = keras.ops.cast(mask, "float32")[..., None]
            return keras.ops.sum(inputs * weights, axis=1) / keras.ops.sum(weights, axis=1)

        def compute_mask(self, inputs, mask=None):
            return None

    x = keras.Input((None,), dtype="int32")
    inner = keras.Model(x, Mean()(keras.layers.Embedding(5, 3, mask_zero=True)(x)))
    outer = keras.Sequential([keras.Input((4,), dtype="int32"), inner, keras.layers.Dense(2)])
    assert outer.output_shape == (None, 2)
    rows = np.array([[1, 2, 0, 0], [3, 0, 0, 0]])
    np.testing.assert_allclose(outer(rows), outer.layers[1](inner(rows[:, :2])), rtol=1e-6)


def test_a_layer_with_a_method_of_a_models_name_is_no_model():
    class Trained(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen = keras.metrics.Mean(name="seen")

        def call(self, inputs):
            return inputs * 1.0

        def train_step(self, data):
            raise NotImplementedError

    layer = Trained()
    with pytest.warns(UserWarning, match="does not support"):
        layer(embedded()(WORDS))
    assert [metric.name for metric in keras.Sequential([layer]).metrics] == ["seen"]

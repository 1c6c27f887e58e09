"""One number for each channel."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

RNG = np.random.default_rng(0)
LAYERS = [getattr(layers, f"Global{kind}Pooling{rank}D") for kind in ("Max", "Average") for rank in (1, 2, 3)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("kind", LAYERS)
def test_values_and_shapes(kind, data_format, keepdims):
    x = RNG.standard_normal((2, 3, 4, 5, 6)[: kind.rank + 2]).astype("float32")
    spatial = tuple(range(2, kind.rank + 2)) if data_format == "channels_first" else tuple(range(1, kind.rank + 1))
    layer = kind(data_format, keepdims)
    y = layer(x)
    expected = (np.max if "Max" in kind.__name__ else np.mean)(x, axis=spatial, keepdims=keepdims)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-7)
    assert layer.compute_output_shape(x.shape) == y.shape
    assert layer(keras.Input(x.shape[1:])).shape == (None, *y.shape[1:])
    unknown = layer.compute_output_shape((None,) * x.ndim)
    assert unknown == ((None, None) if not keepdims else tuple(1 if i in spatial else None for i in range(x.ndim)))


def test_configuration():
    layer = layers.GlobalMaxPooling2D("channels_first", keepdims=1, name="all")
    assert list(layer.get_config()) == ["name", "trainable", "dtype", "data_format", "keepdims"]
    assert layer.get_config()["keepdims"] is True
    assert layers.deserialize(layers.serialize(layer)).get_config() == layer.get_config()
    with pytest.raises(ValueError, match="data_format"):
        layers.GlobalMaxPooling2D("last")


@pytest.mark.parametrize("kind", LAYERS)
def test_another_rank(kind):
    with pytest.raises(ValueError, match=f"rank {kind.rank + 2}"):
        kind()(np.ones((2, 3), "float32"))
    with pytest.raises(ValueError, match=f"'all' takes inputs of rank {kind.rank + 2}"):
        kind(name="all").compute_output_shape((2, 3))


def test_no_numbers():
    x = np.ones((2, 0, 4, 3), "float32")
    with pytest.raises(ValueError, match=r"'most' finds no largest number.*\(2, 0, 4, 3\)"):
        layers.GlobalMaxPooling2D(name="most")(x)
    assert layers.GlobalMaxPooling2D()(np.ones((0, 4, 4, 3), "float32")).shape == (0, 3)


def test_dtypes():
    x = RNG.integers(0, 200, (2, 40, 40, 3)).astype("uint8")
    assert layers.GlobalMaxPooling2D()(x).dtype == "uint8"
    mean = layers.GlobalAveragePooling2D()(x)
    assert mean.dtype == "float32"
    np.testing.assert_allclose(mean, x.mean((1, 2)), rtol=1e-5)
    half = layers.GlobalAveragePooling2D(dtype="mixed_float16")(x * np.float32(100))
    assert half.dtype == "float16"
    np.testing.assert_allclose(half, 100 * x.mean((1, 2)), rtol=1e-3)
    for kind in (layers.GlobalMaxPooling2D, layers.GlobalAveragePooling2D):
        assert str(kind(dtype="mixed_bfloat16")(x.astype("float32")).dtype) == "bfloat16"


X = np.arange(24, dtype="float32").reshape(2, 4, 3)
MASK = np.array([[True, False, True, False], [False, False, False, True]])
MEANS = np.array([[3, 4, 5], [21, 22, 23]], "float32")


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("kind", ["bool", "int32", "float32"])
def test_only_what_a_mask_leaves_counts(data_format, keepdims, kind):
    layer = layers.GlobalAveragePooling1D(data_format, keepdims)
    x = X.copy()
    x[~MASK] = np.nan  # what does not count may be anything
    y = layer(x if data_format == "channels_last" else np.moveaxis(x, 1, 2), mask=MASK.astype(kind))
    axis = 1 if data_format == "channels_last" else 2
    assert np.array_equal(y, np.expand_dims(MEANS, axis) if keepdims else MEANS)


def test_a_mask_of_integers_half_floats_and_one_row():
    layer = layers.GlobalAveragePooling1D()
    y = layer((4 * X).astype("int32"), mask=MASK)
    assert y.dtype == "float32" and np.array_equal(y, 4 * MEANS)
    y = layers.GlobalAveragePooling1D(dtype="float16")(np.full((2, 4, 3), 60000, "float16"), mask=MASK)
    assert y.dtype == "float16" and (y == np.float16(60000)).all()
    assert np.array_equal(layer(X, mask=MASK[:1]), X[:, [0, 2]].mean(1))
    assert layers.GlobalAveragePooling1D(dtype="float64")(X, mask=MASK).dtype == "float64"


@pytest.mark.filterwarnings("error")
def test_where_no_step_is_left_the_mean_is_no_number():
    y = layers.GlobalAveragePooling1D()(X, mask=np.array([[False] * 4, [True] * 4]))
    assert np.isnan(y[0]).all() and np.array_equal(y[1], X[1].mean(0))


@pytest.mark.parametrize("shape", [(2, 5), (4,), (2, 4, 3), (3, 4)])
def test_a_mask_that_does_not_fit(shape):
    said = r"'mean' needs a mask of shape \(batch, steps\), \(2, 4\) for inputs of shape \(2, 4, 3\)"
    with pytest.raises(ValueError, match=said):
        layers.GlobalAveragePooling1D(name="mean")(X, mask=np.ones(shape, bool))


@pytest.mark.filterwarnings("error")
def test_masks_come_by_themselves_and_end_here():
    x = X.copy()
    x[~MASK] = 0
    masking, layer = layers.Masking(), layers.GlobalAveragePooling1D()
    y = layer(masking(x))
    assert np.array_equal(y, MEANS)
    assert layer.compute_mask(x, MASK) is None
    inputs = keras.Input((4, 3))
    model = keras.Model(inputs, layers.Dense(2)(layer(masking(inputs))))
    assert np.array_equal(keras.Model(inputs, model.layers[-2].output)(x), MEANS)
    assert np.array_equal(layer(X), X.mean(1))  # and without, again without


def test_a_mask_in_a_gradient():
    with keras.GradientTape() as tape:
        x = tape.watch(X)
        y = np.sum(layers.GlobalAveragePooling1D()(x, mask=MASK) * np.array([1, 2, 3], "float32"))
    expected = MASK[..., None] / MASK.sum(1)[:, None, None] * np.array([1, 2, 3])
    np.testing.assert_allclose(tape.gradient(y, x), expected, rtol=1e-6)


def test_only_means_of_sequences_take_masks():
    x = layers.Masking()(X)
    assert layers.GlobalAveragePooling1D().supports_masking
    assert not layers.GlobalMaxPooling1D().supports_masking
    with pytest.warns(UserWarning, match="GlobalMaxPooling1D"):
        layers.GlobalMaxPooling1D()(x)

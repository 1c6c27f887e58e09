"""Max and average pooling by windows."""

import itertools
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.ops import pooling

RNG = np.random.default_rng(0)
LAYERS = [getattr(layers, f"{kind}Pooling{rank}D") for kind in ("Max", "Average") for rank in (1, 2, 3)]
SIZES = (6, 5, 4)


def by_loops(x, size, strides, same, function):
    """The definition, place by place; a window is cut where it reaches over the edge."""
    spatial = x.shape[1:-1]
    moves = list(zip(spatial, size, strides, strict=True))
    places = [-(-n // s) if same else (n - k) // s + 1 for n, k, s in moves]
    before = [max((m - 1) * s + k - n, 0) // 2 if same else 0 for m, (n, k, s) in zip(places, moves, strict=True)]
    out = np.zeros((len(x), *places, x.shape[-1]))
    for place in itertools.product(*map(range, places)):
        starts = [p * s - b for p, s, b in zip(place, strides, before, strict=True)]
        seen = tuple(slice(max(i, 0), i + k) for i, k in zip(starts, size, strict=True))
        out[(slice(None), *place)] = function(x[(slice(None), *seen)], axis=tuple(range(1, len(size) + 1)))
    return out


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("kind", LAYERS)
def test_windows(kind, data_format):
    x = RNG.standard_normal((2, *SIZES[: kind.rank], 3)).astype("float32")
    size = (3, 2, 2)[: kind.rank]
    function = np.max if "Max" in kind.__name__ else np.mean
    for strides, padding in itertools.product([None, 1, (2, 1, 3)[: kind.rank]], ["valid", "SAME"]):
        layer = kind(size, strides, padding, data_format)
        steps = size if strides is None else np.broadcast_to(strides, kind.rank)
        expected = by_loops(x, size, steps, padding == "SAME", function)
        turned = np.moveaxis(x, -1, 1) if data_format == "channels_first" else x
        y = layer(turned)
        assert layer.compute_output_shape(turned.shape) == y.shape
        y = np.moveaxis(y, 1, -1) if data_format == "channels_first" else y
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


def test_configuration():
    layer = layers.MaxPooling2D([3, 2], padding="SAME", data_format="channels_first", name="pool")
    config = layer.get_config()
    assert list(config) == ["name", "trainable", "dtype", "pool_size", "padding", "strides", "data_format"]
    assert [config[key] for key in ("pool_size", "padding", "strides", "data_format")] == [
        (3, 2), "same", (3, 2), "channels_first",
    ]  # fmt: skip
    again = layers.deserialize(layers.serialize(layer))
    assert again.get_config() == config
    assert layer.built and not layer.variables


def test_defaults():
    assert layers.MaxPooling1D().pool_size == layers.MaxPooling1D().strides == (2,)
    assert layers.MaxPooling2D().pool_size == (2, 2)
    assert layers.MaxPooling3D().pool_size == (2, 2, 2)
    with pytest.raises(TypeError, match="pool_size"):
        layers.AveragePooling2D()
    keras.config.set_image_data_format("channels_first")
    try:
        assert layers.AveragePooling2D(2).data_format == "channels_first"
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize(("long", "short"), [("Max", "Max"), ("Average", "Avg"), ("GlobalMax", "GlobalMax"),
                                             ("GlobalAverage", "GlobalAvg")])  # fmt: skip
def test_second_names(long, short):
    for rank in (1, 2, 3):
        kind = getattr(layers, f"{short}Pool{rank}D")
        assert kind is getattr(layers, f"{long}Pooling{rank}D")
        config = {} if "Global" in long else {"pool_size": 2}
        made = layers.deserialize({"module": "keras.layers", "class_name": f"{short}Pool{rank}D", "config": config})
        assert type(made) is kind


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"pool_size": 0}, "MaxPooling2D needs as pool_size.*received pool_size=0"),
        ({"pool_size": (2, 2, 2)}, r"tuple of 2; received pool_size=\(2, 2, 2\)"),
        ({"pool_size": 2.5}, "pool_size=2.5"),
        ({"strides": 0}, "strides=0"),
        ({"strides": (1,)}, r"strides=\(1,\)"),
        ({"padding": "causal"}, "'valid', 'same'; received padding='causal'"),
        ({"padding": 3}, "padding=3"),
        ({"data_format": "last"}, "data_format.*'last'"),
        ({"size": 2}, "size"),
    ],
)
def test_arguments_out_of_range(arguments, said):
    with pytest.raises(ValueError, match=said):
        layers.MaxPooling2D(**arguments)


@pytest.mark.parametrize("kind", [layers.MaxPooling2D, layers.AveragePooling2D])
def test_a_window_that_does_not_fit(kind):
    said = r"layer 'large' does not fit its input of shape \(.*, 4, 6, 3\) with data_format='channels_last': .*\(5, 5\)"
    layer = kind(5, name="large")
    with pytest.raises(ValueError, match=said):
        layer(np.ones((1, 4, 6, 3), "float32"))
    with pytest.raises(ValueError, match=said):
        layer(keras.Input((4, 6, 3)))
    model = keras.Sequential([keras.Input((None, None, 3)), layer])
    with pytest.raises(ValueError, match=said):
        model(np.ones((1, 4, 6, 3), "float32"))
    assert kind(5, padding="same")(np.ones((1, 4, 6, 3), "float32")).shape == (1, 1, 2, 3)


@pytest.mark.parametrize("kind", LAYERS)
def test_another_rank(kind):
    for shape in ((2, 3), (2, 3, 4, 5, 6, 7)):
        with pytest.raises(ValueError, match=f"rank {kind.rank + 2}"):
            kind(1, name="pool")(np.ones(shape, "float32"))
        with pytest.raises(ValueError, match=f"'pool' takes inputs of rank {kind.rank + 2}"):
            kind(1, name="pool").compute_output_shape(shape)


@pytest.mark.parametrize("kind", LAYERS)
def test_unknown_sizes(kind, monkeypatch):
    def called(*_, **__):
        raise AssertionError("computed on made-up numbers")

    for name in ("largest_of_windows", "sum_of_windows"):
        monkeypatch.setattr(pooling, name, called)
    unknown = keras.Input((*[None] * kind.rank, 3))
    assert kind(7)(unknown).shape == (None, *[None] * kind.rank, 3)
    assert kind(2, padding="same")(keras.Input((None, *[5] * (kind.rank - 1), None))).shape == (
        None, None, *[3] * (kind.rank - 1), None,
    )  # fmt: skip
    first = kind(2, data_format="channels_first")(keras.Input((3, None, *[5] * (kind.rank - 1))))
    assert first.shape == (None, 3, None, *[2] * (kind.rank - 1))
    monkeypatch.undo()
    model = keras.Model(unknown, kind(2)(unknown))
    for n in (5, 8):
        assert model(np.ones((1, *[n] * kind.rank, 3), "float32")).shape == (1, *[n // 2] * kind.rank, 3)


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int8", "bool"])
def test_integers(dtype):
    x = RNG.integers(-100 if dtype[0] == "i" else 0, 2 if dtype == "bool" else 100, (2, 6, 5, 3)).astype(dtype)
    largest = layers.MaxPooling2D(2, padding="same")(x)
    assert largest.dtype == dtype
    assert np.array_equal(largest, by_loops(x, (2, 2), (2, 2), True, np.max))
    mean = layers.AveragePooling2D((3, 2))(x)
    assert mean.dtype == "float32"
    np.testing.assert_allclose(mean, by_loops(x, (3, 2), (3, 2), False, np.mean), rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", "float64"])
@pytest.mark.parametrize("kind", [layers.MaxPooling2D, layers.AveragePooling2D])
def test_dtypes(kind, policy):
    x = np.full((1, 4, 4, 1), 30000.0, "float32")
    y = kind(3, 1, "same", dtype=policy)(x)
    assert str(y.dtype) == policy.removeprefix("mixed_")
    np.testing.assert_allclose(np.asarray(y, float), 30000, rtol=1e-2)  # the sum of a window has no place in float16


def test_numbers_that_are_none():
    x = np.array([1, 2, np.nan, 4, -np.inf, -np.inf], "float32").reshape(1, 6, 1)
    assert np.array_equal(layers.MaxPooling1D()(x).ravel(), [2, np.nan, -np.inf], equal_nan=True)
    assert layers.MaxPooling1D()(x[:0]).shape == (0, 3, 1)


def test_the_gradient_goes_to_the_first_of_equal_ones():
    with keras.GradientTape() as tape:
        x = tape.watch(np.zeros((1, 4, 1), "float32"))
        y = np.sum(layers.MaxPooling1D()(x))
    assert tape.gradient(y, x).ravel().tolist() == [1, 0, 1, 0]


def test_a_mask_ends_here_and_is_missed():
    x = layers.Masking()(np.ones((2, 4, 3), "float32"))
    with pytest.warns(UserWarning, match="MaxPooling1D"):
        y = layers.MaxPooling1D()(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layers.MaxPooling1D()(y)

"""Windows that share out their input, as many as are asked for."""

import itertools

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

RNG = np.random.default_rng(0)
LAYERS = [getattr(layers, f"Adaptive{kind}Pooling{rank}D") for kind in ("Max", "Average") for rank in (1, 2, 3)]


def by_loops(x, output_size, function):
    """The definition, place by place."""
    out = np.zeros((len(x), *output_size, x.shape[-1]))
    for place in np.ndindex(*output_size):
        ends = zip(place, x.shape[1:-1], output_size, strict=True)
        seen = tuple(slice(int(np.floor(i * n / m)), int(np.ceil((i + 1) * n / m))) for i, n, m in ends)
        out[(slice(None), *place)] = function(x[(slice(None), *seen)], axis=tuple(range(1, len(output_size) + 1)))
    return out


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("kind", LAYERS)
def test_windows(kind, data_format):
    x = RNG.standard_normal((2, *(7, 5, 4)[: kind.rank], 3)).astype("float32")
    function = np.max if "Max" in kind.__name__ else np.mean
    for size in itertools.product([1, 3, 9], repeat=kind.rank):
        layer = kind(size, data_format)
        turned = np.moveaxis(x, -1, 1) if data_format == "channels_first" else x
        y = layer(turned)
        assert layer.compute_output_shape(turned.shape) == y.shape
        y = np.moveaxis(y, 1, -1) if data_format == "channels_first" else y
        np.testing.assert_allclose(y, by_loops(x, size, function), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", LAYERS)
def test_sizes(kind):
    assert kind(3).output_size == kind(np.int64(3)).output_size == kind([3] * kind.rank).output_size == (3,) * kind.rank
    for wrong in (2.5, None, "many", (2.5,) * kind.rank, (None,) * kind.rank, True):
        with pytest.raises(TypeError, match=f"{kind.__name__} needs as output_size"):
            kind(wrong)
    with pytest.raises(ValueError if kind.rank == 1 else TypeError, match=f"tuple of {kind.rank}; received"):
        kind((2,) * (kind.rank + 1))
    for wrong in (0, -1):
        with pytest.raises(ValueError, match=f"positive.*output_size={wrong}"):
            kind(wrong)


def test_configuration():
    layer = layers.AdaptiveMaxPooling2D([2, 3], name="to")
    assert list(layer.get_config()) == ["name", "trainable", "dtype", "output_size", "data_format"]
    assert layers.deserialize(layers.serialize(layer)).get_config() == layer.get_config()
    with pytest.raises(ValueError, match="data_format"):
        layers.AdaptiveMaxPooling2D(2, "last")


@pytest.mark.parametrize("kind", LAYERS)
def test_unknown_sizes(kind):
    inputs = keras.Input((*[None] * kind.rank, 3))
    model = keras.Model(inputs, kind(2)(inputs))
    assert model.output_shape == (None, *[2] * kind.rank, 3)
    for n in (4, 7):
        assert model(np.ones((1, *[n] * kind.rank, 3), "float32")).shape == (1, *[2] * kind.rank, 3)
    assert kind(2, "channels_first").compute_output_shape((None, 3, *[None] * kind.rank)) == (
        None, 3, *[2] * kind.rank,
    )  # fmt: skip


@pytest.mark.parametrize("kind", LAYERS)
def test_inputs_that_do_not_fit(kind):
    with pytest.raises(ValueError, match=f"rank {kind.rank + 2}"):
        kind(2)(np.ones((2, 3), "float32"))
    with pytest.raises(ValueError, match=f"rank {kind.rank + 2}"):
        kind(2).compute_output_shape((2, 3))
    with pytest.raises(ValueError, match=r"'to' cannot make .* numbers where there is none"):
        kind(2, name="to")(np.ones((2, *[0] * kind.rank, 3), "float32"))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool"])
def test_integers(dtype):
    x = RNG.integers(0, 2 if dtype == "bool" else 200, (2, 7, 5, 3)).astype(dtype)
    largest, mean = layers.AdaptiveMaxPooling2D((3, 2))(x), layers.AdaptiveAveragePooling2D((3, 2))(x)
    assert largest.dtype == dtype and np.array_equal(largest, by_loops(x, (3, 2), np.max))
    assert mean.dtype == "float32"
    np.testing.assert_allclose(mean, by_loops(x, (3, 2), np.mean), rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("kind", [layers.AdaptiveMaxPooling2D, layers.AdaptiveAveragePooling2D])
def test_dtypes(kind, policy):
    y = kind(2, dtype=policy)(np.full((1, 4, 4, 1), 30000.0, "float32"))
    assert str(y.dtype) == policy.removeprefix("mixed_")
    np.testing.assert_allclose(np.asarray(y, float), 30000, rtol=1e-2)

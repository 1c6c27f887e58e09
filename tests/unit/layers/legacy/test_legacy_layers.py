"""The layers that Keras has no longer: gradients, configurations, arguments out of range."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.layers import legacy

RNG = np.random.default_rng(2)
SPARSE = {"implementation": 3, "padding": "same"}
LOCAL = [
    (legacy.LocallyConnected1D, {"filters": 2, "kernel_size": 3, "strides": 2}, (7, 2)),
    (legacy.LocallyConnected1D, {"filters": 2, "kernel_size": 2, "implementation": 2}, (4, 2)),
    (
        legacy.LocallyConnected2D,
        {"filters": 2, "kernel_size": (2, 1), "implementation": 3, "padding": "same"},
        (3, 2, 2),
    ),
    (legacy.LocallyConnected2D, {"filters": 2, "kernel_size": 2, "data_format": "channels_first"}, (2, 3, 3)),
]
OTHERS: list[Any] = [
    (legacy.MaxoutDense, {"units": 2, "nb_feature": 3}, (4,)),
    (legacy.Highway, {"activation": "tanh"}, (4,)),
    (legacy.BatchNormalizationByMode, {"mode": 1}, (4,)),
    (legacy.BatchNormalizationByMode, {"mode": 2, "axis": 1}, (3, 4)),
    (legacy.ParametricSoftplus, {}, (4,)),
    (legacy.SReLU, {"t_right_initializer": "ones"}, (4,)),
]


@pytest.mark.parametrize(("kind", "settings", "shape"), LOCAL + OTHERS)
def test_gradients_and_configurations(kind: Any, settings: Any, shape: Any) -> None:
    layer = kind(**settings, dtype="float64")
    x, direction = RNG.normal(size=(3, *shape)), RNG.normal(size=(3, *shape))
    layer.build((None, *shape))
    for v in layer.trainable_weights:
        v.assign(RNG.normal(size=v.shape))
    y = layer(x)
    assert layer.compute_output_shape((3, *shape)) == y.shape
    weighting = RNG.normal(size=y.shape)
    source = keras.Variable(x, dtype="float64")
    with keras.GradientTape() as tape:
        loss = keras.ops.sum(layer(source.value) * weighting)
    variables = [source, *layer.trainable_weights]
    gradients = tape.gradient(loss, variables)
    steps = [direction, *(RNG.normal(size=v.shape) for v in layer.trainable_weights)]
    expected = sum(float(np.sum(np.asarray(g) * s)) for g, s in zip(gradients, steps, strict=True))
    size, values = 1e-6, [v.numpy() for v in variables]

    def moved(factor: float) -> float:
        for v, value, step in zip(variables[1:], values[1:], steps[1:], strict=True):
            v.assign(value + factor * step)
        return float(np.sum(np.asarray(layer(x + factor * direction)) * weighting))

    found = (moved(size) - moved(-size)) / (2 * size)
    # The difference quotient is exact to size ** 2 and to the rounding of the sums, 1e-16 / size.
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-7)
    twin = kind.from_config(layer.get_config())
    twin.build((None, *shape))
    twin.set_weights(values[1:] + [v.numpy() for v in layer.non_trainable_weights])
    assert np.array_equal(twin(x), y)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_the_three_ways_of_keeping_a_kernel_agree(data_format: str) -> None:
    shape = (4, 5, 2) if data_format == "channels_last" else (2, 4, 5)
    x = RNG.normal(size=(3, *shape)).astype("f4")
    dense = legacy.LocallyConnected2D(3, (2, 3), implementation=2, data_format=data_format, use_bias=False)
    dense.build((None, *shape))
    matrix = dense.get_weights()[0]
    blocks = legacy.LocallyConnected2D(3, (2, 3), data_format=data_format, use_bias=False)
    sparse = legacy.LocallyConnected2D(3, (2, 3), implementation=3, data_format=data_format, use_bias=False)
    for layer in (blocks, sparse):
        layer.build((None, *shape))
    wiring = dense._wiring.weights
    blocks.set_weights([matrix.reshape(-1)[wiring]])
    kept = np.zeros(sparse.kernel.shape, "f4")
    kept[sparse._wiring.weights] = matrix.reshape(-1)[wiring]
    sparse.set_weights([kept])
    # Sums of 12 numbers of size about 1.
    assert np.allclose(blocks(x), dense(x), atol=2e-6) and np.allclose(sparse(x), dense(x), atol=2e-6)


def test_arguments_out_of_range() -> None:
    with pytest.raises(ValueError, match="padding='same' with implementation=2 or 3 only"):
        legacy.LocallyConnected1D(2, 3, padding="same")
    with pytest.raises(ValueError, match="the implementations 1, 2 and 3; received 4"):
        legacy.LocallyConnected1D(2, 3, implementation=4)
    with pytest.raises(ValueError, match="needs to know all sizes of its inputs"):
        legacy.LocallyConnected2D(2, 3).build((None, None, 5, 2))
    with pytest.raises(ValueError, match="modes 1 and 2; received mode=0"):
        legacy.BatchNormalizationByMode(mode=0)


def test_they_train_in_a_recorded_step() -> None:
    model = keras.Sequential([keras.Input((6, 2)), legacy.LocallyConnected1D(3, 2, activation="relu")])
    model.add(keras.layers.Flatten())
    model.add(legacy.MaxoutDense(4))
    model.add(legacy.BatchNormalizationByMode(mode=2))
    model.add(legacy.Highway(activation="relu"))
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    x, y = RNG.normal(size=(32, 6, 2)).astype("f4"), RNG.normal(size=(32, 4)).astype("f4")
    losses = []
    for m, eagerly in ((model, False), (twin, True)):
        m.compile(keras.optimizers.SGD(0.05), "mse", run_eagerly=eagerly)
        losses.append(m.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0).history["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and losses[0][-1] < losses[0][0]

import numpy as np
import pytest

import kerasish
from kerasish import layers

RNG = np.random.default_rng(0)
X = (RNG.normal(size=(64, 3)) * [1.0, 10.0, 0.1] + [0.0, 5.0, -100.0]).astype("float32")


def test_the_batch_gets_mean_zero_and_variance_one():
    y = layers.BatchNormalization(epsilon=0.0)(X, training=True)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-4)


def test_moving_averages_follow_and_serve_inference():
    layer = layers.BatchNormalization(momentum=0.9)
    mean, variance = np.zeros(3), np.ones(3)
    for _ in range(4):
        batch = RNG.normal(2.0, 3.0, (32, 3)).astype("float32")
        layer(batch, training=True)
        mean = 0.9 * mean + 0.1 * batch.mean(0)
        variance = 0.9 * variance + 0.1 * batch.var(0)
    np.testing.assert_allclose(layer.moving_mean.numpy(), mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), variance, rtol=1e-5)
    before = layer.get_weights()
    y = layer(X)
    np.testing.assert_allclose(y, (X - mean) / np.sqrt(variance + 1e-3), rtol=1e-4, atol=1e-5)
    for a, b in zip(before, layer.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_not_trainable_means_inference():
    layer = layers.BatchNormalization()
    layer.build((None, 3))
    layer.trainable = False
    assert np.array_equal(layer(X, training=True), layer(X))
    assert layer.moving_mean.numpy().tolist() == [0, 0, 0]
    layer.trainable = True
    assert [w.name for w in layer.trainable_weights] == ["gamma", "beta"]
    assert not np.array_equal(layer(X, training=True), layer(X))


def test_building_does_not_move_the_averages():
    model = kerasish.Sequential([kerasish.Input((3,)), layers.BatchNormalization()])
    assert model.layers[0].get_weights()[2].tolist() == [0, 0, 0]
    model.predict(X, verbose=0)
    assert model.layers[0].get_weights()[2].tolist() == [0, 0, 0]


def test_another_axis():
    x = RNG.normal(size=(5, 3, 4)).astype("float32")
    first, last = layers.BatchNormalization(axis=1), layers.BatchNormalization()
    y = last(np.moveaxis(x, 1, -1), training=True)
    np.testing.assert_allclose(first(x, training=True), np.moveaxis(y, -1, 1), rtol=1e-6)


def test_masked_elements_do_not_count():
    layer = layers.BatchNormalization(momentum=0.0)
    x = np.stack([X[:8], np.full((8, 3), 1e4, "float32")])
    mask = np.array([[True] * 8, [False] * 8])
    layer(x, training=True, mask=mask)
    np.testing.assert_allclose(layer.moving_mean.numpy(), X[:8].mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), X[:8].var(0), rtol=1e-4)
    with pytest.raises(ValueError, match=r"one axis less .* \(2, 8, 3\)"):
        layer(x, training=True, mask=np.ones((2, 8, 3), bool))


def test_a_gradient_of_the_gradient():
    layer = layers.BatchNormalization(dtype="float64")
    x = X.astype("float64")
    with kerasish.GradientTape() as outer:
        with kerasish.GradientTape() as inner:
            y = np.sum(np.tanh(layer(x, training=True)) * x)
        slope = np.sum(inner.gradient(y, layer.gamma) ** 2)
    curvature = outer.gradient(slope, layer.gamma)
    assert curvature.shape == (3,)
    assert np.all(np.isfinite(curvature))


def test_averages_that_are_those_of_the_batch_correct_nothing():
    plain, renormalized = layers.BatchNormalization(), layers.BatchNormalization(renorm=True)
    renormalized.build((None, 3))
    deviation = np.sqrt(X.var(0) + renormalized.epsilon)
    renormalized.renorm_mean.assign(X.mean(0))
    renormalized.renorm_stddev.assign(deviation)
    # The moments are found by two orders of summation, and the third column is 1000 times as large as it is wide.
    np.testing.assert_allclose(renormalized(X, training=True), plain(X, training=True), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(renormalized.moving_stddev, 0.99 + 0.01 * deviation, rtol=1e-6)
    variance = np.square(renormalized.moving_stddev) - renormalized.epsilon
    np.testing.assert_allclose(renormalized.moving_variance, variance, rtol=1e-6)


def test_no_gradient_goes_through_the_correction():
    layer = layers.BatchNormalization(renorm=True)
    layer.build((None, 3))
    x = kerasish.Variable(X)
    with kerasish.GradientTape() as tape:
        y = np.sum(layer(x, training=True) ** 3)
    known = np.sqrt(np.float32(1.0))
    r, d = np.sqrt(X.var(0) + layer.epsilon) / known, X.mean(0) / known
    plain = layers.BatchNormalization()
    plain.build((None, 3))
    plain.gamma.assign(r)
    plain.beta.assign(d)
    with kerasish.GradientTape() as other:
        expected = np.sum(plain(x, training=True) ** 3)
    slope = other.gradient(expected, x)
    np.testing.assert_allclose(tape.gradient(y, x), slope, rtol=1e-3, atol=1e-4 * np.abs(slope).max())


@pytest.mark.parametrize(
    ("bounds", "message"),
    [({"max": 1}, "'rmin', 'rmax' and 'dmax'"), ({"rmin": 2, "rmax": 1}, "rmin <= rmax"), ({"dmax": -1}, "dmax >= 0")],
)
def test_bounds_that_are_none(bounds, message):
    with pytest.raises(ValueError, match=message):
        layers.BatchNormalization(renorm=True, renorm_clipping=bounds)


def test_synchronized_in_one_process_changes_nothing():
    plain, alike = layers.BatchNormalization(), layers.BatchNormalization(synchronized=True)
    np.testing.assert_array_equal(plain(X, training=True), alike(X, training=True))


def test_axes_that_do_not_fit():
    with pytest.raises(ValueError, match="axis=3"):
        layers.BatchNormalization(axis=3)(X)
    with pytest.raises(ValueError, match="axis -1"):
        layers.BatchNormalization()(kerasish.Input((None,)))
    layer = layers.BatchNormalization()
    layer(X)
    with pytest.raises(ValueError, match="size 3 along axis -1"):
        layer(X[:, :2])

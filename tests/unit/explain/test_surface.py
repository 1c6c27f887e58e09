"""The loss surface of models whose loss has a formula."""

import sys
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras

sys.path.insert(0, str(Path(__file__).parent))
from sample_models import make, points

X = np.array([[0.0], [1.0], [2.0]])
Y = 2 * X + 1


def _line(weight=-1.0, bias=0.5):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[weight]]), np.array([bias])])
    return model


def test_two_weights_are_the_axes():
    surface = keras.explain.loss_surface(_line(), X, Y, loss="mse", resolution=7, span=((-1, 5), (-2, 4)))
    assert [label.split("/")[1] for label in surface.labels] == ["kernel", "bias"]
    expected = [[np.mean((a * X + b - Y) ** 2) for a in surface.a] for b in surface.b]
    np.testing.assert_allclose(surface.losses, expected, rtol=1e-4, atol=1e-6)
    assert surface.losses[3, 3] == pytest.approx(0, abs=1e-10)  # at weight 2 and bias 1
    assert "(at 2, 1)" in str(surface)


def test_the_path_is_that_of_the_optimizer():
    model = _line()
    surface = keras.explain.loss_surface(model, X, Y, loss="mse", optimizers=keras.optimizers.SGD(0.1), steps=5)
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    places = [(-1.0, 0.5)]
    for _ in range(5):
        model.train_on_batch(X, Y)
        kernel, bias = model.get_weights()
        places.append((kernel.item(), bias.item()))
    np.testing.assert_allclose(surface.paths["SGD"].places, places, rtol=1e-4, atol=1e-5)
    assert surface.share == pytest.approx(1.0)
    assert surface.a[0] < -1 and surface.b[0] < 0.5


def test_model_and_optimizer_are_left_alone():
    model, (x, y) = make("sequential"), points()
    model.train_on_batch(x, y)
    weights, step = model.get_weights(), int(model.optimizer.iterations)
    keras.explain.loss_surface(model, x, y, optimizers=True, steps=3, resolution=5)
    for held, now in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(held, now)
    assert int(model.optimizer.iterations) == step
    model.train_on_batch(x, y)
    assert int(model.optimizer.iterations) == step + 1
    assert any((held != now).any() for held, now in zip(weights, model.get_weights(), strict=True))


def test_directions():
    model, (x, y) = make("sequential"), points()
    random = keras.explain.loss_surface(model, x, y, resolution=5)
    assert random.labels[0] == "1st random direction"
    here = float(model.evaluate(x, y, batch_size=16, verbose=0))
    assert random.losses[2, 2] == pytest.approx(here, rel=1e-5)
    again = keras.explain.loss_surface(model, x, y, resolution=5)
    np.testing.assert_allclose(random.losses, again.losses, rtol=1e-6)
    other = keras.explain.loss_surface(model, x, y, resolution=5, seed=1)
    assert (random.losses != other.losses).any()
    descent = keras.explain.loss_surface(
        model, x, y, optimizers={"a": keras.optimizers.Adam(0.1)}, steps=9, resolution=5
    )
    assert descent.labels[0] == "1st direction of descent" and 0.5 < descent.share <= 1.0
    assert descent.paths["a"].places[0] == pytest.approx([0, 0], abs=1e-5)
    chosen = keras.explain.loss_surface(model, x, y, directions=[(0, (1, 2)), (1, 3)], resolution=5)
    assert chosen.labels[0].endswith("kernel[1, 2]") and chosen.labels[1].endswith("bias[3]")
    assert chosen.a[2] == pytest.approx(model.get_weights()[0][1, 2], abs=1e-6)


def test_a_path_that_runs_away_ends_and_does_not_hide_the_others():
    optimizers = {"wild": keras.optimizers.SGD(50.0), "calm": keras.optimizers.SGD(0.1)}
    surface = keras.explain.loss_surface(_line(), X, Y, loss="mse", optimizers=optimizers, steps=100, resolution=5)
    assert len(surface.paths["wild"].losses) < 100 and np.isfinite(surface.paths["wild"].losses).all()
    assert np.abs(surface.a).max() < 10


def test_wrong_arguments():
    single = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    with pytest.raises(ValueError, match="needs two weights"):
        keras.explain.loss_surface(single, X, Y, loss="mse")
    with pytest.raises(ValueError, match="needs paths"):
        keras.explain.loss_surface(_line(), X, Y, loss="mse", directions="descent")
    with pytest.raises(ValueError, match="or two weights; received 'best'"):
        keras.explain.loss_surface(_line(), X, Y, loss="mse", directions="best")
    with pytest.raises(ValueError, match=r"no weight \(7, 0\)"):
        keras.explain.loss_surface(_line(), X, Y, loss="mse", directions=[(0, (7, 0)), (1, 0)])
    with pytest.raises(ValueError, match=r"two different weights; both are .*kernel"):
        keras.explain.loss_surface(_line(), X, Y, loss="mse", directions=[(0, (0, 0)), (0, (0, 0))])
    with pytest.raises(ValueError, match=r"resolution counts.*received 1"):
        keras.explain.loss_surface(_line(), X, Y, loss="mse", resolution=1)
    with pytest.raises(ValueError, match="needs targets, give `y`"):
        keras.explain.loss_surface(_line(), X, loss="mse")
    with pytest.raises(ValueError, match="not compiled"):
        keras.explain.loss_surface(_line(), X, Y, loss="mse", optimizers=True)


@pytest.mark.parametrize("bad", [float("nan"), 1e38])
def test_a_model_whose_loss_is_no_number(bad):
    model = _line()
    model.set_weights([np.full(w.shape, bad) for w in model.get_weights()])
    with pytest.raises(ValueError, match=r"the loss of .* is (nan|inf) with its present weights"):
        keras.explain.loss_surface(model, X, Y, loss="mse", resolution=3)


def test_a_frozen_model():
    model = _line()
    model.trainable = False
    with pytest.raises(ValueError, match=r"needs two weights.*has 0 that can be trained"):
        keras.explain.loss_surface(model, X, Y, loss="mse")

"""Rules that see the shape of a variable: Adafactor and Muon."""

import numpy as np
import pytest

import kerasish as keras


def test_muon_makes_all_directions_count():
    v = keras.Variable(np.zeros((4, 6)))
    gradient = np.random.default_rng(0).standard_normal((4, 6)) * np.array([[100.0], [1.0], [1.0], [0.1]])
    keras.optimizers.Muon(1.0, rms_rate=None, weight_decay=None).apply([gradient], [v])
    sizes = np.linalg.svd(v.numpy())[1]
    before = np.linalg.svd(gradient)[1]
    assert sizes.max() / sizes.min() < 0.01 * before.max() / before.min()


def test_muon_is_alike_for_tall_and_wide():
    gradient = np.random.default_rng(0).standard_normal((5, 3))
    wide, tall = keras.Variable(np.zeros((3, 5))), keras.Variable(np.zeros((5, 3)))
    keras.optimizers.Muon(1.0).apply([gradient.T], [wide])
    keras.optimizers.Muon(1.0).apply([gradient], [tall])
    np.testing.assert_allclose(wide.numpy().T, tall.numpy(), rtol=1e-5)


@pytest.mark.parametrize(("shape", "name"), [((3,), "bias"), ((2, 2), "embeddings"), ((2, 2), "last")])
def test_muon_leaves_these_to_adamw(shape, name):
    ours, theirs = keras.Variable(np.ones(shape), name=name), keras.Variable(np.ones(shape), name=name)
    gradient = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    muon = keras.optimizers.Muon(0.1, exclude_layers=["las."], adam_weight_decay=0.5, weight_decay=None)
    adamw = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    for _ in range(3):
        muon.apply([gradient], [ours])
        adamw.apply([gradient], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5)


def test_adafactor_remembers_rows_and_columns():
    v = keras.Variable(np.ones((2, 3)))
    optimizer = keras.optimizers.Adafactor(1.0)
    gradient = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])
    optimizer.apply([gradient], [v])
    rows, columns, whole = (slot.numpy() for slot in optimizer.variables[2:])
    np.testing.assert_allclose(rows, (gradient**2).mean(1), rtol=1e-6)
    np.testing.assert_allclose(columns, (gradient**2).mean(0), rtol=1e-6)
    np.testing.assert_allclose(whole, gradient**2, rtol=1e-6)  # of rank 1, so nothing is lost
    np.testing.assert_allclose(v.numpy(), 0.0, atol=1e-6)  # a step of the size of the weights


def test_schedule_free_weights_lie_between_the_point_and_the_average():
    v = keras.Variable(1.0)
    optimizer = keras.optimizers.ScheduleFreeAdamW(0.5, beta_1=0.75)
    points = []
    for _ in range(3):
        optimizer.apply([1.0], [v])
        points.append(float(optimizer.variables[2]))
    assert float(v) == pytest.approx(0.25 * points[-1] + 0.75 * np.mean(points), rel=1e-6)

"""Decision boundaries of models whose answers are known."""

import numpy as np
import pytest

import kerasish as keras


def _half_plane():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(3, activation="tanh", name="low"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    low, top = model.layers
    low.set_weights([np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), np.zeros(3)])
    top.set_weights([np.array([[9.0], [0.0], [0.0]]), np.zeros(1)])
    return model


POINTS = np.array([[-1.0, 0.0], [1.0, 0.5], [2.0, -1.0], [-2.0, 1.0]])


def test_the_grid_and_the_values():
    seen = keras.explain.decision_boundary(_half_plane(), POINTS, [0, 1, 1, 1], resolution=21, margin=0.5)
    assert (seen.x1[0], seen.x1[-1]) == pytest.approx((-4, 4))
    assert (seen.x2[0], seen.x2[-1]) == pytest.approx((-2, 2))
    assert seen.values.shape == (21, 21, 1)
    expected = 1 / (1 + np.exp(-9 * np.tanh(seen.x1)))
    np.testing.assert_allclose(seen.values[..., 0], np.tile(expected, (21, 1)), rtol=1e-4, atol=1e-6)
    assert seen.accuracy == 0.75 and seen.kind == "binary" and seen.threshold == 0.5
    assert "3 of 4 points on the right side (75.0%)" in str(seen)


def test_units_of_a_layer():
    model = _half_plane()
    seen = keras.explain.decision_boundary(model, POINTS, layer="low", resolution=11)
    assert seen.values.shape == (11, 11, 3)
    np.testing.assert_allclose(seen.values[0, :, 0], np.tanh(seen.x1), rtol=1e-5)
    np.testing.assert_allclose(seen.values[:, 0, 1], np.tanh(seen.x2), rtol=1e-5)
    assert "unit 3" in str(seen) and seen.accuracy is None
    assert keras.explain.decision_boundary(model, POINTS, layer=model.layers[0], resolution=5).layer == "low"


def test_several_classes_and_one_hot_targets():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="softmax")])
    model.set_weights([np.array([[-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]) * 9, np.array([-9.0, 0.0, -9.0])])
    x = np.array([[-3.0, 0.0], [0.0, 1.0], [3.0, 0.0]])
    for y in ([0, 1, 2], np.eye(3)):
        seen = keras.explain.decision_boundary(model, x, y)
        assert seen.kind == "classes" and seen.accuracy == 1.0
        assert set(np.unique(seen.regions())) == {0, 1, 2}


def test_logits_are_divided_at_zero():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[1.0], [0.0]]), np.zeros(1)])
    seen = keras.explain.decision_boundary(model, POINTS, [0, 1, 1, 0])
    assert seen.threshold == 0.0 and seen.accuracy == 1.0


def test_regression():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    seen = keras.explain.decision_boundary(model, POINTS, [0.1, 0.7, -0.3, 2.5])
    assert seen.kind == "regression" and seen.accuracy is None
    assert "the answer lies between" in str(seen)


def test_wrong_data_and_layer():
    with pytest.raises(ValueError, match=r"shape \(n, 2\); received \(4, 3\)"):
        keras.explain.decision_boundary(_half_plane(), np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"no layer 'hidden'.*'low'"):
        keras.explain.decision_boundary(_half_plane(), POINTS, layer="hidden")


def test_one_point_and_points_on_a_line():
    seen = keras.explain.decision_boundary(_half_plane(), [[1.0, 1.0]], [1], resolution=7)
    assert seen.x1[0] < 1 < seen.x1[-1]


def _model(outputs=1):
    inputs = keras.Input((2,))
    answers = [keras.layers.Dense(1, "sigmoid", name=f"answer_{i}")(inputs) for i in range(outputs)]
    return keras.Model(inputs, answers if outputs > 1 else answers[0])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ({"a": [[0, 1]]}, None, "one array of points.*received dict"),
        ([np.ones((3, 2)), np.ones((3, 1))], None, "one array of points.*received list"),
        ([[0, 1], [np.nan, 1]], None, "needs finite points"),
        ([[0, 1], [1, 0]], [0, 1, 1], "one label for each point: there are 2 points, 3 labels"),
    ],
)
def test_data_that_does_not_fit(x, y, message):
    with pytest.raises(ValueError, match=message):
        keras.explain.decision_boundary(_model(), x, y, resolution=4)


def test_a_grid_of_one_point():
    with pytest.raises(ValueError, match=r"resolution counts.*received 1"):
        keras.explain.decision_boundary(_model(), [[0, 1], [1, 0]], resolution=1)


def test_several_outputs_are_shown_one_by_one():
    model = _model(outputs=2)
    with pytest.raises(ValueError, match=r"several outputs.*layer="):
        keras.explain.decision_boundary(model, [[0, 1], [1, 0]], resolution=4)
    seen = keras.explain.decision_boundary(model, [[0, 1], [1, 0]], layer="answer_1", resolution=4)
    assert seen.values.shape == (4, 4, 1)


@pytest.mark.parametrize("name", ["backprop", "gradient_flow", "loss_surface", "decision_boundary"])
@pytest.mark.parametrize("model", [None, keras.layers.Dense(1)])
def test_what_is_no_model(name, model):
    with pytest.raises(TypeError, match=r"model must be a Sequential.*received (NoneType|Dense)"):
        getattr(keras.explain, name)(model, np.ones((2, 2)), np.ones((2, 1)))

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


def _answers(activation=None, weights=((1.0,), (0.0,))):
    """A model that answers x1, through an activation."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(len(weights[0]), activation)])
    model.set_weights([np.array(weights), np.zeros(len(weights[0]))])
    return model


def _fan(count):
    """A model whose classes lie around the origin, and a point in the middle of each."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    return _answers("softmax", 9 * directions), directions.T


SIDES = np.array([[-2.0, 0.0], [-1.0, 1.0], [1.0, 0.0], [2.0, 1.0]])


@pytest.mark.parametrize("activation", ["tanh", None, "sigmoid"])
@pytest.mark.parametrize("targets", [(-1, 1), (0, 1), (False, True), ("no", "yes"), (np.int8(-1), 1.0)])
def test_two_classes_of_any_name(activation, targets):
    if activation == "sigmoid" and targets[0] == -1:
        return  # a network of these answers never reaches the lower target
    y = np.array([targets[0], targets[0], targets[1], targets[1]])
    seen = keras.explain.decision_boundary(_answers(activation), SIDES, y, resolution=8)
    assert seen.accuracy == 1.0 and seen.kind == "binary" and seen.labels.tolist() == [0, 0, 1, 1]
    assert seen.names[1] == ("yes" if targets[1] == "yes" else "1")
    assert f"class {seen.names[0]}: 50%, class {seen.names[1]}: 50%" in str(seen)


def test_two_other_numbers_are_divided_halfway():
    seen = keras.explain.decision_boundary(_answers(), SIDES + np.array([3, 0]), [1, 1, 5, 5], resolution=8)
    assert (seen.threshold, seen.accuracy, seen.names) == (3.0, 1.0, ("1", "5"))


def test_more_numbers_than_two_for_one_output_are_a_regression():
    seen = keras.explain.decision_boundary(_answers(), SIDES, [1, 2, 3, 4], resolution=4)
    assert seen.kind == "regression" and seen.accuracy is None


def test_words_for_several_outputs():
    model, points = _fan(3)
    seen = keras.explain.decision_boundary(model, points, ["blue", "green", "red"], resolution=8)
    assert seen.accuracy == 1.0 and seen.names == ("blue", "green", "red")
    with pytest.raises(ValueError, match=r"2 different words.*the model answers 3 classes: give the classes' numbers"):
        keras.explain.decision_boundary(model, points, ["blue", "green", "blue"], resolution=8)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 3], "3 classes, whose numbers are 0 to 2; y holds 0 to 3"),
        ([0.0, np.nan, 1.0], "nan or infinity, in 1 of 3 targets"),
        (["a", None, "b"], "missing"),
    ],
)
def test_targets_that_are_no_classes_of_the_model(y, message):
    model, points = _fan(3)
    with pytest.raises(ValueError, match=message):
        keras.explain.decision_boundary(model, points, y, resolution=4)


def test_classes_that_are_counted_from_one():
    model, points = _fan(3)
    seen = keras.explain.decision_boundary(model, points, [1, 2, 3], resolution=4)
    assert seen.accuracy == 1.0 and seen.names == ("1", "2", "3")


def test_a_model_that_answers_nan_is_told():
    model = _answers()
    model.layers[0].kernel.assign(np.full((2, 1), np.nan))
    with pytest.raises(ValueError, match="answers nan or infinity at 100% of the places"):
        keras.explain.decision_boundary(model, SIDES, resolution=4)


def _colors(seen):
    """The colour of each class's region, and of its points, by the class's name."""
    figure = seen.plot()
    axes = figure.axes[0]
    points = [c for c in axes.collections if c.get_label().startswith("class ")]
    regions = [tuple(color[:3]) for color in axes.collections[0].get_facecolor()]
    return regions, {c.get_label()[len("class ") :]: tuple(c.get_facecolor()[0][:3]) for c in points}


@pytest.mark.parametrize("count", [3, 9, 12, 30])
def test_a_class_has_its_colour_in_every_picture(count):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    model, points = _fan(count)
    kept = [c for c in range(count) if c != 1]  # the second is absent
    seen = keras.explain.decision_boundary(model, points[kept], kept, resolution=60)
    assert seen.accuracy == 1.0
    regions, colors = _colors(seen)
    assert len(set(regions)) == count == len({tuple(np.round(color, 3)) for color in regions})
    assert colors == {str(c): regions[c] for c in kept}
    pyplot.close("all")


def test_points_of_the_upper_class_alone_keep_its_colour():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    both = _colors(keras.explain.decision_boundary(_answers("sigmoid"), SIDES, [0, 0, 1, 1], resolution=8))[1]
    alone = _colors(keras.explain.decision_boundary(_answers("sigmoid"), SIDES[2:], [1, 1], resolution=8))[1]
    assert alone == {"1": both["1"]} and both["0"] != both["1"]
    pyplot.close("all")


@pytest.mark.parametrize("kind", ["int64", "uint8", "float64", "list", "pandas"])
def test_data_of_any_kind(kind):
    x = SIDES if kind in ("list", "pandas") else np.abs(SIDES).astype(kind)
    y = [0, 0, 1, 1]
    if kind == "pandas":
        pandas = pytest.importorskip("pandas")
        x, y = pandas.DataFrame(x), pandas.Series(["no", "no", "yes", "yes"])
    x = x.tolist() if kind == "list" else x
    assert keras.explain.decision_boundary(_answers(), x, y, resolution=4).values.shape == (4, 4, 1)


def test_units_that_begin_to_answer_are_parted_where_they_begin():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "relu", name="low"), keras.layers.Dense(1)])
    model.layers[0].set_weights([np.array([[1.0], [0.0]]), np.array([-0.5])])
    points = np.array([[-1.0, -1.0], [1.0, 1.0]])
    figure = keras.explain.decision_boundary(model, points, layer="low", margin=0.0).plot()
    assert "where it begins to answer" in figure.get_suptitle()
    (border,) = figure.axes[0].collections[1].get_paths()
    np.testing.assert_allclose(border.vertices[:, 0], 0.5, atol=0.02)

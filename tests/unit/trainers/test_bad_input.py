"""What a user gets wrong is told where it is wrong: what came, what was expected."""

import numpy as np
import pandas
import pytest

import kerasish as keras


def model(features=3, units=1, loss="mse", top=None):
    made = keras.Sequential([keras.Input((features,)), keras.layers.Dense(units, activation=top, name="top")])
    made.compile("sgd", loss)
    return made


X, Y = np.zeros((6, 3), "float32"), np.zeros((6, 1), "float32")


@pytest.mark.parametrize(
    ("make", "wrong", "near"),
    [
        (lambda: keras.Sequential().compile(loss="mean_sqared_error"), "mean_sqared_error", "mean_squared_error"),
        (lambda: keras.Sequential().compile(optimizer="adm"), "adm", "adam"),
        (lambda: keras.Sequential().compile("sgd", "mse", metrics=["acuracy"]), "acuracy", "accuracy"),
        (lambda: keras.layers.Dense(2, activation="rellu"), "rellu", "relu"),
        (lambda: keras.layers.Dense(2, kernel_initializer="glorot_unifrom"), "glorot_unifrom", "glorot_uniform"),
    ],
)
def test_unknown_names(make, wrong, near):
    with pytest.raises(ValueError, match=wrong) as caught:
        make()
    assert near in str(caught.value)


def test_data_that_does_not_fit_the_model():
    with pytest.raises(ValueError, match=r"'top'.*size 3 along axis -1.*\(6, 5\)"):
        model().fit(np.zeros((6, 5)), Y, verbose=0)


def test_an_array_in_a_list_or_dict_for_a_sequential():
    made = model()
    made.fit([X], [Y], verbose=0)
    expected = made.predict(X, verbose=0)
    for data in ([X], (X,), {"any": X}):
        np.testing.assert_array_equal(made.predict(data, verbose=0), expected)
        np.testing.assert_array_equal(made(data), expected)
    with pytest.raises(ValueError, match=r"has one input; received 2 arrays of shapes \[\(6, 3\), \(6, 1\)\]"):
        made.fit((X, Y), verbose=0)


def test_what_is_no_tensor_for_a_layer():
    for wrong, told in (("text", "'text' .str."), ([X], "list that holds one"), ({"a": X}, "dict that holds one")):
        with pytest.raises(ValueError, match=told):
            keras.layers.Dense(1, name="d")(wrong)


def test_labels_out_of_range():
    made = model(units=4, loss="sparse_categorical_crossentropy", top="softmax")
    with pytest.raises(ValueError, match="4 classes"):
        made.fit(X, np.array([0, 1, 2, 3, 4, 0]), verbose=0)
    with pytest.raises(ValueError, match="from 0 to 3"):
        made.fit(X, np.array([0, 1, 2, 3, -1, 0]), verbose=0)


def test_targets_of_another_shape():
    with pytest.raises(ValueError, match=r"\(6, 2\)"):
        model().fit(X, np.zeros((6, 2)), verbose=0)


@pytest.mark.parametrize("call", ["fit", "evaluate"])
def test_lengths_differ(call):
    with pytest.raises(ValueError, match="x has 6, y has 4"):
        getattr(model(), call)(X, Y[:4], verbose=0)


def test_empty_data():
    with pytest.raises(ValueError, match="0 samples"):
        model().fit(X[:0], Y[:0], verbose=0)
    with pytest.raises(ValueError, match="x is None"):
        model().fit(None, Y, verbose=0)


def test_nan_is_allowed_and_terminate_on_nan_stops():
    x = X.copy()
    x[3] = np.nan
    history = model().fit(x, Y, batch_size=2, epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3
    stopped = model().fit(x, Y, batch_size=2, epochs=3, verbose=0, callbacks=[keras.callbacks.TerminateOnNaN()])
    assert len(stopped.history["loss"]) == 1


def test_dtypes_that_are_not_numbers():
    with pytest.raises(ValueError, match=r"x has dtype object.*'a'"):
        model().fit(np.array([["a", 1, None]] * 6, object), Y, verbose=0)
    with pytest.raises(ValueError, match="y holds <U"):
        model().fit(X, np.array(["yes"] * 6), verbose=0)
    with pytest.raises(ValueError, match="rows have different lengths"):
        model().fit([[1, 2, 3], [1, 2]], Y, verbose=0)


@pytest.mark.parametrize("call", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_before_compile(call):
    made = keras.Sequential([keras.layers.Dense(1)])
    with pytest.raises(ValueError, match=rf"compiled before {call}"):
        getattr(made, call)(X, Y)


def test_weights_of_an_unbuilt_model():
    made = keras.Sequential([keras.layers.Dense(1)])
    assert made.get_weights() == []
    with pytest.raises(ValueError, match="no weights yet"):
        made.count_params()
    with pytest.raises(ValueError, match="none before it is built"):
        made.set_weights([np.zeros((3, 1)), np.zeros(1)])
    with pytest.raises(AttributeError, match="build"):
        _ = made.layers[0].kernel
    with pytest.raises(AttributeError, match="does not know the shape"):
        _ = made.input_shape


@pytest.mark.parametrize("units", [-1, 0, 2.5, "3", None, True])
def test_units(units):
    with pytest.raises(ValueError, match="positive whole number of units"):
        keras.layers.Dense(units)


def test_set_weights():
    made = model()
    before = made.get_weights()
    with pytest.raises(ValueError, match="2 weights; set_weights received 1"):
        made.set_weights(before[:1])
    with pytest.raises(ValueError, match=r"shape \(1,\).*received shape \(2,\)"):
        made.set_weights([before[0] + 1, np.zeros(2)])
    assert all((a == b).all() for a, b in zip(before, made.get_weights(), strict=True))


def test_arguments_that_contradict():
    made = model()
    with pytest.raises(ValueError, match="class_weight and sample_weight"):
        made.fit(X, Y, class_weight={0: 1.0}, sample_weight=np.ones(6), verbose=0)
    with pytest.raises(ValueError, match="validation_split"):
        made.fit(X, Y, validation_split=1.5, verbose=0)
    with pytest.raises(ValueError, match="batch_size"):
        made.fit(X, Y, batch_size=0, verbose=0)
    with pytest.raises(ValueError, match="y is None"):
        made.fit(X, verbose=0)
    with pytest.raises(ValueError, match="nothing to minimize"):
        keras_model = keras.Sequential([keras.layers.Dense(1)])
        keras_model.compile("sgd")
        keras_model.fit(X, Y, verbose=0)


def test_sequential_refuses_what_is_no_layer():
    with pytest.raises(ValueError, match="with parentheses"):
        keras.Sequential([keras.layers.Dense])
    with pytest.raises(ValueError, match="Sequential holds layers"):
        keras.Sequential([3])
    with pytest.raises(ValueError, match="named 'a' already"):
        keras.Sequential([keras.layers.Dense(1, name="a"), keras.layers.Dense(1, name="a")])


def test_forgotten_super_init():
    class Bad(keras.layers.Layer):
        def __init__(self):
            self.factor = keras.Variable(1.0)

    with pytest.raises(RuntimeError, match=r"super\(\).__init__\(\)"):
        Bad()


def sparse():
    return model(units=3, loss="sparse_categorical_crossentropy", top="softmax")


def singles():
    yield from zip(X, range(6), strict=True)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: sparse().fit(X, np.array([0.0, np.nan, 1, 2, 0, np.inf])), "2 of 6 labels are nan or infinite"),
        (lambda: sparse().fit(X, ["cat", "dog"] * 3), "np.unique"),
        (lambda: model(1, 1, "sparse_categorical_crossentropy").fit(X[:, :1], [0, 1] * 3), "1 class,.*binary_cross"),
        (lambda: keras.Model(keras.Input((3,)), keras.layers.Dense(1)), "Call the layer on a tensor"),
        (lambda: sparse().fit(X, np.arange(6) % 3, sample_weight={0: 1.0, 1: 2.0, 2: 1.0}), "class_weight"),
        (lambda: sparse().fit(singles()), r"yields batches.*x\[None\]"),
        (lambda: sparse().fit(singles), r"function 'singles'.*singles\(\)"),
        (lambda: model().fit(X, Y, validation_data=X, verbose=0), r"validation_data=\(x, y\)"),
        (lambda: model().predict(X, batch_size=2.5), "batch_size is a whole number; received 2.5"),
        (lambda: model().predict(np.array([[1, None, 3]], object)), "among them None"),
        (lambda: model().predict(X.astype(str)), r"'0.0'.*astype"),
        (lambda: model().predict(list(X)), r"received 6 arrays.*\.\.\..*np.stack"),
        (lambda: model()([[1.0, 2.0, 3.0], [1.0]]), "'sequential.*' is not rectangular"),
        (lambda: model()(X.astype(object)), r"'top'.*dtype object.*astype\('float32'\)"),
        (lambda: keras.utils.to_categorical(["cat", "dog"]), "np.unique"),
    ],
)
def test_what_is_likely_to_help_is_told(make, told):
    with pytest.raises((ValueError, TypeError), match=told):
        make()


def test_a_layer_reads_a_table_of_several_types():
    frame = pandas.DataFrame({"a": [1.5, 2.5], "b": [True, False], "c": pandas.array([3, None], dtype="Int64")})
    made = model()
    np.testing.assert_array_equal(made(frame), made.predict(frame, verbose=0))
    assert np.isnan(made(frame)).tolist() == [[False], [True]]


def test_which_metric_and_which_output_is_told():
    made = sparse()
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="area")])
    with pytest.raises(ValueError, match="the metric 'area': y_true has shape"):
        made.fit(X, np.arange(6) % 3, verbose=0)
    x = keras.Input((3,))
    both = keras.Model(x, [keras.layers.Dense(1, name="a")(x), keras.layers.Dense(2, name="b")(x)])
    both.compile("sgd", "mse")
    with pytest.raises(ValueError, match="the loss of the output 'b': y_true has shape"):
        both.fit(X, [Y, X], verbose=0)


def test_what_is_likely_to_help_is_told_of_a_model(tmp_path):
    with pytest.raises(ValueError, match=r"'mse' is a loss.*compile\('adam', 'mse'\)"):
        model().compile("mse", "adam")
    with pytest.raises(ValueError, match=r"the loss 'forgot'.*returned None.*`return`"):
        model(loss=forgot).fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match=r"np.moveaxis\(x, 1, -1\)"):
        keras.Sequential([keras.Input((9, 9, 3)), keras.layers.Conv2D(1, 2)])(np.zeros((1, 3, 9, 9)))
    keras.Sequential([keras.Input((3,)), Plain()]).save(tmp_path / "plain.keras")
    with pytest.raises(ValueError, match=r"'name'. Let it take \*\*kwargs"):
        keras.models.load_model(tmp_path / "plain.keras", custom_objects={"Plain": Plain})
    with pytest.raises(FileNotFoundError, match="expanduser"):
        model().save("~no/model.keras")


def forgot(y_true, y_pred):
    keras.ops.mean(y_true - y_pred)


class Plain(keras.layers.Layer):
    def __init__(self):
        super().__init__()

    def call(self, x):
        return x


def of_keras(name):
    """A class as Keras itself has it, which need not be imported for that."""
    return type(name, (), {"__module__": f"keras.src.{name.lower()}", "__array__": None, "shape": (None, 3)})()


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.Sequential([of_keras("Dense")]),
        lambda: keras.Model(of_keras("KerasTensor"), of_keras("KerasTensor")),
        lambda: keras.layers.Dense(1)(of_keras("KerasTensor")),
        lambda: keras.Sequential().compile(of_keras("Adam")),
        lambda: keras.Sequential().compile("sgd", of_keras("Loss")),
        lambda: keras.explain.gradient_flow(of_keras("Model"), X, Y),
    ],
)
def test_what_another_keras_made_is_told(make):
    with pytest.raises((ValueError, TypeError), match=r"comes from keras.src.*import one of the two alone"):
        make()

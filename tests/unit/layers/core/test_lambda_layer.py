import base64
import marshal

import keras
import numpy as np
import pytest

import kerasish
from kerasish import layers

X = np.array([[1.0, -2.0, 3.0]], "float32")


@kerasish.saving.register_keras_serializable("lambdas")
def doubled(x, times=2):
    return x * times


def unknown(x):
    return x + 1


def test_a_function_of_the_inputs():
    assert layers.Lambda(lambda x: x**2)(X).tolist() == [[1, 4, 9]]
    assert layers.Lambda(doubled, arguments={"times": 3})(X).tolist() == [[3, -6, 9]]
    assert layers.Lambda(np.tanh)(X).tolist() == np.tanh(X).tolist()
    assert layers.Lambda(lambda x: [x, x[:, :1]])(X)[1].shape == (1, 1)
    a, b = layers.Lambda(lambda pair: (pair[1], pair[0]))([X, X + 1])
    assert a.tolist() == (X + 1).tolist() and b.tolist() == X.tolist()


def test_training_and_mask_are_handed_on():
    layer = layers.Lambda(lambda x, training=None, mask=None: (training, mask is not None))
    assert layer(X, training=True, mask=np.ones((1, 3), bool)) == (True, True)
    assert layer(X, training=False) == (False, False)


def test_masks():
    ones = np.ones((1, 3), bool)
    assert not layers.Lambda(lambda x: x).supports_masking
    assert layers.Lambda(lambda x: x, mask=ones).compute_mask(X, None) is ones
    layer = layers.Lambda(lambda x: x, mask=lambda inputs, mask: ~mask)
    assert layer.compute_mask(X, ones).tolist() == [[False] * 3]


def test_shapes():
    symbol = kerasish.Input((3,))
    assert layers.Lambda(lambda x: x[:, :2])(symbol).shape == (None, 2)
    assert layers.Lambda(lambda x: kerasish.ops.cast(x, "int32"))(symbol).dtype == "int32"
    assert layers.Lambda(lambda x: x, output_shape=(7,)).compute_output_shape((None, 3)) == (None, 7)
    assert layers.Lambda(lambda x: x, output_shape=lambda shape: (*shape, 1)).compute_output_shape((2, 3)) == (2, 3, 1)
    with pytest.raises(NotImplementedError, match="give `output_shape`"):
        layers.Lambda(lambda x: x.nothing)(symbol)


def test_in_a_model_that_trains_and_is_cloned():
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Lambda(lambda x: x * 2), layers.Dense(1)])
    model.compile("sgd", "mse")
    losses = model.fit(np.repeat(X, 4, 0), np.ones((4, 1)), epochs=3, verbose=0).history["loss"]
    assert len(losses) == 3
    clone = kerasish.models.clone_model(model)
    clone.set_weights(model.get_weights())
    assert clone(X).tolist() == model(X).tolist()


def test_a_registered_function_is_saved(tmp_path):
    layer = layers.Lambda(doubled, output_shape=(3,), arguments={"times": 4})
    config = layer.get_config()
    assert config["function"]["config"] == "lambdas>doubled"
    assert layers.Lambda.from_config(config).get_config() == config
    kerasish.Sequential([kerasish.Input((3,)), layer]).save(tmp_path / "model.keras")
    assert kerasish.saving.load_model(tmp_path / "model.keras")(X).tolist() == (4 * X).tolist()


def test_a_function_of_the_callers_is_found_by_its_name(tmp_path):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Lambda(unknown)])
    for name in ("model.keras", "model.h5"):
        model.save(tmp_path / name)
        with pytest.raises(ValueError, match="unknown function 'unknown'"):
            kerasish.saving.load_model(tmp_path / name)
        copy = kerasish.saving.load_model(tmp_path / name, custom_objects={"unknown": unknown})
        assert copy(X).tolist() == (X + 1).tolist()


def test_a_lambda_is_not_saved(tmp_path):
    model = kerasish.Sequential([kerasish.Input((3,)), layers.Lambda(lambda x: x)])
    for name in ("model.keras", "model.h5"):
        with pytest.raises(ValueError, match="a lambda cannot be saved"):
            model.save(tmp_path / name)
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize("safe_mode", [True, False])
@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_code_in_a_file_of_keras_is_never_run(name, safe_mode, tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: 1 / 0, output_shape=(3,))]).save(tmp_path / name)
    with pytest.raises(ValueError, match="never executed"):
        kerasish.saving.load_model(tmp_path / name, safe_mode=safe_mode)


CODE = base64.b64encode(marshal.dumps((lambda x: 1 / 0).__code__)).decode()


@pytest.mark.parametrize(
    "config",
    [
        {"function": [CODE, None, None], "function_type": "lambda"},
        {"function": [CODE, None, None]},
        {"function": CODE, "function_type": "lambda"},
        {"function": {"class_name": "__lambda__", "config": {"code": CODE, "defaults": None, "closure": None}}},
        {"function": "doubled", "output_shape": [CODE, None, None], "output_shape_type": "lambda"},
        {"function": "doubled", "mask": [CODE, None, None], "mask_type": "lambda"},
        {"function": "doubled", "mask": {"class_name": "__lambda__", "config": {"code": CODE}}},
    ],
)
@pytest.mark.parametrize("safe_mode", [True, False, None])
def test_code_in_a_config_is_never_run(config, safe_mode):
    with pytest.raises(ValueError, match="never executed"):
        layers.Lambda.from_config(config, custom_objects={"doubled": doubled}, safe_mode=safe_mode)


LAMBDA = {"class_name": "__lambda__", "config": {"code": CODE, "defaults": None, "closure": None}}


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_function_takes_the_place_of_code_by_the_layers_name(name, tmp_path):
    theirs = keras.layers.Lambda(lambda x: 1 / 0, output_shape=lambda shape: shape, name="lambda_1")
    keras.Sequential([keras.Input((3,)), theirs, keras.layers.Flatten()]).save(tmp_path / name)
    with pytest.raises(ValueError, match=r'custom_objects=\{"lambda_1": function\}'):
        kerasish.saving.load_model(tmp_path / name)
    model = kerasish.saving.load_model(tmp_path / name, custom_objects={"lambda_1": lambda x: 3 * x})
    assert model.predict(X, verbose=0).tolist() == (3 * X).tolist() and model.output_shape == (None, 3)


@pytest.mark.parametrize(
    "config",
    [
        {"function": [CODE, None, None], "function_type": "lambda", "output_shape": [3], "output_shape_type": "raw"},
        {"function": CODE, "function_type": "lambda", "output_shape": CODE, "output_shape_type": "lambda"},
        {"function": LAMBDA, "output_shape": LAMBDA},
        {"function": "nobody_knows_it", "function_type": "function", "output_shape_type": "raw"},
        {"function": {"module": "x", "class_name": "function", "config": "f", "registered_name": "function"}},
    ],
)
def test_a_function_by_the_layers_name_in_every_spelling(config):
    layer = layers.Lambda.from_config({"name": "lambda_1", **config}, custom_objects={"lambda_1": doubled})
    assert layer.function is doubled and layer(X).tolist() == (2 * X).tolist()
    assert layer.compute_output_shape((None, 3)) == (None, 3)
    with kerasish.saving.CustomObjectScope({"lambda_1": doubled}):
        assert layers.Lambda.from_config({"name": "lambda_1", **config}).function is doubled


def test_a_function_that_is_known_stays_and_a_mask_has_its_own_name():
    config = {"name": "lambda_1", "function": "doubled", "mask": [CODE, None, None], "mask_type": "lambda"}
    known = {"doubled": doubled, "lambda_1": lambda x: 1 / 0}
    with pytest.raises(ValueError, match=r'custom_objects=\{"lambda_1.mask": function\}'):
        layers.Lambda.from_config(config, custom_objects=known)

    def mask(inputs, mask):
        return inputs > 0

    layer = layers.Lambda.from_config(config, custom_objects={**known, "lambda_1.mask": mask})
    assert layer.function is doubled and layer.mask is mask


@pytest.mark.filterwarnings("ignore:The object being serialized")
def test_code_in_an_argument_of_another_layer_has_the_arguments_name(tmp_path):
    dense = keras.layers.Dense(2, activation=lambda x: 1 / 0 if isinstance(x, int) else -x, name="dense_1")
    theirs = keras.Sequential([keras.Input((3,)), dense])
    theirs.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r'custom_objects=\{"dense_1.activation": function\}'):
        kerasish.saving.load_model(tmp_path / "model.keras")
    ours = kerasish.saving.load_model(tmp_path / "model.keras", custom_objects={"dense_1.activation": lambda x: -x})
    assert np.allclose(ours.predict(X, verbose=0), theirs.predict(X, verbose=0), atol=1e-6)


@pytest.mark.parametrize("name", ["eval", "exec", "os.system", "load_model", "__import__"])
def test_only_known_functions_are_named(name):
    with pytest.raises(ValueError, match="unknown function"):
        layers.Lambda.from_config({"function": name, "function_type": "function", "module": "builtins"})


def test_a_config_of_keras_2():
    config = {
        "name": "twice", "trainable": True, "dtype": "float32", "function": "doubled", "function_type": "function",
        "module": "__main__", "output_shape": [3], "output_shape_type": "raw", "output_shape_module": None,
        "arguments": {"times": 5},
    }  # fmt: skip
    layer = layers.Lambda.from_config(config, custom_objects={"doubled": doubled})
    assert layer(X).tolist() == (5 * X).tolist()
    assert layer.compute_output_shape((None, 3)) == (None, 3)


def test_it_takes_a_function():
    with pytest.raises(TypeError, match="takes a function"):
        layers.Lambda(3)

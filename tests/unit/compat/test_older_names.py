"""Names of Keras 2: found, with one warning that says today's; and in no list of names."""

import importlib
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from kerasish import _older_names

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _warn_again(monkeypatch):
    monkeypatch.setattr(_older_names, "_told", set())


@pytest.mark.parametrize(("package", "name"), list(_older_names._table()))
def test_every_name_leads_somewhere_and_warns_once(package, name):
    module = importlib.import_module(package)
    entry = _older_names._table()[package, name]
    with pytest.warns(DeprecationWarning, match="is a name of Keras 2; today it is written") as told:
        found = _older_names.found(package, name)
        assert _older_names.found(package, name) is found
    assert len(told) == 1 and told[0].filename == __file__
    assert entry.today.split(",")[0] in str(told[0].message)
    assert name not in dir(module) or importlib.util.find_spec(f"{package}.{name}")


def test_losses_and_reductions():
    with pytest.warns(DeprecationWarning, match=r"keras.losses.mse is .* keras.losses.mean_squared_error"):
        assert keras.losses.mse is keras.losses.mean_squared_error
    with pytest.warns(DeprecationWarning):
        loss = keras.losses.MeanSquaredError(reduction=keras.losses.Reduction.SUM)
    assert float(loss([[0.0], [0.0]], [[1.0], [2.0]])) == 5
    with pytest.raises(AttributeError, match="has no attribute 'msee'"):
        _ = keras.losses.msee


def test_methods_of_models():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    x, y = np.random.default_rng(0).random((8, 2)), np.arange(8) % 3
    batches = [(x[:4], y[:4]), (x[4:], y[4:])]
    with pytest.warns(DeprecationWarning) as told:
        history = model.fit_generator(iter(batches * 2), steps_per_epoch=2, epochs=2, verbose=0, workers=3)
        loss = model.evaluate_generator(iter(batches))
        classes = model.predict_classes(x)
        again = model.predict_generator(iter(batches))
    assert len(history.epoch) == 2 and loss == pytest.approx(model.evaluate(x, y, verbose=0))
    np.testing.assert_array_equal(classes, np.argmax(again, -1))
    assert any(
        "model.predict_classes is a name of Keras 2; today it is written np.argmax" in str(w.message) for w in told
    )
    single = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    with pytest.warns(DeprecationWarning):
        assert single.predict_proba(x).shape == (8, 1)
    assert set(np.unique(single.predict_classes(x))) <= {0, 1}
    assert "fit_generator" not in dir(model) and not hasattr(keras.layers.Dense(1), "fit_generator")


class Older(keras.Model):
    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self.compiled_metrics.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


def test_steps_of_keras_2():
    """The same numbers as the step that every model has, recorded too."""
    x = np.random.default_rng(0).random((12, 3), "float32")
    y = x.sum(1, keepdims=True)
    found = []
    for kind in (Older, keras.Model):
        keras.utils.set_random_seed(1)
        inputs = keras.Input((3,))
        model = kind(inputs, keras.layers.Dense(1, kernel_regularizer="l2")(inputs))
        model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found.append(model.fit(x, y, batch_size=5, epochs=3, shuffle=False, verbose=0).history)
            assert model.why_not_recorded() is None
            if kind is Older:
                assert [m.name for m in model.compiled_metrics.metrics] == ["mae"]
                model.compiled_metrics.reset_state()
                assert model.compiled_metrics.metrics[0].result() == 0
    assert found[0].keys() == found[1].keys() == {"loss", "mae"}
    for name, values in found[0].items():
        np.testing.assert_allclose(values, found[1][name], rtol=1e-5)
    model.compile("sgd")
    with pytest.raises(ValueError, match="compiled without a loss"), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        model.compiled_loss(y, y)


def test_layers_that_are_gone():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = keras.layers.ThresholdedReLU(1.0)
        assert keras.layers.experimental.preprocessing.Rescaling is keras.layers.Rescaling
        with pytest.raises(AttributeError, match="has no 'Rescalling'"):
            _ = keras.layers.experimental.Rescalling
    np.testing.assert_array_equal(layer(np.array([0.5, 1.0, 2.0])), [0, 0, 2])
    assert layer.get_config()["theta"] == 1.0
    with pytest.raises(ValueError, match="at least 0"):
        type(layer)(-1.0)


SCRIPT = """
import warnings
warnings.simplefilter("ignore")
from keras.layers.core import Dense
from keras.layers.experimental import preprocessing
from keras.optimizers import adam_v2
from keras.preprocessing.sequence import skipgrams
from keras.preprocessing.text import Tokenizer
from keras.utils import np_utils
from keras.utils.np_utils import to_categorical
from keras.wrappers.scikit_learn import KerasClassifier
import keras.backend as K
import keras.layers.convolutional
import kerasish.layers.core.dense
from kerasish.layers.core.dense import Dense as D
assert Dense is D is preprocessing.Dense and K.abs(-1.0) == 1 and adam_v2.Adam is keras.optimizers.Adam
assert keras.layers.convolutional.Conv2D is keras.layers.Conv2D
"""


def test_scripts_import_older_modules(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, "-m", "kerasish", path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_arguments_about_workers():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 2))
    with pytest.warns(DeprecationWarning) as told:
        model.fit(x, x[:, :1], verbose=0, workers=2, use_multiprocessing=True)
        model.fit(x, x[:, :1], verbose=0, workers=2)
        model.evaluate(x, x[:, :1], verbose=0, max_queue_size=3)
        model.predict(x, verbose=0, workers=1)
    assert len(told) == 4 and "PyDataset(workers=...)" in str(told[0].message)
    for method in (model.fit, model.evaluate, model.predict):
        with pytest.raises(TypeError, match="unexpected keyword argument 'worker'"):
            method(x, worker=2)


PRIVATE = """
import io
import numpy as np
import keras
from keras.src.saving.saving_lib import load_model, save_model
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
file = io.BytesIO()
save_model(model, file)
again = load_model(io.BytesIO(file.getvalue()))
x = np.ones((1, 2))
assert again.compiled and np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
"""


def test_private_names_that_packages_need(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(PRIVATE)
    result = subprocess.run(
        [sys.executable, "-m", "kerasish", path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_layer_may_note_plain_settings_before_it_is_one():
    class Early(keras.layers.Layer):
        def __init__(self, sizes=(1, 2), **kwargs):
            self.sizes, self.stateful = sizes, False
            super().__init__(**kwargs)

    assert Early(name="early").sizes == (1, 2)

    class TooEarly(keras.layers.Layer):
        def __init__(self):
            self.inner = keras.layers.Dense(1)
            super().__init__()

    with pytest.raises(RuntimeError, match=r"sets 'inner' before"):
        TooEarly()


def test_metrics_of_keras_2_are_reset():
    metric = keras.metrics.Mean()
    metric.update_state([2.0])
    with pytest.warns(DeprecationWarning, match=r"metric.reset_states is .* metric.reset_state"):
        metric.reset_states()
    assert metric.result() == 0
    with pytest.raises(AttributeError, match="the metric Mean has no attribute 'resets'"):
        _ = metric.resets


def test_the_pages_have_the_tables_as_they_are():
    spec = importlib.util.spec_from_file_location("compat_tables", ROOT / "docs" / "compat_tables.py")
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    for page in tables.PAGES:
        told = "python docs/compat_tables.py writes them anew"
        assert (ROOT / "docs" / page).read_text(encoding="utf-8") == tables.filled(page), told

"""Models as estimators: scikit-learn's own checks, and what people do with estimators."""

import pickle
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import kerasish as keras
from kerasish.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

QUIET = {"epochs": 5, "verbose": 0}
CLASSES = {"loss": "categorical_crossentropy", "last": "softmax"}
# Keras's wrappers fail these as well: they return two columns where scikit-learn wants one number for two classes.
TWO_COLUMNS = dict.fromkeys(
    ("check_classifiers_classes", "check_classifiers_train"), "a column for each of two classes"
)


def make(X, y, loss="mse", last="linear", units=10, rate=0.01):
    keras.utils.set_random_seed(1)  # some checks fit twice, and want the same
    hidden, top = keras.layers.Dense(units, activation="relu"), keras.layers.Dense(y.shape[1], activation=last)
    model = keras.Sequential([keras.Input(X.shape[1:]), hidden, top])
    model.compile(keras.optimizers.Adam(rate), loss)
    return model


@pytest.fixture(scope="module")
def samples():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 3))
    return X, np.where(X[:, 0] > 0, "yes", "no")


def classifier(**settings):
    return SKLearnClassifier(make, model_kwargs={**CLASSES, **settings}, fit_kwargs={"epochs": 30, "verbose": 0})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("estimator", "failing"),
    [
        (SKLearnClassifier(make, model_kwargs=CLASSES, fit_kwargs=QUIET), TWO_COLUMNS),
        (SKLearnRegressor(make, fit_kwargs=QUIET), {}),
        (SKLearnTransformer(make, fit_kwargs=QUIET), {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_scikit_learns_own_checks(estimator, failing):
    results = check_estimator(estimator, expected_failed_checks=failing, on_skip=None)
    assert {result["check_name"] for result in results if result["status"] == "xfail"} == set(failing)


def test_a_pipeline_that_is_cloned_and_pickled(samples):
    X, y = samples
    fitted = make_pipeline(StandardScaler(), classifier()).fit(X, y)
    assert fitted.score(X, y) > 0.9 and set(fitted.predict(X)) == {"yes", "no"}
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    fresh = clone(fitted)
    assert fresh[-1].get_params() == fitted[-1].get_params()
    with pytest.raises(NotFittedError):
        fresh[-1].predict(X)


def test_a_search_in_two_processes(samples):
    X, y = samples
    search = GridSearchCV(classifier(), {"model_kwargs": [{**CLASSES, "rate": r} for r in (0.0, 0.05)]}, cv=2, n_jobs=2)
    with joblib.parallel_config("multiprocessing"):
        search.fit(X, y)
    assert search.best_params_["model_kwargs"]["rate"] == 0.05
    assert search.best_score_ > 0.85


def test_models_given_as_they_are(samples):
    X, _ = samples
    model = make(X, X[:, :1])
    before = model.get_weights()
    regressor = SKLearnRegressor(model, fit_kwargs={"epochs": 2, "verbose": 0})
    scores = cross_val_score(regressor, X, X[:, 0], cv=2)
    assert scores.shape == (2,)
    regressor.fit(X, X[:, 0])
    assert regressor.model_ is not model and regressor.epoch_ == 2
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), before, strict=True))
    kept = regressor.set_params(warm_start=True).model_
    assert regressor.fit(X, X[:, 0]).model_ is kept
    assert regressor.predict(X).shape == (60,)
    assert regressor.fit(X, X[:, 0], epochs=1).epoch_ == 1


def test_data_frames_in_and_out(samples):
    X, y = samples
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=range(100, 160))
    halves = SKLearnTransformer(make, fit_kwargs=QUIET).set_output(transform="pandas")
    made = halves.fit(frame, frame[["a", "b"]]).transform(frame)
    assert list(made.columns) == ["sklearntransformer0", "sklearntransformer1"]
    assert list(made.index) == list(frame.index)
    both = classifier().fit(frame, pd.Series(y, index=frame.index))
    assert list(both.feature_names_in_) == ["a", "b", "c"]
    with pytest.raises(ValueError, match="feature names should match"):
        both.predict(frame[["c", "b", "a"]])


def test_sample_weights_reach_the_model(samples):
    X, y = samples
    only_yes = classifier(rate=0.1).fit(X, y, sample_weight=np.where(y == "yes", 1.0, 0.0))
    assert np.mean(only_yes.predict(X) == "yes") > 0.95
    assert only_yes.decision_function(X).shape == (60, 2)


def test_arguments_of_fit_can_be_asked_for():
    with pytest.raises(RuntimeError, match="enable_metadata_routing"):
        classifier().set_fit_request(sample_weight=True)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = classifier().set_fit_request(sample_weight=True, epochs="how_long")
        assert asked.get_metadata_routing().fit.requests == {"sample_weight": True, "epochs": "how_long"}


def test_mistakes(samples):
    X, _ = samples
    bare = keras.Sequential([keras.layers.Dense(1)])
    with pytest.raises(RuntimeError, match="is not compiled"):
        SKLearnRegressor(bare).fit(X, X[:, 0])
    with pytest.raises(TypeError, match="received str"):
        SKLearnRegressor("model").fit(X, X[:, 0])
    with pytest.raises(ValueError, match="only one class is present: all of y is"):
        classifier().fit(X, ["a"] * 60)
    with pytest.raises(ValueError, match="label type: continuous"):
        classifier().fit(X, X[:, 0])


def test_without_scikit_learn():
    code = "import sys; sys.modules['sklearn'] = None\nimport kerasish\nkerasish.wrappers.SKLearnRegressor"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "which is not installed" in result.stderr and "pip install scikit-learn" in result.stderr

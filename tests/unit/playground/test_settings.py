"""Settings from outside: each is checked, and named where it is wrong."""

import pytest

from kerasish import losses
from kerasish.playground.catalogue import ACTIVATIONS, DEFAULTS, LOSSES, OPTIMIZERS, catalogue
from kerasish.playground.points import train_count
from kerasish.playground.settings import SettingError, checked


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"nosuch": 1}, "nosuch"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": True}, "learning_rate"),
        ({"batch_size": 1.5}, "batch_size"),
        ({"batch_size": 10**400}, "batch_size"),
        ({"noise": "0.1"}, "noise"),
        ({"layers": "dense"}, "layers"),
        ({"layers": [{"kind": "dense", "units": 2}] * 13}, "layers"),
        ({"layers": [{"kind": "dense", "units": 2}, {"kind": "dense", "units": 17}]}, "layers[1].units"),
        ({"layers": [{"kind": "dense", "units": 2, "activation": "rleu"}]}, "layers[0].activation"),
        ({"layers": [{"kind": "dropout", "rate": 1}]}, "layers[0].rate"),
        ({"layers": [{"kind": "dropout", "rate": 0.1, "units": 3}]}, "layers[0].units"),
        ({"layers": [{"kind": "lambda"}]}, "layers[0].kind"),
        ({"features": []}, "features"),
        ({"features": ["x3"]}, "features[0]"),
        ({"data": "os"}, "data"),
        ({"data": "circle", "problem": "regression"}, "data"),
        ({"data": "xor", "classes": 3}, "classes"),
        ({"data": "script"}, "data"),
        ({"loss": "sparse_categorical_crossentropy"}, "loss"),
        ({"optimizer": "LossScaleOptimizer"}, "optimizer"),
        ({"optimizer_options": {"beta_1": 0.9}}, "optimizer_options.beta_1"),
        ({"optimizer": "adam", "optimizer_options": {"epsilon": None}}, "optimizer_options.epsilon"),
        ({"optimizer_options": {"nesterov": 1}}, "optimizer_options.nesterov"),
        ({"optimizer_options": {"clipnorm": "1"}}, "optimizer_options.clipnorm"),
        ({"optimizer_options": {"clipnorm": 1.0, "clipvalue": 1.0}}, "optimizer_options.clipnorm"),
        ({"points": [[1, 2]]}, "points[0]"),
        ({"points": [[1, 2, float("inf")]]}, "points[0]"),
        ({"data": "own", "points": [[1, 2, 2]]}, "points[0]"),
        ({"points": [[0, 0, 0]] * 2001}, "points"),
        ({"seed": -1}, "seed"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(given, setting):
    with pytest.raises(SettingError) as caught:
        checked(given, DEFAULTS)
    assert caught.value.setting == setting
    assert str(caught.value).startswith(f"{setting}: ") and len(str(caught.value)) < 500


def test_the_nearest_name_is_proposed():
    with pytest.raises(SettingError, match=r"layers\[0\].activation: there is no 'rleu'; did you mean 'relu'\?"):
        checked({"layers": [{"kind": "dense", "units": 2, "activation": "rleu"}]}, DEFAULTS)


def test_whole_numbers_may_come_as_floats():
    size = checked({"batch_size": 20.0}, DEFAULTS)["batch_size"]
    assert size == 20 and isinstance(size, int)


def test_of_few_points_some_are_trained_on_and_some_are_not():
    assert [train_count(n, share) for n, share in ((0, 0.5), (1, 0.5), (2, 0.9), (3, 0.1), (10, 0.25))] == [
        1,
        1,
        1,
        1,
        2,
    ]


def test_what_follows_from_another_setting_follows():
    regression = checked({"data": "regression_plane", "loss": "huber"}, DEFAULTS)
    assert regression["problem"] == "regression"
    classification = checked({"problem": "classification"}, regression)
    assert (classification["data"], classification["loss"]) == ("circle", "huber")
    many = checked({"data": "spiral", "classes": 4}, {**DEFAULTS, "loss": "hinge"})
    assert many["loss"] == "auto"
    assert checked({"data": "xor"}, many)["classes"] == 2
    adam = checked({"optimizer": "adam"}, {**DEFAULTS, "optimizer_options": {"nesterov": True, "clipnorm": 1.0}})
    assert adam["optimizer_options"] == {"clipnorm": 1.0}


def test_the_catalogue_names_what_the_library_has():
    menus = catalogue()
    assert {"relu", "gelu", "mish", "softmax"} < set(ACTIVATIONS)
    assert menus["optimizers"]["sgd"] == {
        "learning_rate": 0.01,
        "momentum": 0.0,
        "options": {
            "nesterov": False,
            "weight_decay": None,
            "clipnorm": None,
            "clipvalue": None,
            "global_clipnorm": None,
        },
    }
    assert menus["optimizers"]["adam"]["momentum"] is None
    from kerasish import optimizers

    rules = {n for n in optimizers.__all__ if isinstance(getattr(optimizers, n), type)}
    assert set(OPTIMIZERS.values()) == rules - {"Optimizer", "OptimizerMap", "MultiOptimizer", "LossScaleOptimizer"}


def test_every_loss_of_the_library_is_offered_or_left_out_on_purpose():
    left_out = {"circle", "ctc", "cosine_similarity", "poisson", "categorical_generalized_cross_entropy"}
    left_out |= {"mean_absolute_percentage_error", "mean_squared_logarithmic_error", "deserialize", "get", "serialize"}
    functions = {n for n in losses.__all__ if n.islower() and not isinstance(getattr(losses, n), type)}
    assert {name for names in LOSSES.values() for name in names} == functions - left_out

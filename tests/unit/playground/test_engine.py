"""The engine: what it answers to each message, and that it trains what its settings say."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from kerasish.playground import catalogue, network
from kerasish.playground.engine import Engine
from kerasish.playground.messages import Binary, decode, encode

SMALL = {"resolution": 10, "neuron_resolution": 5}
DEEP = {"layers": [{"kind": "dense", "units": 8, "activation": "tanh"}] * 2}


def test_a_fresh_page_solves_xor(engine):
    engine("play")
    engine.engine.view = {**engine.engine.view, "epochs_per_frame": 60}
    frame = list(engine.engine.advance())[-1]
    assert frame.header["epoch"] == 60
    assert frame.header["accuracy"] >= 0.99 and frame.header["test_accuracy"] >= 0.97
    output = frame.arrays["output"][0]
    assert output[:20, 40:].mean() > 0.9 > 0.1 > output[:20, :20].mean()  # the same sign above right, another left


def test_hello_is_answered_by_all_that_a_page_needs(engine):
    found = engine("hello", version=1, settings=DEEP, view=SMALL, id=7)
    assert list(found) == ["catalogue", "state", "data", "frame"]
    assert found["state"]["reply_to"] == found["frame"].header["reply_to"] == 7
    assert [layer["units"] for layer in found["state"]["layers"]] == [8, 8, 1]
    assert found["state"]["parameters"] == 2 * 8 + 8 + 8 * 8 + 8 + 8 + 1
    shapes = {name: array.shape for name, array in found["frame"].arrays.items()}
    assert shapes["output"] == (1, 10, 10) and shapes["maps/1"] == (8, 5, 5) and shapes["features"] == (2, 5, 5)
    assert shapes["weights/1/0"] == (8, 8) and shapes["gradients"] == (3,)
    assert found["data"].arrays["train_x"].shape == found["data"].arrays["test_x"].shape == (100, 2)


def test_what_is_wrong_in_a_link_is_told_and_the_rest_is_taken(engine):
    given = {"learning_rate": "fast", "units": 3, "layers": [{"kind": "dense", "units": 99}], "batch_size": 20}
    wrong = [
        a for a in engine.engine.handle({"type": "hello", "version": 1, "settings": given}) if not isinstance(a, Binary)
    ]
    assert [a["setting"] for a in wrong if a["type"] == "error"] == ["learning_rate", "units", "layers[0].units"]
    assert engine.engine.subject.settings["batch_size"] == 20
    assert engine.engine.subject.settings["learning_rate"] == catalogue.DEFAULTS["learning_rate"]


def test_weights_of_an_engine_that_is_gone_go_on_in_another(engine, drive):
    engine("step")
    weights = [[v.numpy().tolist() for v in network.weights_of(x)] for x in engine.engine.subject.picture.layers]
    other = drive(Engine())
    found = other("hello", version=1, weights=weights, epoch=1, playing=True)
    assert found["state"]["epoch"] == 1 and found["state"]["playing"]
    np.testing.assert_array_equal(found["frame"].arrays["output"], engine.engine.frame().arrays["output"])
    assert "set_weights" in found["state"]["script"]
    weights[0][0] = weights[0][0][:1]
    found = other("hello", version=1, weights=weights, view={"maps": "none"})
    assert found["error"]["setting"] == "weights[0][0]" and found["state"]["epoch"] == 1


def test_the_maps_are_what_the_layers_compute(engine):
    engine("set", settings={**DEEP, "features": ["x1", "x2", "x1*x2", "sin(x1)"]})
    engine("step")
    frame = engine("view", view={"resolution": 10, "neuron_resolution": 10})["frame"]
    centres = np.linspace(-5.4, 5.4, 10, dtype="float32")
    x1, x2 = np.meshgrid(centres, centres[::-1])
    columns = np.stack([x1, x2, x1 * x2, np.sin(x1)], axis=-1).reshape(-1, 4)
    np.testing.assert_allclose(frame.arrays["features"].reshape(4, -1).T, columns, atol=1e-5)
    layer = engine.engine.subject.model.layers[0]
    hidden = np.tanh(columns @ layer.kernel.numpy() + layer.bias.numpy())
    np.testing.assert_allclose(frame.arrays["maps/0"].reshape(8, -1).T, hidden, atol=1e-5)
    coarse = engine("view", view={"neuron_resolution": 5, "maps": [0]})["frame"]
    np.testing.assert_allclose(
        coarse.arrays["maps/0"], frame.arrays["maps/0"].reshape(8, 5, 2, 5, 2).mean(axis=(2, 4)), atol=1e-6
    )
    assert "maps/1" not in coarse.arrays


def test_gradient_norms_are_those_of_the_loss(engine):
    subject = engine.engine.subject
    x, y = subject.points.train_x, subject.points.train_y
    with keras.GradientTape() as tape:
        loss = keras.ops.mean(keras.losses.binary_crossentropy(y, subject.model(x)))
    kernel, bias = tape.gradient(loss, subject.model.layers[0].trainable_variables)
    expected = np.sqrt((np.asarray(kernel) ** 2).sum() + (np.asarray(bias) ** 2).sum())
    assert engine.engine.frame().arrays["gradients"][0] == pytest.approx(expected, rel=1e-4)


def test_ten_sigmoid_layers_show_a_vanishing_gradient(engine):
    engine("set", settings={"layers": [{"kind": "dense", "units": 8, "activation": "sigmoid"}] * 10})
    norms = engine.engine.frame().arrays["gradients"]
    assert norms[0] < 1e-4 * norms[-1]


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        ({"learning_rate": 0.3}, True),
        ({"batch_size": 30}, True),
        ({"momentum": 0.5}, True),
        ({"optimizer": "adam"}, True),
        ({"regularization": "l2"}, True),
        ({"loss": "mean_squared_error"}, True),
        ({"seed": 5}, False),
        ({"noise": 0.5}, False),
        ({"features": ["x1"]}, False),
        ({"layers": []}, False),
        ({"data": "circle"}, False),
    ],
    ids=str,
)
def test_training_goes_on_where_the_network_can_stay(engine, change, stays):
    engine("step")
    before = engine.engine.subject.model.get_weights()
    found = engine("set", settings=change)
    assert found["state"]["epoch"] == (1 if stays else 0)
    assert ("data" in found) == bool({"noise", "data"} & set(change))
    if stays:
        after = engine.engine.subject.model.get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
        assert "set_weights" in found["state"]["script"]
    assert found["frame"].header["revision"] == found["state"]["revision"] == (0 if stays else 1)


def test_a_setting_without_effect_changes_nothing(engine):
    engine("set", settings={"optimizer": "adam", "momentum": 0.5})
    engine("step")
    found = engine("set", settings={"momentum": 0.6, "regularization_rate": 0.5, "points": [[1, 1, 1]]})
    assert "set_weights" not in found["state"]["script"] and found["state"]["epoch"] == 1
    assert found["state"]["notes"] == ["Adam has no setting of the name momentum: it is not used."]


def test_a_new_learning_rate_is_used(engine):
    engine("step")
    engine("set", settings={"learning_rate": 1e-6, "momentum": 0.0})
    before = engine.engine.subject.model.get_weights()[0]
    engine("step")
    assert 0 < np.abs(engine.engine.subject.model.get_weights()[0] - before).max() < 1e-4


def test_reset_begins_with_the_same_weights(engine):
    before = engine.engine.subject.model.get_weights()
    engine("edit", layer=0, weight=0, index=[0, 1], value=3)
    engine("step")
    found = engine("reset")
    assert found["state"]["epoch"] == 0 and "set_weights" not in found["state"]["script"]
    assert all(np.array_equal(a, b) for a, b in zip(before, engine.engine.subject.model.get_weights(), strict=True))


def test_a_weight_is_edited(engine):
    frame = engine("edit", layer=1, weight=1, index=[1], value=-2.5)["frame"]
    assert frame.arrays["weights/1/1"].tolist() == [0.0, -2.5]
    for wrong, setting in (
        ({"layer": 9}, "layer"),
        ({"weight": 2}, "weight"),
        ({"index": [5]}, "index"),
        ({"index": [0, 0]}, "index"),
        ({"value": float("nan")}, "value"),
    ):
        message = {"layer": 1, "weight": 1, "index": [1], "value": 0, **wrong}
        assert engine.error("edit", **message)["setting"] == setting
    assert engine.engine.frame().arrays["weights/1/1"].tolist() == [0.0, -2.5]


def test_numbers_that_run_away_stop_the_training_with_advice(engine):
    engine("set", settings={"problem": "regression", "learning_rate": 1000, "layers": []})
    engine("play")
    found = [answer for _ in range(20) for answer in engine.engine.advance()]
    (error,) = [a for a in found if not isinstance(a, Binary) and a["type"] == "error"]
    assert error["setting"] == "learning_rate" and "smaller learning rate than 1000" in error["message"]
    assert not engine.engine.playing
    assert b"null" in encode(found[-1]) and np.isnan(decode(encode(found[-1])).arrays["output"]).any()


def test_what_was_trained_unseen_is_shown_when_the_training_stops(engine):
    engine("play")
    assert list(engine.engine.train()) == list(engine.engine.train()) == []
    assert engine("pause")["frame"].header["epoch"] == 2
    engine("set", settings={"data": "own"})
    engine("play")
    *_, state, frame = engine.engine.train()
    assert not state["playing"] and frame.header["epoch"] == 0
    assert list(engine.engine.train()) == list(engine.engine.advance()) == []


def test_backprop_of_a_point_is_the_gradient_step(engine):
    engine("set", settings={**DEEP, "features": ["x1", "x2", "x2^2"]})
    before = engine.engine.subject.model.get_weights()
    found = engine("backprop", point=[1.0, -2.0], label=1)["backprop"]
    assert found["features"] == [1.0, -2.0, 4.0] and [layer["layer"] for layer in found["layers"]] == [0, 1, 2]
    first, last = found["layers"][0], found["layers"][-1]
    assert len(first["kernel"]) == 3 and len(first["kernel"][0]) == 8
    np.testing.assert_allclose(first["sums"], np.array(first["inputs"]) @ np.array(first["kernel"]), atol=1e-5)
    np.testing.assert_allclose(
        first["kernel_gradient"], np.outer(first["inputs"], first["sum_gradient"]), rtol=1e-4, atol=1e-7
    )
    assert last["sum_gradient"] == pytest.approx([found["prediction"][0] - 1], rel=1e-4)
    np.testing.assert_allclose(
        last["kernel_after"], np.array(last["kernel"]) - 0.03 * np.array(last["kernel_gradient"]), rtol=1e-4, atol=1e-6
    )
    assert found["loss_after"] < found["loss"]
    assert all(np.array_equal(a, b) for a, b in zip(before, engine.engine.subject.model.get_weights(), strict=True))
    assert engine.error("backprop", point=[1, 2], label=2)["setting"] == "label"


def test_the_loss_surface_has_the_path_of_the_optimizer(engine):
    surface = engine("surface", resolution=5, steps=3)["surface"]
    assert surface.arrays["losses"].shape == (5, 5) and surface.arrays["path"].shape == (4, 2)
    assert surface.arrays["path_losses"][-1] < surface.arrays["path_losses"][0]
    assert surface.header["low"] <= surface.header["high"]
    assert engine.error("surface", resolution=100)["setting"] == "resolution"


def test_the_exported_file_predicts_what_is_drawn(engine, tmp_path):
    engine(
        "set", settings={"data": "gauss", "classes": 3, "layers": [*DEEP["layers"], {"kind": "batch_normalization"}]}
    )
    engine("step")
    answer = engine("export", format="keras")["file"]
    path = Path(tmp_path) / answer.header["name"]
    path.write_bytes(answer.arrays["bytes"].tobytes())
    assert "config.json" in zipfile.ZipFile(io.BytesIO(path.read_bytes())).namelist()
    subject = engine.engine.subject
    rows = subject.picture.inputs(10)
    np.testing.assert_array_equal(
        keras.saving.load_model(path).predict(rows, verbose=0), subject.model.predict(rows, verbose=0)
    )


def test_own_points_come_from_a_table(engine):
    found = engine("csv", text="a;b;kind\n1;2;cat\n-1,5;0;dog\n")
    assert found["error"]["message"] == "points: line 3: two numbers and a label were expected; found '-1,5, 0, dog'"
    found = engine("csv", text="a;b;kind\n1;2;cat\n-1.5;0;dog\n\n3;3;ant\n")
    assert found["state"]["settings"]["points"] == [[1, 2, 1], [-1.5, 0, 2], [3, 3, 0]]
    assert found["state"]["settings"]["classes"] == found["state"]["outputs"] == 3
    assert sorted(found["data"].arrays["train_y"].tolist() + found["data"].arrays["test_y"].tolist()) == [0, 1, 2]
    engine("set", settings={"problem": "regression"})
    found = engine("csv", text="1 2 0.5\n3 4 -7")
    assert found["state"]["settings"]["points"] == [[1, 2, 0.5], [3, 4, -7]] and found["state"]["outputs"] == 1


def test_without_points_there_is_nothing_to_learn(engine):
    state = engine("set", settings={"data": "own"})["state"]
    assert "click into the plane" in state["notes"][0]
    engine("play")
    answers = list(engine.engine.advance())
    assert answers[0]["setting"] == "points" and not engine.engine.playing
    assert answers[-1].header["loss"] is None
    frame = engine("set", settings={"points": [[1, 1, 1]]})["frame"]
    assert frame.header["loss"] is not None and frame.header["test_loss"] is None


@pytest.mark.parametrize(
    ("message", "setting"),
    [
        (None, "type"),
        ([], "type"),
        ({}, "type"),
        ({"type": ["set"]}, "type"),
        ({"type": "run", "code": "1"}, "type"),
        ({"type": "set"}, "settings"),
        ({"type": "set", "settings": [1]}, "settings"),
        ({"type": "hello", "version": 2}, "version"),
        ({"type": "view", "view": {"maps": [7]}}, "maps"),
        ({"type": "view", "view": {"resolution": 50, "neuron_resolution": 20}}, "neuron_resolution"),
        ({"type": "view", "view": {"resolution": 10**9}}, "resolution"),
        ({"type": "export", "format": "exe"}, "format"),
        ({"type": "parse", "text": 5}, "text"),
        ({"type": "parse", "text": "#" * 10**6}, "text"),
        ({"type": "backprop", "point": [1], "label": 0}, "point"),
        ({"type": "surface", "directions": "up"}, "directions"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_message_is_answered_by_a_sentence_and_changes_nothing(engine, message, setting):
    before = engine.engine.state()
    (answer,) = engine.engine.handle(message)
    assert answer["type"] == "error" and answer["setting"] == setting and answer["message"]
    assert engine.engine.state() == before


def test_two_engines_do_not_disturb_each_other(drive):
    alone, first, second = (drive(Engine()) for _ in range(3))
    layers = [*DEEP["layers"], {"kind": "dropout", "rate": 0.2}]
    for one in (alone, first):
        one("set", settings={"layers": layers})
    for _ in range(3):
        alone("step")
    for _ in range(3):
        first("step")
        second("set", settings={"layers": layers, "seed": 9, "noise": 0.3})
        second("step")
    np.testing.assert_array_equal(first.engine.frame().arrays["output"], alone.engine.frame().arrays["output"])


def test_building_a_network_leaves_the_seeds_of_the_process_alone(engine):
    keras.utils.set_random_seed(3)
    expected = keras.random.normal((2,))
    keras.utils.set_random_seed(3)
    engine("set", settings={"seed": 11})
    engine("step")
    np.testing.assert_array_equal(keras.random.normal((2,)), expected)

"""Films of learning: when they look, what they keep, that they leave the training alone, and what they write."""

import numpy as np
import pytest

import kerasish as keras
from kerasish_datasets import xor


def _model(units=2, rate=0.05):
    keras.utils.set_random_seed(0)
    hidden = keras.layers.Dense(units, activation="tanh", name="hidden")
    model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1, activation="sigmoid")], name="xor")
    model.compile(keras.optimizers.SGD(rate), loss="binary_crossentropy")
    return model


def _film(model, epochs=10, **options):
    x, y = xor.load_data()
    film = keras.explain.watch(model, x, y, **{"frames": 3, "resolution": 8, **options})
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[film])
    return film


def test_it_looks_at_the_start_at_the_end_and_evenly_between():
    film = _film(_model(), layer="hidden", frames=6)
    assert [s.epoch for s in film.snapshots] == [0, 2, 4, 6, 8, 10]
    assert film.snapshots[0].loss is None and film.snapshots[0].title() == "before training"
    assert [s.loss for s in film.snapshots[1:]] == film.losses[1::2]
    assert film.snapshots[3].title() == f"epoch 6, loss {film.losses[5]:.3f}"


def test_a_snapshot_is_what_the_model_answered_then():
    model = _model()
    x, y = xor.load_data()
    before = model.predict(x, verbose=0), model.get_layer("hidden")(x)
    film = _film(model, layer="hidden", resolution=2, margin=1e-9)
    corners = film.snapshots[0].boundary.values.ravel()  # x1 runs first: (0, 0), (1, 0), (0, 1), (1, 1)
    assert np.allclose(corners, before[0].ravel()[[0, 2, 1, 3]], atol=1e-6)
    assert np.allclose(film.snapshots[0].outputs, before[1], atol=1e-6)
    assert np.allclose(film.snapshots[-1].outputs, model.get_layer("hidden")(x), atol=1e-6)
    assert film.snapshots[-1].units.shape == (2, 2, 2)
    assert film.labels.tolist() == y.ravel().tolist() and film.names == ("0", "1")


def test_the_training_is_the_same_unwatched():
    watched = _model()  # each begins from the same random state, which the shuffles of fit go on from
    _film(watched, layer="hidden")
    alone = _model()
    alone.fit(*xor.load_data(), epochs=10, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(watched.get_weights(), alone.get_weights(), strict=True))


def test_a_second_fit_goes_on():
    model = _model()
    x, y = xor.load_data()
    film = keras.explain.watch(model, x, y, frames=2, resolution=4)
    for _ in range(2):
        model.fit(x, y, epochs=3, verbose=0, callbacks=[film])
    assert [s.epoch for s in film.snapshots] == [0, 3, 6] and len(film.losses) == 6


def test_training_that_stops_early_is_seen_to_its_end():
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 3

    model = _model()
    x, y = xor.load_data()
    film = keras.explain.watch(model, x, y, frames=2, resolution=4)
    model.fit(x, y, epochs=50, verbose=0, callbacks=[film, Stop()])
    assert [s.epoch for s in film.snapshots] == [0, 4]


@pytest.mark.filterwarnings("ignore:the loss is NaN", "ignore:invalid value")
def test_it_stops_looking_and_says_so_where_the_weights_are_lost():
    model = _model()
    x, y = xor.load_data()
    film = keras.explain.watch(model, x, y, frames=5, resolution=4)
    model.fit(x, np.full_like(y, np.nan), epochs=4, verbose=0, callbacks=[film])
    assert [s.epoch for s in film.snapshots] == [0]
    assert str(film).endswith("after epoch 1 the weights hold nan or infinity: try a smaller learning rate")


def test_it_prints_as_a_table():
    film = _film(_model(), layer="hidden")
    assert str(film).startswith("xor: 3 snapshots\nepoch") and str(film).count("\n") == 5
    assert "nothing was seen yet" in str(keras.explain.watch(_model(), *xor.load_data()))


def test_a_strip_and_a_film(tmp_path):
    pytest.importorskip("matplotlib")
    image = pytest.importorskip("PIL.Image")
    film = _film(_model(units=3), layer="hidden")
    figure = film.plot()
    assert [ax.get_title() for ax in figure.axes[:3]] == [s.title() for s in film.snapshots]
    film.save(tmp_path / "film.gif", seconds=0.2)
    with image.open(tmp_path / "film.gif") as gif:
        assert gif.n_frames == 3 and gif.info["duration"] == 200 and gif.info["loop"] == 0
        gif.seek(2)
        assert gif.info["duration"] == 2000
    film.save(tmp_path / "frames")
    assert sorted(path.name for path in (tmp_path / "frames").iterdir()) == ["000.png", "001.png", "002.png"]


def test_classes_of_more_than_two_numbers_are_shown_as_a_map(tmp_path):
    pytest.importorskip("matplotlib")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 4)).astype("float32"), rng.integers(0, 3, 30)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, name="seen"), keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    film = keras.explain.watch(model, x, y, layer=model.get_layer("seen"), frames=2)
    model.fit(x, y, epochs=2, verbose=0, callbacks=[film])
    assert film.snapshots[0].boundary is None and film.names == ("0", "1", "2")
    left = film.plot().axes[0]
    assert np.array_equal(left.images[0].get_array(), film.snapshots[0].outputs[np.argsort(y, kind="stable")])
    assert len(left.lines) == 3  # a bar for each class


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frames": 1}, "frames counts the snapshots, from 2"),
        ({"layer": "hiden"}, "no layer 'hiden'"),
        ({"x": np.zeros((4, 3))}, r"x has shape \(4, 3\), not \(n, 2\)"),
        ({"y": [0, 1]}, "one label for each point"),
    ],
)
def test_mistakes_are_told_before_training(change, message):
    x, y = xor.load_data()
    with pytest.raises(ValueError, match=message):
        keras.explain.watch(_model(), **{"x": x, "y": y, **change})


def test_what_cannot_be_saved(tmp_path):
    film = keras.explain.watch(_model(), *xor.load_data(), resolution=4)
    with pytest.raises(ValueError, match="nothing was seen yet"):
        film.save(tmp_path / "film.gif")
    with pytest.raises(ValueError, match=r"received .*film\.mp4"):
        _film(_model(), epochs=1).save(tmp_path / "film.mp4")
    with pytest.raises(TypeError, match="model must be"):
        keras.explain.watch("model", *xor.load_data())

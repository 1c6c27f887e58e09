"""Layers one after the other, as one layer."""

import numpy as np

import kerasish as keras

PICTURES = np.random.default_rng(0).random((3, 8, 8, 3)).astype("float32")


def make():
    layers = keras.layers
    return layers.Pipeline([layers.Resizing(4, 5), layers.RandomFlip(seed=1), layers.Rescaling(2.0)], name="steps")


def test_layers_in_turn():
    pipeline, one = make(), keras.layers.RandomFlip(seed=1)
    expected = one(keras.layers.Resizing(4, 5)(PICTURES), training=True) * 2
    np.testing.assert_allclose(pipeline(PICTURES, training=True), expected, rtol=1e-6)
    np.testing.assert_allclose(pipeline(PICTURES, training=False), keras.ops.image.resize(PICTURES, (4, 5)) * 2)


def test_dicts_pass_through():
    pipeline = keras.layers.Pipeline([keras.layers.Resizing(4, 5), keras.layers.RandomFlip(seed=1)])
    made = pipeline({"images": PICTURES, "labels": np.arange(3)}, training=True)
    assert made["images"].shape == (3, 4, 5, 3)
    assert made["labels"].tolist() == [0, 1, 2]


def test_config_and_model(tmp_path):
    pipeline = make()
    again = keras.layers.Pipeline.from_config(pipeline.get_config())
    assert [type(layer).__name__ for layer in again.layers] == ["Resizing", "RandomFlip", "Rescaling"]
    assert again.get_config() == pipeline.get_config()
    model = keras.Sequential([keras.Input((8, 8, 3)), pipeline, keras.layers.Flatten(), keras.layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(PICTURES, verbose=0), model.predict(PICTURES, verbose=0))

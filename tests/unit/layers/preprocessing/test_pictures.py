"""Layers that change pictures: training only, seeds, single pictures, dicts, models, pipelines, wrong arguments."""

import numpy as np
import pytest

import kerasish as keras

PICTURES = np.random.default_rng(0).random((4, 6, 7, 3)).astype("float32") * 255
LAYERS = {
    "RandomBrightness": {"factor": 0.3},
    "RandomColorDegeneration": {"factor": (0.1, 0.3)},
    "RandomColorJitter": {"brightness_factor": 0.3, "contrast_factor": 0.3, "hue_factor": 0.2},
    "RandomContrast": {"factor": 0.3},
    "RandomElasticTransform": {"factor": (1.0, 1.0), "scale": (0.8, 1.0)},
    "RandomErasing": {"factor": (1.0, 1.0)},
    "RandomFlip": {},
    "RandomGaussianBlur": {"factor": (1.0, 1.0), "sigma": (0.5, 1.0)},
    "RandomGrayscale": {"factor": 0.5},
    "RandomHue": {"factor": 0.5},
    "RandomInvert": {},
    "RandomPerspective": {"factor": (1.0, 1.0), "scale": 0.3},
    "RandomPosterization": {"factor": (1, 6)},
    "RandomRotation": {"factor": 0.3},
    "RandomSaturation": {"factor": (0.1, 0.4)},
    "RandomSharpness": {"factor": 0.4},
    "RandomShear": {"x_factor": 0.3, "y_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3},
    "RandomZoom": {"height_factor": 0.3},
    "Solarization": {"addition_factor": 0.3, "threshold_factor": 0.4},
}


def make(name, **more):
    return getattr(keras.layers, name)(**LAYERS[name], **more)


@pytest.mark.parametrize("name", LAYERS)
def test_pictures_change_in_training_only_and_by_the_seed(name):
    first, second = make(name, seed=5), make(name, seed=5)
    changed = [np.array(first(PICTURES, training=True)) for _ in range(3)]
    again = [np.array(second(PICTURES, training=True)) for _ in range(3)]
    for a, b in zip(changed, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != changed[0]).any() for a in changed[1:]), "every call draws anew"
    np.testing.assert_array_equal(first(PICTURES, training=False), PICTURES)
    np.testing.assert_array_equal(first(PICTURES[0], training=False), PICTURES[0])
    assert all(part.dtype == np.float32 and np.isfinite(part).all() for part in changed)


@pytest.mark.parametrize("name", LAYERS)
def test_one_picture_is_a_batch_of_one(name):
    one, batch = make(name, seed=5), make(name, seed=5)
    for _ in range(3):
        np.testing.assert_allclose(one(PICTURES[0], training=True), batch(PICTURES[:1], training=True)[0], atol=1e-4)


@pytest.mark.parametrize("name", LAYERS)
def test_bytes_become_floats(name):
    bytes_, floats = make(name, seed=5), make(name, seed=5)
    whole = PICTURES.astype("uint8")
    np.testing.assert_array_equal(bytes_(whole, training=True), floats(whole.astype("float32"), training=True))


@pytest.mark.parametrize("name", sorted(set(LAYERS) - {"RandomErasing"}))  # its noise is drawn pixel by pixel
def test_channels_first_is_the_same_picture(name):
    last, first = make(name, seed=5), make(name, seed=5, data_format="channels_first")
    turned = first(np.moveaxis(PICTURES, -1, 1), training=True)
    np.testing.assert_allclose(np.moveaxis(turned, 1, -1), last(PICTURES, training=True), atol=1e-3)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_the_policy_says_the_dtype(name, policy):
    layer = make(name, seed=5, dtype=policy)
    made = layer(PICTURES, training=True)
    assert str(made.dtype) == layer.compute_dtype
    assert np.isfinite(np.asarray(made, "float32")).all()


@pytest.mark.parametrize("name", LAYERS)
def test_shapes_are_known_before_sizes(name):
    x = keras.Input((None, None, 3))
    y = make(name, seed=1)(x)
    assert (y.shape, y.dtype) == ((None, None, None, 3), "float32")
    assert keras.Model(x, y).predict(PICTURES, verbose=0).shape == PICTURES.shape


def test_in_a_model_the_layers_work_in_fit_and_rest_in_predict():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 7, 3)),
            keras.layers.RandomFlip("horizontal", seed=1),
            keras.layers.RandomRotation(0.1, seed=2),
            keras.layers.Resizing(4, 4),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(PICTURES, np.array([0, 1, 0, 1]), epochs=30, batch_size=2, verbose=0).history["loss"]
    assert history[-1] < history[0]
    np.testing.assert_array_equal(model.predict(PICTURES, verbose=0), model.predict(PICTURES, verbose=0))
    rest = keras.Sequential(model.layers[2:])
    np.testing.assert_allclose(model.predict(PICTURES, verbose=0), rest.predict(PICTURES, verbose=0), rtol=1e-5)


def test_every_step_of_fit_draws_anew():
    """With a learning rate of 0 only what is drawn tells the losses of two steps apart."""
    model = keras.Sequential(
        [
            keras.Input((6, 7, 3)),
            keras.layers.RandomBrightness(0.5, seed=1),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(0.0), "mse")
    losses = model.fit(PICTURES, np.zeros((4, 1)), epochs=6, batch_size=4, verbose=0).history["loss"]
    assert len(set(losses)) == 6


def test_a_dict_keeps_what_belongs_together():
    masks = (np.arange(4 * 6 * 7) % 5).reshape(4, 6, 7, 1).astype("float32")
    data = {"images": np.repeat(masks, 3, axis=-1), "segmentation_masks": masks, "labels": np.arange(4)}
    for name in ("RandomElasticTransform", "RandomFlip", "RandomRotation", "RandomZoom"):
        settings = {} if name == "RandomFlip" else {"interpolation": "nearest"}
        made = make(name, seed=3, **settings)(data, training=True)
        np.testing.assert_array_equal(made["images"][..., :1], made["segmentation_masks"])
        np.testing.assert_array_equal(made["labels"], np.arange(4))
    assert keras.layers.Resizing(3, 4)(data)["segmentation_masks"].shape == (4, 3, 4, 1)


def test_boxes_that_would_have_to_move_are_refused():
    data = {"images": PICTURES, "bounding_boxes": {"boxes": np.zeros((4, 1, 4)), "labels": np.zeros((4, 1))}}
    with pytest.raises(NotImplementedError, match="RandomFlip does not move bounding boxes"):
        keras.layers.RandomFlip()(data, training=True)
    kept = keras.layers.RandomBrightness(0.2)(data, training=True)
    np.testing.assert_array_equal(kept["bounding_boxes"]["boxes"], np.zeros((4, 1, 4)))
    np.testing.assert_array_equal(
        keras.layers.RandomFlip()(data, training=False)["bounding_boxes"]["boxes"], np.zeros((4, 1, 4))
    )


def test_in_a_pipeline_of_a_generator():
    flip = keras.layers.RandomFlip(seed=1)

    def batches():
        for _ in range(3):
            yield flip(PICTURES / 255, training=True), np.zeros((4, 1))

    model = keras.Sequential([keras.Input((6, 7, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.001), "mse")
    before = model.evaluate(PICTURES / 255, np.zeros((4, 1)), verbose=0)
    model.fit(batches(), verbose=0)
    assert model.evaluate(PICTURES / 255, np.zeros((4, 1)), verbose=0) < before


@pytest.mark.parametrize(
    ("make_it", "message"),
    [
        (lambda: keras.layers.RandomRotation("a"), "RandomRotation needs as factor a number or a range of two"),
        (lambda: keras.layers.RandomRotation(0.1, "mirror"), "RandomRotation fills by 'reflect'"),
        (lambda: keras.layers.RandomZoom(0.1, interpolation="bicubic"), "RandomZoom interpolates"),
        (lambda: keras.layers.RandomFlip("left"), "RandomFlip needs as mode"),
        (lambda: keras.layers.Resizing(0, 3), "Resizing needs as height"),
        (lambda: keras.layers.RandomBrightness(0.1, (1, 0)), "RandomBrightness needs as value_range"),
        (lambda: keras.layers.RandomPosterization(9), "keeps from 1 to 8 bits"),
        (lambda: keras.layers.RandomGrayscale(1.5), "RandomGrayscale needs as factor a probability"),
        (lambda: keras.layers.MixUp(0.0), "MixUp needs a positive alpha"),
        (lambda: keras.layers.RandomFlip()({"pictures": PICTURES}), 'under "images"'),
    ],
)
def test_wrong_arguments_are_named(make_it, message):
    with pytest.raises(ValueError, match=message):
        make_it()

"""Layers that change pictures: training only, seeds, single pictures, dicts, models, pipelines, wrong arguments."""

import numpy as np
import pytest

import kerasish as keras

PICTURES = np.random.default_rng(0).random((4, 6, 7, 3)).astype("float32") * 255
LAYERS = {
    "AugMix": {"factor": 0.5},
    "RandAugment": {"factor": 0.5},
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


BOX = {"boxes": np.array([[[20.0, 12, 45, 25]]], "float32"), "labels": np.array([[7]])}
# shift, turn and the like by amounts that leave the box within the picture
MOVES = {
    "RandomFlip": {},
    "RandomPerspective": {"scale": 0.3},
    "RandomRotation": {"factor": 0.05, "fill_mode": "constant"},
    "RandomShear": {"x_factor": (0.1, 0.3), "y_factor": (0.0, 0.1), "fill_mode": "constant"},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2, "fill_mode": "constant"},
    "RandomZoom": {"height_factor": 0.2, "width_factor": 0.3, "fill_mode": "constant"},
    "RandomCrop": {"height": 38, "width": 58},
    "RandomCrop of small pictures": {"height": 60, "width": 60},
    "CenterCrop": {"height": 30, "width": 50},
    "Resizing": {"height": 20, "width": 90},
    "Resizing cut": {"height": 20, "width": 20, "crop_to_aspect_ratio": True},
    "Resizing filled up": {"height": 50, "width": 50, "pad_to_aspect_ratio": True},
    "RandAugment": {"factor": 0.02, "num_ops": 3},
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("kind", ["xyxy", "rel_center_xywh"])
def test_boxes_stay_around_what_they_are_around(name, kind):
    """A bright field, and the box around it: after the move, the box is around the bright field, to 1.5 pixels."""
    settings = {**MOVES[name], "bounding_box_format": kind, "data_format": "channels_last"}
    layer = getattr(keras.layers, name.split()[0])(**settings, **({"seed": 1} if "Rand" in name else {}))
    images = np.zeros((6, 40, 60, 1), "float32")
    images[:, 12:25, 20:45] = 100
    convert = keras.utils.bounding_boxes.convert_format
    boxes = {key: np.repeat(value, 6, axis=0) for key, value in BOX.items()}
    data = {"images": images, "bounding_boxes": convert(boxes, "xyxy", kind, 40, 60)}
    for training in (True, False):
        made = layer(data, training=training)
        size = made["images"].shape[1:3]
        found = convert(made["bounding_boxes"]["boxes"], kind, "xyxy", *size)
        for picture, box in zip(made["images"][..., 0], found[:, 0], strict=True):
            bright = picture > (picture.min() + picture.max()) / 2
            rows, columns = (np.flatnonzero(bright.any(axis=axis)) for axis in (1, 0))
            np.testing.assert_allclose(box, [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], atol=1.5)
        assert (made["bounding_boxes"]["labels"] == 7).all()
    one = layer({"images": images[0], "bounding_boxes": {key: x[0] for key, x in data["bounding_boxes"].items()}})
    assert one["bounding_boxes"]["boxes"].shape == (1, 4)


def test_boxes_of_which_nothing_is_left():
    layer = keras.layers.RandomTranslation(0.0, (0.9, 0.9), bounding_box_format="xyxy")
    made = layer({"images": np.zeros((1, 40, 60, 1)), "bounding_boxes": BOX}, training=True)
    assert made["bounding_boxes"]["labels"].tolist() == [[-1]]
    assert BOX["labels"].tolist() == [[7]], "what was given stays"


def test_boxes_in_lists_of_different_lengths():
    given = {"boxes": [[[0, 0, 2, 2]], [[1, 1, 3, 3], [2, 2, 4, 5]]], "labels": [[1], [2, 3]]}
    made = keras.layers.RandomFlip("horizontal", bounding_box_format="xyxy")(
        {"images": PICTURES[:2], "bounding_boxes": given}, training=False
    )
    assert made["bounding_boxes"]["labels"].tolist() == [[1, -1], [2, 3]]
    assert made["bounding_boxes"]["boxes"].shape == (2, 2, 4)


def test_boxes_of_mixed_pictures():
    boxes = {"boxes": np.arange(16.0).reshape(4, 1, 4), "labels": np.arange(4).reshape(4, 1)}
    mix = keras.layers.MixUp(seed=1)
    data = {"images": PICTURES, "bounding_boxes": boxes, "segmentation_masks": PICTURES[..., :1]}
    made = mix(data, training=True)
    order = made["bounding_boxes"]["labels"][:, 1]
    np.testing.assert_array_equal(made["bounding_boxes"]["boxes"][:, 1], boxes["boxes"][order, 0])
    np.testing.assert_allclose(made["segmentation_masks"], made["images"][..., :1])
    data.pop("bounding_boxes")
    cut = keras.layers.CutMix(seed=1)(data, training=True)
    np.testing.assert_array_equal(cut["segmentation_masks"], cut["images"][..., :1])


@pytest.mark.parametrize(
    ("layer", "boxes", "error", "message"),
    [
        (keras.layers.RandomFlip, BOX, ValueError, "bounding_box_format='xyxy'"),
        (keras.layers.CutMix, BOX, NotImplementedError, "CutMix does not change bounding boxes"),
        (lambda: keras.layers.RandomElasticTransform(bounding_box_format="xyxy"), BOX, NotImplementedError, "Elastic"),
        (lambda: keras.layers.RandomBrightness(0.1), [1], ValueError, 'with "boxes" and "labels"; received list'),
        (lambda: keras.layers.RandomBrightness(0.1), {"boxes": 1}, ValueError, "boxes"),
        (keras.layers.AugMix, {**BOX, "labels": [[1, 2]]}, ValueError, "a label for each box"),
        (keras.layers.AugMix, {**BOX, "boxes": np.zeros((1, 3))}, ValueError, r"\(1, 3\)"),
    ],
)
def test_boxes_that_cannot_be_moved(layer, boxes, error, message):
    with pytest.raises(error, match=message):
        layer()({"images": PICTURES[:1], "bounding_boxes": boxes}, training=True)


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
        (lambda: keras.layers.RandAugment(factor=1.5), "RandAugment needs as factor a strength from 0 to 1"),
        (lambda: keras.layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(0, 1)), "tile_grid_size"),
        (lambda: keras.layers.RandomFlip()({"pictures": PICTURES}), 'under "images"'),
    ],
)
def test_wrong_arguments_are_named(make_it, message):
    with pytest.raises(ValueError, match=message):
        make_it()

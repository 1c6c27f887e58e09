"""Layers that change pictures, against Keras's: with its transformations the same pictures, and the same statistics."""

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
PICTURES = (RNG.random((3, 9, 12, 3)) * 255).astype("float32")
# Keras computes places and weights in float32: a pixel's place errs by some 1e-6, its value by up to 255 times that.
CLOSE = {"rtol": 1e-4, "atol": 5e-3}

GEOMETRIC = {
    "RandomFlip": {},
    "RandomFlip horizontal": {"mode": "horizontal"},
    "RandomFlip vertical": {"mode": "vertical"},
    "RandomRotation": {"factor": 0.3},
    "RandomRotation constant": {"factor": (0.1, 0.2), "fill_mode": "constant", "fill_value": 7.0},
    "RandomZoom": {"height_factor": (-0.4, 0.3)},
    "RandomZoom wide": {"height_factor": 0.2, "width_factor": 0.5, "fill_mode": "wrap"},
    "RandomTranslation": {"height_factor": 0.4, "width_factor": (0.1, 0.3)},
    # two numbers: what Keras 3.15.1 writes of one number it does not read itself
    "RandomShear": {"x_factor": (0.1, 0.4), "y_factor": (0.0, 0.2), "fill_mode": "nearest"},
    "RandomPerspective": {"scale": 0.4, "fill_value": 9.0},
}
COLORS = {
    "RandomBrightness": {"factor": 0.4},
    "RandomContrast": {"factor": (0.3, 0.6)},
    "RandomSaturation": {"factor": (0.2, 0.8)},
    "RandomHue": {"factor": 0.7},
    "RandomColorDegeneration": {"factor": (0.2, 0.9)},
    "RandomPosterization": {"factor": (2, 6)},
    "RandomSharpness": {"factor": (0.0, 1.0)},
    "RandomInvert": {},
    "RandomErasing": {"scale": (0.1, 0.5)},
    "RandomErasing by one value": {"scale": (0.1, 0.5), "fill_value": 4.0},
    "RandomGrayscale": {},
    "Solarization": {"addition_factor": 0.3, "threshold_factor": (0.2, 0.8)},
    "MixUp": {"alpha": 0.4},
    "CutMix": {"factor": (0.5, 2.0)},
}
CONFIGS = {
    "RandomColorJitter": {"brightness_factor": 0.2, "hue_factor": (0.1, 0.2)},
    "RandomElasticTransform": {"scale": 0.4},
    "RandomGaussianBlur": {},
    "RandAugment": {"num_ops": 3, "factor": (0.2, 0.4)},
    "AugMix": {"factor": 0.4, "all_ops": False, "alpha": 2.0},
}
FIXED = {
    "Resizing": {"height": 5, "width": 20},
    "Resizing bicubic": {"height": 5, "width": 5, "interpolation": "bicubic", "crop_to_aspect_ratio": True},
    "AutoContrast": {},
    "Equalization": {},
    "Equalization in few bins": {"bins": 64},
    "CenterCrop": {"height": 4, "width": 5},
    "CenterCrop of small pictures": {"height": 14, "width": 10},
    "ContrastLimitedAdaptiveHistogramEqualization": {"tile_grid_size": (3, 4), "clip_limit": 2.0},
    "ContrastLimitedAdaptiveHistogramEqualization mirrored": {"tile_grid_size": (2, 5), "clip_limit": 0},
}
BOXES = np.array([[[2, 1, 7, 6], [0, 3, 12, 8], [0, 0, 0, 0]]] * 3, "float32")


def layer(library, case, settings, **more):
    return getattr(library.layers, case.split()[0])(**settings, **more)


def with_layout(x, data_format):
    return np.moveaxis(x, -1, 1).copy() if data_format == "channels_first" else x


def drawn(name, settings, images, data_format):
    """Keras's layer, ours and a transformation that Keras drew."""
    theirs = layer(keras, name, settings, seed=1, data_format=data_format)
    ours = layer(kerasish, name, settings, seed=1, data_format=data_format)
    transformation = keras.tree.map_structure(
        lambda leaf: np.asarray(leaf) if hasattr(leaf, "shape") else leaf,
        theirs.get_random_transformation(images, training=True),
    )
    return theirs, ours, transformation


@pytest.mark.parametrize("name", [*GEOMETRIC, *COLORS])
def test_the_same_transformation_gives_the_same_pictures(name):
    for data_format in ("channels_last", "channels_first"):
        images = with_layout(PICTURES, data_format)
        theirs, ours, transformation = drawn(name, {**GEOMETRIC, **COLORS}[name], images, data_format)
        expected = theirs.transform_images(images, transformation, training=True)
        np.testing.assert_allclose(ours.transform_images(images, transformation), expected, **CLOSE)


@pytest.mark.parametrize("name", GEOMETRIC)
def test_our_own_transformation_has_their_form(name):
    """What we draw, Keras's layer can follow, and comes to the same pictures."""
    theirs, ours, _ = drawn(name, GEOMETRIC[name], PICTURES, "channels_last")
    transformation = ours.get_random_transformation(PICTURES)
    count, height, width, _ = PICTURES.shape
    extra = {"input_shape": PICTURES.shape, "image_height": height, "image_width": width, "batch_size": count}
    if "angle" in transformation:
        six = ours._matrix(transformation, height, width)
        extra["rotation_matrix"] = np.concatenate([six, np.zeros((count, 2))], 1).astype("float32")
    expected = theirs.transform_images(PICTURES, {**extra, **transformation}, training=True)
    np.testing.assert_allclose(ours.transform_images(PICTURES, transformation), expected, **CLOSE)


@pytest.mark.parametrize("name", FIXED)
def test_fixed_layers(name):
    # AutoContrast of Keras 3.15.1 takes channels for columns where they come first
    formats = ["channels_last"] if name == "AutoContrast" else ["channels_last", "channels_first"]
    for data_format in formats:
        images = with_layout(PICTURES, data_format)
        theirs, ours = (layer(k, name, FIXED[name], data_format=data_format) for k in (keras, kerasish))
        np.testing.assert_allclose(ours(images), theirs(images), **CLOSE)
        np.testing.assert_allclose(ours(images[0]), theirs(images[0]), **CLOSE)
        shape = (None, *images.shape[1:])
        assert ours.compute_output_shape(shape) == tuple(theirs.compute_output_shape(shape))


# larger, smaller in one or two directions, of the same width
@pytest.mark.parametrize("size", [(4, 5), (14, 10), (3, 40), (40, 3), (4, PICTURES.shape[2])])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_random_crop(size, data_format):
    images = with_layout(PICTURES, data_format)
    theirs, ours = (k.layers.RandomCrop(*size, data_format=data_format) for k in (keras, kerasish))
    start = theirs.get_random_transformation(images, training=True)
    if size != (4, 5):
        assert ours.get_random_transformation(images)["start"] == start
    expected = theirs.transform_images(images, start, training=True)
    np.testing.assert_allclose(ours.transform_images(images, start), expected, **CLOSE)
    assert ours(images, training=True).shape == expected.shape
    np.testing.assert_array_equal(ours(images, training=False), theirs(images, training=False))


RANDOM = {
    "RandomBrightness": {"factor": 0.1},
    "RandomColorJitter": {},
    "RandomContrast": {"factor": 0.1},
    "RandomCrop": {"height": 3, "width": 3},
    "RandomFlip": {},
    "RandomGrayscale": {},
    "RandomInvert": {},
    "RandomSharpness": {"factor": 0.1},
    "Equalization": {},
    "MixUp": {},
}


@pytest.mark.parametrize("name", RANDOM)
def test_whole_numbers_pass_unchanged_where_they_do_in_keras(name):
    images = PICTURES.astype("uint8")
    theirs, ours = (getattr(k.layers, name)(**RANDOM[name])(images, training=False) for k in (keras, kerasish))
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


STATISTICS = {
    "RandomFlip": ({}, lambda t: t["flips"]),
    "RandomRotation": ({"factor": (-0.1, 0.3)}, lambda t: t["angle"]),
    "RandomZoom": ({"height_factor": (-0.3, 0.2), "width_factor": 0.1}, lambda t: t["height_zoom"]),
    "RandomTranslation": ({"height_factor": (-0.3, 0.2), "width_factor": 0.1}, lambda t: t["translations"]),
    "RandomShear": ({"x_factor": (0.1, 0.3), "y_factor": 0.2}, lambda t: t["shear_factor"]),
    "RandomBrightness": ({"factor": (-0.1, 0.3)}, lambda t: t["rgb_delta"]),
    "RandomContrast": ({"factor": (0.1, 0.3)}, lambda t: t["contrast_factor"]),
    "RandomSaturation": ({"factor": (0.2, 0.7)}, lambda t: t["factor"]),
    "RandomHue": ({"factor": (0.1, 0.3)}, lambda t: t["factor"]),
    "RandomColorDegeneration": ({"factor": (0.1, 0.3)}, lambda t: t["factor"]),
    "RandomPosterization": ({"factor": 5}, lambda t: t["shift_factor"]),
    "RandomSharpness": ({"factor": 0.3}, lambda t: t["factor"]),
    "RandomInvert": ({"factor": 0.4}, lambda t: t["apply_inversion"]),
    "RandomErasing": ({"scale": (0.1, 0.4)}, lambda t: t["batch_masks"].any(2).mean((1, 2))),
    "RandomElasticTransform": ({"factor": (0.1, 0.7)}, lambda t: t["apply_transform"]),
    "RandomErasing fills": ({}, lambda t: t["fill_value"][:, 0, 0]),
    "RandomGrayscale": ({"factor": 0.3}, lambda t: t),
    "Solarization": ({"addition_factor": (0.1, 0.3), "threshold_factor": 0.4}, lambda t: t["additions"]),
    "Solarization from": ({"addition_factor": 0.3, "threshold_factor": (0.2, 0.4)}, lambda t: t["thresholds"]),
    "MixUp": ({"alpha": 0.4}, lambda t: t["mix_weight"]),
    "CutMix": ({"factor": (1.0, 1.0)}, lambda t: t["mix_weight"]),
    "RandomPerspective": ({"factor": (0.2, 0.6)}, lambda t: t["apply_perspective"]),
    "RandomPerspective corners": ({"scale": 0.5}, lambda t: t["end_points"].reshape(-1, 8)),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_the_same_distribution(name):
    """Ends, means and deviations of 4,000 numbers: the mean errs by less than 4 deviations / sqrt(4000)."""
    settings, numbers = STATISTICS[name]
    many = np.zeros((4000, 9, 12, 1), "float32")
    found, expected = (
        np.asarray(numbers(layer(k, name, settings, seed=3).get_random_transformation(many, training=True)), "float64")
        for k in (kerasish, keras)
    )
    assert found.shape == expected.shape
    found, expected = (x.reshape(4000, -1) for x in (found, expected))
    spread = expected.std(0)
    assert np.all(np.abs(found.mean(0) - expected.mean(0)) <= 4 * np.sqrt(2 / 4000) * spread + 1e-6)
    assert np.all(np.abs(found.std(0) - spread) <= 0.1 * spread + 1e-6)
    for end in (np.min, np.max):
        assert np.all(np.abs(end(found, axis=0) - end(expected, axis=0)) <= 0.05 * spread + 1e-6)


@pytest.mark.parametrize("name", [*GEOMETRIC, *COLORS, *CONFIGS, *FIXED])
def test_configs_cross_over(name):
    settings = {**GEOMETRIC, **COLORS, **CONFIGS, **FIXED}[name]
    theirs, ours = (layer(k, name, settings, name="it") for k in (keras, kerasish))
    plain = lambda config: {k: tuple(v) if isinstance(v, list) else v for k, v in config.items() if k != "dtype"}  # noqa: E731
    assert plain(ours.get_config()) == plain(theirs.get_config())
    assert plain(type(ours).from_config(theirs.get_config() | {"dtype": "float32"}).get_config()) == plain(
        ours.get_config()
    )


def test_color_jitter_takes_its_steps_in_their_order():
    """Where brightness and saturation are certain, nothing is left to chance but the order."""
    certain = {"brightness_factor": (0.3, 0.3), "saturation_factor": (0.3, 0.3)}
    theirs, ours = (k.layers.RandomColorJitter(**certain) for k in (keras, kerasish))
    np.testing.assert_allclose(ours(PICTURES, training=True), theirs(PICTURES, training=True), **CLOSE)
    certain = {"contrast_factor": (0.0, 0.0), **certain}
    theirs, ours = (k.layers.RandomColorJitter(**certain) for k in (keras, kerasish))
    np.testing.assert_allclose(ours(PICTURES, training=True), theirs(PICTURES, training=True), **CLOSE)


def test_how_far_an_elastic_transform_goes():
    theirs, ours = (k.layers.RandomElasticTransform() for k in (keras, kerasish))
    for height, width, factor in [(100, 200, 1.0), (70, 30, 0.4)]:
        expected = theirs.get_elastic_transform_params(height, width, factor)
        np.testing.assert_allclose(ours.get_elastic_transform_params(height, width, factor), expected, rtol=1e-6)


def test_labels_are_mixed_as_keras_mixes_them():
    labels = np.eye(3, dtype="float32")
    for name in ("MixUp", "CutMix"):
        theirs, ours, transformation = drawn(name, COLORS[name], PICTURES, "channels_last")
        expected = theirs.transform_labels(labels, transformation, training=True)
        np.testing.assert_allclose(ours.transform_labels(labels, transformation), expected, rtol=1e-6)


def test_boxes_of_cut_mix_have_the_share_that_the_labels_have():
    """A side errs by less than a pixel: of 40 rows and 60 columns, by less than 1/40 + 1/60 of the picture."""
    drawn_here = kerasish.layers.CutMix(seed=1).get_random_transformation(np.zeros((200, 40, 60, 1)))
    share = drawn_here["batch_masks"].mean((1, 2, 3))
    assert np.all(np.abs(1 - share - drawn_here["mix_weight"].ravel()) < 1 / 40 + 1 / 60)


def test_masks_move_with_the_pictures():
    masks = (PICTURES[..., :1] > 100).astype("float32")
    for name in ("RandomRotation", "RandomFlip", "RandomZoom"):
        theirs, ours, transformation = drawn(name, GEOMETRIC[name], PICTURES, "channels_last")
        np.testing.assert_allclose(
            ours.transform_segmentation_masks(masks, transformation),
            theirs.transform_segmentation_masks(masks, transformation, training=True),
        )


MOVING = {
    **{name: GEOMETRIC[name] for name in GEOMETRIC if not name.startswith("RandomShear")},
    "Resizing": {"height": 5, "width": 20},
    "Resizing filled up": {"height": 10, "width": 8, "pad_to_aspect_ratio": True},
    "CenterCrop": {"height": 4, "width": 5},
    "CenterCrop of small pictures": {"height": 14, "width": 10},
}


@pytest.mark.parametrize("name", MOVING)
def test_boxes_move_as_keras_moves_them(name):
    kinds = {"bounding_box_format": "xyxy"}
    theirs, ours = (layer(k, name, {**MOVING[name], **kinds}) for k in (keras, kerasish))
    labels = np.array([[1, 2, -1]] * 3)
    for _ in range(1 if "Random" not in name else 2):
        transformation = theirs.get_random_transformation(PICTURES, training=True)
        if isinstance(transformation, dict):
            transformation = keras.tree.map_structure(
                lambda leaf: np.asarray(leaf) if hasattr(leaf, "shape") else leaf, transformation
            )
        given = {"boxes": keras.ops.array(BOXES), "labels": keras.ops.array(labels)}
        expected = theirs.transform_bounding_boxes(given, transformation, training=True)
        found = ours.transform_bounding_boxes({"boxes": BOXES, "labels": labels}, transformation)
        np.testing.assert_allclose(found["boxes"], expected["boxes"], rtol=1e-4, atol=1e-3)
        np.testing.assert_array_equal(found["labels"], expected["labels"])


@pytest.mark.parametrize("name", ["RandAugment", "AugMix"])
def test_the_ways_are_those_of_keras(name):
    theirs, ours = (layer(k, name, CONFIGS[name], seed=1) for k in (keras, kerasish))
    for way in ours._names:
        mine, other = ({**getattr(it, way).get_config(), "name": "", "dtype": ""} for it in (ours, theirs))
        assert {k: tuple(v) if isinstance(v, list) else v for k, v in mine.items()} == {
            k: tuple(v) if isinstance(v, list) else v for k, v in other.items()
        }
    if name == "AugMix":
        assert ours._names == tuple(theirs._augment_layers)
    else:
        assert ours._names == tuple(theirs._AUGMENT_LAYERS)


def test_the_same_chains_give_the_same_mixture():
    theirs, ours = (k.layers.AugMix(num_chains=2) for k in (keras, kerasish))
    chain = [
        {"layer_name": "solarization", "transformation": ours.solarization.get_random_transformation(PICTURES)},
        {"layer_name": "auto_contrast", "transformation": None},
    ]
    drawn = {**ours.get_random_transformation(PICTURES), "chain_transforms": [chain, chain[:1]]}
    expected = theirs.transform_images(PICTURES, drawn, training=True)
    np.testing.assert_allclose(ours.transform_images(PICTURES, drawn), expected, **CLOSE)


def test_ways_come_one_after_the_other():
    ours = kerasish.layers.RandAugment(num_ops=3, factor=0.4)
    drawn = {**ours.get_random_transformation(PICTURES), "layer_idxes": np.array([8, 1, 8])}
    after = PICTURES
    for way in ("solarization", "random_translation", "solarization"):
        after = getattr(ours, way).transform_images(after, drawn["transforms"][way])
    np.testing.assert_array_equal(ours.transform_images(PICTURES, drawn), after)


def test_which_ways_are_chosen():
    """Each of eleven as often, in the mean of 2,000 batches: to 4 deviations of a count."""
    layer_ = kerasish.layers.RandAugment(num_ops=2, seed=1)
    small = PICTURES[:1, :2, :2]
    chosen = np.concatenate([layer_.get_random_transformation(small)["layer_idxes"] for _ in range(1000)])
    counts = np.bincount(chosen, minlength=11)
    assert len(counts) == 11 and np.all(np.abs(counts - 2000 / 11) < 4 * np.sqrt(2000 / 11))
    mix = kerasish.layers.AugMix(alpha=2.0, seed=1)
    drawn = [mix.get_random_transformation(small) for _ in range(300)]
    np.testing.assert_allclose([d["chain_mixing_weights"].sum() for d in drawn], 1, rtol=1e-6)
    assert abs(np.mean([d["weight_sample"] for d in drawn]) - 0.5) < 4 * np.sqrt(0.05 / 300)
    depths = [len(chain) for d in drawn for chain in d["chain_transforms"]]
    assert abs(np.mean(depths) - 3 * 11 / 12) < 4 * np.sqrt(3 * 11 / 144 / 900)


def test_as_many_boxes():
    data = {"images": PICTURES, "bounding_boxes": {"boxes": BOXES, "labels": np.array([[1, 2, 3]] * 3)}}
    for number in (2, 5):
        theirs, ours = (k.layers.MaxNumBoundingBoxes(number, bounding_box_format="xyxy") for k in (keras, kerasish))
        expected = theirs({**data, "bounding_boxes": dict(data["bounding_boxes"])})["bounding_boxes"]
        found = ours(data)["bounding_boxes"]
        np.testing.assert_array_equal(found["boxes"], expected["boxes"])
        np.testing.assert_array_equal(found["labels"], expected["labels"])
        shapes = {"images": (3, 9, 12, 3), "bounding_boxes": {"boxes": (3, 3, 4), "labels": (3, 3)}}
        assert ours.compute_output_shape(shapes)["bounding_boxes"] == {"boxes": (3, number, 4), "labels": (3, number)}

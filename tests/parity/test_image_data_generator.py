"""`ImageDataGenerator`, against Keras's: what is drawn for a seed, what becomes of pictures, batches, statistics."""

import warnings

import keras as theirs
import numpy as np
import pytest
from keras.src.legacy.preprocessing.image import ImageDataGenerator as Theirs

import kerasish as keras

Ours = keras.preprocessing.image.ImageDataGenerator
# Keras asks SciPy by an older name
pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore:Please import `affine_transform`")]
RNG = np.random.default_rng(0)
# square: of others Keras takes the middle elsewhere
PICTURES = (RNG.random((6, 9, 9, 3)) * 255).astype("float32")
ALL = {
    "rotation_range": 30,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 10,
    "zoom_range": (0.8, 1.3),
    "channel_shift_range": 20.0,
    "horizontal_flip": True,
    "vertical_flip": True,
    "brightness_range": (0.5, 1.5),
}


def both(**settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Theirs(**settings), Ours(**settings)


def as_keras_has_them(drawn):
    """Keras shifts columns by what it draws for heights."""
    return {**drawn, "tx": drawn["ty"], "ty": drawn["tx"]}


@pytest.mark.parametrize("settings", [{}, ALL, {"width_shift_range": [1, 2], "height_shift_range": 3}])
def test_the_same_is_drawn(settings):
    a, b = both(**settings)
    for seed in range(3):
        expected = a.get_random_transform((9, 9, 3), seed)
        assert as_keras_has_them(b.get_random_transform((9, 9, 3), seed)) == expected


@pytest.mark.parametrize(
    "how",
    [
        {"theta": 25},
        {"tx": 2.5},
        {"ty": -1.5},
        {"shear": 20, "tx": 0.3},
        {"zx": 0.7, "zy": 1.4},
        {"theta": -40, "tx": 1, "ty": 2, "shear": 5, "zx": 1.2, "zy": 0.9},
        {"channel_shift_intensity": 30.0},
        {"flip_horizontal": True, "flip_vertical": True},
        {"brightness": 0.6},
        {"brightness": 1.7},
    ],
)
@pytest.mark.parametrize("settings", [{}, {"fill_mode": "constant", "cval": 7.0}, {"fill_mode": "reflect"}])
def test_the_same_parameters_give_the_same_picture(how, settings):
    a, b = both(**settings)
    np.testing.assert_allclose(b.apply_transform(PICTURES[0], how), a.apply_transform(PICTURES[0], how), atol=2e-3)


def test_other_forms():
    how = {"theta": 25, "tx": 1, "flip_horizontal": True, "channel_shift_intensity": 5.0}
    a, b = both(data_format="channels_first", interpolation_order=0)
    x = np.moveaxis(PICTURES[0], -1, 0)
    np.testing.assert_allclose(b.apply_transform(x, how), a.apply_transform(x, how), atol=1e-3)
    a, b = both()
    outside = {"brightness": 0.5}
    wide = PICTURES[0] * 2 - 100  # numbers that are no bytes are brought to them meanwhile
    np.testing.assert_allclose(b.apply_transform(wide, outside), a.apply_transform(wide, outside), atol=3)


def test_heights_are_heights():
    x = np.zeros((5, 7, 1), "float32")
    x[2, 3] = 1
    ours = Ours(height_shift_range=[1], fill_mode="constant")
    assert abs(np.argwhere(ours.random_transform(x, 1)[..., 0])[0] - [2, 3]).tolist() == [1, 0]
    turned = Ours(fill_mode="constant").apply_transform(x, {"theta": 90})
    assert np.argwhere(turned[..., 0] > 0.5).tolist() == [[2, 3]], "the middle stays"


@pytest.mark.parametrize(
    "settings",
    [
        {"rescale": 1 / 255},
        {"samplewise_std_normalization": True},
        {"featurewise_std_normalization": True, "rescale": 0.1},
        {"zca_whitening": True, "zca_epsilon": 0.1},
        {"preprocessing_function": lambda x: x[::-1] + 1},
    ],
)
def test_the_same_for_all(settings):
    a, b = both(**settings)
    for it in (a, b):
        it.fit(PICTURES)
    for name in ("mean", "std", "zca_whitening_matrix"):
        if getattr(a, name) is not None:
            np.testing.assert_allclose(getattr(b, name), getattr(a, name), rtol=1e-3, atol=1e-5)
    expected = next(a.flow(PICTURES, shuffle=False))
    np.testing.assert_allclose(next(b.flow(PICTURES, shuffle=False)), expected, rtol=1e-3, atol=2e-3)
    np.testing.assert_allclose(
        b.standardize(PICTURES[1].copy()), a.standardize(PICTURES[1].copy()), rtol=1e-3, atol=2e-3
    )


def test_fit_on_changed_pictures():
    """Its numbers, where no way is drawn that Keras takes for the other one."""
    a, b = both(**{**ALL, "height_shift_range": 0, "width_shift_range": 0}, featurewise_center=True)
    for it in (a, b):
        it.fit(PICTURES, augment=True, rounds=2, seed=3)
    np.testing.assert_allclose(b.mean, a.mean, atol=1)


def test_batches_of_an_array():
    settings = {**ALL, "height_shift_range": 0, "width_shift_range": 0, "brightness_range": None}
    a, b = both(**settings, validation_split=0.34)
    weights = np.arange(6) + 1.0
    options = {"batch_size": 4, "seed": 5, "sample_weight": weights}
    one, other = (it.flow(PICTURES, np.arange(6), **options) for it in (a, b))
    assert len(one) == len(other) == 2
    for _ in range(3):
        for expected, found in zip(next(one), next(other), strict=True):
            np.testing.assert_allclose(found, expected, atol=2e-3)
    one, other = (it.flow([PICTURES, weights], np.arange(6), batch_size=4, seed=5) for it in (a, b))
    for index in (1, 0):
        expected, found = one[index], other[index]
        np.testing.assert_allclose(found[0][0], expected[0][0], atol=2e-3)
        np.testing.assert_array_equal(found[0][1], expected[0][1])
        np.testing.assert_array_equal(found[1], expected[1])
    for subset in ("training", "validation"):
        parts = [it.flow(PICTURES, np.arange(6) % 2, shuffle=False, subset=subset)[0][1] for it in (a, b)]
        np.testing.assert_array_equal(*parts)


@pytest.fixture
def folder(tmp_path):
    for name, count in (("cats", 5), ("dogs", 4)):
        (tmp_path / name).mkdir()
        for i in range(count):
            keras.utils.save_img(tmp_path / name / f"{i}.png", RNG.integers(0, 255, (10 + i, 12, 3)), scale=False)
    return tmp_path


@pytest.mark.parametrize("mode", ["categorical", "binary", "sparse", "input", None])
def test_batches_of_a_folder(folder, mode):
    a, b = both(rescale=1 / 255, horizontal_flip=True, validation_split=0.3)
    for subset in (None, "training", "validation"):
        options = {"target_size": (6, 7), "batch_size": 4, "seed": 2, "class_mode": mode, "subset": subset}
        one, other = (it.flow_from_directory(str(folder), **options) for it in (a, b))
        assert (other.samples, other.class_indices, other.filenames, other.image_shape) == (
            one.samples,
            one.class_indices,
            one.filenames,
            one.image_shape,
        )
        np.testing.assert_array_equal(other.classes, one.classes)
        expected, found = (batch if isinstance(batch, tuple) else (batch,) for batch in (next(one), next(other)))
        for x, y in zip(expected, found, strict=True):
            np.testing.assert_allclose(y, x, atol=1e-5)


def test_fit_a_model_and_write_what_it_sees(folder, tmp_path):
    changes = Ours(rescale=1 / 255, rotation_range=10)
    (tmp_path / "seen").mkdir()
    (folder / "cats" / "bad.png").write_text("no picture")
    classes = ["cats", "dogs"]
    flow = changes.flow_from_directory(
        folder, (6, 6), classes=classes, class_mode="sparse", batch_size=4, save_to_dir=tmp_path / "seen"
    )
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.warns(RuntimeWarning, match=r"left out: .*bad\.png"):
        history = model.fit(flow, epochs=2, verbose=0).history["loss"]
    assert len(history) == 2 and np.isfinite(history).all()
    assert len(list((tmp_path / "seen").iterdir())) >= 2 * 9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda k: k(zoom_range=(1, 2, 3)), "zoom_range"),
        (lambda k: k(brightness_range=0.5), None),
        (lambda k: k(validation_split=1.5), "validation_split"),
        (lambda k: k(data_format="last"), "data_format"),
        (lambda k: k().flow(PICTURES[0]), "rank 4"),
        (lambda k: k().flow(PICTURES, [1]), "as many y as pictures"),
        (lambda k: k().flow(PICTURES, subset="test"), "subset"),
        (lambda k: k(validation_split=0.5).flow(PICTURES, np.arange(6), subset="training"), "different classes"),
        (lambda k: k().fit(PICTURES[0]), "rank 4"),
        (lambda k: k().flow(PICTURES)[9], "asked for number 9"),
    ],
)
def test_wrong_arguments(call, message):
    for kind, part in ((Theirs, None), (Ours, message)):
        with pytest.raises((ValueError, TypeError), match=part):
            call(kind)


def test_what_is_not_fitted_is_said():
    with pytest.warns(UserWarning, match="featurewise_center does nothing before `fit`"):
        next(Ours(featurewise_center=True).flow(PICTURES))
    with pytest.warns(UserWarning, match="1, 3 or 4 channels"):
        Ours().flow(PICTURES[..., :2])
    with pytest.raises(ValueError, match="interpolation_order"):
        Ours(interpolation_order=3)
    assert theirs.__version__ == "3.15.1"

"""Pictures in files and as arrays, beside Keras's."""

import io
import sys

import keras as theirs
import numpy as np
import pytest
from PIL import Image

import kerasish as keras

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (20, 30, 3)).astype("uint8")


@pytest.fixture
def files(tmp_path):
    """One picture in the modes that files come in."""
    whole = Image.fromarray(PICTURE)
    whole.save(tmp_path / "rgb.png")
    whole.convert("P").save(tmp_path / "palette.png")
    whole.convert("L").save(tmp_path / "grey.png")
    whole.convert("RGBA").save(tmp_path / "alpha.png")
    whole.convert("CMYK").save(tmp_path / "ink.jpg")
    Image.fromarray(PICTURE[..., 0].astype("uint16") * 200).save(tmp_path / "deep.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    whole.save(tmp_path / "turned.jpg", exif=exif)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["rgb.png", "palette.png", "grey.png", "alpha.png", "ink.jpg", "deep.png", "turned.jpg"]
)
@pytest.mark.parametrize("mode", ["rgb", "rgba", "grayscale"])
def test_files_read_as_keras_reads_them(files, name, mode):
    found, expected = (k.utils.img_to_array(k.utils.load_img(files / name, color_mode=mode)) for k in (keras, theirs))
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"])
@pytest.mark.parametrize("keep", [False, True])
def test_resized_while_read(files, interpolation, keep):
    found, expected = (
        np.asarray(k.utils.load_img(files / "rgb.png", "rgb", (12, 12), interpolation, keep)) for k in (keras, theirs)
    )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_arrays_and_pictures(data_format, channels):
    x = RNG.random((5, 6, channels)).astype("float32") * 3 - 1
    x = np.moveaxis(x, -1, 0) if data_format == "channels_first" else x
    for scale in (True, False):
        values = x if scale else np.abs(x) * 80
        found, expected = (k.utils.array_to_img(values, data_format, scale) for k in (keras, theirs))
        assert found.mode == expected.mode
        np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
        for dtype in (None, "uint8"):
            np.testing.assert_array_equal(
                keras.utils.img_to_array(found, data_format, dtype),
                theirs.utils.img_to_array(found, data_format, dtype),
            )


def test_written_and_read(tmp_path):
    keras.utils.save_img(tmp_path / "x.png", PICTURE, scale=False)
    np.testing.assert_array_equal(keras.utils.img_to_array(keras.utils.load_img(tmp_path / "x.png")), PICTURE)
    with pytest.warns(UserWarning, match="no transparency"):
        keras.utils.save_img(tmp_path / "x.jpg", np.concatenate([PICTURE, PICTURE[..., :1]], -1))
    assert keras.utils.load_img(tmp_path / "x.jpg").size == (30, 20)
    file = io.BytesIO()
    keras.utils.save_img(file, PICTURE, file_format="png", scale=False)
    np.testing.assert_array_equal(keras.utils.img_to_array(keras.utils.load_img(file), dtype="uint8"), PICTURE)


def test_smart_resize():
    for size in [(8, 8), (10, 5), (40, 20)]:
        found, expected = (k.preprocessing.image.smart_resize(PICTURE.astype("float32"), size) for k in (keras, theirs))
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_damaged_files_are_named(tmp_path):
    keras.utils.save_img(tmp_path / "whole.jpg", PICTURE)
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:-200])
    (tmp_path / "text.png").write_text("no picture")
    for name in ("cut.jpg", "text.png"):
        with pytest.raises(OSError, match=name):
            keras.utils.load_img(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"none\.png"):
        keras.utils.load_img(tmp_path / "none.png")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda u: u.load_img("x.png", "blue"), ValueError, "color_mode must be one of"),
        (lambda u: u.load_img("x.png", interpolation="area"), ValueError, "interpolation must be one of"),
        (lambda u: u.load_img(3), TypeError, "takes the path of a file"),
        (lambda u: u.array_to_img(np.zeros((3, 3))), ValueError, "rank 3"),
        (lambda u: u.array_to_img(np.zeros((3, 3, 2))), ValueError, "1, 3 or 4 channels"),
        (lambda u: u.img_to_array(np.zeros((1, 3, 3, 2))), ValueError, "rank 2 or 3"),
    ],
)
def test_wrong_arguments_are_named(call, kind, message):
    with pytest.raises(kind, match=message):
        call(keras.utils)


def test_without_pillow_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    for call in (
        lambda: keras.utils.load_img("x.png"),
        lambda: keras.utils.array_to_img(PICTURE),
        lambda: keras.utils.image_dataset_from_directory("x"),
    ):
        with pytest.raises(ImportError, match="pip install pillow"):
            call()

"""Files that are hardly pictures, and pictures that are hardly what one expects."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

import kerasish as keras
from kerasish.ops import resampling

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 255, (40, 50, 3)).astype("uint8")


def written(format, **settings):
    file = io.BytesIO()
    image = Image.fromarray(RGB)
    image.convert(settings.pop("mode", "RGB")).save(file, format, **settings)
    return file.getvalue()


def read(folder, **settings):
    settings = {"labels": None, "image_size": (8, 9), "batch_size": None, "verbose": False, **settings}
    return list(keras.utils.image_dataset_from_directory(folder, **settings))


@pytest.mark.parametrize("ending", ["jpg", "png", "gif", "bmp"])
def test_truncated_and_damaged_files_are_named(tmp_path, ending):
    whole = written({"jpg": "JPEG"}.get(ending, ending.upper()))
    for i in range(12):
        (tmp_path / f"cut{i}.{ending}").write_bytes(whole[: len(whole) * i // 12])
        damaged = bytearray(whole)
        for place in RNG.integers(0, min(200, len(whole)), 6):
            damaged[place] ^= 1 << int(RNG.integers(8))
        (tmp_path / f"damaged{i}.{ending}").write_bytes(damaged)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pictures = read(tmp_path)
    told = [w for w in caught if w.category is RuntimeWarning]
    assert len(pictures) + len(told) == 24 and len(told) >= 12
    assert all("left out: the file" in str(w.message) and ending in str(w.message) for w in told)


def test_a_text_by_the_name_of_a_picture(tmp_path):
    (tmp_path / "a.png").write_text("I am no picture")
    (tmp_path / "b.jpg").write_bytes(written("PNG"))  # the content counts, not the name
    with pytest.warns(RuntimeWarning, match=r"left out: the file .*a\.png cannot be read as a picture"):
        assert len(read(tmp_path)) == 1
    with pytest.raises(OSError, match=r"a\.png cannot be read as a picture"):
        keras.utils.load_img(tmp_path / "a.png")


def test_a_folder_of_pictures_without_classes(tmp_path):
    (tmp_path / "a.png").write_bytes(written("PNG"))
    with pytest.raises(ValueError, match="there are pictures, but no folder for each class: labels=None"):
        read(tmp_path, labels="inferred")


@pytest.mark.parametrize(
    ("format", "mode"), [("PNG", "P"), ("PNG", "LA"), ("PNG", "1"), ("GIF", "P"), ("JPEG", "CMYK"), ("PNG", "RGBA")]
)
@pytest.mark.parametrize("color_mode", ["grayscale", "rgb", "rgba"])
def test_palettes_inks_and_transparency(tmp_path, format, mode, color_mode):
    ending = {"JPEG": "jpg"}.get(format, format.lower())
    (tmp_path / f"a.{ending}").write_bytes(written(format, mode=mode))
    channels = {"grayscale": 1, "rgb": 3, "rgba": 4}[color_mode]
    (made,) = read(tmp_path, color_mode=color_mode, image_size=(40, 50))
    assert made.shape == (40, 50, channels) and made.dtype == np.float32
    assert made.min() >= 0 and made.max() <= 255
    if mode != "1":
        bright = RGB.mean(-1)
        assert np.corrcoef(made[..., : min(channels, 3)].mean(-1).ravel(), bright.ravel())[0, 1] > 0.7


@pytest.mark.parametrize("color_mode", ["grayscale", "rgb", "rgba"])
def test_sixteen_bits(tmp_path, color_mode):
    deep = RNG.integers(0, 2**16, (40, 50)).astype("uint16")
    Image.fromarray(deep).save(tmp_path / "a.png")
    (made,) = read(tmp_path, color_mode=color_mode, image_size=(40, 50))
    np.testing.assert_array_equal(made[..., 0], deep >> 8)


def test_the_camera_is_not_turned(tmp_path):
    """As in Keras: what the file says of the camera (EXIF) changes nothing."""
    image = Image.fromarray(RGB)
    exif = image.getexif()
    exif[0x0112] = 6  # turned by a quarter
    image.save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(keras.utils.img_to_array(keras.utils.load_img(tmp_path / "a.png")), RGB)


def test_more_pixels_than_pillow_takes(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(written("PNG"))
    (tmp_path / "b.png").write_bytes(written("PNG"))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 900)
    with pytest.warns(RuntimeWarning, match=r"left out: .*exceeds limit"):
        assert read(tmp_path) == []


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(40, 50), (7, 9), (90, 60), (1, 1), (39, 51)])
def test_bytes_are_resized_as_floats_are(interpolation, size):
    expected = keras.ops.image.resize(RGB.astype("float32"), size, interpolation)
    np.testing.assert_allclose(resampling.resized_bytes(RGB, size, interpolation), expected, atol=1e-3)


def test_a_large_picture_takes_little_more_than_its_bytes(tmp_path):
    """16 million pixels: 48 MB as bytes, 192 MB as floats."""
    import tracemalloc

    Image.new("RGB", (4000, 4000), (10, 200, 30)).save(tmp_path / "a.png", compress_level=1)
    tracemalloc.start()
    (made,) = read(tmp_path, crop_to_aspect_ratio=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(made[4], [[10, 200, 30]] * 9, rtol=1e-6)
    assert most < 150e6, most

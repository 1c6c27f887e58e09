"""Pictures with boxes and classes on them: where what is drawn, and what Keras draws of masks."""

import sys

import keras as theirs
import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

import kerasish as keras

matplotlib.use("Agg")
look = keras.visualization
RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 200, (5, 40, 60, 3)).astype("uint8")
MASKS = RNG.integers(0, 4, (5, 40, 60, 1))
BOXES = {"boxes": np.tile([[[10.0, 5, 40, 30], [0, 0, 0, 0]]], (5, 1, 1)), "labels": np.array([[2, -1]] * 5)}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_box_is_a_frame_of_its_colour():
    drawn = look.draw_bounding_boxes(PICTURES, BOXES, "xyxy", color=(255, 0, 9), line_thickness=2)
    changed = (drawn != PICTURES).any(-1)
    assert drawn.dtype == np.uint8 and (drawn[changed] == (255, 0, 9)).all()
    rows, columns = (np.flatnonzero(changed[0].any(axis=axis)) for axis in (1, 0))
    assert abs(rows[[0, -1]] - [5, 30]).max() <= 1 and abs(columns[[0, -1]] - [10, 40]).max() <= 1
    assert not changed[0, 8:28, 13:38].any(), "within, the picture is seen"
    assert (drawn != PICTURES).any(), "what was given stays"


def test_formats_floats_channels_and_order():
    plain = look.draw_bounding_boxes(PICTURES, BOXES, "xyxy")
    relative = keras.utils.bounding_boxes.convert_format(BOXES, "xyxy", "rel_yxyx", 40, 60)
    np.testing.assert_array_equal(look.draw_bounding_boxes(PICTURES, relative, "rel_yxyx"), plain)
    first = look.draw_bounding_boxes(np.moveaxis(PICTURES, -1, 1), BOXES, "xyxy", data_format="channels_first")
    np.testing.assert_array_equal(np.moveaxis(first, 1, -1), plain)
    half = look.draw_bounding_boxes(np.full((5, 40, 60, 1), 0.5, "float32"), BOXES, "xyxy")
    assert set(np.unique(half)) == {127, 128} and half.shape == (5, 40, 60, 1)


def test_names_and_confidences():
    none = look.draw_bounding_boxes(PICTURES, BOXES, "xyxy")
    named = look.draw_bounding_boxes(PICTURES, BOXES, "xyxy", {2: "cat"}, font_scale=0.5)
    sure = look.draw_bounding_boxes(
        PICTURES, {**BOXES, "confidences": np.full((5, 2), 0.9)}, "xyxy", {2: "cat"}, font_scale=0.5
    )
    written = [(drawn != none).any(-1).sum() for drawn in (named, sure)]
    assert 0 < written[0] < written[1]


@pytest.mark.parametrize("settings", [{}, {"blend": False}, {"alpha": 0.3, "ignore_index": 2}])
@pytest.mark.parametrize("colors", [None, {0: (9, 9, 9), 1: (255, 0, 0), 2: (0, 255, 0), 3: (0, 0, 255)}])
def test_masks_as_keras_draws_them(settings, colors):
    expected = theirs.visualization.draw_segmentation_masks(PICTURES, MASKS, 4, colors, **settings)
    found = look.draw_segmentation_masks(PICTURES, MASKS, 4, colors, **settings)
    assert found.dtype == np.asarray(expected).dtype
    # of what is blended a rounding may cut off another number
    assert np.abs(found.astype(int) - np.asarray(expected).astype(int)).max() <= ("blend" not in settings)
    np.testing.assert_array_equal(look.draw_segmentation_masks(PICTURES, MASKS[..., 0], 4, colors, **settings), found)


def test_a_sheet_has_room_for_all():
    figure = look.plot_image_gallery(PICTURES, np.arange(5), np.zeros(5, int), {0: "a", 1: "b"}, show=False)
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert (len(figure.axes), len(shown)) == (6, 5)
    assert [ax.get_title() for ax in shown[:3]] == ["Label: a  Pred: a", "Label: b  Pred: a", "Label: Unknown  Pred: a"]
    np.testing.assert_array_equal(shown[4].images[0].get_array(), PICTURES[4])
    unit = look.plot_image_gallery(PICTURES / 255.0, value_range=(0, 1), cols=5, show=False)
    assert np.abs(unit.axes[1].images[0].get_array().astype(int) - PICTURES[1]).max() <= 1
    grey = look.plot_image_gallery(np.moveaxis(PICTURES[..., :1], -1, 1), data_format="channels_first", show=False)
    assert grey.axes[0].images[0].get_array().shape == (40, 60)


def test_sheets_in_files(tmp_path):
    kept = {"path": tmp_path / "a.png"}
    assert look.plot_bounding_box_gallery(PICTURES / 255.0, "xyxy", BOXES, BOXES, (0, 1), legend=True, **kept) is None
    assert keras.utils.load_img(tmp_path / "a.png").size[0] > 100
    assert plt.get_fignums() == []
    sheet = look.plot_segmentation_mask_gallery(PICTURES, 4, y_true=MASKS, y_pred=MASKS[..., 0], show=False)
    assert len(sheet.axes) == 15
    np.testing.assert_array_equal(sheet.axes[1].images[0].get_array(), sheet.axes[2].images[0].get_array())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m.draw_bounding_boxes(PICTURES[0], BOXES, "xyxy"), ValueError, r"\(40, 60, 3\)"),
        (lambda m: m.draw_bounding_boxes(PICTURES, [1], "xyxy"), TypeError, "received list"),
        (lambda m: m.draw_bounding_boxes(PICTURES, {"boxes": 1}, "xyxy"), ValueError, r"\['boxes'\]"),
        (lambda m: m.draw_segmentation_masks(PICTURES, MASKS * 1.0), TypeError, "float64"),
        (lambda m: m.draw_segmentation_masks(PICTURES, MASKS[:, :9]), ValueError, "a class for each pixel"),
        (lambda m: m.plot_image_gallery(PICTURES[0]), ValueError, "rank 4"),
        (lambda m: m.plot_image_gallery(PICTURES, y_true=[1]), ValueError, "label_map"),
        (lambda m: m.plot_image_gallery(PICTURES, path="a.png", show=True), ValueError, "one of the two"),
        (
            lambda m: m.plot_bounding_box_gallery(PICTURES, "xyxy", legend=True, legend_handles=[1]),
            ValueError,
            "legend",
        ),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call(look)


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        look.plot_image_gallery(PICTURES)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="pip install pillow"):
        look.draw_bounding_boxes(PICTURES, BOXES, "xyxy")

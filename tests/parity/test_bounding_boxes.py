"""`keras.utils.bounding_boxes`, against Keras's: formats, clipping, overlaps, differences from anchors, moves."""

import keras
import numpy as np
import pytest

import kerasish
from kerasish.ops import boxes as ops_boxes

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
SIZE = {"height": 40, "width": 60}
SHAPE = (40, 60, 3)
THEIRS, OURS = keras.utils.bounding_boxes, kerasish.utils.bounding_boxes


def some_boxes(*shape):
    start = RNG.uniform(-5, 30, (*shape, 2))
    return np.concatenate([start, start + RNG.uniform(1, 30, (*shape, 2))], axis=-1).astype("float32")


BOXES = some_boxes(2, 5)


def in_format(boxes, name):
    return np.asarray(THEIRS.convert_format(boxes, "xyxy", name, **SIZE))


# every format on either side, and some pairs of two
PAIRS = [
    *[(name, "xyxy") for name in ops_boxes.FORMATS],
    *[("xyxy", name) for name in ops_boxes.FORMATS],
    ("rel_yxyx", "rel_xywh"),
    ("center_yxhw", "rel_center_xywh"),
    ("rel_xywh", "yxyx"),
]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_formats(source, target):
    boxes = in_format(BOXES, source)
    expected = THEIRS.convert_format(boxes, source, target, **SIZE)
    found = OURS.convert_format(boxes, source.upper(), target, **SIZE)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)
    assert found.dtype == "float32"


def test_a_dict_keeps_the_rest():
    given = {"boxes": BOXES, "labels": np.ones((2, 5)), "confidence": 3}
    found = OURS.convert_format(given, "xyxy", "xywh")
    assert set(found) == set(given) and given["boxes"] is BOXES
    np.testing.assert_allclose(found["boxes"], in_format(BOXES, "xywh"))


@pytest.mark.parametrize("name", ["xyxy", "rel_xyxy"])
def test_clipping(name):
    given = {"boxes": in_format(BOXES * 2 - 30, name), "labels": np.arange(10).reshape(2, 5)}
    expected = THEIRS.clip_to_image_size(dict(given), **SIZE, bounding_box_format=name)
    found = OURS.clip_to_image_size(given, **SIZE, bounding_box_format=name)
    np.testing.assert_allclose(found["boxes"], expected["boxes"], atol=1e-5)
    np.testing.assert_array_equal(found["labels"], expected["labels"])
    assert (found["labels"] == -1).any() and (found["labels"] != -1).any()


def test_moves():
    numbers = [RNG.uniform(low, high, 2).astype("float32") for low, high in [(-90, 90), (-1, 1), (-1, 1), (0.5, 2)]]
    numbers += [RNG.uniform(-30, 30, 2).astype("float32") for _ in range(2)]
    for middle in ({}, {"center_x": 0.2, "center_y": 0.9}):
        expected = THEIRS.affine_transform(BOXES, *map(keras.ops.array, numbers), **SIZE, **middle)
        np.testing.assert_allclose(OURS.affine_transform(BOXES, *numbers, **SIZE, **middle), expected, atol=1e-3)
    one = OURS.affine_transform(BOXES[0], *[n[0] for n in numbers], **SIZE)
    np.testing.assert_allclose(one, OURS.affine_transform(BOXES, *numbers, **SIZE)[0], atol=1e-4)


def test_parts_and_borders():
    for name, settings in [("crop", {"height": 20, "width": 30}), ("pad", {})]:
        expected = getattr(THEIRS, name)(BOXES, top=3, left=7, **settings)
        np.testing.assert_allclose(getattr(OURS, name)(BOXES, top=3, left=7, **settings), expected, atol=1e-5)


@pytest.mark.parametrize("name", ["xyxy", "rel_xywh"])
def test_overlaps(name):
    one, others = (in_format(boxes, name) for boxes in (BOXES, some_boxes(2, 7)))
    found = OURS.compute_iou(one, others, name, image_shape=SHAPE)
    np.testing.assert_allclose(found, THEIRS.compute_iou(one, others, name, image_shape=SHAPE), atol=1e-6)
    for a, b in [(one[0], others[0]), (one, others[0]), (one[0], others)]:
        np.testing.assert_array_equal(OURS.compute_iou(a, b, name, image_shape=SHAPE).reshape(-1, 5, 7)[0], found[0])
    if not name.startswith("rel"):
        expected = THEIRS.compute_ciou(one, others[:, :5], name)
        np.testing.assert_allclose(OURS.compute_ciou(one, others[:, :5], name), expected, rtol=1e-4, atol=1e-5)


def test_overlaps_with_boxes_that_are_none():
    none = np.concatenate([BOXES, np.full((2, 2, 4), -1, "float32")], axis=1)
    expected = THEIRS.compute_iou(none, none[:, 3:], "xyxy", use_masking=True, mask_val=-7)
    found = OURS.compute_iou(none, none[:, 3:], "xyxy", use_masking=True, mask_val=-7)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert (found == -7).any()


@pytest.mark.parametrize("encoding", ["center_yxhw", "center_xywh"])
def test_differences_from_anchors(encoding):
    anchors = in_format(some_boxes(5), "rel_yxyx")
    settings = {"image_shape": SHAPE, "variance": [0.1, 0.1, 0.2, 0.3]}
    expected = THEIRS.encode_box_to_deltas(anchors, BOXES, "rel_yxyx", "xyxy", encoding, **settings)
    found = OURS.encode_box_to_deltas(anchors, BOXES, "rel_yxyx", "xyxy", encoding, **settings)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    levels = {"a": anchors, "b": anchors}, {"a": found, "b": found}
    for part in OURS.decode_deltas_to_boxes(*levels, "rel_yxyx", "xyxy", encoding, **settings).values():
        np.testing.assert_allclose(part, BOXES, rtol=1e-4, atol=1e-3)


def test_a_loss_of_overlaps_has_a_gradient():
    box = kerasish.Variable(BOXES)
    with kerasish.GradientTape() as tape:
        loss = kerasish.ops.sum(1 - OURS.compute_ciou(box, BOXES + 2, "xyxy"))
    slope = np.asarray(tape.gradient(loss, box))
    assert np.isfinite(slope).all() and (slope != 0).all()
    symbolic = OURS.convert_format(kerasish.KerasTensor((None, 5, 4)), "xywh", "rel_yxyx", **SIZE)
    assert symbolic.shape == (None, 5, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m.convert_format(BOXES, "xyxy", "xyzw"), ValueError, "'xyzw'"),
        (lambda m: m.convert_format(BOXES[..., :3], "xyxy", "xywh"), ValueError, r"\(2, 5, 3\)"),
        (lambda m: m.convert_format(BOXES, "xyxy", "rel_xyxy"), ValueError, "height=None"),
        (lambda m: m.clip_to_image_size({"boxes": BOXES}, 3, 3, "yxyx"), NotImplementedError, "'yxyx'"),
        (lambda m: m.clip_to_image_size({"boxes": BOXES}), ValueError, "height"),
        (lambda m: m.crop(BOXES, 1, 1, 2, 2, "xywh"), NotImplementedError, "'xywh'"),
        (lambda m: m.compute_iou(BOXES[None], BOXES, "xyxy"), ValueError, "boxes1"),
        (lambda m: m.compute_iou(BOXES, BOXES, "rel_xyxy"), ValueError, "image_shape"),
        (lambda m: m.compute_ciou(BOXES, BOXES, "rel_xyxy"), ValueError, "rel_xyxy"),
        (lambda m: m.encode_box_to_deltas(BOXES, BOXES, "xyxy", "xyxy", "xywh"), ValueError, "'xywh'"),
        (lambda m: m.decode_deltas_to_boxes(BOXES, BOXES, "xyxy", "xyxy", variance=[1]), ValueError, "four"),
    ],
)
def test_wrong_arguments(call, error, message):
    with pytest.raises(error):
        call(THEIRS)
    with pytest.raises(error, match=message):
        call(OURS)

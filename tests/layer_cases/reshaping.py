"""Cases of the layers of `kerasish/layers/reshaping`."""

from typing import Any

from tests.layer_cases.case import Case, Cases

FORMAT: dict[str, list[Any]] = {"data_format": ["channels_first", "channels_last"]}

CASES = {
    "Cropping1D": Cases(
        Case((5, 2)),
        Case((4, 2), (1, 0)),
        cropping=[(2, 0)],
    ),
    "Cropping2D": Cases(
        Case((5, 6, 4), cropping=1),
        Case((4, 6, 3), ((1, 0), (2, 1))),
        Case((4, 6, 3), (2, 1), "channels_first"),
        cropping=[((1, 0), (0, 2))], **FORMAT,
    ),
    "Cropping3D": Cases(
        Case((4, 4, 4, 3), cropping=((1, 0), (0, 1), (1, 0))),
        Case((4, 5, 6, 3), (1, 2, 1)),
        cropping=[1], **FORMAT,
    ),
    "Flatten": Cases(
        Case((2, 3, 4)),
        Case((4, 6, 3), "channels_first"),
        Case(()),
        **FORMAT,
    ),
    "Permute": Cases(
        Case((2, 3, 4), dims=(2, 1, 3)),
        Case((4, 6, 3), (3, 1, 2)),
        dims=[(3, 1, 2)],
    ),
    "RepeatVector": Cases(
        Case((4,), n=2),
        Case((4,), 3),
        n=[1, 3],
    ),
    "Reshape": Cases(
        Case((3, 4), target_shape=(2, 6)),
        Case((4, 6), (3, -1, 2)),
        target_shape=[(-1,), (2, -1, 3)],
    ),
    "UpSampling1D": Cases(
        Case((3, 2)),
        Case((4, 6), 3),
        size=[3],
    ),
    "UpSampling2D": Cases(
        Case((2, 3, 4)),
        Case((5, 6, 3), (2, 3), "channels_last", "bilinear"),
        Case((5, 6, 3), (3, 1), "channels_first", "bilinear"),
        Case((5, 6, 3), (2, 3), "channels_last", "bicubic", refused="interpolation='bicubic'"),
        Case((5, 6, 3), (3, 1), "channels_first", "bicubic", refused="interpolation='bicubic'"),
        Case((5, 6, 3), (2, 3), "channels_last", "lanczos3", refused="interpolation='lanczos3'"),
        Case((5, 6, 3), (3, 1), "channels_first", "lanczos3", refused="interpolation='lanczos3'"),
        Case((5, 6, 3), (2, 3), "channels_last", "lanczos5", refused="interpolation='lanczos5'"),
        Case((5, 6, 3), (3, 1), "channels_first", "lanczos5", refused="interpolation='lanczos5'"),
        size=[(3, 1)], interpolation=["bilinear"], **FORMAT,
    ),
    "UpSampling3D": Cases(
        Case((2, 3, 2, 4)),
        Case((4, 5, 6, 3), (1, 2, 3)),
        size=[(3, 1, 2)], **FORMAT,
    ),
    "ZeroPadding1D": Cases(
        Case((3, 2)),
        Case((4, 6), 2),
        padding=[(2, 0)], **FORMAT,
    ),
    "ZeroPadding2D": Cases(
        Case((2, 3, 4)),
        Case((4, 6, 3), ((1, 0), (2, 1))),
        Case((4, 6, 3), (2, 1), "channels_first"),
        padding=[((1, 0), (0, 2))], **FORMAT,
    ),
    "ZeroPadding3D": Cases(
        Case((2, 3, 2, 4)),
        Case((2, 3, 2, 1), 1),
        padding=[((1, 0), (0, 2), (1, 1))], **FORMAT,
    ),
}  # fmt: skip

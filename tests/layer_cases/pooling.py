"""Cases of the layers of `kerasish/layers/pooling`."""

from typing import Any

from tests.layer_cases.case import MASK, Case, Cases

FORMAT: dict[str, list[Any]] = {"data_format": ["channels_first", "channels_last"]}
SIZED = {"pool_size": [3], "strides": [1], "padding": ["same"], **FORMAT}

CASES = {
    "AdaptiveAveragePooling1D": Cases(
        Case((5, 4), output_size=3),
        Case((4, 6), (3,)),
        output_size=[2], **FORMAT,
    ),
    "AdaptiveAveragePooling2D": Cases(
        Case((5, 4, 3), output_size=2),
        Case((4, 6, 3), [3, 4], "channels_first"),
        Case((4, 6, 3), 2, of="uint8", below=20),
        output_size=[(2, 3)], **FORMAT,
    ),
    "AdaptiveAveragePooling3D": Cases(
        Case((3, 4, 3, 2), output_size=2),
        Case((2, 3, 4, 1), (1, 2, 3)),
        output_size=[(2, 3, 1)], **FORMAT,
    ),
    "AdaptiveMaxPooling1D": Cases(
        Case((5, 4), output_size=3),
        Case((2, 7), 3, data_format="channels_first"),
        output_size=[2], **FORMAT,
    ),
    "AdaptiveMaxPooling2D": Cases(
        Case((5, 4, 3), output_size=2),
        Case((4, 6, 3), (3, 4), "channels_first"),
        output_size=[(2, 3)], **FORMAT,
    ),
    "AdaptiveMaxPooling3D": Cases(
        Case((3, 4, 3, 2), output_size=2),
        Case((2, 3, 4, 1), (1, 2, 3)),
        output_size=[(2, 3, 1)], **FORMAT,
    ),
    "AveragePooling1D": Cases(
        Case((6, 5), pool_size=2),
        Case((4, 6), 3, 2, "same"),
        name=["pool"], **SIZED,
    ),
    "AveragePooling2D": Cases(
        Case((6, 5, 4), pool_size=2),
        Case((7, 6, 2), 2, 3),
        Case((4, 6, 3), 2, of="uint8", below=20),
        name=["pool"], **SIZED,
    ),
    "AveragePooling3D": Cases(
        Case((6, 5, 4, 6), pool_size=2),
        Case((3, 2, 4, 1), 2, 1, "same"),
        name=["pool"], **SIZED,
    ),
    "GlobalAveragePooling1D": Cases(
        Case((3, 2)),
        Case((4, 6), call={"mask": MASK}),
        Case((6, 4), "channels_first", True, call={"mask": MASK}),
        keepdims=[True], **FORMAT,
    ),
    "GlobalAveragePooling2D": Cases(
        Case((3, 2, 4)),
        Case((4, 6, 3), "channels_first", keepdims=True),
        keepdims=[True], **FORMAT,
    ),
    "GlobalAveragePooling3D": Cases(
        Case((3, 2, 4, 3)),
        Case((3, 4, 5, 1), "channels_first"),
        keepdims=[True], **FORMAT,
    ),
    "GlobalMaxPooling1D": Cases(
        Case((3, 2)),
        Case((4, 6), "channels_first"),
        keepdims=[True], **FORMAT,
    ),
    "GlobalMaxPooling2D": Cases(
        Case((3, 2, 4)),
        Case((5, 4, 2), "channels_first"),
        keepdims=[True], **FORMAT,
    ),
    "GlobalMaxPooling3D": Cases(
        Case((3, 2, 4, 3)),
        Case((4, 5, 6, 3), "channels_first", True),
        keepdims=[True], **FORMAT,
    ),
    "MaxPooling1D": Cases(
        Case((6, 5), pool_size=2),
        Case((4, 6)),
        Case((8, 2), 3, 2, "same"),
        name=["pool"], **SIZED,
    ),
    "MaxPooling2D": Cases(
        Case((6, 5, 4), pool_size=2),
        Case((4, 6, 3), (3, 2), 2, "same"),
        Case((4, 6, 3), 2, (1, 2), data_format="channels_first"),
        Case((4, 6, 3), of="uint8", below=256),
        Case((7, 6, 2), 2, 3),
        name=["pool"], **SIZED,
    ),
    "MaxPooling3D": Cases(
        Case((6, 5, 4, 6), pool_size=2),
        Case((4, 5, 6, 3), (2, 1, 3), strides=1),
        Case((3, 2, 4, 1), 2, 1, "same"),
        name=["pool"], **SIZED,
    ),
}  # fmt: skip

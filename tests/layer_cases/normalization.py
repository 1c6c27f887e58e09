"""Cases of the layers of `kerasish/layers/normalization`."""

from typing import Any

from tests.layer_cases.case import MASK, Case, Cases, With

AFFINE: dict[str, list[Any]] = {"epsilon": [1.0], "center": [False], "scale": [False]}

CASES = {
    "BatchNormalization": Cases(
        Case((4, 3)),
        Case((3, 4), axis=1, momentum=0.8),
        Case((3,), call={"training": True}),
        Case((3,)),
        Case((4, 6, 3), call={"training": True}),
        Case((4, 6, 3), 1, 0.9, 0.01, call={"training": True}, scale=False),
        Case((3,), call={"training": True}, center=False, scale=False),
        Case((4, 6), call={"training": True, "mask": MASK}),
        Case((3,), call={"training": True}, trainable=False),
        Case((4, 6, 3), call={"training": True}, momentum=0.9, renorm=True, renorm_clipping={"rmin": 0.9,
            "rmax": 1.1, "dmax": 0.2}, renorm_momentum=0.8),
        Case((4, 6, 3), 1, call={"training": True}, renorm=True, center=False, scale=False),
        Case((4, 6), call={"training": True, "mask": MASK}, renorm=True),
        Case((3,), renorm=True),
        axis=[1, -2], momentum=[0.5], renorm=[True], renorm_clipping=[{"rmax": 1.0}], renorm_momentum=[0.5],
        synchronized=[False], **AFFINE,
    ),
    "GroupNormalization": Cases(
        Case((4, 6), groups=2),
        Case((4, 6, 3), 2, axis=1, center=False),
        Case((4, 6, 3), -1),
        groups=[-1, 1], axis=[1], **AFFINE,
    ),
    "LayerNormalization": Cases(
        Case((3, 4)),
        Case((3, 4), axis=[1, 2]),
        Case((4, 6), [1, 2], 0.01, gamma_initializer="normal"),
        Case((4, 6), 1, scale=False),
        Case((4, 6), rms_scaling=True, refused="rms_scaling=True"),
        axis=[1, [1, 2], [2, 1]], **AFFINE,
    ),
    "RMSNormalization": Cases(
        Case((3, 4)),
        Case((3, 4), epsilon=0.1),
        Case((4, 6), [1, 2], 0.1),
        axis=[1, [1, 2]], epsilon=[1.0],
    ),
    "SpectralNormalization": Cases(
        Case((3,), layer=With(lambda k: k.layers.Dense(2))),
        Case((4,), With(lambda k: k.layers.Dense(3)), power_iterations=2),
        Case((4,), With(lambda k: k.layers.Dense(3, "tanh"))),
        layer=[With(lambda k: k.layers.Dense(4, "glu"))], power_iterations=[3],
    ),
    "UnitNormalization": Cases(
        Case((3, 4)),
        Case((3, 4), axis=1),
        Case((4, 6), (1, 2)),
        axis=[1, [1, 2]],
    ),
}  # fmt: skip

"""Cases of the layers of `kerasish/layers/regularization`."""

from typing import Any

from tests.layer_cases.case import Case, Cases

RATED: dict[str, list[Any]] = {"rate": [0.9], "noise_shape": [(None, 1)]}
FORMAT: dict[str, list[Any]] = {"data_format": ["channels_first", "channels_last"]}

CASES = {
    "ActivityRegularization": Cases(
        Case((4,)),
        Case((4,), l2=0.1),
        Case((5,), 0.1, 0.2),
        Case((4,), 0.1),
        l1=[0.5], l2=[0.5],
    ),
    "AlphaDropout": Cases(
        Case((4,), rate=0.5),
        Case((4,), 0.2, seed=1),
        Case((5,), 0.5, (None, 1)),
        **RATED,
    ),
    "Dropout": Cases(
        Case((4,), rate=0.5),
        Case((4,), 0.3, seed=2),
        Case((5,), 0.5, noise_shape=[None, 1], seed=3),
        **RATED,
    ),
    "GaussianDropout": Cases(
        Case((4,), rate=0.5),
        Case((4,), 0.2, seed=3),
        rate=[0.9],
    ),
    "GaussianNoise": Cases(
        Case((4,), stddev=0.5),
        Case((4,), 0.2, seed=4),
        Case((5,), 0.5, seed=1),
        stddev=[0.9],
    ),
    "SpatialDropout1D": Cases(
        Case((2, 3), rate=0.5),
        Case((3, 4), 0.2, seed=5),
        rate=[0.9], name=["drop"], dtype=["float32"],
    ),
    "SpatialDropout2D": Cases(
        Case((2, 3, 2), rate=0.5),
        Case((3, 4, 2), 0.2, seed=6),
        Case((4, 6, 3), 0.5, "channels_first"),
        rate=[0.9], name=["drop"], dtype=["float32"], **FORMAT,
    ),
    "SpatialDropout3D": Cases(
        Case((2, 3, 2, 4), rate=0.5),
        Case((3, 4, 2, 1), 0.2, seed=7),
        rate=[0.9], name=["drop"], dtype=["float32"], **FORMAT,
    ),
}  # fmt: skip

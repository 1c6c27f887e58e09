"""Cases of the layers of `kerasish/layers/activations`."""

from tests.layer_cases.case import MASK, Case, Cases

CASES = {
    "ELU": Cases(
        Case((4,)),
        Case((4,), 0.7),
        alpha=[0.3],
    ),
    "LeakyReLU": Cases(
        Case((4,)),
        Case((4,), negative_slope=0.2),
        negative_slope=[0.0, 0.7],
    ),
    "PReLU": Cases(
        Case((3, 4)),
        Case((3, 4), "uniform", shared_axes=[1]),
        Case((4, 6), "ones"),
        Case((4, 6, 3), "he_normal", "l2", shared_axes=[1, 2]),
        shared_axes=[[1], [1, 2]],
    ),
    "ReLU": Cases(
        Case((4,), max_value=1.0, negative_slope=0.3, threshold=0.2),
        Case((4,), 6.0),
        Case((5,)),
        max_value=[None, 0.1], negative_slope=[0.0], threshold=[0.0],
    ),
    "Softmax": Cases(
        Case((3, 4)),
        Case((3, 4), axis=1),
        Case((4, 6), axis=(1, 2)),
        Case((4,), call={"mask": MASK}),
        axis=[1, (1, 2)],
    ),
}  # fmt: skip
